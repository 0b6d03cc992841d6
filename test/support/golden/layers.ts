// Golden cases of one layer or activation: forward and backward through the public API, where it has what is wanted.
import { expect } from "vitest";
import * as w from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import type { Golden } from "../golden.ts";
import { Workbench } from "../workbench.ts";
import { activationOf, layerOf } from "./entries.ts";
import { goldenKey, inputsOf, rowsAndShape, singleEntry } from "./entry.ts";
import { isRecurrent, runRecurrent } from "./recurrents.ts";

export async function runLayer(golden: Golden): Promise<void> {
  const { op } = golden.case;
  if (isRecurrent(op)) return runRecurrent(golden);
  const own = { dropout, batch_norm: batchNorm, self_attention: attention, add, concat };
  if (Object.hasOwn(own, op)) await own[op as keyof typeof own](golden);
  else await forwardAndBackward(layerOf(singleEntry(golden)), golden);
}

export async function runActivation(golden: Golden): Promise<void> {
  await forwardAndBackward(activationOf(golden.case.op, golden.config), golden);
}

/** @param others the layer's other inputs */
async function forwardAndBackward(
  layer: w.Layer,
  golden: Golden,
  others = /^$/,
): Promise<{ model: w.Model; input: Float32Array }> {
  const [rows, shape] = rowsAndShape(golden, "input");
  const { io, x: input, names } = inputsOf(golden, "input", others);
  let model: w.Model;
  // in plans for as many rows, and in some for twice as many and one
  for (const capacity of [rows, 2 * rows + 1]) {
    model = await w.sequential({ input: names.length > 1 ? io : shape }, layer);
    const parameters = new Map(model.parameters().map((p) => [goldenKey(p.name.split(".")[1]!), p]));
    expect([...parameters.keys()].toSorted(), "the layer's parameters").toEqual(golden.names("param").toSorted());
    for (const [name, p] of parameters) p.set(golden.get(name));
    const more = Float32Array.from({ length: (capacity * input.length) / rows }, (_, i) => input[i % input.length]!);
    model.forward(more);
    model.predict(more);
    golden.compare("output", model.forward(input));
    const gradients = io.split(model.backward(Float32Array.from(golden.get("grad_output"))));
    for (const name of names) if (golden.has(`grad_${name}`)) golden.compare(`grad_${name}`, gradients[name]!);
    for (const [name, p] of parameters) golden.compare(`grad_${name}`, p.gradient());
    golden.compare("output", model.predict(input));
    expect(model.predict(input).length).toBe(rows * sizeOf(model.outputShape));
  }
  golden.finish("attention_weights"); // those of attention are compared below
  return { model: model!, input };
}

/** Attention, and the probabilities that its forward kernel keeps. */
async function attention(golden: Golden): Promise<void> {
  const others = golden.has("key_mask") ? ["key_mask"] : [];
  const layer = layerOf(singleEntry(golden, others));
  const { model, input } = await forwardAndBackward(layer, golden, /^key_mask$/);
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const target = new Float32Array(golden.get("output").length);
  const { step, rows } = trainer.trainerState.load("trace", input, target, undefined, "test");
  step.program.run(step.manual, rows);
  const { words } = step.records.find((r) => r.kernel === "attentionForward")!;
  const probabilities = words[33]!; // as assembly/nn/layers/attention.ts has it
  golden.compare("attention_weights", model.core.arena.read(probabilities, golden.get("attention_weights").length));
  golden.finish();
}

/** Our names of batch normalisation's parameters and state, and the golden set's. */
const BATCH_NORM = { gamma: "gamma", beta: "beta", runningMean: "running_mean", runningVariance: "running_var" };

/**
 * Batch normalisation, the running statistics given. Outside training no gradients of the parameters are to be had through the
 * public API, so the kernels are run alone as well.
 */
