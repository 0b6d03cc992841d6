// Where parameters are in memory: trained ones first, in one contiguous block.
import { describe, expect, test } from "vitest";
import { buildGraph } from "../../src/graph/graph.ts";
import { placeParameters } from "../../src/graph/placeParameters.ts";
import * as w from "../../src/index.ts";
import type { Shape } from "../../src/util/shape.ts";
import { newWorkspace } from "../support/graphs.ts";

const placed = (inputShape: Shape, ...layers: readonly w.Layer[]) =>
  placeParameters(buildGraph(inputShape, layers), newWorkspace());

test("one after another in the order of the layers, each a multiple of 16 bytes", () => {
  const { nodes, run } = placed([5], w.dense(3), w.relu(), w.dense(1));
  const all = nodes.flatMap(({ parameters }) => parameters);
  expect(all.map(({ name }) => name)).toEqual(["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"]);
  expect(all.map(({ local }) => local)).toEqual(["weight", "bias", "weight", "bias"]);
  expect(all.map(({ size }) => size)).toEqual([15, 3, 3, 1]);
  expect(all.map(({ address }) => address - run.address)).toEqual([0, 64, 80, 96]);
  expect([run.bytes, run.ranges[0]!.bytes]).toEqual([112, 112]);
  expect(run.parameters).toEqual(all);
});

test("those that aren't trained are stored after the block: what layers keep as state, then frozen ones", () => {
  const { nodes, run } = placed([4], w.dense(4, { trainable: false }), w.batchNorm(), w.dense(2));
  const all = nodes.flatMap(({ parameters }) => parameters);
  const byAddress = all.toSorted((a, b) => a.address - b.address);
  expect(byAddress.map(({ name }) => name)).toEqual([
    "batchNorm1.gamma",
    "batchNorm1.beta",
    "dense2.weight",
    "dense2.bias",
    "batchNorm1.runningMean",
    "batchNorm1.runningVariance",
    "dense1.weight",
    "dense1.bias",
  ]);
  expect(byAddress.map(({ trained }) => trained)).toEqual([true, true, true, true, false, false, false, false]);
  expect(run.address).toBe(byAddress[0]!.address);
  expect(run.address + run.bytes).toBe(byAddress[4]!.address);
  expect(run.state).toEqual({ address: byAddress[4]!.address, bytes: 16 + 16 });
  expect(run.ranges[0]!.bytes - run.bytes).toBe(64 + 16 + 16 + 16);
  // the list is in the order of the layers
  expect(run.parameters).toEqual(all.filter(({ trained }) => trained));
});

test("all are in the memory that was allocated, and it is zero", () => {
  const workspace = newWorkspace();
  const before = workspace.arena.used;
  const { run } = placeParameters(buildGraph([5], [w.dense(3), w.batchNorm()]), workspace);
  expect(workspace.arena.used - before).toBe(Math.ceil(run.ranges[0]!.bytes / 64) * 64);
  expect([...workspace.arena.read(run.address, run.ranges[0]!.bytes / 4)].every((value) => value === 0)).toBe(true);
});

describe("parameters of several nodes", () => {
  test("a shared layer's are allocated once, and both nodes say so", () => {
    const layer = w.shared(w.dense(4));
    const { nodes, run } = placed([4], layer, w.tanh(), layer, w.dense(1));
    const [first, , second, last] = nodes;
    expect(second!.parameters).toEqual(first!.parameters);
    expect(nodes.map(({ shares }) => shares)).toEqual([true, false, true, false]);
    expect(run.parameters).toEqual([...first!.parameters, ...last!.parameters]);
  });

  test("a tied weight has the owner's address and name, and within its layer the name that this knows", () => {
    const borrower: w.Layer = {
      type: "borrower",
      options: {},
      outputShape: (input) => input,
      parameters: () => [
        { name: "borrowed", shape: [6, 3], initializer: w.zeros(), tied: ["words", "weight"] },
        { name: "bias", shape: [6], initializer: w.zeros() },
      ],
    };
    const { nodes } = placed([2], w.embedding(6, 3, { name: "words" }), borrower, w.dense(1));
    const [table] = nodes[0]!.parameters;
    const [weight, bias] = nodes[1]!.parameters;
    expect(table).toMatchObject({ name: "words.weight", local: "weight" });
    expect(weight).toEqual({ ...table, local: "borrowed" });
    expect(bias!.name).toBe("borrower1.bias");
    expect(nodes.map(({ shares }) => shares)).toEqual([true, true, false]);
  });
});

test("a constraint's arguments have the parameter's address", () => {
  const { nodes } = placed([3], w.dense(2, { kernelConstraint: w.nonNeg() }));
  const [weight, bias] = nodes[0]!.parameters;
  expect(weight!.constraint!.kernel).toBe("nonNegConstraint");
  expect(weight!.constraint!.args["p"]).toBe(weight!.address);
  expect(bias!.constraint).toBeUndefined();
});
