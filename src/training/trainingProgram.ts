// Builds the program of a trainer. Its records: gather, forward, loss, metrics, backward, penalties; then check, clip, update.
import { addElements, addUpdate, type Part, type UpdatePlan } from "./updateRecords.ts";
import { type AllocatedRecord, type Program, ProgramBuilder } from "../runtime/program.ts";
import { GraphPlan } from "../graph/plan.ts";
import { addProbabilities } from "../model/forwardPlan.ts";
import * as abi from "../../build/abi.js";
import { type MemoryRange, withWorkspace, type Workspace } from "../runtime/arena.ts";
import type { Prepared } from "./preparedData.ts";
import { f32, type RecordRange, type Sharing, type Written } from "../runtime/record.ts";
import { type Loss, type LossPlace, reductionCode, targetShapeOf } from "../nn/losses/loss.ts";
import type { Metric, MetricContext, MetricPart } from "../nn/metrics/metric.ts";
import type { Model } from "../model/model.ts";
import { sizeOf } from "../util/shape.ts";

/** What a program is built for; another one is built when this changes. */
export interface ProgramSpec {
  /**
   * "train" updates the weights; "evaluate" only measures; "trace" keeps every tensor apart and updates nothing; "check" does so, too,
   * and computes the gradient of x.
   */
  readonly mode: "train" | "evaluate" | "trace" | "check";
  /** Rows of a batch. */
  readonly capacity: number;
  /** x comes as bytes. */
  readonly bytes: boolean;
  readonly labels: boolean;
  readonly weighted: boolean;
  /** More than one pass goes into an update. */
  readonly accumulate: boolean;
  /** Rows that metrics will count. */
  readonly rows: number;
}

/** A program's spec, from the data that it gathers. */
export function specFor(
  mode: "train" | "evaluate",
  capacity: number,
  rows: number,
  { x, y, weights }: Prepared,
  accumulate = 1,
): ProgramSpec {
  const { bytes } = x;
  const { labels } = y;
  return { mode, capacity, rows, bytes, labels, weighted: weights !== 0, accumulate: accumulate > 1 };
}

/** A metric of a program, and its sums in memory. */
interface CountedMetric {
  readonly metric: Metric;
  readonly context: MetricContext;
  readonly address: number;
  readonly size: number;
}

/** The trainer that a program is built for. */
export interface ProgramOwner {
  readonly model: Model;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  readonly parts: readonly Part[];
  updatePlan(): UpdatePlan;
}

/** A program of a trainer in memory. */
export interface TrainingProgram {
  readonly spec: ProgramSpec;
  readonly workspace: Workspace;
  readonly program: Program;
  readonly graph: GraphPlan;
  readonly records: readonly AllocatedRecord[];
  /** A pass on a batch from the data (gathered), or on one that was written by hand. */
  readonly gathered: RecordRange;
  readonly manual: RecordRange;
  readonly target: number;
  readonly weights: number;
  readonly loss: number;
  readonly metrics: readonly CountedMetric[];
  /** Sums over an epoch besides those of metrics: of joint losses. */
  readonly sums: readonly MemoryRange[];
}

/** A metric's view of a model and its loss, or of the one of several outputs that it is of. */
export function metricContext(
  { part }: Metric,
  model: Model,
  whole: Pick<MetricPart, "loss" | "labels">,
  rows: number,
): MetricContext {
  const { loss, labels, shape } = part ?? { shape: model.outputShape, ...whole };
  const yesAbove0 = loss.outputActivation === "sigmoid" || loss.outputActivation === "sign";
  return {
    output: shape,
    labels,
    separate: yesAbove0 || loss.type === "binaryCrossEntropy",
    threshold: yesAbove0 ? 0 : 0.5,
    rows,
    loss,
    nodes: model.nodes,
    core: model.core,
  };
}

