// Arithmetic of a value with a constant: factors and offsets as layers with weights.
import { dense } from "../../../../nn/layers/dense.ts";
import { depthwiseConv2d } from "../../../../nn/layers/depthwiseConv2d.ts";
import { flatten } from "../../../../nn/layers/flatten.ts";
import { positionalEmbedding } from "../../../../nn/layers/positionalEmbedding.ts";
import { slice } from "../../../../nn/layers/slice.ts";
import { sizeOf } from "../../../../util/shape.ts";
import { gathered, stepsOf } from "../fold/numbers.ts";
import type { WorkNode } from "../workGraph.ts";
import { sizesOf } from "./atoms.ts";
import { atom, type Builder, layerOf } from "./builder.ts";
import { asItLies, use } from "./steps.ts";
import type { Atom, View } from "./types.ts";

/** How far apart a constant's numbers are for neighbours along each of a value's atoms; 0: they are the same. */
export type Steps = ReadonlyMap<Atom, number>;

/**
 * A constant beside a value, as broadcasting puts it; undefined if it has axes, or places of them, that the value hasn't.
 *
 * @throws {OnnxGraphError} if rows have different numbers
 */
export function besides(builder: Builder, node: WorkNode, view: View, name: string): Steps | undefined {
  const constant = builder.graph.constants.get(name)!;
  const front = view.axes.length - constant.shape.length;
  if (front < 0 && constant.shape.slice(0, -front).some((n) => n !== 1)) return undefined;
  const own = stepsOf(constant.shape);
  const steps = new Map<Atom, number>();
  for (const [at, axis] of view.axes.entries()) {
    const n = constant.shape[at - front] ?? 1;
    const sizes = axis.map((each) => (each.rows ? builder.fileRows : each.size));
    if (n === 1) axis.forEach((each) => steps.set(each, 0));
    else if (n !== sizeOf(sizes)) return undefined;
    else {
      let step = own[at - front]!;
      for (let i = axis.length - 1; i >= 0; i--) {
        steps.set(axis[i]!, step);
        step *= sizes[i]!;
      }
    }
  }
  const rows = [...steps].find(([each, step]) => each.rows && step > 0);
  if (rows) {
    checkRowsEqual(builder, node, name, rows[1]);
    steps.set(rows[0], 0);
  }
  // axes of size 1 of the value that are larger in the constant have no atom
  const covered = view.axes.every((axis, at) => axis.length > 0 || (constant.shape[at - front] ?? 1) === 1);
  return covered ? steps : undefined;
}

/** Refuses a constant that has other numbers for each row. */
function checkRowsEqual(builder: Builder, node: WorkNode, name: string, step: number): void {
  const { data } = builder.graph.constants.get(name)!;
  const block = step * builder.fileRows;
  const odd = data.findIndex((value, i) => value !== data[i - (i % block) + (i % step)] && !Number.isNaN(value));
  if (odd < 0) return;
  throw builder.error(
    node,
    `the constant "${name}" has other numbers for each row, but a model treats rows alike; export it for one row`,
  );
}

/** The constant's numbers for atoms in an order. */
export function numbersAlong(
  builder: Builder,
  node: WorkNode,
  name: string,
  atoms: readonly Atom[],
  steps: Steps,
): Float32Array {
  const { graph } = builder;
  const constant = graph.constants.get(name)!;
  // rows are left out: they were seen to be alike
  if (!graph.rowDependent.has(name)) builder.numbers(node, name);
  const { data } = gathered(
    { ...constant, type: "float" },
    sizesOf(atoms),
    atoms.map((each) => steps.get(each) ?? 0),
  );
  return data as Float32Array;
}

/** y = x scale + shift with the same two numbers everywhere; nothing of it is trained. */
export function affine(builder: Builder, node: WorkNode, x: View, scale: number, shift: number): View {
  if (scale === 1 && shift === 0) return x;
  const weight = Float32Array.of(scale);
  const bias = Float32Array.of(shift);
  [scale, shift].forEach((value) => {
    if (!Number.isFinite(value))
      throw builder.error(node, `it computes with the constant ${value}, which isn't finite`);
  });
  const ref = builder.add({
    node,
    kind: shift === 0 ? "Scale" : "Shift",
    uses: [use(x, [...x.stored.map((each) => [each]), []])],
    make: layerOf((name) => dense(1, { useBias: shift !== 0, name }), { weight, ...(shift !== 0 && { bias }) }),
    frozen: true,
  });
  ref.step!.factor = scale;
  return { ...x, ref };
}

