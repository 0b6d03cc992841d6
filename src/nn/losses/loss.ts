// What a loss is: a description that names its kernel, its targets, and how the losses of a batch become one number.
import type { Loaded } from "../../runtime/kernels.ts";
import { REDUCTION_BATCH_MEAN, REDUCTION_MEAN, REDUCTION_SUM } from "../../../build/abi.js";
import type { MemoryRange, Workspace } from "../../runtime/arena.ts";
import { checkOneOf, checkWeights } from "../../util/check.ts";
import type { Options } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { Core } from "../../runtime/core.ts";
import type { RecordList } from "../../runtime/program.ts";
import type { Shape } from "../../util/shape.ts";

/**
 * How the losses of a batch become one number: their mean (default), their sum, or the mean over the rows of each row's sum.
 * What `fit` and `evaluate` return is that of all rows together, whatever the batch size.
 */
export type Reduction = "mean" | "sum" | "batchMean";

/** How the model's output is turned into probabilities: `probabilities` and `classify` apply it. */
export type OutputActivation = (typeof OUTPUT_ACTIVATIONS)[number];
/** All of them. */
export const OUTPUT_ACTIVATIONS = ["identity", "sigmoid", "softmax", "exp", "sign"] as const;

/** The tensors that the record of a loss works on: addresses and sizes. */
export interface LossPlace {
  /** Rows that the buffers have capacity for. */
  readonly capacity: number;
  /** Shape of a row of the output. */
  readonly shape: Shape;
  /** The target is one label per row. */
  readonly labels: boolean;
  /** Address of the output. */
  readonly x: number;
  /** Address of the targets. */
  readonly target: number;
  /** Address of the output's gradient. */
  readonly dx: number;
  /** Address of the sample weights; 0: all 1. */
  readonly weights: number;
  /** Address of the labels as they were given, if some may be missing: -1 there, for metrics. */
  readonly given?: number;
}

/** What a loss that combines others may ask of the planner. */
export interface LossParts {
  /** The tensors of the combined loss. */
  readonly place: LossPlace;
  /** The records of the program, to be added to. */
  readonly records: RecordList;
  /** The memory of the program. */
  readonly workspace: Workspace;
  /** Sums over an epoch, which are part of checkpoints: whoever allocates some adds them. */
  readonly sums: MemoryRange[];
  /** The program: the address of its control block. */
  readonly program: { readonly address: number };
  /** Adds the record of another loss before this one's, of the output of this name. Returns the address of its total and divisor. */
  part(loss: Loss, place: LossPlace, name: string): number;
}

/** What a loss may ask of the planner. */
export interface LossContext {
  /** The memory and the kernels. */
  readonly core: Core;
  /** The target is one label per row. */
  readonly labels: boolean;
  /** Shape of a row of the output. */
  readonly shape: Shape;
  /** Address of these numbers as float32. */
  constants(values: readonly number[]): number;
  /** For losses that combine others. */
  readonly parts: LossParts;
}

/** A loss: what a model is trained to make small. Its type is the stem of its kernel, unless it names another. */
export type Loss = LossDescription &
  (
    | (Loaded<"type", "Loss"> & { readonly kernel?: undefined })
    | { readonly type: string; readonly kernel: "custom"; load?(to: Core): void }
  );

/** Was it made by a function that makes losses? */
export const isLoss = (value: Loss): boolean => typeof value?.check === "function" && "reduction" in value;

/** All of a loss but its kernel. */
export interface LossDescription {
  /** What the factory was given, defaults filled in: written to messages and files. */
  readonly options: Options;
  /** How the losses of a batch become one number. */
  readonly reduction: Reduction;
  /** Targets: one label per row, values of the output's shape, either (labels if there is one number per row), or none. */
  readonly target: "labels" | "values" | "either" | "none";
  /** How `probabilities` and `classify` read the output. */
  readonly outputActivation: OutputActivation;
  /** By the types of layers that no model for this loss ends with: what to say of it, given the name of the layer before. */
  readonly refusedEnds?: Readonly<Record<string, (before: string | undefined) => string>>;
  /** Shape of a row of target values; default the output's. */
  targetShape?(output: Shape): Shape;
  /** Targets are a label at every step, of which there is one for each answer of the output's last axis; -1 counts nothing. */
  readonly stepLabels?: boolean;
  /** What every target value must be; default finite. */
  readonly targetRule?: { holds(value: number, output: Shape): boolean; readonly text: string };
  /** Throws, naming `where`, if rows of target values can't be used together, each of them keeping to the rule. */
  checkTargets?(values: Float32Array, output: Shape, where: string): void;
  /**
   * It is made of several losses, each with its own reduction: the kernel keeps the sums of each over an epoch. "numbers": all
   * compare numbers with as many targets.
   */
  readonly joint?: "numbers" | "mixed";
  /** The loss is computed per row ("rows") or per element ("elements"). */
  readonly each: "rows" | "elements";
  /** Throws, naming `where`, if the output can't be used. */
  check(output: Shape, where: string): void;
  /** The arguments after those that all losses share. */
  args(context: LossContext): KernelArgs;
}

/** What every loss takes. */
export interface LossOptions {
  /** How the losses of a batch become one number; default "mean", but for `klDivergence`. */
  readonly reduction?: Reduction;
}

/** Shape of a row of targets. */
export function targetShapeOf(loss: Pick<Loss, "targetShape">, labels: boolean, output: Shape): Shape {
  return labels ? [1] : (loss.targetShape?.(output) ?? output);
}

const CODES: Readonly<Record<Reduction, number>> = {
  mean: REDUCTION_MEAN,
  sum: REDUCTION_SUM,
  batchMean: REDUCTION_BATCH_MEAN,
};

/** The number that the kernels know a reduction by. */
export function reductionCode(reduction: Reduction): number {
  return CODES[reduction];
}

/** Refuses a reduction that the loss doesn't have. */
export function checkReduction(
  where: string,
  reduction: Reduction,
  known: readonly Reduction[] = ["mean", "sum"],
): void {
  checkOneOf(where, "reduction", reduction, known);
}

/** Refuses class weights that aren't one per class, or are negative, or all 0. */
export function checkClassWeights(where: string, weights: readonly number[] | undefined, classes: number): void {
  if (weights !== undefined) checkWeights(where, "classWeights", weights, classes, `the model has ${classes} classes`);
}
