// Golden cases of complete training runs.
import { expect } from "vitest";
import * as w from "../../../src/index.ts";
import type { TrainingProgram } from "../../../src/training/trainingProgram.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import type { Golden } from "../golden.ts";
import type { Config } from "./config.ts";
import { activationOf, isActivation, layerOf } from "./entries.ts";
import { goldenKey } from "./entry.ts";
import { MASK_SLOT } from "./layers.ts";
import { lossOf } from "./losses.ts";
import { optimizerOf } from "./optimizers.ts";

interface Built {
  readonly model: w.Model;
  /** The case's name of each of our parameters. */
  readonly tensorOf: ReadonlyMap<string, string>;
  /** The case's masks of the dropout layers. */
  readonly masks: readonly string[];
}

/** The model that the config lists, with the case's parameters. */
async function build(golden: Golden): Promise<Built> {
  const tensors = new Map<string, string>(); // layer2/weight_ih -> the case's name
  const masks: string[] = [];
  let count = 0;
  const make = (config: Config): w.Layer[] => {
    const type = config.text("type");
    const name = `layer${count++}`;
    const named = namesOf(config, golden);
    for (const [key, tensor] of named) tensors.set(`${name}/${key}`, tensor);
    const after = activationAfter(config);
    if (isActivation(type)) return [activationOf(type, config), ...after];
    if (type === "activation") return [...activationNamed(config.text("name"), config), ...after];
    if (type === "residual") return [w.residual(...config.list("layers").flatMap(make)), ...after];
    if (type === "dropout") masks.push(config.text("masks"));
    const parameter = (key: string): readonly number[] | undefined =>
      named.has(key) ? golden.shape(named.get(key)!) : undefined;
    return [layerOf({ type, config, name, parameter, others: [] }), ...after];
  };
  const layers = golden.config.list("layers").flatMap(make);
  const model = await w.sequential({ input: golden.shape("data").slice(1) }, ...layers);
  const tensorOf = new Map(
    model.parameters().map(({ name }) => {
      const [layer, ...local] = name.split(".") as [string, ...string[]];
      const key = goldenKey(local.join("."));
      const tensor = tensors.get(`${layer}/${key}`);
      if (tensor === undefined) throw new Error(`${golden.config.where}: nothing gives ${key} of ${layer}`);
      return [name, tensor];
    }),
  );
  const given = [...golden.names("param"), ...golden.names("buffer")].toSorted();
  expect([...tensorOf.values()].toSorted(), "the model's parameters").toEqual(given);
  for (const p of model.parameters()) p.set(golden.get(tensorOf.get(p.name)!));
  golden.config.expect(
    "param_count",
    model.parameters().reduce((sum, p) => sum + (p.trained ? p.size : 0), 0),
  );
  return { model, tensorOf, masks };
}

/** A layer's options that name tensors of the case. */
function namesOf(config: Config, golden: Golden): Map<string, string> {
  const given = [...golden.names("param"), ...golden.names("buffer")];
  return new Map(
    config.names.flatMap((key) => {
      const isName = config.has(key) && /^((fwd|bwd)_)?(weight|bias|kernel|gamma|beta|running)(_|$)/.test(key);
      if (!isName || key === "kernel_size" || key === "kernel_layout") return [];
      const tensor = config.text(key);
      if (!given.includes(tensor)) throw new Error(`${config.where}.${key}: the case has no parameter "${tensor}"`);
      return [[key, tensor]];
    }),
  );
}

const activationAfter = (config: Config): w.Layer[] =>
  config.has("activation") && config.text("type") !== "activation"
    ? activationNamed(config.text("activation"), config)
    : [];

const activationNamed = (name: string, config: Config): w.Layer[] =>
  name === "linear" ? [] : [activationOf(name, config)];

/** Which rows each step takes. */
function batchesOf(golden: Golden): (t: number) => readonly number[] {
  const { config } = golden;
  const all = Array.from({ length: golden.shape("data")[0]! }, (_, i) => i);
  if (!golden.has("batches")) {
    config.expect("batch", "full");
    return () => all;
  }
  const batch = config.child("batch");
  batch?.expect("indices", "batches");
  const [, size] = golden.shape("batches") as [number, number];
  batch?.expect("size", size);
  return (t) => Array.from(golden.get("batches").slice(t * size, (t + 1) * size));
}

