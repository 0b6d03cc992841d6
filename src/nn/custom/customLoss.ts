import { noSecond } from "../losses/refusedEnds.ts";
import { loadRest } from "../../../build/binaries.js";
import { RECORD_PER_ROW, RECORD_ARGS } from "../../../build/abi.js";
import type { Arena } from "../../runtime/arena.ts";
import { checkKeys, checkKind, checkOneOf } from "../../util/check.ts";
import {
  checkReduction,
  type OutputActivation,
  OUTPUT_ACTIVATIONS,
  type Loss,
  type Reduction,
} from "../losses/loss.ts";
import { type Call, callUser, floats, isWord, numberOf, placeKernels } from "./calls.ts";

/** What the targets of a custom loss are. */
type CustomTarget = "values" | "labels" | "none";

/** What `compute` gets. The arrays are views of the core's memory, row by row, which are valid during the call only. */
export interface CustomLossPass<T extends CustomTarget = "values"> {
  /** The model's output, rows times `outputs`; not to be written. */
  readonly output: Float32Array;
  /** As many values as the output has, or one label per row; empty without targets; not to be written. */
  readonly target: T extends "labels" ? Int32Array : Float32Array;
  /** Where the losses go: one per element of the output, or one per row. Holds zeros. */
  readonly losses: Float32Array;
  /** Where the derivative of each loss goes, with respect to each element of the output. Holds zeros. */
  readonly gradient: Float32Array;
  /** Rows of this batch. */
  readonly rows: number;
  /** Numbers per row of the output. */
  readonly outputs: number;
}

/** What a custom loss is made of. */
export interface CustomLossOptions<T extends CustomTarget> {
  /** What the loss is called: a word. */
  readonly type: string;
  /** Targets: values of the output's shape (default), one label per row, or none: a loss of the output alone. */
  readonly target?: T;
  /** One loss per element of the output (default), or one per row. */
  readonly each?: "elements" | "rows";
  /** Default "mean", over elements or rows; "sum"; for elements also "batchMean", the sum of a row's, mean over the rows. */
  readonly reduction?: Reduction;
  /** What makes probabilities of the output, if the loss contains it; default "identity". */
  readonly outputActivation?: OutputActivation;
  /**
   * The old name of `outputActivation`.
   *
   * @deprecated Use `outputActivation`.
   */
  readonly link?: OutputActivation;
  /** Writes losses and gradient: neither weighted nor averaged. */
  compute(pass: CustomLossPass<T>): void;
}

// the arguments of every loss; the number of the function comes after them
const X = 0;
const TARGET = 1;
const DX = 2;
const VALUE = 3;
const WEIGHT = 4;
const EACH = 5;

/**
 * A loss of your own, in TypeScript: `compute` writes the loss of each element (or row) of a batch and its derivative, on
 * arrays that are views of the core's memory. Sample weights, the mean or sum, and the scale of the gradient that follows
 * from it are taken care of.
 *
 * The same bits in every engine are up to you: `Math.exp`, `Math.log`, `**` and the like differ between engines, + - * / and
 * `Math.sqrt` don't. What `compute` throws comes out of `fit` or `step` with the loss's name in front and the error as `cause`;
 * the weights are then those of the step before, and training can go on. `gradCheck` tells whether the gradient is right. A
 * page's content security policy must allow `'wasm-unsafe-eval'`.
 *
 * @param options.type what it is called: a word
 * @param options.target "values" of the output's shape (default); "labels": one integer per row; or "none", for what depends on the output
 * alone: one of several `outputs`, which `targets` then leaves out; the loss of a whole model takes one number per row, which isn't read
 * @param options.each one loss for all "elements" (default), or "rows"
 * @param options.reduction "mean" (default), "sum", or for elements "batchMean"
 * @param options.outputActivation "sigmoid", "softmax", "exp" or "sign": how `probabilities` and `classify` read the
 *   output; default "identity"
 * @throws {TypeError | RangeError} if an option can't be used
 * @example
 * const pinball = (quantile: number) =>
 *   customLoss({
 *     type: "pinball", // the value that this share of the targets is below
 *     compute({ output, target, losses, gradient }) {
 *       for (let i = 0; i < output.length; i++) {
 *         const slope = output[i]! < target[i]! ? -quantile : 1 - quantile;
 *         losses[i] = slope * (output[i]! - target[i]!);
 *         gradient[i] = slope;
 *       }
 *     },
 *   });
 * const curve = await sequential({ input: 4 }, dense(8), tanh(), dense(1));
 * new Trainer(curve, { loss: pinball(0.9), optimizer: adam() }).step(x, y);
 */
