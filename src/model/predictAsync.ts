// `predictAsync` and `classifyAsync`: prediction in slices of time, so that whoever calls is never held up. Fetched when first used.
import { type FlatRows, flattenRows, type Input, isSamples } from "../data/samples.ts";
import { freeWith, Workspace } from "../runtime/arena.ts";
import { performance } from "../runtime/timers.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import { checkKeys, checkKind, checkPositive } from "../util/check.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { type ForwardPlan, makeForwardPlan, type PlanSource, PREDICT_ROWS, roomFor } from "./forwardPlan.ts";

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
  /** The classes of rows of the output. */
  labels(output: Float32Array): ArrayLike<number>;
}

/** Numbers that are looked at between two looks at the clock. */
const FEW = 1 << 13;
const MANY = 1 << 18;

/** A model's plan on a copy of its weights, and its calls so far. */
class Line {
  plan: ForwardPlan | undefined;
  weights = 0;
  /** The last call. */
  last: Promise<unknown> = Promise.resolve();
  /** Frees the plan with the model. */
  source: PlanSource | undefined;
}

const lines = new WeakMap<Predictor, Line>();

/** What `Model.predictAsync` does. */
export async function predictAsync(
  model: Predictor,
  weights: Float32Array,
  x: Input,
  options: PredictAsyncOptions = {},
): Promise<Float32Array> {
  checkKeys("predictAsync", options, ["into", "yieldEvery"]);
  return infer(model, weights, x, options, "predictAsync");
}

/** What `Model.classifyAsync` does. */
export async function classifyAsync(
  model: Predictor,
  weights: Float32Array,
  x: Input,
  options: Omit<PredictAsyncOptions, "into"> = {},
): Promise<number[]> {
  checkKeys("classifyAsync", options, ["yieldEvery"]);
  if (model.layers.at(-1)!.type === "outputs") {
    throw new RangeError(
      "classifyAsync: the model has several outputs, which have no class as one; split them: outputs.split(await model.predictAsync(x))",
    );
  }
  const output = await infer(model, weights, x, options, "classifyAsync");
  const budget = budgetOf(options, "classifyAsync");
  const outputs = model.outputShape.at(-1)!;
  const some = Math.ceil(FEW / outputs) * outputs;
  const labels: number[] = [];
  for (let at = 0; at < output.length; at += some) {
    await budget.yield();
    labels.push(...Array.from(model.labels(output.subarray(at, at + some))));
  }
  return labels;
}

function budgetOf({ yieldEvery = 8 }: PredictAsyncOptions, where: string, run = () => 1): YieldBudget {
  checkPositive(where, "yieldEvery", yieldEvery);
  return new YieldBudget(run, yieldEvery);
}

async function infer(
  model: Predictor,
  weights: Float32Array,
  x: Input,
  options: PredictAsyncOptions,
  where: string,
): Promise<Float32Array> {
  const { into } = options;
  const isPlace = into === undefined || into instanceof Float32Array;
  checkKind(isPlace, where, "into", "a Float32Array", into);
  const budget = budgetOf(options, where);
  model.refuse(where, false);
  const flat = await flattenInSlices(x, model.inputShape, where, budget);
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
  const line = lines.get(model) ?? new Line();
  lines.set(model, line);
  // one call at a time: they use the same memory
  const run = line.last.then(() => runRows(model, line, weights, flat, result, options, where));
  line.last = run.catch(() => {}); // the caller gets the error
  await run;
  return result;
}

