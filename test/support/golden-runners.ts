// How a golden case of each kind is run through the library.
import { expect } from "vitest";
import * as abi from "../../build/abi.js";
import { Workspace } from "../../src/runtime/arena.ts";
import * as w from "../../src/index.ts";
import { createCore } from "../../src/runtime/core.ts";
import type { Clamp } from "../../src/nn/losses/binaryCrossEntropy.ts";
import { RecordList } from "../../src/runtime/program.ts";
import { sizeOf } from "../../src/util/shape.ts";
import type { TrainingProgram } from "../../src/training/trainingProgram.ts";
import { type Config, Golden, type GoldenCase } from "./golden.ts";
import { Parameters } from "./update.ts";
import { Workbench } from "./workbench.ts";
import { ControlBlock } from "./controlBlock.ts";

type Run = (entry: GoldenCase) => Promise<void>;
type Options = Record<string, unknown>;

/** A golden activation or layer of ours by its golden name. */
const ACTIVATIONS: Readonly<Record<string, (config: Config) => w.Layer>> = {
  sigmoid: () => w.sigmoid(),
  tanh: () => w.tanh(),
  relu: () => w.relu(),
  leaky_relu: (c) => w.leakyRelu({ slope: c["negative_slope"] as number }),
  elu: (c) => w.elu({ alpha: c["alpha"] as number }),
  gelu: (c) => w.gelu({ approximate: (c["approximate"] ?? "none") as "none" | "tanh" }),
  silu: () => w.silu(),
  softplus: () => w.softplus(),
  hard_sigmoid: (c) => w.hardSigmoid({ slope: c["variant"] === "0.2x+0.5" ? 0.2 : 1 / 6 }),
  softmax: () => w.softmax(),
  log_softmax: () => w.logSoftmax(),
};

const LAYERS: Readonly<Record<string, (config: Config, golden: Golden) => w.Layer>> = {
  dense: (c, g) => w.dense(g.shape("weight")[1]!, { useBias: c["use_bias"] as boolean }),
  embedding: (c) => w.embedding(c["vocab_size"] as number, c["dim"] as number),
  flatten: () => w.flatten(),
  max_pool2d: (c) => w.maxPool2d(pool(c)),
  avg_pool2d: (c) => w.avgPool2d(pool(c)),
  global_avg_pool2d: () => w.globalAvgPool2d(),
  global_avg_pool1d: () => w.globalAvgPool1d(),
  layer_norm: (c) => w.layerNorm({ epsilon: c["eps"] as number }),
  upsample2d: (c) => w.upsample2d(c["factor"] as number),
  conv2d: (c) => w.conv2d({ filters: c["filters"] as number, groups: groupsOf(c), ...convolution(c) }),
  conv1d: (c) => w.conv1d({ filters: c["filters"] as number, groups: groupsOf(c), ...convolution<number>(c) }),
  depthwise_conv2d: (c) => w.depthwiseConv2d({ depthMultiplier: c["depth_multiplier"] as number, ...convolution(c) }),
  conv2d_transpose: (c) => {
    const { dilation: _none, ...options } = convolution(c);
    return w.conv2dTranspose({ filters: c["filters"] as number, ...options });
  },
};

function attentionOf(c: Config): w.Layer {
  const mask = c["key_mask"] === true ? { keyMask: "mask" } : {};
  return w.selfAttention({ heads: c["num_heads"] as number, causal: c["causal"] as boolean, ...mask });
}

/** `weight_q` is called weightQ here. */
const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const convolution = <Size = [number, number]>(c: Config) => ({
  kernelSize: c["kernel_size"] as Size,
  strides: c["stride"] as Size,
  padding: c["padding"] as "valid" | "same",
  dilation: (c["dilation"] ?? 1) as Size,
  useBias: c["use_bias"] !== false,
});

const groupsOf = (c: Config): number => (c["groups"] ?? 1) as number;

const pool = (c: Config) => ({
  size: c["pool_size"] as [number, number],
  strides: c["stride"] as [number, number],
  padding: c["padding"] as "valid" | "same",
});

/** Numbers in one line are rows of one number each. */
function rowsAndShape(golden: Golden, name: string): [number, number[]] {
  const [rows, ...shape] = golden.shape(name);
  return [rows!, shape.length === 0 ? [1] : shape];
}

/**
 * Forward and backward of one layer through the public API.
 * @param others names of other inputs, and the case's tensors for them
 */
