// `predictAsync` and `classifyAsync`: prediction in slices of time, so that whoever calls is never held up. Fetched when first used.
import { type FlatRows, flattenRows, type Input, isSamples } from "../data/samples.ts";
import { freeWith, Workspace } from "../runtime/arena.ts";
import { performance } from "../runtime/timers.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import { checkKeys, checkKind, checkPositive, isNumbers, kindOf } from "../util/check.ts";
import { inTurn } from "../util/inTurn.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { type ForwardPlan, labelsOf, makeForwardPlan, type PlanSource, PREDICT_ROWS, roomFor } from "./forwardPlan.ts";

/** What `predictAsync` takes besides x. */
export interface PredictAsyncOptions {
  /** Where the output is written: as many numbers as it has. Default: a new array. */
  readonly into?: Float32Array;
  /** Milliseconds after which control goes back to the event loop; default 8. */
  readonly yieldEvery?: number;
}

/** What is used of a model. */
interface Predictor extends PlanSource {
  readonly outputShape: Shape;
  readonly layers: readonly { readonly type: string }[];
  refuse(where: string, trains: boolean): void;
  loadRows(flat: FlatRows, row: number, rows: number, address: number, where: string): void;
  checkRules(flat: FlatRows, where: string): void;
}

/** Numbers that are looked at between two looks at the clock. */
const FEW = 1 << 13;
const MANY = 1 << 18;

/** A copy of a model's weights. */
interface Line {
  readonly weights: readonly number[];
  /** The model on that copy. The memory is freed with it. */
  readonly source: PlanSource;
  plan: ForwardPlan | undefined;
}

const lines = new WeakMap<Predictor, Line>();

/** What `Model.predictAsync` does. */
export async function predictAsync(
  model: Predictor,
  weights: readonly Float32Array[],
  x: Input,
  options: PredictAsyncOptions = {},
): Promise<Float32Array> {
  const where = "predictAsync";
  checkKeys(where, options, ["into", "yieldEvery"]);
  const { into } = options;
  checkKind(into === undefined || kindOf(into) === "Float32Array", where, "into", "a Float32Array", into);
  return infer(model, weights, x, into, budgetOf(options, where), where);
}

/** What `Model.classifyAsync` does. */
export async function classifyAsync(
  model: Predictor,
  weights: readonly Float32Array[],
  x: Input,
  options: Omit<PredictAsyncOptions, "into"> = {},
): Promise<number[]> {
  const where = "classifyAsync";
  checkKeys(where, options, ["yieldEvery"]);
  if (model.layers.at(-1)!.type === "outputs") {
    throw new RangeError(
      `${where}: the model has several outputs, which have no class as one; split them: outputs.split(await model.predictAsync(x))`,
    );
  }
  const budget = budgetOf(options, where);
  const output = await infer(model, weights, x, undefined, budget, where);
  const outputs = model.outputShape.at(-1)!;
  const some = Math.ceil(FEW / outputs) * outputs;
  const labels: number[] = [];
  for (let at = 0; at < output.length; at += some) {
    await budget.yield();
    labels.push(...labelsOf(output.subarray(at, at + some), outputs, model.outputActivation));
  }
  return labels;
}

function budgetOf({ yieldEvery = 8 }: PredictAsyncOptions, where: string): YieldBudget {
  checkPositive(where, "yieldEvery", yieldEvery);
  return new YieldBudget(() => 1, yieldEvery);
}