/** Runs all rows. */
async function runRows(
  model: Predictor,
  line: Line,
  weights: Float32Array,
  flat: FlatRows,
  result: Float32Array,
  options: PredictAsyncOptions,
  where: string,
): Promise<void> {
  const { core } = model;
  const { arena } = core;
  const { graph, program, capacity, forward } = planFor(model, line, Math.min(flat.rows, PREDICT_ROWS));
  arena.write(line.weights, weights); // a copy: training goes on meanwhile
  const runner = core.executor.runner(program);
  const budget = budgetOf(options, where);
  const { address } = graph.input;
  const size = sizeOf(model.inputShape);
  // everything is checked before the first number is computed
  const checked = Math.min(capacity, Math.ceil(MANY / size));
  for (let row = 0; row < flat.rows; row += checked) {
    await budget.yield();
    const rows = Math.min(checked, flat.rows - row);
    model.loadRows(flat, row, rows, address, where);
    try {
      model.checkRules({ ...flat, rows, data: flat.data.subarray(row * size, (row + rows) * size) }, where);
    } catch (error) {
      model.checkRules(flat, where); // which names the row among all
      throw error;
    }
  }
  const outputs = sizeOf(model.outputShape);
  let rows = 1;
  for (let row = 0, millis = 0; row < flat.rows;) {
    rows = Math.min(rows, flat.rows - row, capacity);
    await budget.yield(Math.min(rows * millis, 0.9 * budget.slice));
    model.loadRows(flat, row, rows, address, where);
    program.begin({ updates: 0, passes: 0, epochs: 0 }, { rows, batchSize: rows, first: forward.first });
    const start = performance.now();
    await runner(1, false, budget);
    result.set(arena.floats(graph.output.address, rows * outputs), row * outputs);
    row += rows;
    millis = (performance.now() - start) / rows;
    // what a row takes differs from run to run: it grows step by step
    rows = Math.max(1, Math.min(2 * rows, Math.floor(budget.slice / 2 / millis)));
  }
}

/** A plan for so many rows on a copy of the weights: the last one, if it can be used again. */
function planFor(model: Predictor, line: Line, rows: number): ForwardPlan {
  const old = line.plan;
  if (old && old.capacity >= rows) return old;
  old?.workspace.free();
  line.plan = undefined;
  const { core, inputShape, seed, run } = model;
  if (line.weights === 0) {
    const workspace = new Workspace(core.arena, "predictAsync");
    freeWith(line, workspace);
    line.weights = workspace.allocate(run.allBytes + 48, "a copy of the weights");
  }
  const by = line.weights - run.address;
  const nodes = model.nodes.map((node) => ({
    ...node,
    parameters: node.parameters.map((p) => ({ ...p, address: p.address + by })),
  }));
  line.source = { core, nodes, inputShape, seed, run, outputActivation: undefined, gradientOffset: () => 0 };
  const plan = makeForwardPlan(line.source, Math.max(rows, old?.capacity ?? 0), false);
  plan.program.setRecords(plan.forward, { first: plan.forward.last, last: plan.forward.last }, 0);
  return (line.plan = plan);
}

/** Do two arrays have a byte in common? */
const overlap = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** `flattenRows`, a few rows at a time where numbers are converted. */
async function flattenInSlices(x: Input, shape: Shape, where: string, budget: YieldBudget): Promise<FlatRows> {
  const whole = (): FlatRows => flattenRows(x, shape, where, "x");
  const data: unknown = Object(x) === x && isSamples(x) ? x.data : x;
  const isArray = Array.isArray(data);
  if (!isArray && !ArrayBuffer.isView(data)) return whole();
  const values = data as unknown as Float64Array; // or nested arrays, which have a slice, too
  if (values instanceof Float32Array || values instanceof Uint8Array || values instanceof Uint8ClampedArray)
    return whole();
  const size = sizeOf(shape);
  const nested = isArray && typeof data[0] !== "number";
  const entries = Math.ceil(FEW / size) * (nested ? 1 : size);
  const { length } = values;
  if (!(length > entries)) return whole();
  try {
    const part = (from: number): FlatRows => {
      const some = values.slice(from, from + entries);
      return flattenRows((data === x ? some : { ...x, data: some }) as Input, shape, where, "x");
    };
    const flat = new Float32Array(nested ? length * size : length);
    const { scale } = part(0);
    for (let at = 0; at < length; at += entries) {
      flat.set(part(at).data, nested ? at * size : at);
      await budget.yield();
    }
    return { data: flat, rows: flat.length / size, scale, original: nested ? flat : (data as ArrayLike<number>) };
  } catch (error) {
    whole(); // which names the row among all
    throw error;
  }
}