/** Builds a program, whose memory is freed with its holder. */
export function makeProgram(trainer: ProgramOwner, spec: ProgramSpec, where: string): TrainingProgram {
  const { model, loss, metrics, parts } = trainer;
  const { core } = model;
  const { mode, capacity } = spec;
  const training = mode !== "evaluate";
  return withWorkspace(core.arena, trainer, where, (workspace) => {
    const builder = new ProgramBuilder(core, workspace, model.seed);
    const { program, records } = builder;
    const outputs = sizeOf(model.outputShape);
    const targetRow = sizeOf(targetShapeOf(loss, spec.labels, model.outputShape));
    const target = workspace.allocate(capacity * targetRow * 4, "the batch");
    const weights = spec.weighted ? workspace.allocate(capacity * 4, "the batch") : 0;
    const graph = new GraphPlan(builder, {
      nodes: model.nodes,
      inputShape: model.inputShape,
      capacity,
      training,
      separate: mode === "trace" || mode === "check",
      inputGradient: mode === "check",
      gradientOffset: () => model.gradientOffset(),
      overwrite: !spec.accumulate,
      kept: model.kept,
      mode,
    });
    const { gradientOffset } = graph;

    addGathers(builder, spec, model, graph.input.address, target, weights, targetRow);
    model.kept?.addReset(builder, mode);
    const gathers = records.length;
    if (training && (spec.accumulate || graph.adds)) {
      for (const part of parts) {
        addElements(builder, "gradientZero", part, (n) => ({
          p: 0,
          g: part.slot + gradientOffset + n,
          program: program.address,
        }));
      }
    }
    graph.addForward();
    const { address: x, name } = graph.output;
    // without a backward pass the loss kernel still writes the gradient somewhere
    const dx = graph.outputGradient || workspace.allocate(capacity * outputs * 4, "the loss");
    const lossPlace = { capacity, x, target, dx, weights, labels: spec.labels, shape: model.outputShape };
    const gradient = { name: `d${name}`, address: dx, elements: outputs, rows: true };
    const places: LossPlaces = new Map();
    const value = addLoss(builder, loss, lossPlace, places, "", graph.outputGradient ? [gradient] : []);
    if (mode === "train") records.add("batchCheckLoss", 1, { source: value, target: 0, program: program.address });
    const counted = metrics.map((metric) => {
      const context = metricContext(metric, model, { loss, labels: spec.labels }, spec.rows);
      const size = metric.stateSize(context);
      return { metric, context, size, address: workspace.allocate(size * 8, "the metrics") };
    });
    addMetrics(builder, counted, places);
    if (training) graph.addBackward();
    addPenalties(builder, model, gradientOffset);
    const passEnd = records.length;
    if (mode === "train") addUpdate(builder, model.run, trainer.updatePlan(), gradientOffset, parts);

    const { records: allocated, range } = builder.finish();
    program.setRecords(range(0, passEnd), range(passEnd), value);
    if (mode === "train") program.setState(model.run.state, workspace);
    return {
      spec,
      workspace,
      program,
      graph,
      records: allocated,
      gathered: range(0, passEnd),
      manual: range(gathers, passEnd),
      target,
      weights,
      loss: value,
      metrics: counted,
      sums: builder.sums,
    };
  });
}

function addGathers(
  { records, program }: ProgramBuilder,
  spec: ProgramSpec,
  model: Model,
  x: number,
  target: number,
  weights: number,
  targetRow: number,
): void {
  const args = (to: number) => ({ source: 0, target: to, program: program.address, scale: f32(1) });
  const size = sizeOf(model.inputShape);
  const units = spec.capacity * size;
  const sharing: Sharing = { kind: "kernel", units, work: 8 * units, args: () => args(x) };
  records.add(spec.bytes ? "batchGatherBytes" : "batchGatherWords", size, args(x), { sharing });
  records.add("batchGatherWords", targetRow, args(target));
  if (spec.weighted) records.add("batchGatherWords", 1, args(weights));
}

/** Points a program at data, from a first row on. */
export function bindData(trainingProgram: TrainingProgram, data: Prepared, firstRow = 0): void {
  const { arena } = trainingProgram.program.core;
  const { x, y, weights, rowBytes } = data;
  const sources = [x.address + firstRow * rowBytes.x, y.address + firstRow * rowBytes.y, weights + firstRow * 4];
  trainingProgram.records.slice(0, trainingProgram.spec.weighted ? 3 : 2).forEach(({ address }, i) => {
    arena.writeWords(address + abi.RECORD_ARGS, [sources[i]!]);
  });
  arena.write(trainingProgram.records[0]!.address + abi.RECORD_ARGS + 12, [x.scale]);
}

