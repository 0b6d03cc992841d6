// What is computed of several values, and of the numbers along an axis.
import { int } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";
import { axisIn, type Form, Value } from "./value.ts";
import { sizeOf } from "../../../util/shape.ts";

/** A form that several values can be in, so that few have to be turned. */
function commonForm(values: readonly Value[]): Form {
  const [first] = values;
  const agree = values.every(({ natural, of }) => natural === first!.natural && of?.join() === first!.of?.join());
  if (agree) return first!.natural;
  return first!.shape.length === 3 && values.some(({ natural }) => natural === "first") ? "first" : "last";
}

/** Number by number of two values, of which one may be repeated. */
const binary =
  (operator: string): LayerWriter =>
  (place) => {
    const all = [place.x, place.others["other"]!];
    // of two that are repeated one has to be so in full
    const values = all.map(({ small }) => small);
    const whole = place.output.every((n, axis) => values.some(({ shape }) => shape[axis] === n));
    const read = whole ? values : [all[0]!, values[1]!];
    const form = commonForm(read);
    return place.give(
      form,
      place.op(
        operator,
        read.map((value) => value.get(form)),
      ),
      all[0]!.of,
    );
  };

const average: LayerWriter = (place) => {
  const { count } = place.options as { readonly count: number };
  return place.each((x) => place.op("Div", [x, place.graph.number(count)]));
};

/** Repeats along neighbouring axes: [blocks, 1, inner] to [blocks, n, inner]. */
const expand: LayerWriter = (place) => {
  const { output, graph } = place;
  const { small } = place.x;
  const { inner } = place.options as { readonly inner: number };
  const shape = [...output];
  let end = output.length;
  while (end > 0 && sizeOf(output.slice(end)) < inner) end--;
  let count = sizeOf(output) / sizeOf(place.input);
  for (let axis = end - 1; axis >= 0 && count > 1; axis--) {
    count /= shape[axis]!;
    shape[axis] = 1;
  }
  const padded =
    small.shape.length < shape.length ? [...shape.map(() => 1).slice(small.shape.length), ...small.shape] : small.shape;
  const merged = shape.map((n, axis) => Math.min(n, padded[axis]!));
  const one = merged.join() === small.shape.join() ? small : small.reshaped(merged);
  return new Value(graph, output, {
    natural: "last",
    ways: { last: () => place.op("Expand", [one.get("last"), graph.integers([1, ...output])]) },
    small: one,
  });
};

/** The value's matrices, maybe with their axes exchanged. */
function matrices(place: Place, value: Value, transposed: boolean): string {
  const tensor = value.get("last");
  if (!transposed) return tensor;
  const rank = value.shape.length;
  const axes = Array.from({ length: rank - 1 }, (_, axis) => axis);
  return place.graph.transpose(tensor, [...axes, rank, rank - 1]);
}

/** Two values as an operator may read them: it repeats one along the first axes itself. `own`: how many of the last axes are left alone. */
function pair(place: Place, own: number): readonly [Value, Value] {
  const [a, b] = [place.x, place.others["other"]!];
  const isWhole = place.x.shape
    .slice(0, -own)
    .every((n, axis) => a.small.shape[axis] === n || b.small.shape[axis] === n);
  return [isWhole ? a.small : a, b.small];
}

const matmul: LayerWriter = (place) => {
  const { transposeA, transposeB } = place.options as { readonly transposeA: boolean; readonly transposeB: boolean };
  const [a, b] = pair(place, 2);
  return place.give("last", place.op("MatMul", [matrices(place, a, transposeA), matrices(place, b, transposeB)]));
};

const dot: LayerWriter = (place) => {
  const { graph } = place;
  const [a, b] = pair(place, 1).map((value) => value.get("last")) as [string, string];
  const keep = place.input.length === 1;
  const sum = (one: string, other: string): string =>
    graph.reduce("ReduceSum", place.op("Mul", [one, other]), [-1], keep);
  const product = sum(a, b);
  if (place.node.layer.kernel !== "dotCosine") return place.give("last", product);
  const length = (v: string): string => place.op("Max", [place.op("Sqrt", [sum(v, v)]), graph.number(1e-8)]);
  return place.give("last", place.op("Div", [product, place.op("Mul", [length(a), length(b)])]));
};

/** Joins along an axis. */
const join: LayerWriter = (place) => {
  const values = [place.x, ...Object.values(place.others)];
  const rank = place.output.length;
  const given = (place.options as { readonly axis: number }).axis;
  // of flattened values the order is that of all together
  const form = rank === 1 ? "last" : commonForm(values);
  const axis = axisIn(form, given < 0 ? rank + given : given, rank);
  const tensors = values.map((value) => value.get(form));
  return place.give(form, place.op("Concat", tensors, { axis: int(axis) }));
};

/** sum, mean and max: one number of those along an axis. */
const reduction =
  (operator: "ReduceSum" | "ReduceMean" | "ReduceMax"): LayerWriter =>
  (place) => {
    const { axis: given, keepAxis } = place.options as { readonly axis: number; readonly keepAxis: boolean };
    const { graph, x, input } = place;
    const rank = input.length;
    if (rank === 1) return place.give("last", graph.reduce(operator, x.get("last"), [1], true));
    const axis = given < 0 ? rank + given : given;
    const form = x.natural;
    const tensor = graph.reduce(operator, x.get(form), [axisIn(form, axis, rank)], keepAxis);
    return place.give(keepAxis ? form : formWithout(form, axis, rank), tensor);
  };

/** The form of a tensor that has lost an axis of a row. */
export function formWithout(form: Form, axis: number, rank: number): Form {
  if (form === "first") return axis === rank - 1 || rank === 2 ? "last" : "first";
  return form === "time" && (axis === 0 || rank < 2) ? "last" : form;
}

/** Numbers for each position. */
const positionalEmbedding: LayerWriter = (place) => {
  if (place.input.length === 1 || place.x.natural === "time") {
    return place.give("last", place.op("Add", [place.x.get("last"), place.weight("weight")]));
  }
  const axes = place.input.map((_, axis) => axis);
  return place.each((x, form) => {
    const order = form === "first" ? [axes.at(-1)!, ...axes.slice(0, -1)] : axes;
    return place.op("Add", [x, place.weight("weight", order)]);
  });
};

export const OPERATORS: Readonly<Record<string, LayerWriter>> = {
  add: binary("Add"),
  average,
  divide: binary("Div"),
  dot,
  expand,
  join,
  matmul,
  max: reduction("ReduceMax"),
  maximum: binary("Max"),
  mean: reduction("ReduceMean"),
  multiply: binary("Mul"),
  positionalEmbedding,
  subtract: binary("Sub"),
  sum: reduction("ReduceSum"),
};
