// Layers that multiply by a matrix, or look its rows up.
import { int } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";

/** x w + b over the last axis. `weight`: [n, units]. */
export function project(place: Place, x: string, weight: string, bias: string): string {
  const product = place.op("MatMul", [x, place.weight(weight)]);
  return place.parameter(bias) ? place.op("Add", [product, place.weight(bias)]) : product;
}

export const dense: LayerWriter = (place) => {
  const { x, input } = place;
  if (input.length > 1) return place.give("last", project(place, x.get("last"), "weight", "bias"));
  const bias = place.parameter("bias") ? [place.weight("bias")] : [];
  const { natural, of } = x;
  if (natural !== "first" || !of) {
    return place.give("last", place.op("Gemm", [x.get("last"), place.weight("weight"), ...bias]));
  }
  // the rows of the weight in the order of the channels first
  const [inputs, units] = place.parameter("weight")!.shape as [number, number];
  const axes = of.map((_, axis) => axis);
  const order = [axes.at(-1)!, ...axes.slice(0, -1), axes.length];
  const weight = place.weight("weight", order, [inputs, units], [...of, units]);
  return place.give("last", place.op("Gemm", [x.get("first"), weight, ...bias]));
};

/** The weight is that of another layer, [outputs, n]. */
export const tiedDense: LayerWriter = (place) => {
  const x = place.x.get("last");
  const bias = place.parameter("bias") ? [place.weight("bias")] : [];
  if (place.input.length === 1) {
    return place.give("last", place.op("Gemm", [x, place.weight("weight"), ...bias], { transB: int(1) }));
  }
  const product = place.op("MatMul", [x, place.graph.transpose(place.weight("weight"), [1, 0])]);
  return place.give("last", bias.length > 0 ? place.op("Add", [product, ...bias]) : product);
};

export const embedding: LayerWriter = (place) =>
  place.give("last", place.op("Gather", [place.weight("weight"), place.x.whole], { axis: int(0) }));

/** e^(-gamma |x - c|^2) */
export const rbf: LayerWriter = (place) => {
  const { gamma } = place.options as { readonly gamma: number };
  const each = place.op("Unsqueeze", [place.x.get("last"), place.graph.integers([-2])]);
  const away = place.op("Sub", [each, place.weight("centres")]);
  const square = place.graph.reduce("ReduceSum", place.op("Mul", [away, away]), [-1], false);
  return place.give("last", place.op("Exp", [place.op("Mul", [square, place.graph.number(-gamma)])]));
};
