// Which nodes compute gradients, and where: dy, dx, and the parts that several readers of a value give.
import { describe, expect, test } from "vitest";
import { type GradientPlan, planGradients } from "../../src/graph/gradients.ts";
import { Liveness, type PlanOptions } from "../../src/graph/liveness.ts";
import type { Buffer } from "../../src/graph/memoryPlanner.ts";
import * as w from "../../src/index.ts";
import { nodesOf } from "../support/graphs.ts";

function gradientsOf(layers: readonly w.Layer[], more: Partial<PlanOptions> = {}): GradientPlan {
  const options = { nodes: nodesOf([4], ...layers), inputShape: [4], capacity: 1, training: true, ...more };
  return planGradients(new Liveness(options), options);
}

const steps = ({ from, to }: Buffer): readonly [number, number] => [from, to];
/** Numbers of the nodes that compute gradients. */
const computing = ({ nodes }: GradientPlan): number[] => Array.from(nodes, (node, i) => (node ? [i] : [])).flat();

describe("consecutive layers: dense, tanh, dense", () => {
  const THREE = [w.dense(6), w.tanh(), w.dense(2)];

  test("each gradient is in use from the node that gives it to the node that takes it", () => {
    const { nodes, output, input } = gradientsOf(THREE);
    expect(nodes[2]!.dy).toBe(output);
    expect(steps(output)).toEqual([3, 4]);
    expect(nodes[1]!.dy).toBe(nodes[2]!.dx);
    expect(nodes[1]!.dx).toBe(nodes[1]!.dy); // an activation writes over it
    expect(nodes[0]!.dy).toBe(nodes[1]!.dx);
    expect(steps(nodes[0]!.dy)).toEqual([4, 6]);
    expect(nodes[0]!.dx).toBeUndefined(); // nothing needs the gradient of x
    expect(input).toBeUndefined();
  });

  test("separate: an activation's dx has a buffer of its own", () => {
    const { nodes } = gradientsOf(THREE, { separate: true });
    expect(steps(nodes[1]!.dy)).toEqual([4, 5]);
    expect(steps(nodes[1]!.dx!)).toEqual([5, 6]);
  });

  test("with the gradient of the input", () => {
    const { nodes, input } = gradientsOf(THREE, { inputGradient: true });
    expect(input!.dx).toBe(nodes[0]!.dx);
    expect(input!.parts).toEqual([nodes[0]!.dx]);
    expect(steps(input!.dx!)).toEqual([6, 7]); // read after the pass
  });
});

describe("no gradients are computed", () => {
  const frozenFirst = [w.dense(6, { trainable: false }), w.tanh(), w.dense(2)];

  test("before the first layer with a trained parameter", () => {
    const plan = gradientsOf(frozenFirst);
    expect(computing(plan)).toEqual([2]);
    expect(plan.nodes[2]!.dx).toBeUndefined();
  });

  test("unless that of the input is requested", () => {
    expect(computing(gradientsOf(frozenFirst, { inputGradient: true }))).toEqual([0, 1, 2]);
  });

  test("where nothing is trained", () => {
    const plan = gradientsOf([w.dense(6, { trainable: false }), w.tanh()]);
    expect(computing(plan)).toEqual([]);
  });

  test("by layers that only pass their input on", () => {
    const plan = gradientsOf([w.dense(6), w.reshape([3, 2]), w.flatten(), w.dense(2)]);
    expect(computing(plan)).toEqual([0, 3]);
    expect(plan.nodes[0]!.dy).toBe(plan.nodes[3]!.dx);
  });

  test("for an input that nothing depends on", () => {
    const { input, nodes } = gradientsOf([w.embedding(9, 2), w.flatten(), w.dense(1)], { inputGradient: true });
    expect(computing({ nodes } as GradientPlan)).toEqual([0, 2]);
    expect(input!.dx).toBe(nodes[0]!.dx);
  });
});

describe("a value with several readers", () => {
  // nodes: 0 dense, 1 dense, 2 dense, 3 the sum
  const branches = [w.dense(4), w.add([w.dense(3), w.dense(3)])];

  test("each reader gives a part, and they are summed into the first", () => {
    const { nodes, output } = gradientsOf(branches);
    expect(computing({ nodes } as GradientPlan)).toEqual([0, 1, 2, 3]);
    const { parts, dy } = nodes[0]!;
    expect(parts).toEqual([nodes[2]!.dx, nodes[1]!.dx]); // the last reader first
    expect(parts[0]).not.toBe(parts[1]);
    expect(dy).toBe(parts[0]);
    for (const part of parts) expect(part.to).toBe(8); // until the backward pass of node 0
    // the sum gives its own gradient to both
    for (const i of [1, 2, 3]) expect(nodes[i]!.dy).toBe(output);
    expect(output.shared).toBe(true);
    expect(steps(output)).toEqual([4, 7]);
  });

  test("a gradient that belongs to several values isn't summed into", () => {
    // x + tanh(x): one part of the gradient of x is that of the sum itself
    const { nodes, output } = gradientsOf([w.dense(4), w.residual(w.tanh())]);
    expect(nodes[1]!.dy).toBe(output);
    expect(nodes[1]!.dx).not.toBe(output); // an activation doesn't write over it either
    expect(nodes[0]!.parts).toContain(output);
    expect(nodes[0]!.parts).toContain(nodes[1]!.dx);
    expect(nodes[0]!.parts).not.toContain(nodes[0]!.dy);
    // the same where the sum's gradient isn't that of the output
    const inside = gradientsOf([w.dense(4), w.residual(w.tanh()), w.dense(1)]);
    expect(inside.nodes[0]!.parts).toEqual([inside.nodes[2]!.dy, inside.nodes[1]!.dx]);
    expect(inside.nodes[0]!.parts).not.toContain(inside.nodes[0]!.dy);
  });

  test("separate: the sum has a buffer of its own", () => {
    const { nodes, output } = gradientsOf(branches, { separate: true });
    expect(nodes[0]!.parts).toHaveLength(2);
    expect(nodes[0]!.parts).not.toContain(nodes[0]!.dy);
    expect(new Set([1, 2].map((i) => nodes[i]!.dy)).has(output)).toBe(false);
  });

  test("of the model's input", () => {
    const { input, nodes } = gradientsOf([w.add([w.dense(3), w.dense(3)])], { inputGradient: true });
    expect(input!.parts).toEqual([nodes[1]!.dx, nodes[0]!.dx]);
    expect(input!.dx).toBe(input!.parts[0]);
    for (const part of input!.parts) expect(part.to).toBe(7);
  });
});

test("a slot without a gradient, such as lengths, gets none", () => {
  const options = {
    nodes: nodesOf([8], w.inputs({ x: [7, 1], lengths: 1 }).entry, w.gru(3, { lengths: "lengths" })),
    inputShape: [8],
    capacity: 1,
    training: true,
    inputGradient: true,
  };
  const { nodes } = planGradients(new Liveness(options), options);
  const gru = nodes.at(-1)!;
  expect(Object.keys(gru.others)).toEqual(["lengths"]);
  expect(gru.others["lengths"]).toBeUndefined();
  expect(gru.dx).toBeDefined();
});
