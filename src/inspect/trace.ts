// `trace`, the glass box: every tensor of one training step, under its textbook name.
import { checkBoolean, checkKeys, checkKind } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { ModelNode } from "../graph/layer.ts";
import { type Loss, targetShapeOf } from "../nn/losses/loss.ts";
import type { Model } from "../model/model.ts";
import type { Optimizer } from "../nn/optimizers/optimizer.ts";
import { type AllocatedRecord, penaltyOf } from "../runtime/program.ts";
import { showText } from "../util/host.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";
import { meanOf } from "../training/lossSum.ts";
import { refuseMidway } from "../training/state.ts";
import { makeUpdate } from "../training/step.ts";
import type { Trainer } from "../training/trainer.ts";
import type { TrainingProgram } from "../training/trainingProgram.ts";

/** A tensor of a step. */
export interface TracedTensor {
  /** Z1, a1, ..., loss, ..., dw1, db1; of what was given x, y, w1, b1; of an update w1', b1'. */
  readonly name: string;
  /** Name of the layer that computed it, or that has it; undefined for the loss and its gradient, x and y. */
  readonly layer: string | undefined;
  /** The rows are the first axis, where the tensor has rows. */
  readonly shape: Shape;
  /** The values, row by row. */
  readonly values: Float32Array;
}

/** The update that a step's gradients make. */
export interface TracedUpdate {
  /** The learning rate of this update. */
  readonly learningRate: number;
  /** Updates made once it is done: Adam's t, 1 for the first. */
  readonly count: number;
  /** The parameters after it, last layer first: w2', b2', w1', b1'. */
  readonly tensors: readonly TracedTensor[];
  /** The optimizer's numbers for each parameter, before and after: m.w2, m.w2', v.w2, v.w2', ... */
  readonly states: readonly TracedTensor[];
}

/** Where a tensor came from: its address, the record that wrote it, its layer, and the addresses that the record was given. */
export interface Origin {
  readonly address: number;
  readonly kernel: string;
  readonly node: ModelNode | undefined;
  readonly words: readonly number[];
}

/** What `explain` reads besides the tensors. */
export interface Recorded {
  readonly nodes: readonly ModelNode[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** y has one label per row. */
  readonly labels: boolean;
  /** The rows of x. */
  readonly rows: number;
  readonly origins: ReadonlyMap<TracedTensor, Origin>;
  /** The tensors by where they were in memory. */
  readonly places: ReadonlyMap<number, TracedTensor>;
  /** Bytes from a parameter to its gradient. */
  readonly gradientOffset: number;
}

/** The tensors of a step in the order in which they were computed. */
export class Trace implements Iterable<TracedTensor> {
  /** The tensors in their order. */
  readonly tensors: readonly TracedTensor[];
  /** What was given: x, y, the parameters (w1, b1, ...); and sampleWeights, classWeights and dropout1.mask where there are some. */
  readonly given: readonly TracedTensor[];
  /** The update, if it was asked for; undefined, too, where the trainer would refuse it because a number isn't finite. */
  readonly update: TracedUpdate | undefined;
  readonly #recorded: Recorded;

  /** @internal */
  constructor(
    tensors: readonly TracedTensor[],
    given: readonly TracedTensor[],
    update: TracedUpdate | undefined,
    recorded: Recorded,
  ) {
    this.tensors = tensors;
    this.given = given;
    this.update = update;
    this.#recorded = recorded;
    showText(this);
  }

  /** Their names in order. */
  get names(): string[] {
    return this.tensors.map((t) => t.name);
  }

  /** @internal */
  get recorded(): Recorded {
    return this.#recorded;
  }

