// In which steps each value of a graph is in use. With n nodes: node i in step i, its backward pass in step 2n - i.
import { describe, expect, test } from "vitest";
import { INPUT } from "../../src/graph/layer.ts";
import { Liveness, type PlanOptions } from "../../src/graph/liveness.ts";
import type { Buffer } from "../../src/graph/memoryPlanner.ts";
import * as w from "../../src/index.ts";
import { nodesOf } from "../support/graphs.ts";

const CAPACITY = 3;

function livenessOf(layers: readonly w.Layer[], options: Partial<PlanOptions> = {}): Liveness {
  const nodes = nodesOf([4], ...layers);
  return new Liveness({ nodes, inputShape: [4], capacity: CAPACITY, training: true, ...options });
}

const steps = ({ from, to }: Buffer): readonly [number, number] => [from, to];
const bytesOf = (elements: number): number => Math.ceil((CAPACITY * elements) / 16) * 64;

/** tanh's backward pass reads its output, dense's its input. */
const THREE = [w.dense(6), w.tanh(), w.dense(2)];

describe("three nodes: dense, tanh, dense", () => {
  test("in training: values are in use until the backward passes that read them", () => {
    const values = livenessOf(THREE);
    expect(steps(values.input)).toEqual([0, 6]); // read by dense 0's backward pass
    expect(values.bufferOf(0)).toBe(values.bufferOf(1)); // tanh writes over its input, which nothing reads later
    expect(steps(values.bufferOf(1))).toEqual([0, 5]); // tanh's backward pass is after dense 2's
    expect(steps(values.bufferOf(2))).toEqual([2, 7]); // read after the pass
    expect(values.buffers).toEqual([values.bufferOf(1), values.bufferOf(2)]);
    expect(values.buffers.map(({ bytes }) => bytes)).toEqual([bytesOf(6), bytesOf(2)]);
  });

  test("predict: until they are read", () => {
    const values = livenessOf(THREE, { training: false });
    expect(steps(values.input)).toEqual([0, 0]);
    expect(values.buffers.map(steps)).toEqual([
      [0, 2],
      [2, 7],
    ]);
  });

  test("separate: every value has a buffer of its own", () => {
    const values = livenessOf(THREE, { separate: true });
    expect(values.buffers.map(steps)).toEqual([
      [0, 1],
      [1, 5],
      [2, 7],
    ]);
  });

  test("with the gradient of the input: until the end, as the backward pass may be called again", () => {
    const values = livenessOf(THREE, { inputGradient: true });
    expect(steps(values.input)).toEqual([0, 7]);
    expect(values.buffers.map(steps)).toEqual([
      [0, 7],
      [2, 7],
    ]);
  });

  test("names and shapes", () => {
    const values = livenessOf(THREE);
    expect([INPUT, 0, 1, 2].map((value) => values.nameOf(value))).toEqual(["x", "Z1", "a1", "Z2"]);
    expect([INPUT, 0, 1, 2].map((value) => values.shapeOf(value))).toEqual([[4], [6], [6], [2]]);
  });
});

describe("an activation writes over its input unless something needs that", () => {
  test.each<[string, readonly w.Layer[], boolean]>([
    ["its own backward pass", [w.dense(6), w.silu(), w.dense(2)], false],
    ["the backward pass of the layer before", [w.dense(6), w.tanh(), w.softsign(), w.dense(2)], true],
    ["another layer", [w.dense(6), w.residual(w.tanh())], false],
    ["nothing", [w.dense(6), w.relu(), w.dense(2)], true],
  ])("%s", (_why, layers, over) => {
    const values = livenessOf(layers);
    expect(values.bufferOf(1) === values.bufferOf(0)).toBe(over);
    // and where two outputs that backward passes read are consecutive, the second has a buffer of its own
    if (layers.length === 4) expect(values.bufferOf(2)).not.toBe(values.bufferOf(1));
  });

  test("the model's input is never written over", () => {
    for (const training of [true, false]) {
      const values = livenessOf([w.tanh(), w.dense(2)], { training });
      expect(values.bufferOf(0)).not.toBe(values.input);
    }
  });
});

describe("layers that do nothing", () => {
  const layers = [w.dense(6), w.dropout(0.5), w.reshape([2, 3]), w.flatten(), w.dense(2)];

  test("pass on the value of the node before: reshape always, dropout outside training", () => {
    const passing = (training: boolean): boolean[] => {
      const nodes = nodesOf([4], ...layers);
      const values = new Liveness({ nodes, inputShape: [4], capacity: CAPACITY, training });
      return nodes.map((node) => values.passesOn(node));
    };
    expect(passing(true)).toEqual([false, false, true, true, false]);
    expect(passing(false)).toEqual([false, true, true, true, false]);
  });

  test("their values have the writer's buffer and name, and a shape of their own", () => {
    const values = livenessOf(layers, { training: false });
    expect([0, 1, 2, 3, 4].map((value) => values.writerOf(value))).toEqual([0, 0, 0, 0, 4]);
    for (const value of [1, 2, 3]) expect(values.bufferOf(value)).toBe(values.bufferOf(0));
    expect(values.nameOf(3)).toBe("Z1");
    expect(values.shapeOf(2)).toEqual([2, 3]);
    expect(values.buffers.map(steps)).toEqual([
      [0, 4],
      [4, 11],
    ]);
  });

  test("of the model's input alone", () => {
    const values = livenessOf([w.reshape([2, 2]), w.flatten()]);
    expect([0, 1].map((value) => values.writerOf(value))).toEqual([INPUT, INPUT]);
    expect(values.bufferOf(1)).toBe(values.input);
    expect(values.nameOf(1)).toBe("x");
    expect(values.buffers).toEqual([]);
    expect(steps(values.input)).toEqual([0, 5]);
  });
});
