// An optimizer of the user's, in TypeScript: a kernel that calls a function for each parameter, on views of the core's memory.
import { PROGRAM_MICRO, PROGRAM_RATE, PROGRAM_STEP } from "../../../build/abi.js";
import type { Arena } from "../../runtime/arena.ts";
import { firstNonFinite } from "../../runtime/coreFunctions.ts";
import { checkFinite, checkKind, isRecord } from "../../util/check.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import {
  checkOptimizerKeys,
  type NamedParameter,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
} from "../optimizers/optimizer.ts";
import { type Call, callUser, floats, isWord, numberOf, placeKernels } from "./calls.ts";

/** What `update` gets, for one parameter. The arrays are views of the core's memory, which are valid during the call only. */
export interface CustomUpdate<S extends string = string> {
  /** The parameter's values, row by row: to be written. */
  readonly values: Float32Array;
  /** The gradient that counts, after clipping, weightDecay and l1, and of several passes the mean; not to be written. */
  readonly gradient: Float32Array;
  /** What is kept for each value from update to update, by name: to be written. */
  readonly slots: Readonly<Record<S, Float32Array>>;
  /** The learning rate of this update, as the schedule and `learningRates` say. */
  readonly learningRate: number;
  /** Number of this update; the first one is 1. */
  readonly step: number;
  /** The parameter's name, such as `dense1.weight`. */
  readonly name: string;
  /** Sizes of its axes. */
  readonly shape: Shape;
}

/** What a custom optimizer is made of, besides what every optimizer takes. */
export interface CustomOptimizerOptions<S extends string> extends OptimizerOptions {
  /** What the optimizer is called: a word. */
  readonly type: string;
  /** What is kept for each value of a parameter from update to update, by name, with what it is at first; default nothing. */
  readonly slots?: Readonly<Record<S, number>>;
  /** Writes the values of one parameter, and its slots. */
  update(parameter: CustomUpdate<S>): void;
}

// the arguments of every update: p, g, program, factor; then the number of the function, and the slots
const P = 0;
const G = 1;
const PROGRAM = 2;
const FACTOR = 3;
const SLOTS = 5;

/** An update that is being made. */
interface Update {
  readonly arena: Arena;
  readonly program: number;
  readonly step: number;
  readonly before: Map<number, Float32Array>;
}

/**
 * An optimizer of your own, in TypeScript: `update` is called once for each trained parameter, in their order, and writes its new
 * values, on arrays that are views of the core's memory. What it keeps, its `slots`, are numbers in that memory, too: they are in
 * `trainer.state()` as those of any optimizer. Learning rates, schedules, clipping, weightDecay, l1, `learningRates`, `decay`, frozen
 * layers, regularizers and constraints are taken care of, in the order in which the library's own optimizers have them.
 *
 * Slots are float32, rounded when they are written. The same bits in every engine are up to you: `Math.exp`, `**` and the like
 * differ between engines, + - * / and `Math.sqrt` don't. What `update` throws comes out of `fit`, `step` or `update` with the
 * optimizer's name in front and the error as `cause`; so does a value or slot that isn't finite afterwards. Values and slots of all
 * parameters are then those before the update. With several threads and `fit({ worker })` the model is computed on the calling
 * thread, since a function can't be sent to another; `backend(model)` says so. A page's content security policy must allow
 * `'wasm-unsafe-eval'`.
 *
 * @param options.type what it is called: a word
 * @param options.slots numbers that are kept for each value, by name, with what they are at first; default none
 * @param options.update writes `values` and `slots`; it keeps none of the arrays
 * @param options.learningRate default 0.01
 * @throws {TypeError | RangeError} if an option can't be used; while it runs, if a value or slot isn't finite
 * @example
 * const lion = customOptimizer({
 *   type: "lion", // steps of one size: by the sign of a mean of gradients
 *   slots: { mean: 0 },
 *   learningRate: 1e-4,
 *   update({ values, gradient, slots: { mean }, learningRate }) {
 *     for (let i = 0; i < values.length; i++) {
 *       values[i]! -= learningRate * Math.sign(0.9 * mean[i]! + 0.1 * gradient[i]!);
 *       mean[i] = 0.99 * mean[i]! + 0.01 * gradient[i]!;
 *     }
 *   },
 * });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: lion });
 */