  /**
   * The tensor of a name: one of the step, of what was given, or of the update.
   *
   * @throws {Error} with the known names, if there is none
   */
  get(name: string): TracedTensor {
    checkKind(typeof name === "string", "trace", "the name of a tensor", "a string", name);
    const { tensors, given, update } = this;
    const all = [...tensors, ...given, ...(update ? [...update.tensors, ...update.states] : [])];
    const tensor = all.find((t) => t.name === name);
    if (tensor) return tensor;
    const names = (list: readonly TracedTensor[]): string => list.map((t) => t.name).join(", ");
    const missing = name.endsWith("'") && !update ? "; for what an update makes, trace with { update: true }" : "";
    throw new Error(
      `trace: there is no tensor ${JSON.stringify(name)}; there are ${names(tensors)}, and given ${names(given)}${missing}`,
    );
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
 * Every tensor of one training step, from x to the last gradient, and what was given: x, y and the parameters. Nothing is changed by
 * it: not the weights, not the gradients, not the counters that number dropout masks.
 *
 * Names: layers with parameters are numbered; layer 1 computes Z1, its activation a1, with weights w1 and bias b1; gradients
 * have a d in front. `Z1 a1 Z2 a2 loss da2 dZ2 dw2 db2 da1 dZ1 dw1 db1`
 *
 * @param options.sampleWeights what each row counts, 0 or more; default all 1
 * @param options.update also make the update on the side: the parameters after it are w2', b2', w1', b1'; default false
 * @param trainer says the model, the loss and the optimizer
 * @throws {TypeError | RangeError} if x, y or an option can't be used
 * @throws {Error} with `update` while `fit` is making updates, as `trainer.state()` does
 * @example for (const { name, shape, values } of trace(trainer, x, y)) console.log(name, shape, values);
 * @example console.log(trace(trainer, x, y, { update: true }).get("w1'").values);
 */
export function trace(
  trainer: Trainer,
  x: Input,
  y: Target,
  options: { sampleWeights?: ArrayLike<number>; update?: boolean } = {},
): Trace {
  checkKeys("trace", options, ["sampleWeights", "update"]);
  const { sampleWeights, update = false } = options;
  checkBoolean("trace", "update", update);
  // first: a schedule of one's own may make a step itself, which writes its batch
  const rate = update ? trainer?.trainerState?.learningRate : undefined;
  return withTracing("trace", trainer, x, y, sampleWeights, ({ step, rows, records }) => {
    const { model, loss, optimizer } = trainer;
    if (update) refuseMidway(trainer.trainerState, "trace with { update: true }");
    const { nodes, inputShape } = model;
    const given = givenOf(trainer, step, rows);
    // penalties come last and add to the loss and to gradients: the last value of a tensor counts
    const tensors = new Map<string, { tensor: TracedTensor; origin: Origin }>();
    // an activation's gradient has the shape of the activation; of two of a name the first one counts
    const shapes = new Map<string, Shape>(nodes.toReversed().map((node) => [`d${node.outputName}`, node.output]));
    const shapeOf = (name: string): Shape => shapes.get(name) ?? inputShape;
    for (const record of records) {
      step.program.run({ first: record.address, last: record.end }, rows);
      const { kernel, layer, words, writes } = record;
      tensorsOf(trainer, step, record, rows, shapeOf).forEach((tensor, i) => {
        const key = `${layer} ${tensor.name}`;
        const origin = { kernel, node: nodes[layer], words, address: writes[i]!.address };
        // of what a penalty adds to, the first record is what it came from
        tensors.set(key, { tensor, origin: tensors.get(key)?.origin ?? origin });
      });
      if (kernel === "dropoutForward") given.push(maskOf(model, record, rows));
    }
    const lossValue = lossOf(step);
    const value = Float32Array.of(lossValue);
    const origins = new Map<TracedTensor, Origin>();
    const places = new Map(given.map(({ address, tensor }) => [address, tensor]));
    for (const { tensor: last, origin } of tensors.values()) {
      const tensor = last.name === "loss" && !last.layer ? { ...last, values: value } : last;
      origins.set(tensor, origin);
      places.set(origin.address, tensor);
    }
    const { labels } = step.spec;
    const gradientOffset = model.gradientOffset();
    const recorded = { nodes, loss, optimizer, labels, rows, origins, places, gradientOffset };
    const made = rate === undefined || !Number.isFinite(lossValue) ? undefined : updateOf(trainer, rate);
    return new Trace(
      [...origins.keys()],
      given.map(({ tensor }) => tensor),
      made,
      recorded,
    );
  });
}

/** A tensor that was given, and where it is in memory. */
interface Given {
  readonly tensor: TracedTensor;
  readonly address: number;
}

/** x, y and the parameters; of what several layers share, one. */
function givenOf({ model, loss }: Trainer, step: TrainingProgram, rows: number): Given[] {
  const { arena } = model.core;
  const read = (name: string, address: number, shape: Shape, layer?: string): Given => ({
    tensor: { name, layer, shape, values: arena.read(address, sizeOf(shape)) },
    address,
  });
  const constants = (name: string, values: readonly number[]): Given => ({
    tensor: { name, layer: undefined, shape: [values.length], values: Float32Array.from(values) },
    address: 0,
  });
  const { labels, weighted } = step.spec;
  const { classWeights } = loss.options;
  const y = read("y", step.target, [rows, ...targetShapeOf(loss, labels, model.outputShape)]);
  if (labels) y.tensor.values.set(arena.u32.subarray(y.address / 4, y.address / 4 + rows));
  const parameters = new Map<number, Given>();
  for (const node of model.nodes) {
    for (const { local, address, shape } of node.parameters) {
      if (parameters.has(address)) continue;
      parameters.set(address, read(node.textbookNames[local]!, address, shape, node.name));
    }
  }
  return [
    read("x", step.graph.input.address, [rows, ...model.inputShape]),
    y,
    ...(weighted ? [read("sampleWeights", step.weights, [rows])] : []),
    ...(Array.isArray(classWeights) ? [constants("classWeights", classWeights)] : []),
    ...parameters.values(),
  ];
}

/** The mask of dropout: what times 1 / (1 - rate) its input was multiplied by. */
function maskOf({ core, nodes }: Model, { layer, words, perRow }: AllocatedRecord, rows: number): Given {
  const { name, output } = nodes[layer]!;
  const address = words[4]!;
  const values = Float32Array.from(core.arena.u8.subarray(address, address + rows * perRow));
  return { tensor: { name: `${name}.mask`, layer: name, shape: [rows, ...output], values }, address };
}

/** Makes the update from the gradients in memory, reads what it changed, and puts it back. */
function updateOf({ model, trainerState, optimizer }: Trainer, learningRate: number): TracedUpdate | undefined {
  const { arena } = model.core;
  const { updates } = trainerState;
  const program = (trainerState.updateProgram ??= makeUpdate(trainerState));
  const { states: addresses } = trainerState.updatePlan();
  const parameters = model.nodes
    .toReversed()
    .flatMap((node) => node.parameters.flatMap((p, i) => (p.trained && !node.specs[i]!.owner ? [{ node, p }] : [])));
  const read = (node: ModelNode, name: string, shape: Shape, address: number): TracedTensor => ({
    name,
    layer: node.name,
    shape,
    values: arena.read(address, sizeOf(shape)),
  });
  const after = (mark: string): TracedTensor[] =>
    parameters.map(({ node, p }) => read(node, `${node.textbookNames[p.local]}${mark}`, p.shape, p.address));
  const states = (mark: string): TracedTensor[] =>
    parameters.flatMap(({ node, p }) =>
      optimizer.states.map(({ name }, i) => {
        const address = addresses[i]! + p.slot - model.run.address;
        return read(node, `${name}.${node.textbookNames[p.local]}${mark}`, p.shape, address);
      }),
    );
  const before = trainerState
    .lasting()
    .map(({ address, bytes }) => ({ address, values: arena.read(address, bytes / 4) }));
  const old = states("");
  try {
    if (!program.update(updates, learningRate)) return undefined;
    const changed = states("'");
    return {
      learningRate,
      count: updates + 1,
      tensors: after("'"),
      states: old.flatMap((tensor, i) => [tensor, changed[i]!]),
    };
  } finally {
    for (const { address, values } of before) arena.write(address, values);
  }
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
  return meanOf(total, divisor) + penaltyOf(program)[0]!;
}

/**
 * Loads a batch, calls `use` with the records of a step, and restores what running them changes.
 *
 * @param mode "check": the gradient of x is computed, too
 */
export function withTracing<T>(
  where: string,
  trainer: Trainer,
  x: Input,
  y: Target,
  sampleWeights: ArrayLike<number> | undefined,
  use: (traced: { step: TrainingProgram; rows: number; records: readonly AllocatedRecord[] }) => T,
  mode: "trace" | "check" = "trace",
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
  const { step, rows } = trainer.trainerState.load(mode, x, y, sampleWeights, where);
  const { address, bytes, ranges } = model.run;
  const gradients = arena.read(address + model.gradientOffset(), bytes / 4);
  // running statistics and the like are changed by forward passes
  const values = ranges.map((range) => arena.read(range.address, range.bytes / 4));
  const { program, manual } = step;
  program.begin(trainer.trainerState.counters, { rows, batchSize: rows, first: manual.first });
  penaltyOf(program)[0] = 0;
  try {
    const records = step.records.filter((r) => r.address >= manual.first && r.end <= manual.last);
    return use({ step, rows, records });
  } finally {
    arena.write(address + model.gradientOffset(), gradients);
    ranges.forEach((range, i) => arena.write(range.address, values[i]!));
  }
}
