import { RECORD_ARGS, RECORD_PER_ROW } from "../../../build/abi.js";
import type { Arena } from "../../runtime/arena.ts";
import type { Core } from "../../runtime/core.ts";
import { checkKeys, checkKind, checkOneOf, valueText } from "../../util/check.ts";
import { sizeOf } from "../../util/shape.ts";
import { targetShapeOf } from "../losses/loss.ts";
import type { Metric } from "../metrics/metric.ts";
import { type Call, callUser, floats, isWord, numberOf, placeKernels } from "./calls.ts";

/** What `add` gets. The arrays are views of the core's memory, row by row, which are valid during the call only; not to be written. */
export interface CustomMetricPass {
  /** The model's output, rows times `outputs`, or the probabilities made of it; of several outputs, the one that the metric is of. */
  readonly output: Float32Array;
  /** The targets as the loss takes them: values or labels at every step (float32), or one label per row (int32). */
  readonly target: Float32Array | Int32Array;
  /** What each row counts: all 1, where there are no `sampleWeights`. */
  readonly weights: Float32Array;
  /** Rows of this batch: the last one of an epoch may have fewer. */
  readonly rows: number;
  /** Numbers per row of the output. */
  readonly outputs: number;
}

/** What a custom metric is made of. */
export interface CustomMetricOptions<Name extends string, State> {
  /** Its key in the history and in the result of `evaluate`: a word. */
  readonly name: Name;
  /** "output": the model's output as `predict` gives it (default); "probabilities": as `probabilities` does. */
  readonly input?: "output" | "probabilities";
  /** "max" if more is better: `earlyStopping` goes by it; default by the name, "max" for accuracy, f1 and the like. */
  readonly mode?: "min" | "max";
  /** What there is before the first row. */
  start(): State;
  /** The state with the rows of a batch added to it: the same or a new one. */
  add(state: State, pass: CustomMetricPass): State;
  /** One state for the rows of two. */
  merge?(a: State, b: State): State;
  /** The metric for all rows that were added. */
  result(state: State): number;
}

// the arguments of every metric; the number of the function comes after them
const X = 0;
const TARGET = 1;
const STATE = 2;
const WEIGHT = 4;
const TARGETS = 5;
const LABELS = 6;

/**
 * A metric of your own, in TypeScript: `add` adds the rows of a batch to a state, of which `result` makes the figure. What a state is,
 * is up to you: as long as it adds up rows and not batches, the figure is that of all rows, exactly, whatever the batch size, short
 * last batches and `sampleWeights`. It stands in the history, in what `evaluate` and `step` return, on the progress line, and
 * `earlyStopping` can follow it (`reduceOnPlateau`, too, which has a `mode` of its own). Given to one of several `outputs`, it gets that
 * output alone.
 *
 * A checkpoint in the middle of an epoch holds the state, too, which then has to be made of numbers, strings, arrays, plain objects, maps,
 * sets and typed arrays.
 *
 * In `fit`, as of all metrics, the figure of an epoch is that of the outputs as they were when each batch was computed. With several
 * threads and `fit({ worker })` the model is computed on the calling thread, since a function can't be sent to another; `backend(model)`
 * says so. What `add` throws comes out of `fit`, `evaluate` or `step` with the metric's name in front and the error as `cause`. A page's
 * content security policy must allow `'wasm-unsafe-eval'`.
 *
 * @param options.name its key in the history: a word
 * @param options.input "output", as `predict` gives it (default), or "probabilities"
 * @param options.mode "max" if more is better, or "min"; default by the name, "max" for accuracy, f1 and the like
 * @param options.start gives the state before the first row: a number, an object, an array, anything but undefined
 * @param options.add gives the state with a batch's rows; it keeps none of the arrays, whose memory is used again
 * @param options.merge gives one state for the rows of two, which were added up apart: by the ranks of a `group`,
 * which refuse a metric without it
 * @param options.result gives the figure
 * @throws {TypeError | RangeError} if an option can't be used; from the trainer, if the model has several `outputs` and it isn't given to
 * one of them; while it runs, if `add` gives no state back, or `result` no number
 * @example
 * const largestError = customMetric({
 *   name: "largestError",
 *   start: () => 0,
 *   add: (largest, { output, target }) => output.reduce((m, v, i) => Math.max(m, Math.abs(v - target[i]!)), largest),
 *   merge: Math.max,
 *   result: (largest) => largest,
 * });
 * const line = await sequential({ input: 4 }, dense(1));
 * new Trainer(line, { loss: meanSquaredError(), optimizer: adam(), metrics: [largestError] });
 */