export function customOptimizer<S extends string = never>(options: CustomOptimizerOptions<S>): Optimizer {
  checkOptimizerKeys("customOptimizer", options, ["type", "slots", "update"]);
  const { type, slots = {}, update, ...shared } = options;
  checkKind(isWord(type), "customOptimizer", "type", 'a word such as "lion"', type);
  checkKind(isRecord(slots), type, "slots", "an object, by names", slots);
  const states = Object.entries<number>(slots).map(([name, initial]) => {
    checkKind(isWord(name), type, "a name in slots", "a word", name);
    checkFinite(type, `slots.${name}`, initial);
    return { name, initial };
  });
  checkKind(typeof update === "function", type, "update", "a function", update);

  /** The update that is being made, and each parameter's values and slots before it, by their addresses. */
  let current: Update | undefined;
  const callFor = ({ name, shape }: NamedParameter): Call => {
    const size = sizeOf(shape);
    /** Room for what is there before. */
    const copies = ["", ...states].map(() => new Float32Array(size));
    return (arena, args, _rows, core) => {
      const { u32, f64 } = arena;
      const word = (slot: number): number => u32[args + slot]!;
      const program = word(PROGRAM);
      const step = u32[(program + PROGRAM_STEP) / 4]! + 2 ** 32 * u32[(program + PROGRAM_STEP) / 4 + 1]!;
      // each parameter has its turn once in an update
      const goesOn = current?.arena === arena && current.program === program && current.step === step;
      if (!goesOn || current!.before.has(word(P))) current = { arena, program, step, before: new Map() };
      const { before } = current!;
      const written = [word(P), ...states.map((_, i) => word(SLOTS + i))].map((address, i) => {
        const view = floats(arena, address, size);
        copies[i]!.set(view);
        before.set(address, copies[i]!);
        return view;
      });
      const factor = word(FACTOR) === 0 ? 1 : arena.floats(word(FACTOR), 1)[0]!;
      const given = floats(arena, word(G), size);
      try {
        callUser(
          `optimizer ${type}`,
          "update",
          () =>
            options.update({
              values: written[0]!,
              gradient: factor === 1 ? given : given.map((g) => g * factor),
              slots: Object.fromEntries(states.map((state, i) => [state.name, written[i + 1]!])) as Record<
                S,
                Float32Array
              >,
              learningRate: f64[(program + PROGRAM_RATE) / 8]!,
              step,
              name,
              shape,
            }),
          arena,
        );
        written.forEach((_, i) => {
          const address = word(i === 0 ? P : SLOTS + i - 1);
          const bad = firstNonFinite(core, address, size);
          if (bad < 0) return;
          const what = i === 0 ? `value ${bad}` : `slots.${states[i - 1]!.name}[${bad}]`;
          const value = arena.floats(address, size)[bad];
          throw new RangeError(
            `optimizer ${type}: update made ${what} of ${name} ${value}; values and slots must stay finite numbers`,
          );
        });
      } catch (error) {
        for (const [at, values] of before) arena.write(at, values);
        current = undefined;
        // the core counts an update before its records run
        arena.writeWords(program + PROGRAM_STEP, [(step - 1) >>> 0, Math.floor((step - 1) / 2 ** 32)]);
        const passes = arena.u32[(program + PROGRAM_MICRO) / 4]!;
        arena.writeWords(program + PROGRAM_MICRO, [Math.max(0, passes - 1)]);
        throw error;
      }
    };
  };
  const calls = new Map<string, Call>();
  const { ruleOf, ...made } = optimizer(type, shared, {
    kernel: "custom",
    load: placeKernels,
    learningRate: 0.01,
    options: {},
    states,
    limits: { gradient: 3.4028234663852886e38, rate: Infinity, product: Infinity },
    args(state, { parameter }, core) {
      const { name, shape } = parameter!;
      const key = `${name} ${shape.join()}`;
      let call = calls.get(key);
      if (!call) calls.set(key, (call = callFor(parameter!)));
      return {
        call: numberOf(call, core),
        ...Object.fromEntries(states.map((s) => [`slot ${s.name}`, state(s.name)])),
      };
    },
  });
  return Object.freeze<Optimizer>({
    ...made,
    ruleOf: (parameter) => ({ rate: 1, decays: true, ...ruleOf?.(parameter), parameter }),
  } as Optimizer);
}
