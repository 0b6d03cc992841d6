// `trace`, the glass box: every tensor of one training step, under its textbook name.
import { checkKeys, checkKind } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import { type AllocatedRecord, penaltyOf } from "../runtime/program.ts";
import { showText } from "../util/printed.ts";
import { type Shape, shapeText } from "../util/shape.ts";
import { mean } from "../training/lossSum.ts";
import type { Trainer } from "../training/trainer.ts";
import type { TrainingProgram } from "../training/trainingProgram.ts";

/** A tensor of a step. */
export interface TracedTensor {
  /** Z1, a1, ..., loss, ..., dw1, db1. */
  readonly name: string;
  /** Name of the layer that computed it; undefined for the loss and its gradient. */
  readonly layer: string | undefined;
  /** The rows are the first axis, where the tensor has rows. */
  readonly shape: Shape;
  /** The values, row by row. */
  readonly values: Float32Array;
}

/** The tensors of a step in the order in which they were computed. */
export class Trace implements Iterable<TracedTensor> {
  /** The tensors in their order. */
  readonly tensors: readonly TracedTensor[];

  /** @internal */
  constructor(tensors: readonly TracedTensor[]) {
    this.tensors = tensors;
    showText(this);
  }

  /** Their names in order. */
  get names(): string[] {
    return this.tensors.map((t) => t.name);
  }

  /**
   * The tensor of a name.
   *
   * @throws {Error} with the known names, if there is none
   */
  get(name: string): TracedTensor {
    checkKind(typeof name === "string", "trace", "the name of a tensor", "a string", name);
    const tensor = this.tensors.find((t) => t.name === name);
    if (!tensor)
      throw new Error(`trace: there is no tensor ${JSON.stringify(name)}; there are ${this.names.join(", ")}`);
    return tensor;
  }

  /** A line for each tensor, its name and shape; `console.log(trace)` shows them too. */
  toString(): string {
    return this.tensors.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join("\n");
  }

  /** The tensors in their order: `for (const tensor of trace)`. */
  [Symbol.iterator](): Iterator<TracedTensor> {
    return this.tensors[Symbol.iterator]();
  }
}

/**
 * Every tensor of one training step, from x to the last gradient. Nothing is changed by it: not the
 * weights, not the gradients, not the counters that number dropout masks.
 *
 * Names: layers with parameters are numbered; layer 1 computes Z1, its activation a1, with weights w1 and bias b1; gradients
 * have a d in front. `Z1 a1 Z2 a2 loss da2 dZ2 dw2 db2 da1 dZ1 dw1 db1`
 *
 * @param options.sampleWeights what each row counts, 0 or more; default all 1
 * @param trainer says the model and the loss
 * @throws {TypeError | RangeError} if x or y can't be used
 * @example for (const { name, shape, values } of trace(trainer, x, y)) console.log(name, shape, values);
 */
export function trace(
  trainer: Trainer,
  x: Input,
  y: Target,
  options: { sampleWeights?: ArrayLike<number> } = {},
): Trace {
  checkKeys("trace", options, ["sampleWeights"]);
  return withTracing("trace", trainer, x, y, options.sampleWeights, ({ step, rows, records }) => {
    // penalties come last and add to the loss and to gradients: the last value of a tensor counts
    const tensors = new Map<string, TracedTensor>();
    // an activation's gradient has the shape of the activation; of two of a name the first one counts
    const { nodes, inputShape } = trainer.model;
    const shapes = new Map<string, Shape>(nodes.toReversed().map((node) => [`d${node.outputName}`, node.output]));
    const shapeOf = (name: string): Shape => shapes.get(name) ?? inputShape;
    for (const record of records) {
      step.program.run({ first: record.address, last: record.end }, rows);
      for (const tensor of tensorsOf(trainer, step, record, rows, shapeOf))
        tensors.set(`${record.layer} ${tensor.name}`, tensor);
    }
    const loss = Float32Array.of(lossOf(step));
    return new Trace([...tensors.values()].map((t) => (t.name === "loss" && !t.layer ? { ...t, values: loss } : t)));
  });
}

function tensorsOf(
  trainer: Trainer,
  step: TrainingProgram,
  record: AllocatedRecord,
  rows: number,
  shapeOf: (name: string) => Shape,
): TracedTensor[] {
  const { model } = trainer;
  const node = model.nodes[record.layer];
  return record.writes.map(({ name, address, elements, rows: hasRows }) => {
    const layer = node?.name;
    if (name === "loss") return { name, layer, shape: [], values: Float32Array.of(lossOf(step)) };
    const { arena } = model.core;
    const values = arena.read(address, hasRows ? rows * elements : elements);
    const parameter = node?.parameters.find((p) => `d${node.textbookNames[p.local]}` === name);
    const shape = parameter?.shape ?? (name === node?.outputName ? node.output : shapeOf(name));
    return { name, layer, shape: hasRows ? [rows, ...shape] : shape, values };
  });
}

/** The loss in memory, penalties included. */
export function lossOf({ program, loss }: TrainingProgram): number {
  const [total, divisor] = program.core.arena.doubles(loss, 2) as unknown as [number, number];
  return mean(total, divisor) + penaltyOf(program)[0]!;
}

/** Loads a batch, calls `use` with the records of a step, and restores what running them changes. */
export function withTracing<T>(
  where: string,
  trainer: Trainer,
  x: Input,
  y: Target,
  sampleWeights: ArrayLike<number> | undefined,
  use: (traced: { step: TrainingProgram; rows: number; records: readonly AllocatedRecord[] }) => T,
): T {
  const isTrainer = typeof trainer?.trainerState?.load === "function";
  checkKind(
    isTrainer,
    where,
    "the first argument",
    "a trainer such as new Trainer(model, { loss, optimizer })",
    trainer,
  );
  const { model } = trainer;
  const { arena } = model.core;
  const { step, rows } = trainer.trainerState.load("trace", x, y, sampleWeights, where);
  const { address, bytes, allBytes } = model.run;
  const gradients = arena.read(address + model.gradientOffset(), bytes / 4);
  // running statistics and the like are changed by forward passes
  const states = arena.read(address + bytes, (allBytes - bytes) / 4);
  const { program, manual } = step;
  program.begin(trainer.trainerState.counters, { rows, batchSize: rows, first: manual.first });
  penaltyOf(program)[0] = 0;
  try {
    const records = step.records.filter((r) => r.address >= manual.first && r.end <= manual.last);
    return use({ step, rows, records });
  } finally {
    arena.write(address + model.gradientOffset(), gradients);
    arena.write(address + bytes, states);
  }
}