async function runLayer(
  layer: w.Layer,
  golden: Golden,
  others: Readonly<Record<string, string>> = {},
): Promise<{ model: w.Model; input: Float32Array }> {
  const [rows, shape] = rowsAndShape(golden, "input");
  const all = Object.entries({ x: "input", ...others });
  const given = w.inputs(Object.fromEntries(all.map(([name, tensor]) => [name, rowsAndShape(golden, tensor)[1]])));
  const numbers = all.map(([name, tensor]) => [name, Float32Array.from(golden.get(tensor))] as const);
  const input = given.join(Object.fromEntries(numbers));
  let model: w.Model;
  // in plans for as many rows, and in some for twice as many and one
  for (const capacity of [rows, 2 * rows + 1]) {
    model = await w.sequential({ input: all.length > 1 ? given : shape }, layer);
    const parameters = new Map(model.parameters().map((p) => [p.name.split(".")[1]!, p]));
    for (const name of golden.names("param")) parameters.get(camelCase(name))!.set(golden.get(name));
    const more = Float32Array.from({ length: (capacity * input.length) / rows }, (_, i) => input[i % input.length]!);
    model.forward(more);
    model.predict(more);
    golden.compare("output", model.forward(input));
    const gradients = given.split(model.backward(golden.get("grad_output") as Float32Array));
    for (const [name, tensor] of all)
      if (golden.has(`grad_${tensor}`)) golden.compare(`grad_${tensor}`, gradients[name]!);
    for (const name of golden.names("param"))
      golden.compare(`grad_${name}`, parameters.get(camelCase(name))!.gradient());
    golden.compare("output", model.predict(input));
    expect(model.predict(input).length).toBe(rows * sizeOf(model.outputShape));
  }
  golden.expectAllCompared("output", "grad_input", "grad_param");
  return { model: model!, input };
}

/** Attention, and the probabilities that its forward kernel keeps. */
async function runAttention(golden: Golden): Promise<void> {
  const masks: Record<string, string> = golden.has("key_mask") ? { mask: "key_mask" } : {};
  const { model, input } = await runLayer(attentionOf(golden.case.config), golden, masks);
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const target = new Float32Array(golden.get("output").length);
  const { step, rows } = trainer.trainerState.load("trace", input, target, undefined, "test");
  step.program.run(step.manual, rows);
  const { words } = step.records.find((r) => r.kernel === "attentionForward")!;
  const probabilities = words[33]!; // as assembly/nn/layers/attention.ts has it
  golden.compare("attention_weights", model.core.arena.read(probabilities, golden.get("attention_weights").length));
  golden.expectAllCompared("aux_output");
}

/** Our names of batch normalisation's parameters and state, and the golden set's. */
const BATCH_NORM = { gamma: "gamma", beta: "beta", runningMean: "running_mean", runningVariance: "running_var" };

/**
 * Batch normalisation, the running statistics given. Outside training no gradients of the parameters are to be had through the
 * public API, so the kernels are run alone as well.
 */
async function runBatchNorm(golden: Golden): Promise<void> {
  const { training, momentum, eps } = golden.case.config as { training: boolean; momentum: number; eps: number };
  const layer = w.batchNorm({ momentum, epsilon: eps });
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
  golden.expectAllCompared("output", "grad_input", "grad_param");
}

