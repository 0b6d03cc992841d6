// What a metric is, and checks that several share.
import type { Loaded } from "../../runtime/kernels.ts";
import type { Layer, Options } from "../../graph/layer.ts";
import type { Loss } from "../losses/loss.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { type Shape, shapeText } from "../../util/shape.ts";

/** What a metric may ask about the model and its loss. */
export interface MetricContext {
  /** Shape of the model's output. */
  readonly output: Shape;
  /** The target is one label per row. */
  readonly labels: boolean;
  /** Every output is a yes or no of its own, not one class of several. */
  readonly separate: boolean;
  /** A single output above this says yes. */
  readonly threshold: number;
  /** Rows that will be evaluated. */
  readonly rows: number;
  /** Targets have a shape of their own, such as one label at every step. */
  readonly stepwise: boolean;
  /** What the model is trained on. */
  readonly loss: Pick<Loss, "type" | "kernel" | "joint" | "outputActivation">;
  /** The model's layers, in their order. */
  readonly nodes: readonly { readonly layer: Pick<Layer, "type" | "kernel" | "trainingOnly"> }[];
}

/**
 * A number that says how good a model is, besides the loss: a description that names its kernel. `Name` is its key in the history,
 * such as "accuracy", where the compiler knows it.
 */
export type Metric<Name extends string = string> = MetricDescription<Name> & Loaded<"kernel", "Metric">;

interface MetricDescription<Name extends string> {
  /** Its key in the history and in the result of `evaluate`. */
  readonly name: Name;
  /** The factory's name. */
  readonly type: string;
  /** What the factory was given, defaults filled in. */
  readonly options: Options;
  /** It reads the model's output, or the probabilities made of it. */
  readonly input: "output" | "probabilities";
  /** Throws, naming `where`, if the metric can't be computed for such a model. */
  check(context: MetricContext, where: string): void;
  /** How many float64 sums the kernel keeps. */
  stateSize(context: MetricContext): number;
  /** The arguments after those that all metrics share. */
  args(context: MetricContext): KernelArgs;
  /** The metric, from the sums. */
  result(state: Float64Array, context: MetricContext): number;
}

/** Classes of a model's output: a single output says yes or no. */
export function classesOf(output: Shape): number {
  const n = output.at(-1) ?? 1;
  return n === 1 ? 2 : n;
}

/** Refuses losses whose targets aren't those that a metric compares with: labels at every step, or those of several outputs. */
export function refuseStepwise({ stepwise, loss }: MetricContext, type: string, where: string): void {
  if (loss.joint) {
    throw new RangeError(
      `${where}: ${type} compares one answer a row, but the model has several outputs, each with a loss of its own; ` +
        `leave it out and compare what split gives of model.predict`,
    );
  }
  if (!stepwise) return;
  throw new RangeError(
    `${where}: ${type} compares one answer a row, but the loss has a target at every step; leave it out and watch the loss`,
  );
}

/** Losses of numbers: their targets are no classes. */
const OF_NUMBERS: readonly string[] = ["meanSquaredError", "meanAbsoluteError", "huber"];

/** Refuses losses of numbers, unless the model ends with what makes probabilities, as in textbooks' first networks. */
export function refuseNumbers({ loss, nodes }: MetricContext, type: string, where: string): void {
  const last = nodes.findLast(({ layer }) => layer.kernel !== undefined && !layer.trainingOnly)?.layer.type;
  if (loss.kernel !== undefined || !OF_NUMBERS.includes(loss.type) || /sigmoid|softmax/i.test(last ?? "")) return;
  throw new RangeError(
    `${where}: ${type} compares classes, but ${loss.type} is a loss of numbers, and the model doesn't end with a sigmoid or softmax ` +
      `that makes probabilities of them; use mae, rmse or r2, or a loss of classes such as softmaxCrossEntropy`,
  );
}

/** Refuses what isn't a classification: one answer per row, as an output for each class or a single yes or no. */
export function checkClassification(context: MetricContext, type: string, where: string): void {
  const { output, separate } = context;
  refuseStepwise(context, type, where);
  if (output.length === 1 && !(separate && output[0]! > 1)) return refuseNumbers(context, type, where);
  throw new RangeError(
    `${where}: ${type} needs one output a class, or a single one, got ${shapeText(output)} yes-or-no outputs`,
  );
}

/**
 * Loss and metrics by name: loss, validationLoss, accuracy, validationAccuracy, ... `Names` are the names, where the compiler knows
 * them: another one is then a type error.
 */
export type Logs<Names extends string = string> = Readonly<Record<Names, number>>;

/** The loss, and what else was measured. */
export type Measured<Names extends string = string> = Logs<Names> & { readonly loss: number };

/**
 * The names of a trainer's metrics, as far as the compiler knows them: those of a list that is written where the trainer is made, or
 * `as const`. An array may have been given more, so that its names are any.
 */
export type NamesOf<Metrics extends readonly Metric[]> = number extends Metrics["length"]
  ? string
  : Metrics[number]["name"];

/** The names that figures have on validation data: validationLoss, validationAccuracy. */
export type OnValidation<Names extends string> = `validation${Capitalize<Names>}`;

/** "max" for metrics of which more is better, by their names. */
export function modeOf(name: string): "min" | "max" {
  return /accuracy|precision|recall|f1|r2|auc/i.test(name) ? "max" : "min";
}

/** The figure that is followed: the one asked for, or the validation loss where there is one, or the loss. */
export function monitoredKey(where: string, monitor: string | undefined, logs: Logs): string {
  const key = monitor ?? ("validationLoss" in logs ? "validationLoss" : "loss");
  if (Object.hasOwn(logs, key) && logs[key] !== undefined) return key;
  const known = Object.keys(logs).join(", ");
  throw new Error(`${where}: there is no figure "${key}" to monitor; the history has ${known}`);
}