async function batchNorm(golden: Golden): Promise<void> {
  const training = golden.config.flag("training");
  const layer = layerOf(singleEntry(golden));
  const [rows, shape] = rowsAndShape(golden, "input");
  const [x, dy] = ["input", "grad_output"].map((name) => Float32Array.from(golden.get(name)));
  const model = await w.sequential({ input: shape }, layer);
  const parameters = new Map(model.parameters().map((p) => [p.name.split(".")[1]!, p]));
  for (const [name, theirs] of Object.entries(BATCH_NORM)) parameters.get(name)!.set(golden.get(theirs));
  golden.compare("output", training ? model.forward(x!) : model.predict(x!));
  if (training) {
    golden.compare("grad_input", model.backward(dy!));
    for (const name of ["gamma", "beta"]) golden.compare(`grad_${name}`, parameters.get(name)!.gradient());
    golden.compare("new_running_mean", parameters.get("runningMean")!.get());
    golden.compare("new_running_var", parameters.get("runningVariance")!.get());
  } else {
    const bench = await Workbench.create();
    await layer.load!(bench.core);
    const place = (names: readonly string[], values: (name: string) => ArrayLike<number>): Record<string, number> =>
      Object.fromEntries(names.map((name) => [name, bench.floats(values(name))]));
    const placed = place(Object.keys(BATCH_NORM), (name) => parameters.get(name)!.get());
    const gradients = place(["gamma", "beta"], () => new Float32Array(shape.at(-1)!));
    const at = { x: bench.floats(x!), y: bench.room(x!.length), dx: bench.room(x!.length), dy: bench.floats(dy!) };
    const context = bench.context(rows, { parameters: placed, gradients, training: false });
    const args = { ...at, ...layer.args!(context, shape, shape) };
    for (const kernel of ["batchNormForward", "batchNormBackward"] as const)
      bench.run(kernel, { perRow: sizeOf(shape), rows }, args);
    golden.compare("grad_input", bench.read(at.dx, x!.length));
    for (const [name, address] of Object.entries(gradients))
      golden.compare(`grad_${name}`, bench.read(address, shape.at(-1)!));
  }
  golden.finish("new_running_var_biased"); // ours is the unbiased one
}

const add = (golden: Golden): Promise<void> => merge(w.add, golden);

function concat(golden: Golden): Promise<void> {
  const axis = golden.config.number("axis");
  if (axis === 0) throw new Error(`${golden.config.where}.axis: rows can't be joined, got 0`);
  return merge((branches) => w.concat(branches, { axis: axis > 0 ? axis - 1 : axis }), golden);
}

/** What makes one value of several: each is an input of the model. */
async function merge(
  layer: (branches: readonly (w.Layer | readonly w.Layer[])[]) => w.Layer,
  golden: Golden,
): Promise<void> {
  const number = (name: string): number => Number(name.replace("input_", ""));
  const names = golden.names("input").toSorted((a, b) => number(a) - number(b));
  const io = w.inputs(Object.fromEntries(names.map((name) => [name, rowsAndShape(golden, name)[1]])));
  const [, ...others] = names;
  const model = await w.sequential({ input: io }, layer([[], ...others.map((name) => w.from(name))]));
  const x = io.join(Object.fromEntries(names.map((name) => [name, Float32Array.from(golden.get(name))])));
  golden.compare("output", model.forward(x));
  const gradients = io.split(model.backward(Float32Array.from(golden.get("grad_output"))));
  for (const name of names) golden.compare(`grad_${name}`, gradients[name]!);
  golden.compare("output", model.predict(x));
  golden.finish();
}

/** Dropout with the mask that the case gives: its two records, without the one that makes a mask. */
async function dropout(golden: Golden): Promise<void> {
  const [rows, shape] = rowsAndShape(golden, "input");
  const model = await w.sequential({ input: shape }, layerOf(singleEntry(golden)), w.reshape(shape));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const x = Float32Array.from(golden.get("input"));
  // "check": with the gradient of x
  const { step } = trainer.trainerState.load("check", x, new Float32Array(x.length), undefined, "test");
  const { program, graph } = step;
  const { arena } = model.core;
  const record = (role: string) => step.records.find((r) => r.kernel === `dropout${role}`)!;
  const run = ({ address, end }: { address: number; end: number }): unknown =>
    program.run({ first: address, last: end }, rows);
  const forward = record("Forward");
  arena.u8.set(golden.get("mask"), forward.words[MASK_SLOT]!);
  run(forward);
  golden.compare("output", arena.read(graph.output.address, x.length));
  arena.write(graph.outputGradient, Float32Array.from(golden.get("grad_output")));
  run(record("Backward"));
  golden.compare("grad_input", arena.read(graph.inputGradient, x.length));
  golden.finish();
  // and outside training it changes nothing
  expect(model.predict(x)).toEqual(x);
}

/** The slot of assembly/nn/layers/dropout.ts. */
export const MASK_SLOT = 4;