export function customLoss<T extends CustomTarget = "values">(options: CustomLossOptions<T>): Loss {
  checkKeys("customLoss", options, ["type", "target", "each", "reduction", "outputActivation", "link", "compute"]);
  const { type, target = "values", each = "elements", reduction = "mean", link } = options;
  const { outputActivation = link === undefined ? "identity" : link } = options;
  checkKind(isWord(type), "customLoss", "type", 'a word such as "pinball"', type);
  checkOneOf(type, "target", target, ["values", "labels", "none"]);
  checkOneOf(type, "each", each, ["elements", "rows"]);
  checkReduction(type, reduction, each === "rows" ? ["mean", "sum"] : ["mean", "sum", "batchMean"]);
  checkOneOf(type, link === undefined ? "outputActivation" : "link", outputActivation, OUTPUT_ACTIVATIONS);
  if (link !== undefined && options.outputActivation !== undefined) {
    throw new RangeError(`${type}: link is an old name of outputActivation; give one of them`);
  }
  checkKind(typeof options.compute === "function", type, "compute", "a function", options.compute);

  const call: Call = (arena, args, rows) => {
    const { u32 } = arena;
    const outputs = u32[args + (RECORD_PER_ROW - RECORD_ARGS) / 4]!;
    const address = u32[args + TARGET]!;
    const losses = floats(arena, u32[args + EACH]!, each === "rows" ? rows : rows * outputs).fill(0);
    const gradient = floats(arena, u32[args + DX]!, rows * outputs).fill(0);
    const targets =
      target === "labels"
        ? new Int32Array(arena.memory.buffer, address, rows)
        : floats(arena, address, target === "none" ? 0 : rows * outputs);
    const pass = {
      output: floats(arena, u32[args + X]!, rows * outputs),
      target: targets,
      losses,
      gradient,
      rows,
      outputs,
    };
    callUser(`loss ${type}`, "compute", () => options.compute(pass as unknown as CustomLossPass<T>), arena);
    const weight = u32[args + WEIGHT]!;
    const weights = weight === 0 ? undefined : floats(arena, weight, rows);
    reduce(arena, u32[args + VALUE]!, losses, gradient, weights, rows, reduction);
  };
  return Object.freeze<Loss>({
    type,
    kernel: "custom",
    load(core) {
      placeKernels(core);
      loadRest(core); // what makes probabilities of outputs
    },
    options: { reduction },
    reduction,
    target,
    ...(target === "none" && { targetShape: () => [1] }),
    outputActivation,
    refusedEnds: noSecond(outputActivation),
    each,
    check: () => {},
    args: ({ core }) => ({ call: numberOf(call, core) }),
  });
}

/** Weights and sums the losses, in float64 and in their order, and gives the gradient its share. */
function reduce(
  arena: Arena,
  value: number,
  losses: Float32Array,
  gradient: Float32Array,
  weights: Float32Array | undefined,
  rows: number,
  reduction: Reduction,
): void {
  weights?.forEach((w, row) => {
    for (const values of [losses, gradient]) {
      const n = values.length / rows;
      for (let i = row * n; i < (row + 1) * n; i++) values[i]! *= w;
    }
  });
  const sum = (values: Float32Array): number => values.reduce((total, v) => total + v, 0);
  let divisor = weights ? sum(weights) : rows;
  if (reduction === "mean") divisor *= losses.length / rows;
  if (reduction === "sum") divisor = 1;
  arena.doubles(value, 2).set([sum(losses), divisor]);
  // rows that weigh nothing have no mean, and their gradient is 0
  const share = Math.fround(divisor > 0 ? 1 / divisor : 0);
  if (divisor !== 1) for (let i = 0; i < gradient.length; i++) gradient[i]! *= share;
}