const RECURRENT = { simple_rnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;

/** A recurrent layer of a case, with its other inputs. */
function recurrentOf(golden: Golden, returnSequences: boolean): w.Layer {
  const entry = golden.case;
  const units = entry.config["units"] as number;
  const names = { lengths: "lengths", initialState: "h0", initialCell: "c0" };
  const others = Object.fromEntries(Object.entries(names).filter(([, name]) => golden.has(name)));
  if (entry.op === "bidirectional_lstm") return w.bidirectional(w.lstm({ units, returnSequences, ...others }));
  return RECURRENT[entry.op as keyof typeof RECURRENT]({ units, returnSequences, ...others });
}

/** The case's name of a parameter: lstm1.weightIh is weight_ih, lstm2.weightIh bwd_weight_ih. */
function recurrentName(golden: Golden, name: string): string {
  const [layer, local] = name.split(".") as [string, string];
  const theirs = local.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (golden.case.op !== "bidirectional_lstm") return theirs;
  return `${layer === "lstm1" ? "fwd" : "bwd"}_${theirs}`;
}

/** A recurrent layer with its initial states and lengths, and its auxiliary outputs. */
async function runRecurrent(golden: Golden): Promise<void> {
  const returnSequences = golden.case.config["return_sequences"] as boolean;
  const [rows, steps] = golden.shape("input") as [number, number];
  const units = golden.case.config["units"] as number;
  const names = ["input", "lengths", "h0", "c0"].filter((name) => golden.has(name));
  const io = w.inputs(Object.fromEntries(names.map((name) => [name, rowsAndShape(golden, name)[1]])));
  const x = io.join(Object.fromEntries(names.map((name) => [name, Float32Array.from(golden.get(name))])));
  const make = async (all: boolean): Promise<w.Model> => {
    const model = await w.sequential({ input: io }, recurrentOf(golden, all));
    for (const p of model.parameters()) p.set(golden.get(recurrentName(golden, p.name)));
    return model;
  };
  const model = await make(returnSequences);
  golden.compare("output", model.forward(x));
  const gradients = io.split(model.backward(golden.get("grad_output") as Float32Array));
  for (const name of names) if (name !== "lengths") golden.compare(`grad_${name}`, gradients[name]!);
  for (const p of model.parameters()) golden.compare(`grad_${recurrentName(golden, p.name)}`, p.gradient());
  golden.compare("output", model.predict(x));

  const other = await make(!returnSequences);
  golden.compare(returnSequences ? "h_last" : "sequence", other.predict(x));
  if (golden.has("c_last")) {
    // where the kernels keep the cells: after the last step
    const zeros = new Float32Array(rows * sizeOf(model.outputShape));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const { step } = trainer.trainerState.load("trace", x, zeros, undefined, "test");
    step.program.run(step.manual, rows);
    const ends = step.records
      .filter((r) => r.kernel === "lstmForward")
      .map((r) => model.core.arena.read(r.words[CELLS]! + 4 * steps * rows * units, rows * units));
    const joined = Array.from({ length: rows }, (_, r) =>
      ends.flatMap((c) => Array.from(c.slice(r * units, (r + 1) * units))),
    );
    golden.compare("c_last", joined.flat());
  }
  golden.expectAllCompared("output", "grad_input", "grad_param", "aux_output");
}

/** The slot of assembly/nn/layers/lstm.ts. */
const CELLS = 30;

/** What makes one value of several: each is an input of the model. */
async function runMerge(
  merge: (branches: readonly (w.Layer | readonly w.Layer[])[]) => w.Layer,
  golden: Golden,
): Promise<void> {
  const names = golden.names("input");
  const given = w.inputs(Object.fromEntries(names.map((name) => [name, golden.shape(name).slice(1)])));
  const [, ...others] = names;
  const model = await w.sequential({ input: given }, merge([[], ...others.map((name) => w.from(name))]));
  const x = given.join(Object.fromEntries(names.map((name) => [name, golden.get(name) as Float32Array])));
  golden.compare("output", model.forward(x));
  const gradients = given.split(model.backward(golden.get("grad_output") as Float32Array));
  for (const name of names) golden.compare(`grad_${name}`, gradients[name]!);
  golden.compare("output", model.predict(x));
  golden.expectAllCompared("output", "grad_input");
}

/** Dropout with the mask that the case gives: the kernels without the one that makes the mask. */
async function runDropout(golden: Golden): Promise<void> {
  const [rows, ...shape] = golden.shape("input");
  const rate = golden.case.config["rate"] as number;
  const model = await w.sequential({ input: shape }, w.dropout(rate), w.reshape(shape));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const zeros = new Float32Array(rows! * sizeOf(shape));
  const { step } = trainer.trainerState.load("trace", golden.get("input") as Float32Array, zeros, undefined, "test");
  const { arena } = model.core;
  const forward = step.records.find((r) => r.kernel === "dropoutForward")!;
  const [x, y, , , mask] = forward.words;
  const { program } = step;
  arena.u8.set(golden.get("mask"), mask!);
  program.run({ first: forward.address, last: forward.end }, rows!);
  golden.compare("output", arena.read(y!, zeros.length));
  expect(x).toBe(step.graph.input.address);
  // the backward kernel reads dy and writes dx: the same record with these two filled in
  const u32 = arena.u32;
  const at = (forward.address + abi.RECORD_ARGS) / 4;
  const dy = step.graph.outputGradient;
  arena.f32.set(golden.get("grad_output"), dy / 4);
  u32[at + 2] = x!;
  u32[at + 3] = dy;
  u32[forward.address / 4 + abi.RECORD_KERNEL / 4] = model.core.kernel("dropoutBackward");
  program.run({ first: forward.address, last: forward.end }, rows!);
  golden.compare("grad_input", arena.read(x!, zeros.length));
  golden.expectAllCompared("output", "grad_input");
}

function lossOf(config: Config, op: string, golden: Golden | undefined): w.Loss {
  const reduction = (config["reduction"] ?? "mean") as string;
  const o: Options = { reduction: reduction === "batchmean" ? "batchMean" : reduction };
  const clamp = config["clamp"] as { kind: string; low?: number; high?: number } | undefined;
  if (config["class_weights"]) o["classWeights"] = [...golden!.get("class_weight")];
  if (config["label_smoothing"] !== undefined) o["labelSmoothing"] = config["label_smoothing"];
  switch (op) {
    case "binary_cross_entropy": {
      const kinds: Record<string, Clamp> = {
        none: "none",
        log_min: "log",
        prob: { low: clamp?.low ?? 0, high: clamp?.high ?? 1 },
      };
      return w.binaryCrossEntropy({ ...o, clamp: kinds[clamp?.kind ?? "none"]! });
    }
    case "bce_with_logits":
      return w.binaryCrossEntropyWithLogits({ ...o, positiveWeight: (config["pos_weight"] ?? 1) as number });
    case "softmax_cross_entropy":
      return w.softmaxCrossEntropy(o);
    case "nll":
      return w.negativeLogLikelihood(o);
    case "mse":
      return w.meanSquaredError(o);
    case "mae":
      return w.meanAbsoluteError(o);
    case "huber":
      return w.huber({ ...o, delta: (config["delta"] ?? 1) as number });
    case "hinge":
      return w.hinge({ ...o, margin: (config["margin"] ?? 1) as number });
    case "kl_divergence":
      return w.klDivergence(o);
    default:
      throw new Error(`no loss for ${op}`);
  }
}

/** A loss at the end of a model that changes nothing. */
const runLoss: Run = async (entry) => {
  const golden = new Golden(entry);
  const [rows, shape] = rowsAndShape(golden, "input");
  const model = await w.sequential({ input: shape }, w.reshape(shape));
  const loss = lossOf(entry.config, entry.op, golden);
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
  const x = golden.get("input") as Float32Array;
  const y = golden.get("target") as Float32Array;
  const { step } = trainer.trainerState.load("trace", x, y, undefined, "test");
  const { arena } = model.core;
  step.program.run(step.manual, rows);
  golden.compare("output", [arena.f64[step.loss / 8]! / arena.f64[step.loss / 8 + 1]!]);
  golden.compare("grad_input", arena.read(step.graph.outputGradient, x.length));
  const each = step.records.find((r) => r.kernel === `${loss.type}Loss`)!.words[5]!;
  golden.compare("loss_unreduced", arena.read(each, golden.get("loss_unreduced").length));
  golden.expectAllCompared("output", "grad_input", "aux_output");
  const evaluated = await trainer.evaluate({ x, y });
  golden.compare("output", [evaluated["loss"]!]);
};

function optimizerOf(config: Config, clip: Config | undefined, l1: number): w.Optimizer {
  const o: Options = { learningRate: config["lr"], weightDecay: config["weight_decay"] ?? 0, l1 };
  if (clip?.["kind"] === "value") o["clipValue"] = clip["clip_value"];
  if (clip?.["kind"] === "global_norm") o["clipGlobalNorm"] = clip["max_norm"];
  if (clip?.["kind"] === "norm_per_tensor") o["clipNorm"] = clip["max_norm"];
  const copy = (names: Record<string, string>): Options => {
    for (const [theirs, ours] of Object.entries(names)) if (config[theirs] !== undefined) o[ours] = config[theirs];
    return o;
  };
  const betas = { beta1: "beta1", beta2: "beta2", eps: "epsilon" };
  switch (config["type"]) {
    case "sgd":
      return w.sgd(copy({ momentum: "momentum", nesterov: "nesterov" }));
    case "rmsprop":
      return w.rmsprop(copy({ rho: "rho", eps: "epsilon", momentum: "momentum", centered: "centered" }));
    case "adagrad":
      return w.adagrad(copy({ eps: "epsilon", initial_accumulator: "initialAccumulator" }));
    case "adadelta":
      return w.adadelta(copy({ rho: "rho", eps: "epsilon" }));
    case "adam":
      return w.adam({ ...copy(betas), amsgrad: Boolean(config["amsgrad"]) });
    case "amsgrad":
      return w.adam({ ...copy(betas), amsgrad: true });
    case "adamw":
      return w.adamw({ ...copy(betas), amsgrad: Boolean(config["amsgrad"]) });
    default:
      throw new Error(`no optimizer for ${String(config["type"])}`);
  }
}

const runOptimizer: Run = async (entry) => {
  const golden = new Golden(entry);
  if (entry.op.endsWith("_penalty")) return runPenalty(entry, golden);
  const config = entry.config["optimizer"] as Config;
  const optimizer = optimizerOf(
    config,
    entry.config["clip"] as Config | undefined,
    (entry.config["l1"] ?? 0) as number,
  );
  const names = golden.names("param");
  const parameters = await Parameters.create(
    names.map((name) => golden.shape(name)),
    optimizer,
  );
  names.forEach((name, i) => parameters.set(i, golden.get(name)));
  const steps = entry.config["steps"] as number;
  const seen = names.map((name) => new Float32Array(golden.get(`params_${name}`).length));
  for (let t = 0; t < steps; t++) {
    names.forEach((name, i) => {
      const size = sizeOf(golden.shape(name));
      parameters.setGradient(i, golden.get(`grads_${name}`).slice(t * size, (t + 1) * size));
    });
    expect(parameters.update()).toBe(true);
    names.forEach((_, i) => seen[i]!.set(parameters.get(i), t * parameters.get(i).length));
  }
  names.forEach((name, i) => golden.compare(`params_${name}`, seen[i]!));
  golden.expectAllCompared("expected");
};

async function runPenalty(entry: GoldenCase, golden: Golden): Promise<void> {
  const core = await createCore("test");
  const workspace = new Workspace(core.arena, "test");
  const weight = golden.get("weight");
  const p = workspace.allocate(weight.length * 4, "p");
  const g = workspace.allocate(weight.length * 4, "g");
  core.arena.f32.set(weight, p / 4);
  const regularizer = (entry.op === "l1_penalty" ? w.l1 : w.l2)(entry.config["lambda"] as number);
  const program = new ControlBlock(core, workspace);
  const records = new RecordList();
  void regularizer.load?.(core);
  const bits = new Uint32Array(Float32Array.of(regularizer.options.lambda).buffer)[0]!;
  const args = { p, g, program: program.address, lambda: bits };
  records.add(`${regularizer.regularizer}Penalty`, Math.ceil(weight.length / 4) * 4, args);
  const placed = records.place(core, workspace);
  program.run({ first: placed[0]!.address, last: placed[0]!.end }, 0);
  golden.compare("output", [program.getDouble(abi.PROGRAM_PENALTY)]);
  golden.compare("grad_weight", core.arena.read(g, weight.length));
  golden.expectAllCompared("output", "grad_param");
}

function scheduleOf(c: Config): w.Schedule {
  const n = (name: string): number => c[name] as number;
  switch (c["type"]) {
    case "step":
      return w.stepDecay({ stepSize: n("step_size"), gamma: n("gamma") });
    case "exponential":
      return w.exponentialDecay({ gamma: n("gamma") });
    case "cosine":
      return w.cosineDecay({ period: n("t_max"), minimum: n("eta_min") });
    case "cosine_warm_restarts":
      return w.cosineWarmRestarts({ period: n("t_0"), multiplier: n("t_mult"), minimum: n("eta_min") });
    case "linear_warmup":
      return w.linearWarmup({ length: n("total_iters"), start: n("start_factor"), end: n("end_factor") });
    case "one_cycle":
      return w.oneCycle({
        length: n("total_steps"),
        warmup: n("pct_start"),
        divisor: n("div_factor"),
        finalDivisor: n("final_div_factor"),
        anneal: c["anneal"] === "cos" ? "cosine" : "linear",
      });
    case "reduce_on_plateau":
      return w.reduceOnPlateau({
        mode: c["mode"] as "min" | "max",
        factor: n("factor"),
        patience: n("patience"),
        threshold: n("threshold"),
        thresholdMode: c["threshold_mode"] === "rel" ? "relative" : "absolute",
        cooldown: n("cooldown"),
        minimum: n("min_lr"),
        epsilon: n("eps"),
      });
    default:
      throw new Error(`no schedule for ${String(c["type"])}`);
  }
}

const runScheduler: Run = async (entry) => {
  const golden = new Golden(entry);
  const core = await createCore("test");
  const base = (entry.config["type"] === "one_cycle" ? entry.config["max_lr"] : entry.config["base_lr"]) as number;
  const running = scheduleOf(entry.config).start(base, core);
  const rates = Array.from({ length: entry.config["steps"] as number }, (_, t) => {
    const rate = running.rate(t);
    if (golden.has("metric")) running.observe!(golden.get("metric")[t]!);
    return rate;
  });
  golden.compare("lr", rates);
  golden.expectAllCompared("expected");
};

/** A model that changes nothing, so that a metric sees the given numbers as the model's output. */
async function measure(
  outputs: number,
  loss: w.Loss,
  metrics: readonly w.Metric[],
  x: Float32Array,
  y: ArrayLike<number>,
): Promise<w.Logs> {
  const model = await w.sequential({ input: outputs }, w.reshape([outputs]));
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics });
  return trainer.evaluate({ x, y: y as Float32Array });
}