export function customMetric<const Name extends string, State>(
  options: CustomMetricOptions<Name, State>,
): Metric<Name> {
  checkKeys("customMetric", options, ["name", "input", "mode", "start", "add", "merge", "result"]);
  const { name, input = "output", mode, merge } = options;
  checkKind(isWord(name), "customMetric", "name", 'a word such as "largestError"', name);
  if (name === "loss" || /^validation[A-Z]/.test(name) || name in Object.prototype) {
    throw new RangeError(
      `customMetric: name must not be "${name}", which the history has of its own; take another word`,
    );
  }
  checkOneOf(name, "input", input, ["output", "probabilities"]);
  if (mode !== undefined) checkOneOf(name, "mode", mode, ["min", "max"]);
  for (const key of ["start", "add", "result", "merge"] as const) {
    if (key === "merge" && merge === undefined) continue;
    checkKind(typeof options[key] === "function", name, key, "a function", options[key]);
  }
  const where = `metric ${name}`;
  /** The states, by core and by the address of the sums: several programs may count at a time. */
  const states = new WeakMap<Core, Map<number, State>>();
  const given = (what: string, state: State): State => {
    if (state !== undefined) return state;
    throw new TypeError(`${where}: ${what} must give the state, got undefined; end it with return state`);
  };
  const started = (): State =>
    given(
      "start",
      callUser(where, "start", () => options.start()),
    );

  const callFor = (core: Core): Call => {
    const its = new Map<number, State>();
    states.set(core, its);
    return (arena, args, rows) => {
      const { u32 } = arena;
      const word = (slot: number): number => u32[args + slot]!;
      const outputs = word((RECORD_PER_ROW - RECORD_ARGS) / 4);
      const address = word(STATE);
      const sums = arena.doubles(address, 1);
      // sums that are 0 have been reset
      const before = sums[0] === 0 ? started() : its.get(address)!;
      const pass = passOf(arena, rows, outputs, {
        x: word(X),
        target: word(TARGET),
        targets: word(TARGETS),
        labels: word(LABELS) === 1,
        weight: word(WEIGHT),
      });
      const after = callUser(where, "add", () => options.add(before, pass), arena);
      its.set(address, given("add", after));
      sums[0]!++;
    };
  };
  const calls = new WeakMap<Core, Call>();
  return Object.freeze<Metric<Name>>({
    name,
    type: name,
    options: { input },
    kernel: "custom",
    load: placeKernels,
    input,
    ...(mode && { mode }),
    check({ loss }, at) {
      if (loss.joint !== "mixed") return;
      throw new RangeError(
        `${at}: ${name} compares one answer a row, but the model has several outputs, each with a loss of its own; ` +
          `give it to one of them: outputs({ name: { shape, loss, metrics: [${name}] } })`,
      );
    },
    stateSize: () => 1,
    args({ core, labels, loss, output }, { weights }) {
      let call = calls.get(core);
      if (!call) calls.set(core, (call = callFor(core)));
      const targets = sizeOf(targetShapeOf(loss, labels, output));
      return { call: numberOf(call, core), weight: weights, targets, labels: labels ? 1 : 0 };
    },
    kept: (core, address) => states.get(core)?.get(address),
    keep(core, address, state) {
      states.get(core)!.set(address, state as State);
    },
    ...(merge && {
      mergeKept: (one, other) =>
        given(
          "merge",
          callUser(where, "merge", () => merge(one as State, other as State)),
        ),
    }),
    result(sums, { core }) {
      const state = sums[0] === 0 ? started() : states.get(core)!.get(sums.byteOffset)!;
      const figure: unknown = callUser(where, "result", () => options.result(state));
      if (typeof figure === "number") return figure;
      throw new TypeError(`${where}: result must give a number, got ${valueText(figure)}`);
    },
  });
}

/** What a batch's record works on. */
function passOf(
  arena: Arena,
  rows: number,
  outputs: number,
  at: { x: number; target: number; targets: number; labels: boolean; weight: number },
): CustomMetricPass {
  return {
    output: floats(arena, at.x, rows * outputs),
    target: at.labels
      ? new Int32Array(arena.memory.buffer, at.target, rows)
      : floats(arena, at.target, rows * at.targets),
    weights: at.weight === 0 ? new Float32Array(rows).fill(1) : floats(arena, at.weight, rows),
    rows,
    outputs,
  };
}
