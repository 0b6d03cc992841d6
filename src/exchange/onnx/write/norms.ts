// Normalisations.
import { sizeOf } from "../../../util/shape.ts";
import { float, int, ints } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";
import { sizesIn, type Value } from "./value.ts";

const epsilonOf = (place: Place): number => (place.options as { readonly epsilon: number }).epsilon;

const batchNorm: LayerWriter = (place) => {
  const { x, input, graph } = place;
  const epsilon = float(epsilonOf(place));
  const { momentum } = place.options as { readonly momentum: number };
  const weights = ["gamma", "beta", "runningMean", "runningVariance"].map((local) => place.weight(local));
  const norm = (tensor: string): string =>
    place.op("BatchNormalization", [tensor, ...weights], { epsilon, momentum: float(1 - momentum) });
  if (input.length === 1) return place.give("last", norm(x.get("last")));
  if (input.length <= 3) return place.give("first", norm(x.get("first")));
  // every place as a row
  const rows = graph.reshape(x.get("last"), [-1, input.at(-1)!]);
  return place.give("last", graph.reshape(norm(rows), [-1, ...input]));
};

const layerNorm: LayerWriter = (place) => {
  const { x, graph } = place;
  const tensor = x.get("last");
  const [gamma, beta] = [place.weight("gamma"), place.weight("beta")];
  if (place.opset >= 17) {
    const attributes = { axis: int(-1), epsilon: float(epsilonOf(place)) };
    return place.give("last", place.op("LayerNormalization", [tensor, gamma, beta], attributes));
  }
  const away = place.op("Sub", [tensor, graph.reduce("ReduceMean", tensor, [-1], true)]);
  const variance = graph.reduce("ReduceMean", place.op("Mul", [away, away]), [-1], true);
  const deviation = place.op("Sqrt", [place.op("Add", [variance, graph.number(epsilonOf(place))])]);
  const factor = place.op("Mul", [place.op("Div", [away, deviation]), gamma]);
  return place.give("last", place.op("Add", [factor, beta]));
};

const rmsNorm: LayerWriter = (place) => {
  const { x, graph } = place;
  const tensor = x.get("last");
  const square = graph.reduce("ReduceMean", place.op("Mul", [tensor, tensor]), [-1], true);
  const root = place.op("Sqrt", [place.op("Add", [square, graph.number(epsilonOf(place))])]);
  return place.give("last", place.op("Mul", [place.op("Div", [tensor, root]), place.weight("gamma")]));
};

/** As a sequence or an image, whose channels can be first: more axes of places become one. */
function withPlaces(x: Value): Value {
  const { shape } = x;
  return shape.length <= 3 ? x : x.reshaped([sizeOf(shape.slice(0, -1)), shape.at(-1)!]);
}

/** What came of a value as `withPlaces` gave it. */
function back(place: Place, tensor: string): Value {
  const { input, graph } = place;
  if (input.length <= 3) return place.give("first", tensor);
  const last = graph.transpose(tensor, [0, 2, 1]);
  return place.give("last", graph.reshape(last, [-1, ...input]));
}

const instanceNorm: LayerWriter = (place) => {
  const inputs = [withPlaces(place.x).get("first"), place.weight("gamma"), place.weight("beta")];
  return back(place, place.op("InstanceNormalization", inputs, { epsilon: float(epsilonOf(place)) }));
};

/**
 * By InstanceNormalization, also where there is GroupNormalization: the latter is defined by the mean of squares less the square of the mean,
 * which float32 rounds off where numbers are far from 0.
 */
const groupNorm: LayerWriter = (place) => {
  const { groups } = place.options as { readonly groups: number };
  const { graph, input } = place;
  const epsilon = float(epsilonOf(place));
  const n = input.at(-1)!;
  const isVector = input.length === 1;
  const x = withPlaces(place.x);
  const tensor = x.get(isVector ? "last" : "first");
  const give = (end: string): Value => (isVector ? place.give("last", end) : back(place, end));
  // a group as one channel
  const [ones, zeros] = [1, 0].map((value) =>
    graph.initializer(`${value} of ${groups}`, `${value === 1 ? "ones" : "zeros"}_${groups}`, [groups], () =>
      new Float32Array(groups).fill(value),
    ),
  ) as [string, string];
  const grouped = graph.reshape(tensor, [-1, groups, sizeOf(input) / groups]);
  const norm = place.op("InstanceNormalization", [grouped, ones, zeros], { epsilon });
  const own = graph.reshape(norm, [-1, ...(isVector ? input : sizesIn("first", x.shape))]);
  const shape = [n, ...x.shape.slice(1).map(() => 1)];
  const factor = place.op("Mul", [own, place.weight("gamma", undefined, shape)]);
  return give(place.op("Add", [factor, place.weight("beta", undefined, shape)]));
};

interface ResponseOptions {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

const localResponseNorm: LayerWriter = (place) => {
  const { size, alpha, beta, bias } = place.options as unknown as ResponseOptions;
  const { x, input, graph } = place;
  if (size % 2 === 1 && input.length === 3) {
    const attributes = { alpha: float(alpha), beta: float(beta), bias: float(bias), size: int(size) };
    return place.give("first", place.op("LRN", [x.get("first")], attributes));
  }
  // the mean square of neighbours along the last axis, to which the first one is as channels are
  const tensor = x.get("last");
  const square = place.op("Mul", [tensor, tensor]);
  const before = Math.floor(size / 2);
  const others = input.length < 4 ? input.slice(1, -1).map(() => 0) : [0];
  const attributes = {
    count_include_pad: int(1),
    kernel_shape: ints([...others.map(() => 1), size]),
    pads: ints([...others, before, ...others, size - 1 - before]),
    strides: ints([...others.map(() => 1), 1]),
  };
  const n = input.at(-1)!;
  const isPooled = input.length === 2 || input.length === 3;
  const given = isPooled
    ? square
    : graph.reshape(square, input.length === 1 ? [-1, 1, n] : [-1, 1, sizeOf(input) / n, n]);
  const pooled = place.op("AveragePool", [given], attributes);
  const mean = isPooled ? pooled : graph.reshape(pooled, [-1, ...input]);
  const sum = place.op("Add", [place.op("Mul", [mean, graph.number(alpha)]), graph.number(bias)]);
  return place.give("last", place.op("Div", [tensor, place.op("Pow", [sum, graph.number(beta)])]));
};

export const NORMS: Readonly<Record<string, LayerWriter>> = {
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  rmsNorm,
};
