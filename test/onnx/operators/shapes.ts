// What moves, joins, adds and multiplies numbers.
import * as w from "../../../src/index.ts";
import { apply, applyToAll, combine, joinAll, type Mapping } from "../mapping.ts";
import { axisOf, input, need, numberOf, numbersOf, textOf } from "../node.ts";
import type { Case } from "../archive.ts";
import type { Tensor } from "../proto.ts";
import { broadcast, floats, reshape, sizeOf, transpose } from "../tensors.ts";

const inputsOf = (entry: Case): Tensor[] => entry.inputs.map((_, i) => input(entry, i));

async function sum(entry: Case): Promise<[Tensor]> {
  const [x, y] = entry.inputs;
  need(x!.type === "float", "integers: float32 doesn't wrap");
  const shapes = entry.inputs.map((_, i) => String(input(entry, i).shape));
  if (new Set(shapes).size === 1) return [await combine(inputsOf(entry), (branches) => w.add(branches))];
  // a weight that is added to every row
  need(entry.inputs.length === 2 && sizeOf(y!.shape) < sizeOf(x!.shape), "broadcasting of several");
  return [await applyToAll(x!, [w.positionalEmbedding()], { weight: broadcast(y!, x!.shape).data })];
}

/** a b for two axes, b as a weight. */
async function product(a: Tensor, b: Tensor): Promise<Tensor> {
  return apply(a, [w.dense(b.shape[1]!, { useBias: false })], { weight: b.data });
}

async function matMul(entry: Case): Promise<[Tensor]> {
  const [a, b] = [input(entry, 0), input(entry, 1)];
  if (b.shape.length <= 2) {
    const shape = [...a.shape.slice(0, -1), ...b.shape.slice(1)];
    const rows = reshape(a, [-1, a.shape.at(-1)!]);
    return [reshape(await product(rows, reshape(b, [b.shape[0]!, -1])), shape)];
  }
  const isVector = a.shape.length === 1;
  const y = await combine([isVector ? reshape(a, [1, -1]) : a, b], (branches) => w.matmul(branches));
  return [isVector ? reshape(y, y.shape.toSpliced(-2, 1)) : y];
}

async function gemm(entry: Case): Promise<[Tensor]> {
  const turn = (tensor: Tensor, name: string): Tensor =>
    numberOf(entry, name, 0) === 1 ? transpose(tensor, [1, 0]) : tensor;
  const a = turn(input(entry, 0), "transA");
  const b = turn(input(entry, 1), "transB");
  const c = entry.inputs[2];
  const [alpha, beta] = [numberOf(entry, "alpha", 1), numberOf(entry, "beta", 1)];
  const scaled = (tensor: Tensor, factor: number): Float32Array =>
    Float32Array.from(tensor.data, (value) => factor * value);
  const units = b.shape[1]!;
  const weight = scaled(b, alpha);
  if (c && c.shape.length === 2 && c.shape[0]! > 1) {
    const others = { c: floats(scaled(c, beta), c.shape) };
    return [await apply(a, [w.add([w.dense(units, { useBias: false }), w.from("c")])], { weight }, others)];
  }
  const bias = c ? scaled(broadcast(c, [1, units]), beta) : undefined;
  return [await apply(a, [w.dense(units, { useBias: !!bias })], { weight, ...(bias ? { bias } : {}) })];
}

/** A table of what is looked up: the axis that is gathered along comes first. */
async function gather(entry: Case): Promise<[Tensor]> {
  const [data, indices] = [input(entry, 0), input(entry, 1)];
  const axis = axisOf(numberOf(entry, "axis", 0), data.shape.length);
  const count = data.shape[axis]!;
  const chosen = floats(
    Array.from(indices.data, (index) => axisOf(index, count)),
    [indices.data.length],
  );
  const width = data.data.length / count;
  const rest = data.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const table = transpose(data, [axis, ...rest]);
  const y = await apply(chosen, [w.embedding(count, width)], { weight: table.data });
  // the chosen rows, and then the other axes, of which the first `axis` ones come to the front
  const split = reshape(y, [chosen.data.length, ...rest.map((i) => data.shape[i]!)]);
  const order = [...rest.slice(0, axis).map((i) => i + 1), 0, ...rest.slice(axis)];
  return [reshape(transpose(split, order), data.shape.toSpliced(axis, 1, ...indices.shape))];
}

/** Cells before and after each axis of the entire tensor. */
async function pad(entry: Case): Promise<[Tensor]> {
  const x = input(entry, 0);
  const [, pads, value, axes] = entry.inputs;
  const mode = textOf(entry, "mode", "constant");
  const rank = x.shape.length;
  const [before, after] = [x.shape.map(() => 0), x.shape.map(() => 0)];
  const chosen = axes ? Array.from(axes.data, (axis) => axisOf(axis, rank)) : x.shape.map((_, axis) => axis);
  chosen.forEach((axis, i) => {
    before[axis] = pads!.data[i]!;
    after[axis] = pads!.data[chosen.length + i]!;
  });
  const rule = mode === "constant" ? { value: value?.data[0] ?? 0 } : { mode: mode as "reflect" | "edge" | "wrap" };
  return [await applyToAll(x, [w.pad({ before, after, ...rule })])];
}

export const shapes: Readonly<Record<string, Mapping>> = {
  Add: sum,
  Sum: sum,
  MatMul: matMul,
  Gemm: gemm,
  Gather: gather,
  Pad: pad,
  async Identity(entry) {
    const x = input(entry, 0);
    return [{ ...(await applyToAll(x, [w.identity()])), shape: x.shape }];
  },
  async Concat(entry) {
    const axis = axisOf(numberOf(entry, "axis", 0), input(entry, 0).shape.length);
    return [await joinAll(inputsOf(entry), axis)];
  },
  async Transpose(entry) {
    const x = input(entry, 0);
    const order = numbersOf(entry, "perm", x.shape.map((_, axis) => axis).toReversed());
    return [await applyToAll(x, [w.permute(order)])];
  },
  async Flatten(entry) {
    const x = input(entry, 0);
    const axis = axisOf(numberOf(entry, "axis", 1), x.shape.length);
    if (axis === 1) return [await apply(x, [w.flatten()])];
    const rows = sizeOf(x.shape.slice(0, axis));
    return [await applyToAll(x, [w.reshape([rows, x.data.length / rows])])];
  },
  async Reshape(entry) {
    const x = input(entry, 0);
    const given = Array.from(input(entry, 1).data);
    need(x.data.length > 0, "empty axes");
    const shape = given.map((n, axis) => (n === 0 ? x.shape[axis]! : n));
    const known = sizeOf(shape.filter((n) => n !== -1));
    return [await applyToAll(x, [w.reshape(shape.map((n) => (n === -1 ? x.data.length / known : n)))])];
  },
};