async function infer(
  model: Predictor,
  weights: readonly Float32Array[],
  x: Input,
  into: Float32Array | undefined,
  budget: YieldBudget,
  where: string,
): Promise<Float32Array> {
  model.refuse(where, false);
  model.kept?.refuse(where);
  const { core, inputShape } = model;
  const { arena } = core;
  const flat = await flattenInSlices(x, inputShape, where, budget);
  const size = sizeOf(inputShape);
  const outputs = sizeOf(model.outputShape);
  const count = flat.rows * outputs;
  if (into && into.length !== count) {
    throw new RangeError(
      `${where}: into must have ${count} numbers (rows times outputs: ${flat.rows} x ${outputs}), got ${into.length}`,
    );
  }
  if (into && overlap(into, flat.data)) {
    throw new RangeError(`${where}: into and x share memory, so that rows would be overwritten before they are read`);
  }
  const result = into ?? roomFor(count, where);
  const line = lineOf(model);
  // one call at a time: they use the same memory
  return inTurn(model, async () => {
    const { graph, program, capacity, forward } = planFor(line, Math.min(flat.rows, PREDICT_ROWS));
    weights.forEach((values, i) => arena.write(line.weights[i]!, values)); // a copy: training goes on meanwhile
    const runner = core.executor.runner(program);
    const load = (row: number, rows: number): void => model.loadRows(flat, row, rows, graph.input.address, where);
    // everything is checked before the first number is computed
    const checked = Math.min(capacity, Math.ceil(MANY / size));
    for (let row = 0; row < flat.rows; row += checked) {
      await budget.yield();
      const rows = Math.min(checked, flat.rows - row);
      load(row, rows);
      orWhole(
        () => model.checkRules({ ...flat, rows, data: flat.data.subarray(row * size, (row + rows) * size) }, where),
        () => model.checkRules(flat, where),
      );
    }
    for (let row = 0, rows = 1, millis = 0; row < flat.rows;) {
      rows = Math.min(rows, flat.rows - row, capacity);
      await budget.yield(Math.min(rows * millis, 0.9 * budget.slice));
      load(row, rows);
      program.begin({ updates: 0, passes: 0, epochs: 0 }, { rows, batchSize: rows, first: forward.first });
      const start = performance.now();
      await runner(1, false, budget);
      result.set(arena.floats(graph.output.address, rows * outputs), row * outputs);
      row += rows;
      millis = (performance.now() - start) / rows;
      // what a row takes differs from run to run: it grows step by step
      rows = Math.max(1, Math.min(2 * rows, Math.floor(budget.slice / 2 / millis)));
    }
    return result;
  });
}

/** Does something with a part of the rows; what is refused is refused of the whole, which names the row among all. */
function orWhole<T>(part: () => T, whole: () => unknown): T {
  try {
    return part();
  } catch (error) {
    whole();
    throw error;
  }
}

/** The model's line, with room for a copy of its weights. */
function lineOf(model: Predictor): Line {
  const known = lines.get(model);
  if (known) return known;
  const { core, run } = model;
  const workspace = new Workspace(core.arena, "predictAsync");
  const { ranges } = run;
  const weights = ranges.map(({ bytes }) => workspace.allocate(bytes + 48, "a copy of the weights"));
  /** Where the copy of what is at an address is. */
  const copyOf = (at: number): number => {
    const i = ranges.findIndex(({ address, bytes }) => at >= address && at < address + bytes);
    return weights[i]! + at - ranges[i]!.address;
  };
  const nodes = model.nodes.map((node) => ({
    ...node,
    parameters: node.parameters.map((p) => ({ ...p, address: copyOf(p.address) })),
  }));
  const source = Object.assign(Object.create(model) as PlanSource, { nodes });
  freeWith(source, workspace);
  const line: Line = { weights, source, plan: undefined };
  lines.set(model, line);
  return line;
}

/** A plan for so many rows on the copy: the last one, if it can be used again. */
function planFor(line: Line, rows: number): ForwardPlan {
  const old = line.plan;
  if (old && old.capacity >= rows) return old;
  old?.workspace.free();
  line.plan = undefined;
  const plan = makeForwardPlan(line.source, rows, false);
  plan.program.setRecords(plan.forward, { first: plan.forward.last, last: plan.forward.last }, 0);
  return (line.plan = plan);
}

/** Do two arrays have a byte in common? */
const overlap = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** `flattenRows`, a few rows at a time where numbers are converted. */
async function flattenInSlices(x: Input, shape: Shape, where: string, budget: YieldBudget): Promise<FlatRows> {
  const whole = (of = x): FlatRows => flattenRows(of, shape, where, "x");
  const data: unknown = Object(x) === x && isSamples(x) ? x.data : x;
  if (!isNumbers(data) || /^(Float32|Uint8)/.test(kindOf(data))) return whole();
  const values = data as Float64Array; // or nested arrays, which have a slice, too
  const { length } = values;
  const size = sizeOf(shape);
  const nested = Array.isArray(data) && typeof data[0] !== "number";
  /** Numbers of an entry. */
  const unit = nested ? size : 1;
  const entries = (Math.ceil(FEW / size) * size) / unit;
  if (length <= entries) return whole();
  const flat = new Float32Array(length * unit);
  let scale = 1;
  for (let at = 0; at < length; at += entries) {
    const some = values.slice(at, at + entries);
    const part = orWhole(() => whole((data === x ? some : { ...x, data: some }) as Input), whole);
    flat.set(part.data, at * unit);
    ({ scale } = part);
    await budget.yield();
  }
  return { data: flat, rows: flat.length / size, scale, original: nested ? flat : values };
}
