// How the kernels of recurrent layers are tested: against float64 numbers that are differentiated one at a time.
import { loadSequence } from "../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import { type Cell, describeRecurrent } from "../../src/nn/layers/recurrent.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { glorotUniform } from "../../src/nn/initializers/uniform.ts";
import { orthogonal } from "../../src/nn/initializers/orthogonal.ts";
import { zeros } from "../../src/nn/initializers/constant.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectClose } from "./golden.ts";
import { normal } from "./seeded.ts";
import { backpropagate, Num, nums } from "./tape.ts";
import { Workbench } from "./workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

type Parameters = Readonly<Record<string, readonly Num[]>>;

/**
 * One row's step: the states that follow from these. `input(j)` and `state(j)` are sums of x and h times column j of their weights;
 * the latter of other numbers in the state's place, if there are some.
 */
export type Step = (
  parameters: Parameters,
  units: number,
  input: (j: number) => Num,
  state: (j: number, of?: readonly Num[]) => Num,
  states: readonly (readonly Num[])[],
) => readonly (readonly Num[])[];

interface Sizes {
  readonly rows: number;
  readonly steps: number;
  readonly features: number;
  readonly units: number;
}

interface Variant {
  readonly returnSequences?: boolean;
  readonly reverse?: boolean;
  /** Steps that count, per row. */
  readonly lengths?: readonly number[];
  /** States before the first step are given. */
  readonly initial?: boolean;
  /** The states after the last step are put out, too. */
  readonly final?: boolean;
  /** The initial states are those of the batch before, and the last ones are kept. */
  readonly kept?: boolean;
  readonly capacity?: number;
  readonly overwrite?: boolean;
  /** Neither dx nor any gradient but the weights'. */
  readonly weightsAlone?: boolean;
}

const SLOTS = ["initialState", "initialCell"];

/** All rows, in float64. */
function reference(
  step: Step,
  { rows, steps, features, units }: Sizes,
  { returnSequences = false, reverse = false, lengths, final = false }: Variant,
  x: readonly Num[],
  initial: readonly (readonly Num[])[],
  parameters: Parameters,
): { y: Num[]; last: Num[][] } {
  const zero = new Num(0);
  const y: Num[] = [];
  const last: Num[][] = initial.map(() => []);
  const columns = parameters["weightIh"]!.length / features;
  const sum = (values: readonly Num[], w: readonly Num[], j: number): Num =>
    values.reduce((total, value, i) => total.plus(value.times(w[i * columns + j]!)), zero);
  for (let r = 0; r < rows; r++) {
    let states = initial.map((all) => all.slice(r * units, (r + 1) * units));
    const outputs: Num[] = Array.from({ length: steps * units }, () => zero);
    for (let s = 0; s < steps; s++) {
      const t = reverse ? steps - 1 - s : s;
      if (t >= (lengths?.[r] ?? steps)) continue;
      const at = (r * steps + t) * features;
      const input = x.slice(at, at + features);
      const before = states[0]!;
      states = [
        ...step(
          parameters,
          units,
          (j) => sum(input, parameters["weightIh"]!, j),
          (j, of = before) => sum(of, parameters["weightHh"]!, j),
          states,
        ),
      ].map((state) => [...state]);
      outputs.splice(t * units, units, ...states[0]!);
    }
    states.forEach((state, i) => last[i]!.push(...state));
    if (returnSequences) y.push(...outputs);
    if (!returnSequences || final) y.push(...states[0]!);
    if (final) y.push(...states.slice(1).flat());
  }
  return { y, last };
}

function layerOf(cell: Cell, { units }: Sizes, variant: Variant): Layer {
  const { returnSequences = false, reverse = false, final = false } = variant;
  const initializers = {
    kernelInitializer: glorotUniform(),
    recurrentInitializer: orthogonal(),
    biasInitializer: zeros(),
  };
  const names = final && { finalState: "h", ...(cell.states.length > 1 && { finalCell: "c" }) };
  return describeRecurrent(cell, { units, returnSequences, reverse, ...names, ...initializers }, final);
}

const TOLERANCE = { rtol: 2e-5, atol: 2e-6 };

