// What became of what between a model and another library's file, for whoever is to see it: the command `convert`.
import type { Shape } from "../util/shape.ts";

/** A layer, and what it is in the file. */
export interface MappedLayer {
  /** The layer's name. */
  readonly layer: string;
  readonly type: string;
  /** Nodes, or layers of the file: their names, or what they compute. */
  readonly nodes: readonly string[];
}

/** A tensor of the file, and the parameters that it is, or is made of. */
export interface MappedTensor {
  readonly tensor: string;
  readonly shape: Shape;
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly parameters: readonly string[];
}

/** A layer, followed by its tensors. */
export type Mapped = MappedLayer | MappedTensor;

/** Is told of each. */
export type OnMapped = (mapped: Mapped) => void;

/** The key in the options of who writes and reads files: no name that a program could meet, and none that is refused. */
const ON_MAPPED = /* @__PURE__ */ Symbol.for("wasmgrad.onMapped");

/** Who is to be told, if anybody. */
export const onMappedOf = (options: object): OnMapped | undefined =>
  (options as { readonly [ON_MAPPED]?: OnMapped })[ON_MAPPED];