const oneHot = (labels: ArrayLike<number>, classes: number): Float32Array => {
  const rows = new Float32Array(labels.length * classes);
  Array.from(labels).forEach((label, r) => (rows[r * classes + label] = 1));
  return rows;
};

const runMetric: Run = async (entry) => {
  const golden = new Golden(entry);
  const { op, config } = entry;
  const target = golden.get("target");
  const classes = (...of: ArrayLike<number>[]): number => 1 + Math.max(...of.flatMap((a) => Array.from(a)));
  const ce = w.softmaxCrossEntropy();
  switch (op) {
    case "accuracy": {
      const n = classes(target, golden.get("prediction"));
      const logs = await measure(n, ce, [w.accuracy()], oneHot(golden.get("prediction"), n), target);
      golden.compare("output", [logs["accuracy"]!]);
      break;
    }
    case "top_k_accuracy": {
      const k = config["k"] as number;
      const score = golden.get("score") as Float32Array;
      const logs = await measure(golden.shape("score")[1]!, ce, [w.topKAccuracy({ k })], score, target);
      golden.compare("output", [logs[`top${k}Accuracy`]!]);
      break;
    }
    case "precision_recall_f1": {
      const n = classes(target, golden.get("prediction"));
      const average = config["average"] as "binary" | "macro" | "micro";
      const metrics = [w.precision({ average }), w.recall({ average }), w.f1({ average })];
      const logs = await measure(n, ce, metrics, oneHot(golden.get("prediction"), n), target);
      for (const name of ["precision", "recall", "f1"]) golden.compare(name, [logs[name]!]);
      golden.expectAllCompared("aux_output");
      break;
    }
    case "roc_auc": {
      const score = golden.get("score") as Float32Array;
      const logs = await measure(1, w.binaryCrossEntropyWithLogits(), [w.rocAuc()], score, target);
      golden.compare("output", [logs["rocAuc"]!]);
      break;
    }
    case "confusion_matrix": {
      const n = config["num_classes"] as number;
      golden.compare("output", w.confusionMatrix(target, golden.get("prediction"), n).flat());
      break;
    }
    case "log_loss": {
      const p = golden.get("probability") as Float32Array;
      const n = golden.shape("probability")[1] ?? 1;
      const logs =
        n === 1
          ? await measure(1, w.binaryCrossEntropy(), [w.logLoss()], p, target)
          : await measure(n, ce, [w.logLoss()], p.map(Math.log), target);
      golden.compare("output", [logs["logLoss"]!]);
      break;
    }
    case "r2":
    case "mae":
    case "rmse":
    case "mse": {
      const x = golden.get("prediction") as Float32Array;
      const columns = golden.shape("prediction")[1] ?? 1;
      const logs = await measure(columns, w.meanSquaredError(), [w[op]()], x, target);
      golden.compare("output", [logs[op]!]);
      break;
    }
    default:
      throw new Error(`no metric for ${op}`);
  }
  golden.expectAllCompared("output");
};