/** A value times a number. */
export const scaled = (builder: Builder, node: WorkNode, x: View, by: number): View => affine(builder, node, x, by, 0);

/** y = x times a constant, and y = x plus a constant: a parameter, if it has several numbers. */
export function withConstant(
  builder: Builder,
  node: WorkNode,
  x: View,
  name: string,
  kind: "multiply" | "add",
  change: (value: number) => number = (value) => value,
): View | undefined {
  const constant = builder.graph.constants.get(name)!;
  const steps = besides(builder, node, x, name);
  if (!steps) return undefined;
  if (constant.data.length === 1) {
    const value = change(constant.data[0]!);
    return kind === "multiply" ? affine(builder, node, x, value, 0) : affine(builder, node, x, 1, value);
  }
  const varied = x.stored.filter((each) => steps.get(each)! > 0);
  const end = x.stored.slice(x.stored.length - varied.length);
  const isEnd = end.every((each) => varied.includes(each));
  if (!isEnd && kind === "multiply") return undefined;
  if (!isEnd || (varied.length === x.stored.length && kind === "add")) {
    const weight = numbersAlong(builder, node, name, x.stored, steps).map(change);
    const ref = builder.add({
      node,
      uses: [asItLies(x)],
      make: layerOf((called) => positionalEmbedding({ name: called }), { weight }),
      weight: name,
    });
    return { ...x, ref };
  }
  const numbers = numbersAlong(builder, node, name, end, steps).map(change);
  const parameters =
    kind === "multiply" ? { kernel: numbers } : { kernel: new Float32Array(numbers.length).fill(1), bias: numbers };
  const ref = builder.add({
    node,
    uses: [use(x, [[], x.stored.slice(0, x.stored.length - end.length), end])],
    make: layerOf((called) => depthwiseConv2d({ kernelSize: 1, useBias: kind === "add", name: called }), parameters),
    weight: name,
  });
  return { ...x, ref };
}

/** A constant as a value of the model, for what takes two of them: learned numbers, the same for each row. `beside`: the other value. */
export function learned(builder: Builder, node: WorkNode, name: string, beside?: View): View {
  const { graph } = builder;
  let constant = graph.constants.get(name)!;
  const front = (beside?.axes.length ?? 0) - constant.shape.length;
  const at = beside ? beside.axes.findIndex((axis) => axis.some((each) => each.rows)) - front : -1;
  const n = constant.shape[at];
  if (n !== undefined && n > 1) {
    const rows = beside!.axes[at + front]!.map((each) => (each.rows ? builder.fileRows : each.size));
    if (n !== sizeOf(rows))
      throw builder.error(node, `the constant "${name}" has ${n} places along the axis of the rows`);
    const step = stepsOf(constant.shape)[at]!;
    const behind = rows.slice(beside!.axes[at + front]!.findIndex((each) => each.rows) + 1);
    checkRowsEqual(builder, node, name, step * sizeOf(behind));
    if (rows.length > 1)
      throw builder.error(node, `the constant "${name}" has the rows joined with other places, which no layer has`);
    constant = gathered(constant, constant.shape.with(at, 1), stepsOf(constant.shape));
  } else if (graph.rowDependent.has(name)) builder.numbers(node, name); // refuses it
  const numbers = Float32Array.from(constant.data);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw builder.error(node, `numbers must be finite, but number ${bad} of "${name}" is ${numbers[bad]}`);
  const shape = [...Array<number>(Math.max(front, 0)).fill(1), ...constant.shape];
  return learnedNumbers(builder, node, numbers, shape.map(atom), name);
}

/** Numbers as a value with these axes, one after another. */
export function learnedNumbers(
  builder: Builder,
  node: WorkNode,
  numbers: Float32Array,
  axes: readonly Atom[][],
  weight?: string,
  frozen = numbers.length === 1,
): View {
  const source = builder.views.values().next().value!;
  const size = numbers.length;
  const zeros = builder.add({
    node,
    kind: "Zeros",
    uses: [asItLies(source)],
    shape: [size],
    make: (making) => {
      making.set(`${making.name}.weight`, new Float32Array(size));
      return [flatten(), slice({ from: 0, to: 1 }), dense(size, { useBias: false, name: making.name })];
    },
    frozen: true,
  });
  const flat: Atom = { size };
  const stored = axes.flat();
  const ref = builder.add({
    node,
    kind: "Learned",
    uses: [{ ref: zeros, stored: [flat] }],
    make: layerOf((name) => positionalEmbedding({ name }), { weight: numbers }),
    weight,
    frozen,
  });
  return { ref, axes, stored };
}
