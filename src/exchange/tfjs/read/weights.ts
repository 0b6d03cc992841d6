// Finds the weights of a layer by its name and theirs. Writers differ: TensorFlow.js writes "lstm/kernel", Keras 2 "lstm/lstm_cell/kernel", Keras 3
// numbers them.
import type { LayersWeight } from "../../../formats/layersWeights.ts";
import { valueText } from "../../../util/check.ts";
import { type Shape, shapeText } from "../../../util/shape.ts";
import { refuse } from "./config.ts";

/** Folders in names of Keras 3. */
const FOLDERS: ReadonlySet<string> = new Set([
  "vars",
  "layers",
  "_layer_checkpoint_dependencies",
  "layer_checkpoint_dependencies",
]);

/** The weights of a model by layer. */
export class WeightNames {
  readonly #byPath = new Map<string, Map<string, LayersWeight>>();
  readonly #unused: Set<LayersWeight>;
  /** Paths that name several layers. */
  readonly #ambiguous = new Set<string>();

  constructor(weights: readonly LayersWeight[]) {
    this.#unused = new Set(weights);
    const seen = new Set<string>();
    const shorter: (readonly [path: string, from: string])[] = [];
    for (const weight of weights) {
      if (seen.has(weight.name))
        throw refuse("weightsManifest", `there are two weights called ${valueText(weight.name)}`);
      seen.add(weight.name);
      const parts = weight.name
        .replace(/:0$/, "")
        .split("/")
        .filter((part) => !FOLDERS.has(part));
      const local = parts.pop() ?? "";
      const path = parts.join("/");
      let known = this.#byPath.get(path);
      if (!known) {
        this.#byPath.set(path, (known = new Map()));
        // a cell within its layer; a layer within a model
        if (parts.length > 1) shorter.push([parts.slice(0, -1).join("/"), path], [parts.slice(1).join("/"), path]);
      }
      known.set(local, weight);
    }
    const own = new Set(this.#byPath.keys());
    for (const [path, from] of shorter) {
      if (own.has(path)) continue;
      if (this.#byPath.has(path)) this.#ambiguous.add(path);
      else this.#byPath.set(path, this.#byPath.get(from)!);
    }
  }

  /** A layer's weight, which must have this shape. `place`: which one it is in the layer's order. */
  take(where: string, paths: readonly string[], local: string, place: number, shape: Shape): LayersWeight {
    const weight = this.find(paths, local, place);
    if (!weight) {
      const there = paths.map((path) => [...(this.#byPath.get(path)?.keys() ?? [])].slice(0, 10).join(", ")).join("");
      const ambiguous = paths.some((path) => this.#ambiguous.has(path)) ? "; several layers have its name" : "";
      throw refuse(
        where,
        `its weight ${valueText(`${paths[0]}/${local}`)} is missing` +
          (there ? `; there are ${there}` : "") +
          ambiguous,
      );
    }
    this.#unused.delete(weight);
    if (weight.shape.length !== shape.length || weight.shape.some((n, i) => n !== shape[i])) {
      throw refuse(
        where,
        `its weight ${valueText(weight.name)} must be ${shapeText(shape)}, but it is ${weight.shape.length === 0 ? "a single number" : shapeText(weight.shape)}`,
      );
    }
    return weight;
  }

  /** The same, whatever its shape, or undefined if there is none. */
  find(paths: readonly string[], local: string, place: number): LayersWeight | undefined {
    for (const path of paths) {
      if (this.#ambiguous.has(path)) continue;
      const known = this.#byPath.get(path);
      const weight = known?.get(local) ?? known?.get(String(place));
      if (weight) return weight;
    }
    return undefined;
  }

  /** Refuses weights that no layer has. */
  finish(): void {
    const [left] = this.#unused;
    if (left) throw refuse("weightsManifest", `no layer of the model has the weight ${valueText(left.name)}`);
  }
}