const INITIALIZERS: Readonly<Record<string, () => w.Initializer>> = {
  glorot_uniform: w.glorotUniform,
  glorot_normal: w.glorotNormal,
  he_uniform: w.heUniform,
  he_normal: w.heNormal,
  lecun_uniform: w.lecunUniform,
  lecun_normal: w.lecunNormal,
};

/** Values for a shape. */
async function initialValues(initializer: w.Initializer, shape: readonly number[]): Promise<Float32Array> {
  const core = await createCore("test");
  const address = core.arena.allocate(Math.ceil(sizeOf(shape) / 16) * 64, "test", "values").address;
  initializer.fill({ core, shape, address, seed: 7, index: 0 });
  return core.arena.read(address, sizeOf(shape));
}

const runInit: Run = async (entry) => {
  const golden = new Golden(entry);
  const shapes = entry.config["shapes"] as number[][];
  if (entry.op === "orthogonal") {
    const gain = entry.config["gain"] as number;
    for (const [i, shape] of shapes.entries()) {
      const values = await initialValues(w.orthogonal({ gain }), shape);
      const columns = shape.at(-1)!;
      const rows = values.length / columns;
      const n = Math.min(rows, columns);
      const at = (r: number, c: number): number => values[r * columns + c]!;
      const gram = Array.from({ length: n * n }, (_, k) => {
        const [a, b] = [Math.floor(k / n), k % n];
        let sum = 0;
        for (let j = 0; j < Math.max(rows, columns); j++)
          sum += rows >= columns ? at(j, a) * at(j, b) : at(a, j) * at(b, j);
        return sum;
      });
      golden.compare(`gram_${i}`, gram);
    }
    golden.expectAllCompared("expected");
    return;
  }
  const initializer = INITIALIZERS[entry.op]!();
  const deviations = shapes.map((shape) => initializer.deviation!(shape));
  golden.compare("std", deviations);
  if (golden.has("limit"))
    golden.compare(
      "limit",
      deviations.map((d) => Math.sqrt(3) * d),
    );
  golden.expectAllCompared("expected");
  // and the values that are really drawn have that deviation, as far as their number can tell (5 sigma)
  for (const [i, shape] of shapes.entries()) {
    const values = await initialValues(initializer, shape);
    const n = values.length;
    if (golden.has("limit"))
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(golden.get("limit")[i]! * (1 + 1e-6));
    if (n < 100) continue;
    const square = values.reduce((sum, v) => sum + v * v, 0) / n;
    expect(Math.abs(square / deviations[i]! ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  }
};

type Build = (layers: readonly Config[]) => w.Layer[];

/** Layers of models that aren't described as single ones are. */
const MODEL_LAYERS: Readonly<Record<string, (config: Config, build: Build) => w.Layer>> = {
  dense: (c) => w.dense({ units: c["units"] as number, useBias: c["bias"] !== undefined }),
  conv2d: (c) => w.conv2d({ filters: c["filters"] as number, ...convolution(c), useBias: c["bias"] !== undefined }),
  batch_norm: (c) => w.batchNorm({ momentum: c["momentum"] as number, epsilon: c["eps"] as number }),
  dropout: (c) => w.dropout(c["rate"] as number),
  activation: (c) => ACTIVATIONS[c["name"] as string]!(c),
  ...Object.fromEntries(
    Object.entries(RECURRENT).map(([type, make]) => [
      type,
      (c: Config) => make({ units: c["units"] as number, returnSequences: c["return_sequences"] as boolean }),
    ]),
  ),
  position: () => w.positionalEmbedding(),
  self_attention: attentionOf,
  residual: (c, build) => w.residual(...build(c["layers"] as Config[])),
};

/** A complete training run. */
const runModel: Run = async (entry) => {
  const golden = new Golden(entry);
  const config = entry.config as {
    layers: Config[];
    loss: Config;
    optimizer: Config;
    steps: number;
    eval_rows: number;
    batch: "full" | { indices: string; size: number };
  };
  const tensorOf = new Map<string, string>(); // our parameter -> the case's
  const masks: (string | undefined)[] = [];
  let count = 0;
  const build: Build = (layers) =>
    layers.flatMap((layer) => {
      const type = layer["type"] as string;
      const name = `layer${count++}`;
      // what names one of the case's tensors is a parameter, or dropout's masks
      for (const [key, tensor] of Object.entries(layer)) {
        if (typeof tensor !== "string" || !golden.has(tensor)) continue;
        tensorOf.set(`${name}.${camelCase(key).replace(/Var$/, "Variance")}`, tensor);
      }
      if (type === "dropout") masks.push(layer["masks"] as string);
      const built = MODEL_LAYERS[type]?.(layer, build) ?? LAYERS[type]?.(layer, golden);
      if (!built) throw new Error(`no layer for ${type}`);
      const named = built.kernel === undefined ? built : { ...built, name };
      return layer["activation"] ? [named, ACTIVATIONS[layer["activation"] as string]!(layer)] : [named];
    });
  const layers = build(config.layers);
  const shape = golden.shape("data").slice(1);
  const model = await w.sequential({ input: shape }, ...layers);
  const parameters = model.parameters();
  const trained = parameters.filter((p) => p.trained);
  for (const p of parameters) p.set(golden.get(tensorOf.get(p.name)!));
  const loss = lossOf(config.loss, config.loss["type"] as string, golden);
  const trainer = new w.Trainer(model, { loss, optimizer: optimizerOf(config.optimizer, undefined, 0) });

  const data = golden.get("data") as Float32Array;
  const target = golden.get("target");
  const size = sizeOf(shape);
  const targetSize = sizeOf(golden.shape("target").slice(1));
  const rowsOf = (t: number): number[] =>
    config.batch === "full"
      ? Array.from({ length: golden.shape("data")[0]! }, (_, i) => i)
      : Array.from(golden.get(config.batch.indices).slice(t * config.batch.size, (t + 1) * config.batch.size));
  const pick = (values: ArrayLike<number>, width: number, rows: number[]): number[] =>
    rows.flatMap((r) => Array.from(values).slice(r * width, (r + 1) * width));

  const losses: number[] = [];
  for (let t = 0; t < config.steps; t++) {
    const rows = rowsOf(t);
    const x = Float32Array.from(pick(data, size, rows));
    const y = pick(target, targetSize, rows);
    const yRows = targetSize === 1 ? y : Float32Array.from(y);
    if (t === 0) {
      // the records are run twice, but running statistics are to be moved once
      const states = parameters.flatMap((p) => (p.trained ? [] : [{ state: p, values: p.get() }]));
      compareFirstStep(golden, trainer, x, yRows, masks, tensorOf);
      for (const { state, values } of states) state.set(values);
    }
    losses.push(stepWithMasks(golden, trainer, x, yRows, masks, t));
    if (t === 0) for (const p of trained) golden.compare(`after_step1.${tensorOf.get(p.name)}`, p.get());
  }
  golden.compare("losses", losses);
  for (const p of parameters) golden.compare(`final.${tensorOf.get(p.name)}`, p.get());
  const evalRows = data.slice(0, config.eval_rows * size);
  golden.compare("eval_output", model.predict(evalRows));
  golden.expectAllCompared("expected", "grad_param", "aux_output");
};

type Step = TrainingProgram;

/** Puts the case's masks where dropout would make its own. */
function setMasks(golden: Golden, step: Step, masks: readonly (string | undefined)[], t: number): void {
  const forwards = step.records.filter((r) => r.kernel === "dropoutForward");
  expect(forwards.length).toBe(masks.length);
  forwards.forEach((record, i) => {
    const mask = golden.get(masks[i]!);
    const size = mask.length / golden.shape(masks[i]!)[0]!;
    step.program.core.arena.u8.set(mask.slice(t * size, (t + 1) * size), record.words[4]!);
  });
}

/** A training step; with dropout, record by record, leaving out those that make masks. */
function stepWithMasks(
  golden: Golden,
  trainer: w.Trainer,
  x: Float32Array,
  y: number[] | Float32Array,
  masks: readonly (string | undefined)[],
  t: number,
): number {
  if (masks.length === 0) return trainer.step(x, y)["loss"]!;
  const { step, rows } = trainer.trainerState.load("train", x, y, undefined, "test");
  setMasks(golden, step, masks, t);
  const { program } = step;
  for (const record of step.records) {
    if (record.address < step.manual.first || record.end > step.manual.last || record.kernel === "dropoutMask")
      continue;
    program.run({ first: record.address, last: record.end }, rows);
  }
  program.update(trainer.updates, trainer.learningRate);
  trainer.trainerState.updates++;
  const { f64 } = program.core.arena;
  return f64[step.loss / 8]! / f64[step.loss / 8 + 1]!;
}

/** Every intermediate of the first step, under its textbook name. */
function compareFirstStep(
  golden: Golden,
  trainer: w.Trainer,
  x: Float32Array,
  y: number[] | Float32Array,
  masks: readonly (string | undefined)[],
  tensorOf: ReadonlyMap<string, string>,
): void {
  const { model } = trainer;
  const { step, rows } = trainer.trainerState.load("trace", x, y, undefined, "test");
  if (masks.length > 0) setMasks(golden, step, masks, 0);
  const { arena } = step.program.core;
  const compare = (name: string, values: ArrayLike<number>): void => {
    // the perceptron's w and b have no number in the golden set
    for (const key of [`step1.${name}`, `step1.${name.replace(/^(dw|db)1$/, "$1")}`])
      if (golden.has(key)) golden.compare(key, values);
  };
  for (const record of step.records) {
    if (record.address < step.manual.first || record.kernel === "dropoutMask") continue;
    step.program.run({ first: record.address, last: record.end }, rows);
    for (const tensor of record.writes) {
      if (tensor.name === "loss")
        compare("loss", [arena.f64[tensor.address / 8]! / arena.f64[tensor.address / 8 + 1]!]);
      else compare(tensor.name, arena.read(tensor.address, tensor.rows ? tensor.elements * rows : tensor.elements));
    }
  }
  golden.compare("output_step1", arena.read(step.graph.output.address, rows * sizeOf(model.outputShape)));
  for (const p of model.parameters()) if (p.trained) golden.compare(`grad_step1.${tensorOf.get(p.name)}`, p.gradient());
  for (const name of Object.keys(golden.case.tensors)) {
    if (/^step1\.(dw|db)$/.test(name)) golden.compare(name, golden.get(name.replace("step1.d", "grad_step1.")));
  }
}

export const runners: Readonly<Record<GoldenCase["kind"], Run>> = {
  layer: async (entry) => {
    const golden = new Golden(entry);
    if (entry.op === "dropout") return runDropout(golden);
    if (entry.op === "add") return runMerge(w.add, golden);
    if (entry.op === "concat") {
      const axis = entry.config["axis"] as number; // axis 0 is that of the rows
      return runMerge((b) => w.concat(b, { axis: axis > 0 ? axis - 1 : axis }), golden);
    }
    if (entry.op === "batch_norm") return runBatchNorm(golden);
    if (Object.hasOwn(RECURRENT, entry.op) || entry.op === "bidirectional_lstm") return runRecurrent(golden);
    if (entry.op === "self_attention") return runAttention(golden);
    await runLayer(LAYERS[entry.op]!(entry.config, golden), golden);
  },
  activation: async (entry) => {
    const golden = new Golden(entry);
    await runLayer(ACTIVATIONS[entry.op]!(entry.config), golden);
  },
  loss: runLoss,
  optimizer: runOptimizer,
  scheduler: runScheduler,
  metric: runMetric,
  init: runInit,
  model: runModel,
};