/** The losses of a program: their tensors, and the address of each one's value. By name: "" is the whole one's, "a." that of output a. */
type LossPlaces = Map<string, LossPlace & { readonly value: number }>;

/** Adds the records of a loss. Returns the address of its value. */
function addLoss(
  builder: ProgramBuilder,
  loss: Loss,
  place: LossPlace,
  places: LossPlaces,
  path: string,
  writes: readonly Written[] = [],
): number {
  const { core, records, workspace } = builder;
  const { capacity, x, target, dx, weights, labels, shape } = place;
  const outputs = sizeOf(shape);
  const value = workspace.allocate(24, "the loss");
  const each = workspace.allocate((loss.each === "rows" ? capacity : capacity * outputs) * 4, "the loss");
  const lossArgs = loss.args({
    core,
    labels,
    shape,
    constants(values) {
      const address = workspace.allocate(values.length * 4, "the class weights");
      workspace.arena.write(address, values);
      return address;
    },
    parts: {
      ...builder,
      place,
      part: (other, at, name) => addLoss(builder, other, at, places, `${path}${name}.`),
    },
  });
  const reduction = reductionCode(loss.reduction);
  const args = { x, target, dx, value, weight: weights, each, reduction, ...lossArgs };
  records.add(`${loss.kernel === undefined ? loss.type : loss.kernel}Loss`, outputs, args, {
    writes: [{ name: "loss", address: value, elements: 2, rows: false }, ...writes],
  });
  places.set(path, { ...place, value });
  return value;
}

function addMetrics(
  { records, workspace }: ProgramBuilder,
  counted: readonly CountedMetric[],
  places: LossPlaces,
): void {
  for (const { metric, context, address } of counted) {
    const place = places.get(metric.part?.path ?? "")!;
    const { shape } = place;
    const { outputActivation } = context.loss;
    const outputs = sizeOf(shape);
    let { x } = place;
    if (metric.input === "loss") x = place.value;
    if (metric.input === "probabilities" && outputActivation !== "identity" && outputActivation !== "sign") {
      x = workspace.allocate(place.capacity * outputs * 4, "the metrics");
      addProbabilities(records, outputActivation, { address: place.x, shape }, x);
    }
    const target = place.given ?? place.target;
    records.add(`${metric.kernel}Metric`, outputs, { x, target, state: address, ...metric.args(context, place) });
  }
}

function addPenalties({ records, workspace, program }: ProgramBuilder, model: Model, gradientOffset: number): void {
  model.nodes.forEach((node, layer) => {
    node.specs.forEach((spec, i) => {
      if (!spec.regularizer || spec.owner) return;
      const { address, slot, size, trained } = node.parameters[i]!;
      const g = gradientOffset === 0 || !trained ? 0 : slot + gradientOffset;
      const { regularizer, options } = spec.regularizer;
      const more = spec.regularizer.args?.(workspace, node.parameters[i]!);
      const args = { p: address, g, program: program.address, lambda: f32(options.lambda), ...more };
      const gradient = { name: `d${node.textbookNames[spec.name]}`, address: g, elements: size, rows: false };
      records.add(`${regularizer}Penalty`, Math.ceil(size / 4) * 4, args, { layer, writes: g === 0 ? [] : [gradient] });
    });
  });
}

/** Sets the metrics' sums to 0. */
export function resetMetrics(trainingProgram: TrainingProgram): void {
  const { arena } = trainingProgram.program.core;
  for (const { address, size } of trainingProgram.metrics) arena.doubles(address, size).fill(0);
}

/** The metrics' values so far. */
export function readMetrics(trainingProgram: TrainingProgram): Record<string, number> {
  const { arena } = trainingProgram.program.core;
  return Object.fromEntries(
    trainingProgram.metrics.map(({ metric, context, address, size }) => [
      metric.name,
      metric.result(arena.doubles(address, size), context),
    ]),
  );
}