export function recurrentTests(cell: Cell, step: Step, name: string = cell.type): void {
  const check = (sizes: Sizes, variant: Variant): void => {
    const { rows, steps, features, units } = sizes;
    const layer = layerOf(cell, sizes, variant);
    const input = [steps, features];
    const output = layer.outputShape(input, "test");
    const count = rows * sizeOf(output);
    const x = normal(rows * steps * features, { seed: 1 });
    const dy = normal(count, { seed: 2 });
    const specs = layer.parameters!(input);
    const deviation = 1 / Math.sqrt(features + units); // sums that don't drive the gates to their ends
    const values = specs.map((p, i) => normal(sizeOf(p.shape), { seed: 3 + i, deviation }));
    const before = specs.map((p, i) => normal(sizeOf(p.shape), { seed: 13 + i }));
    const slots = SLOTS.slice(0, cell.states.length);
    const states = slots.map((_, i) => normal(rows * units, { seed: 23 + i }));

    const [xNums, initial, numbers] = [
      nums(x),
      slots.map((_, i) => nums(variant.initial ? states[i]! : new Float32Array(rows * units))),
      values.map((v) => nums(v)),
    ];
    const parameters = Object.fromEntries(specs.map((p, i) => [p.name, numbers[i]!]));
    const { y, last } = reference(step, sizes, variant, xNums, initial, parameters);
    backpropagate(y, dy);

    const at = {
      x: bench.floats(x),
      y: bench.room(count),
      dx: variant.weightsAlone ? 0 : bench.room(x.length),
      dy: bench.floats(dy),
    };
    const placed = specs.map((p, i) => [p.name, bench.floats(values[i]!)] as const);
    const gradients = specs.map((p, i) => [p.name, bench.floats(before[i]!)] as const);
    const inputs: Record<string, number> = {};
    const inputGradients: Record<string, number> = {};
    if (variant.lengths) inputs["lengths"] = bench.floats(variant.lengths);
    // a cell, as kept.ts makes it: addresses of the states after and before the batch
    const cellOf = (to: number, from: number): number =>
      bench.words([to, from, 4 * slots.length * rows * units, 0, 0, 0]);
    const carried = Float32Array.from(states.flatMap((all) => [...all]));
    const after = bench.room(carried.length);
    const kept = variant.kept ? cellOf(after, bench.floats(carried)) : 0;
    if (variant.initial && !variant.kept) {
      slots.forEach((slot, i) => {
        inputs[slot] = bench.floats(states[i]!);
        inputGradients[slot] = bench.room(rows * units);
      });
    }
    const context = bench.context(variant.capacity ?? rows, {
      parameters: Object.fromEntries(placed),
      gradients: Object.fromEntries(gradients),
      inputs,
      inputGradients,
      kept,
    });
    const args = { ...at, ...layer.args!(context, input, output) };
    const flags = variant.overwrite ? 1 : 0;
    for (const role of ["Forward", "Backward"])
      bench.run(`${layer.kernel!}${role}` as KernelName, { perRow: sizeOf(output), rows, flags }, args);

    const valuesOf = (all: readonly Num[]): number[] => all.map((num) => num.value);
    const gradientsOf = (all: readonly Num[]): number[] => all.map((num) => num.gradient);
    expectClose("y", bench.read(at.y, count), valuesOf(y), TOLERANCE);
    bench.expectGuard(at.y, count, "y");
    if (at.dx !== 0) {
      expectClose("dx", bench.read(at.dx, x.length), gradientsOf(xNums), TOLERANCE);
      bench.expectGuard(at.dx, x.length, "dx");
    }
    specs.forEach((p, i) => {
      const expected = gradientsOf(numbers[i]!).map((g, j) => g + (variant.overwrite ? 0 : before[i]![j]!));
      expectClose(`d${p.name}`, bench.read(gradients[i]![1], expected.length), expected, TOLERANCE);
      bench.expectGuard(gradients[i]![1], expected.length, `d${p.name}`);
    });
    if (variant.kept) {
      expectClose("what is kept", bench.read(after, carried.length), valuesOf(last.flat()), TOLERANCE);
      bench.expectGuard(after, carried.length, "what is kept");
    } else if (variant.initial) {
      slots.forEach((slot, i) => {
        expectClose(`d${slot}`, bench.read(inputGradients[slot]!, rows * units), gradientsOf(initial[i]!), TOLERANCE);
        bench.expectGuard(inputGradients[slot]!, rows * units, `d${slot}`);
      });
    }
    expect(bench.read(at.x, x.length)).toEqual(x);

    // outside training, where nothing of the steps is kept: the same bits
    const both = bench.floats(carried);
    const alike = variant.kept ? cellOf(both, both) : 0;
    const other = bench.context(variant.capacity ?? rows, {
      parameters: Object.fromEntries(placed),
      inputs,
      kept: alike,
      training: false,
    });
    const plain = { ...at, y: bench.room(count), dx: 0, dy: 0, ...layer.args!(other, input, output) };
    bench.run(`${layer.kernel!}Forward` as KernelName, { perRow: sizeOf(output), rows }, plain);
    expect(bench.bits(plain.y, count)).toEqual(bench.bits(at.y, count));
    bench.expectGuard(plain.y, count, "y outside training");
    if (variant.kept) expect(bench.bits(both, carried.length)).toEqual(bench.bits(after, carried.length));
  };

  describe(name, () => {
    beforeEach(() => bench.clear());

    for (const units of [1, 2, 3, 4, 5, 7, 8, 9, 16, 17]) {
      for (const [rows, steps, features] of [
        [1, 1, 1],
        [1, 3, 5],
        [2, 4, 3],
        [3, 3, 8],
        [5, 2, 9],
      ] as const) {
        const sizes = { rows, steps, features, units };
        for (const returnSequences of [false, true]) {
          const which = returnSequences ? "all states" : "the last state";
          test(`${rows} rows of ${steps} steps of ${features}, ${units} units, ${which}`, () =>
            check(sizes, { returnSequences }));
        }
      }
    }

    const sizes = { rows: 3, steps: 4, features: 3, units: 5 };
    for (const returnSequences of [false, true]) {
      const which = returnSequences ? "all states" : "the last state";
      for (const reverse of [false, true]) {
        const way = `${which}, ${reverse ? "backward" : "forward"} in time`;
        test(way, () => check(sizes, { returnSequences, reverse }));
        test(`${way}, given initial states`, () => check(sizes, { returnSequences, reverse, initial: true }));
        test(`${way}, lengths`, () => check(sizes, { returnSequences, reverse, lengths: [2, 4, 1] }));
        test(`${way}, lengths and initial states`, () =>
          check(sizes, { returnSequences, reverse, lengths: [1, 3, 4], initial: true }));
        test(`${way}, the last states`, () =>
          check(sizes, { returnSequences, reverse, lengths: [3, 2, 4], initial: true, final: true }));
        test(`${way}, from the batch before`, () =>
          check(sizes, { returnSequences, reverse, initial: true, kept: true }));
      }
    }
    test("fewer rows than there is room for", () =>
      check(sizes, { returnSequences: true, capacity: 7, initial: true }));
    for (const returnSequences of [false, true]) {
      for (const units of [1, 4, 7, 17]) {
        test(`the last states of ${units} units, ${returnSequences ? "all" : "the last"} besides`, () =>
          check({ ...sizes, units }, { returnSequences, final: true, initial: true, capacity: 5 }));
        test(`${units} units, ${returnSequences ? "all states" : "the last state"}, from the batch before`, () =>
          check({ ...sizes, units }, { returnSequences, kept: true, initial: true, capacity: 5 }));
      }
    }
    test("gradients are written", () => check(sizes, { overwrite: true }));
    test("dx isn't wanted", () => check(sizes, { weightsAlone: true }));
    test("more features than a block of a product", () =>
      check({ rows: 2, steps: 2, features: 515, units: 3 }, { initial: true }));
    test("more gates than a block of a product", () =>
      check({ rows: 2, steps: 1, features: 2, units: 129 }, { initial: true }));

    test("a row has the same bits alone and among others", () => {
      const layer = layerOf(cell, { ...sizes, units: 13 }, { returnSequences: true });
      const [steps, features, rows] = [6, 11, 9];
      const input = [steps, features];
      const x = normal(rows * steps * features, { seed: 1 });
      const parameters = Object.fromEntries(
        layer.parameters!(input).map((p, i) => [p.name, bench.floats(normal(sizeOf(p.shape), { seed: 2 + i }))]),
      );
      const outputs = (from: number, to: number): Uint32Array => {
        const y = bench.room((to - from) * steps * 13);
        const at = { x: bench.floats(x.slice(from * steps * features, to * steps * features)), y, dx: 0, dy: 0 };
        const args = { ...at, ...layer.args!(bench.context(to - from, { parameters }), input, [steps, 13]) };
        bench.run(`${cell.type}Forward`, { perRow: steps * 13, rows: to - from }, args);
        return bench.bits(y, (to - from) * steps * 13);
      };
      const all = outputs(0, rows);
      for (const [from, to] of [
        [0, 1],
        [3, 4],
        [5, 7],
        [4, 9],
      ] as const)
        // prettier-ignore
        expect(outputs(from, to)).toEqual(all.slice(from * steps * 13, to * steps * 13));
    });
  });
}
