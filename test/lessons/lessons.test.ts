// What the lessons compute, as functions: the command prints it, and the web pages draw it.
import { describe, expect, test } from "vitest";
import { GATES, learn, Rounds, sampleBySample, XOR, xorCycle } from "../../lessons/gates.ts";
import { kernelMachine } from "../../lessons/kernel.ts";
import { countRight, descend, descent, gradientDescent, neuron, weightsOf } from "../../lessons/neuron.ts";
import { newtonDescent } from "../../lessons/newton.ts";
import { clouds, learnImages, zerosAndOnes } from "../../lessons/perceptron.ts";
import { hiddenOutputs, solveXor } from "../../lessons/xor.ts";
import { init } from "../../src/matrix.ts";
import { importsBetween, sourcesBelow } from "../support/imports.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** So many of a way's places. */
const first = <T>(way: Generator<T, never>, count: number): T[] =>
  Array.from({ length: count }, () => way.next().value);

describe("gates", () => {
  test.each(GATES)("one neuron learns $name", async ({ examples }) => {
    const learned = await learn(examples, { updates: 1000, rate: 1 });
    expect(learned.right).toBe(examples.x.length);
    expect(learned.losses).toHaveLength(1000);
    expect(learned.outputs.map(Math.round)).toEqual(examples.y);
    expect(weightsOf(learned.model)).toEqual({ w: learned.w, b: learned.b });
  });

  test("on all rows of XOR at once it ends at 0, with the loss of a coin", async () => {
    const { w, b, losses, right } = await learn(XOR, { updates: 3000, rate: 1 });
    expect(Math.max(...[...w, b].map(Math.abs))).toBeLessThan(1e-3);
    expect(losses.at(-1)).toBeCloseTo(Math.LN2, 6);
    expect(right).toBe(2);
  });

  test("sample by sample XOR's weights come back, bit by bit, and 3 of 4 is the best", async () => {
    const { length, from, moves } = await xorCycle();
    expect([length, from, moves.length]).toEqual([8, 40_012, 8]);
    expect(Math.max(...moves.map(({ right }) => right))).toBe(3);
    expect(moves.map(({ row }) => row)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    // the same by a way that is watched from outside
    const model = await neuron(2);
    const way = sampleBySample(gradientDescent(model, 8), XOR);
    first(way, from);
    const rounds = new Rounds();
    expect(rounds.same(weightsOf(model))).toBeUndefined();
    expect(first(way, 4)).toEqual(moves.slice(0, 4));
    expect(rounds.same(weightsOf(model))).toBeUndefined();
    expect(first(way, 4)).toEqual(moves.slice(4));
    expect(rounds.same(weightsOf(model))).toBe(0);
  });

  test("weights that differ in the last bit, or in the sign of a 0, haven't come back", () => {
    const rounds = new Rounds();
    const [a, next] = [Math.fround(0.1), new Float32Array(new Uint32Array([0x3dcccccc]).buffer)[0]!];
    expect(Math.abs(a - next)).toBeLessThan(1e-8);
    expect(
      [
        { w: [a], b: 0 },
        { w: [next], b: 0 },
        { w: [a], b: -0 },
      ].map((place) => rounds.same(place)),
    ).toEqual([undefined, undefined, undefined]);
    expect(rounds.same({ w: [next], b: 0 })).toBe(1);
    expect(rounds.count).toBe(3);
  });
});

describe("one neuron's ways down", () => {
  test("gradient descent, place by place, is that of fit", async () => {
    const examples = clouds(await neuron(2));
    const [stepped, fitted] = [await neuron(2, { fromZero: true }), await neuron(2, { fromZero: true })];
    const places = first(descent(gradientDescent(stepped, 0.5), examples), 50);
    const losses = await descend(gradientDescent(fitted, 0.5), examples, 50);
    expect(places.map(({ loss }) => loss)).toEqual(losses);
    expect(stepped.fingerprint()).toBe(fitted.fingerprint());
    expect(places[0]).toMatchObject({ w: [0, 0], b: 0 });
    expect(places[0]!.loss).toBeCloseTo(Math.LN2, 6);
  });

  test("Newton's method is there in 8 steps", async () => {
    await init();
    const [model, slow] = [await neuron(2, { fromZero: true }), await neuron(2, { fromZero: true })];
    const examples = clouds(model);
    const newton = first(newtonDescent(model, examples), 8);
    const gradient = first(descent(gradientDescent(slow, 0.5), examples), 300);
    expect(newton[0]!.loss).toBeCloseTo(gradient[0]!.loss, 6);
    expect(newton[7]!.loss).toBeLessThanOrEqual(gradient[299]!.loss + 1e-7);
    expect(newton[3]!.loss).toBeLessThan(gradient[20]!.loss);
  });

  test("images as inputs", async () => {
    // 2 x 2 pixels: a bar on the left is a 0, on the right a 1; what is called 7 is left out
    const y = Array.from({ length: 60 }, (_, i) => [0, 1, 7][i % 3]!);
    const x = y.flatMap((label) => (label === 0 ? [255, 0, 255, 0] : label === 1 ? [0, 255, 0, 255] : [9, 9, 9, 9]));
    const images = zerosAndOnes(x, y, 4);
    expect([images.y.length, Array.from(images.x.subarray(0, 8))]).toEqual([40, [1, 0, 1, 0, 0, 1, 0, 1]]);
    const reader = await learnImages(images, images, 4);
    expect(reader.accuracy).toBe(1);
    expect(reader.losses).toHaveLength(2);
  });
});

test("a hidden layer solves XOR", async () => {
  const { model, losses, hidden, outputs, right } = await solveXor({ units: 4, updates: 4000, rate: 2, seed: 3 });
  expect(right).toBe(4);
  expect(outputs.map(Math.round)).toEqual(XOR.y);
  expect(losses.at(-1)).toBeLessThan(0.01);
  expect(hidden.map((row) => row.length)).toEqual([4, 4, 4, 4]);
  expect(await hiddenOutputs(model, 4, [XOR.x[2]!])).toEqual([hidden[2]]);
});

test("a kernel machine solves XOR, and all four rows hold the margin", async () => {
  const machine = await kernelMachine(XOR, { gamma: 2, cost: 10, updates: 600 });
  const near = Math.exp(-2);
  expect(machine.K[0]!.map((value) => value.toFixed(6))).toEqual([1, near, near, near * near].map((v) => v.toFixed(6)));
  expect(machine).toMatchObject({ lambda: 0.025, right: 4, supportVectors: [0, 1, 2, 3], targets: [-1, 1, 1, -1] });
  const exact = 1 / (1 - near) ** 2;
  machine.alpha.forEach((alpha, r) => expect(alpha).toBeCloseTo(exact * machine.targets[r]!, 2));
  machine.z.forEach((z, r) => expect(z).toBeCloseTo(machine.targets[r]!, 2));
  expect(machine.said).toEqual(machine.targets);
  expect(countRight(machine.model, { x: XOR.x, y: machine.targets })).toBe(4);
});

test("pages can have them: they import the library's entries and no module of Node's", () => {
  const sources = sourcesBelow(root, ["lessons"]);
  const targets = [...importsBetween(sources).values()].flat();
  expect(sources.size).toBe(10);
  expect(targets.filter((target) => !/^(?:lessons\/\w+|src\/\w+)\.ts$/.test(target))).toEqual([]);
  for (const path of sources.keys()) expect(readFileSync(join(root, path), "utf8")).not.toMatch(/"node:|process\./);
});