export async function runModel(golden: Golden): Promise<void> {
  const { config } = golden;
  const built = await build(golden);
  const { model, tensorOf } = built;
  const parameters = model.parameters();
  const options = config.options("loss");
  const loss = lossOf(options.text("type"), options, golden);
  const optimizer = optimizerOf(config.options("optimizer"), config.child("clip"));
  const trainer = new w.Trainer(model, { loss, optimizer });

  const data = Float32Array.from(golden.get("data"));
  const target = golden.get("target");
  const size = sizeOf(model.inputShape);
  const targetSize = sizeOf(golden.shape("target").slice(1));
  const pick = (values: ArrayLike<number>, width: number, rows: readonly number[]): number[] =>
    rows.flatMap((r) => Array.from({ length: width }, (_, i) => values[r * width + i]!));

  const rowsOf = batchesOf(golden);
  const losses: number[] = [];
  for (let t = 0; t < config.number("steps"); t++) {
    const rows = rowsOf(t);
    const x = Float32Array.from(pick(data, size, rows));
    const y = pick(target, targetSize, rows);
    const yRows = targetSize === 1 ? y : Float32Array.from(y);
    if (t === 0) {
      // the records are run twice, but running statistics are to be moved once
      const states = parameters.flatMap((p) => (p.trained ? [] : [{ state: p, values: p.get() }]));
      compareFirstStep(golden, trainer, built, x, yRows);
      for (const { state, values } of states) state.set(values);
    }
    losses.push(stepWithMasks(golden, trainer, built, x, yRows, t));
    if (t > 0) continue;
    for (const p of parameters) if (p.trained) golden.compare(`after_step1.${tensorOf.get(p.name)}`, p.get());
  }
  golden.compare("losses", losses);
  for (const p of parameters) golden.compare(`final.${tensorOf.get(p.name)}`, p.get());
  golden.compare("eval_output", model.predict(data.slice(0, config.number("eval_rows") * size)));
  golden.finish();
}

/** Puts the case's masks where dropout would make its own. */
function setMasks(golden: Golden, step: TrainingProgram, masks: readonly string[], t: number): void {
  const forwards = step.records.filter((r) => r.kernel === "dropoutForward");
  expect(forwards.length).toBe(masks.length);
  forwards.forEach((record, i) => {
    const mask = golden.get(masks[i]!);
    const size = mask.length / golden.shape(masks[i]!)[0]!;
    step.program.core.arena.u8.set(mask.slice(t * size, (t + 1) * size), record.words[MASK_SLOT]!);
  });
}

/** A training step; with dropout, record by record, leaving out those that make masks. */
function stepWithMasks(
  golden: Golden,
  trainer: w.Trainer,
  { masks }: Built,
  x: Float32Array,
  y: number[] | Float32Array,
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
  { model, masks, tensorOf }: Built,
  x: Float32Array,
  y: number[] | Float32Array,
): void {
  const { step, rows } = trainer.trainerState.load("trace", x, y, undefined, "test");
  if (masks.length > 0) setMasks(golden, step, masks, 0);
  const { arena } = step.program.core;
  const compare = (name: string, values: ArrayLike<number>): void => {
    // the parameters' gradients come below, under the case's own names
    if (golden.has(`step1.${name}`) && !/^d[wb]\d*$/.test(name)) golden.compare(`step1.${name}`, values);
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
  if (golden.has("output_step1")) {
    golden.compare("output_step1", arena.read(step.graph.output.address, rows * sizeOf(model.outputShape)));
  }
  for (const p of model.parameters()) {
    if (!p.trained) continue;
    for (const name of [`grad_step1.${tensorOf.get(p.name)}`, `step1.d${tensorOf.get(p.name)}`]) {
      if (golden.has(name)) golden.compare(name, p.gradient());
    }
  }
}
