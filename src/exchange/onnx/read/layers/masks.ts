// Masks before a softmax: numbers that are added, or put in the place of others, so that what they cover counts nothing.
import { positionalEmbedding } from "../../../../nn/layers/positionalEmbedding.ts";
import { gathered } from "../fold/numbers.ts";
import type { Constant, WorkNode } from "../workGraph.ts";
import { sizesOf } from "./atoms.ts";
import { type Builder, layerOf } from "./builder.ts";
import { affine, besides, learnedNumbers, withConstant } from "./constants.ts";
import type { Family } from "./family.ts";
import { inputMask } from "./inputMasks.ts";
import { product } from "./pairs.ts";
import { asItLies } from "./steps.ts";
import type { View } from "./types.ts";

/** What is so small counts nothing in a softmax. */
const NOTHING = -1e4;

/** What masked numbers become, as weights must be finite. */
export const MASKED = -1e9;

/** Is a constant a mask to be added: 0 for what counts, and numbers far below for what doesn't? */
export function isMask({ graph }: Builder, name: string): boolean {
  const { data } = graph.constants.get(name)!;
  return (
    data.length > 1 && data.some((value) => value <= NOTHING) && data.every((value) => value === 0 || value <= NOTHING)
  );
}

/** Adds a mask that is a constant. */
export function addMask(builder: Builder, node: WorkNode, x: View, name: string): View {
  const steps = besides(builder, node, x, name);
  if (!steps) throw builder.error(node, `its mask "${name}" has axes that [${builder.shapeText(x)}] hasn't`);
  const constant: Constant = { ...builder.graph.constants.get(name)!, type: "float" };
  const { data } = gathered(
    constant,
    sizesOf(x.stored),
    x.stored.map((each) => steps.get(each) ?? 0),
  );
  const weight = Float32Array.from(data, (value) => Math.max(value, MASKED));
  const ref = builder.add({
    node,
    kind: "mask",
    uses: [asItLies(x)],
    make: layerOf((called) => positionalEmbedding({ name: called }), { weight }),
    frozen: true,
  });
  ref.step!.mask = { view: x, weight };
  return { ...x, ref };
}

/** A choice by a condition that is a constant. */
function where(builder: Builder, node: WorkNode): void {
  const { graph } = builder;
  const [name, a, b] = node.inputs as [string, string, string];
  const condition = graph.constants.get(name);
  if (!condition) {
    builder.set(node, inputMask(builder, node, NOTHING) ?? maskedByInput(builder, node));
    return;
  }
  const views = [a, b].map((each) => builder.views.get(each));
  const put = (data: Constant["data"], change: (holds: boolean) => number): string =>
    graph.addConstant({
      type: "float",
      shape: condition.shape,
      data: Float32Array.from(data, (value) => change(value !== 0)),
    });
  const masksFirst = !views[0];
  const x = masksFirst ? views[1] : views[0];
  if (!x) throw builder.error(node, "one of what it chooses from must depend on the model's input");
  const otherName = masksFirst ? a : b;
  const value = graph.scalar(otherName);
  const isLast = node.outputs.every((output) =>
    graph.consumers(output).every(({ operator }) => operator === "Softmax"),
  );
  if (value !== undefined && value <= NOTHING && isLast && condition.data.length > 1) {
    const mask = put(condition.data, (holds) => (holds === masksFirst ? MASKED : 0));
    if (graph.rowDependent.has(name)) graph.rowDependent.add(mask);
    builder.set(node, addMask(builder, node, x, mask));
    return;
  }
  // each times 1 where it is taken, and 0 elsewhere
  const parts = views.map((view, i): View => {
    const taken = put(condition.data, (holds) => Number(holds === (i === 0)));
    const own = view ?? constantView(builder, node, i === 0 ? a : b);
    const result = withConstant(builder, node, own, taken, "multiply");
    if (!result) {
      const { shape, data } = graph.constants.get(taken)!;
      const flags = learnedNumbers(
        builder,
        node,
        Float32Array.from(data),
        shape.map((n) => (n === 1 ? [] : [{ size: n }])),
        undefined,
        true,
      );
      return product(builder, node, "multiply", own, flags);
    }
    result.ref.step!.frozen = true;
    return result;
  });
  builder.set(node, product(builder, node, "add", parts[0]!, parts[1]!));
}

/** Scores before a softmax, left out where an input of 0 and 1 says so. */
function maskedByInput(builder: Builder, node: WorkNode): View {
  const { graph } = builder;
  const [, a, b] = node.inputs as [string, string, string];
  const masksFirst = builder.views.has(b);
  const value = graph.scalar(masksFirst ? a : b);
  const isLast = node.outputs.every((output) =>
    graph.consumers(output).every(({ operator }) => operator === "Softmax"),
  );
  const scores = builder.views.get(masksFirst ? b : a);
  if (!isLast || !scores || value === undefined || value > NOTHING) {
    throw builder.error(
      node,
      "its condition must be a constant, or a mask that puts numbers below -10000 before a Softmax: other choices that depend on the input have no layer",
    );
  }
  const flags = builder.input(node, 0);
  const covered = masksFirst ? flags : affine(builder, node, flags, -1, 1);
  return product(builder, node, "subtract", scores, affine(builder, node, covered, -MASKED, 0));
}

/** Not of an input of 0 and 1. */
function not(builder: Builder, node: WorkNode): void {
  builder.set(node, affine(builder, node, builder.input(node, 0), -1, 1));
}

/** Both of two conditions, in front of choices alone: these look at what it takes. */
function and(builder: Builder, node: WorkNode): void {
  const { graph } = builder;
  const value = node.outputs[0]!;
  const chooses = graph
    .consumers(value)
    .every(({ operator, inputs }) => operator === "And" || (operator === "Where" && inputs[0] === value));
  if (chooses && !graph.isOutput(value)) return;
  throw builder.error(node, "of conditions, only masks in an attention have a layer");
}

function constantView(builder: Builder, node: WorkNode, name: string): View {
  const { shape } = builder.graph.constants.get(name)!;
  return learnedNumbers(
    builder,
    node,
    builder.numbers(node, name),
    shape.map((n) => (n === 1 ? [] : [{ size: n }])),
    undefined,
    true,
  );
}

/** By operator. */
export const MASKS: Family = { Where: where, Not: not, And: and };
