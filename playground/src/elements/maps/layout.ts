// Layers and units of <wasmgrad-maps>, and where each one's parameters stand among all.

/** What a unit adds up, at one place of the plane: z = Σ w·a + b. */
export interface UnitTerms {
  readonly inputs: Float32Array;
  readonly weights: Float32Array;
  readonly bias: number;
  readonly z: number;
  readonly a: number;
  /** Share of the training points at which it gives 0, and at which its slope is below a hundredth of its largest; NaN: not known. */
  readonly zeros: number;
  readonly saturated: number;
}

/** A column: the hidden layers in their order, then the output. */
export interface MapsLayer {
  readonly units: number;
  /** Name of its activation; "linear" has none. */
  readonly activation: string;
  /** Are its maps drawn? */
  readonly drawn: boolean;
}

/** Layer from 1 on (0: the inputs), unit from 0 on. */
export interface UnitPlace {
  readonly layer: number;
  readonly unit: number;
}

/** A change of the layers: their number, or one's units or activation. */
export type LayersChange =
  | { readonly change: "add" }
  | { readonly change: "remove" }
  | { readonly change: "units"; readonly layer: number; readonly by: 1 | -1 }
  | { readonly change: "activation"; readonly layer: number; readonly activation: string };

/** A weight: from a unit to one of the next layer. */
export interface Edge {
  /** Layer that it leads to, from 1 on. */
  readonly layer: number;
  readonly from: number;
  readonly to: number;
}

/** Units of a layer; there are two inputs. */
export const widthOf = (layers: readonly MapsLayer[], layer: number): number =>
  layer === 0 ? 2 : (layers[layer - 1]?.units ?? 0);

/** Where a layer's weights begin among all parameters; biases come after them. */
export function offsetOf(layers: readonly MapsLayer[], layer: number): number {
  let at = 0;
  for (let k = 1; k < layer; k++) at += widthOf(layers, k) * (widthOf(layers, k - 1) + 1);
  return at;
}

export const weightIndex = (layers: readonly MapsLayer[], { layer, from, to }: Edge): number =>
  offsetOf(layers, layer) + from * widthOf(layers, layer) + to;

export const biasIndex = (layers: readonly MapsLayer[], { layer, unit }: UnitPlace): number =>
  offsetOf(layers, layer) + widthOf(layers, layer - 1) * widthOf(layers, layer) + unit;

/** The name of a weight: `x1 → 1.3`. */
export function edgeName({ layer, from, to }: Edge): string {
  const source = layer === 1 ? `x${from + 1}` : `a${layer - 1}[${from + 1}]`;
  return `${source} → ${layer}.${to + 1}`;
}
