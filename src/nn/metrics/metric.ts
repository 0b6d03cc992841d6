// What a metric is, and checks that several share.
import type { Core } from "../../runtime/core.ts";
import type { Loaded } from "../../runtime/kernels.ts";
import type { Layer, Options } from "../../graph/layer.ts";
import type { Loss } from "../losses/loss.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { type Shape, shapeText } from "../../util/shape.ts";

/** What a metric may ask about the model and its loss; of a metric of one of several outputs, about that output. */
export interface MetricContext {
  /** Shape of the output. */
  readonly output: Shape;
  /** The target is one label per row. */
  readonly labels: boolean;
  /** Every output is a yes or no of its own, not one class of several. */
  readonly separate: boolean;
  /** A single output above this says yes. */
  readonly threshold: number;
  /** Rows that will be evaluated. */
  readonly rows: number;
  /** What the output is trained on. */
  readonly loss: Pick<Loss, "type" | "kernel" | "joint" | "outputActivation" | "targetShape" | "stepLabels">;
  /** The model's layers, in their order. */
  readonly nodes: readonly { readonly layer: Pick<Layer, "type" | "kernel" | "trainingOnly"> }[];
  /** The memory and the kernels. */
  readonly core: Core;
}

/**
 * A number that says how good a model is, besides the loss: a description that names its kernel. `Name` is its key in the history,
 * such as "accuracy", where the compiler knows it.
 */
export type Metric<Name extends string = string> = MetricDescription<Name> &
  (Loaded<"kernel", "Metric"> | { readonly kernel: "custom"; load(to: Core): void });

interface MetricDescription<Name extends string> {
  /** Its key in the history and in the result of `evaluate`. */
  readonly name: Name;
  /** The factory's name. */
  readonly type: string;
  /** What the factory was given, defaults filled in. */
  readonly options: Options;
  /** It reads the model's output, the probabilities made of it, or the sums of its loss. */
  readonly input: "output" | "probabilities" | "loss";
  /** "max" if more is better; default by its name, see `modeOf`. */
  readonly mode?: "min" | "max";
  /** The one of several outputs that it is of. */
  readonly part?: MetricPart;
  /** Throws, naming `where`, if the metric can't be computed for such a model. */
  check(context: MetricContext, where: string): void;
  /** How many float64 sums the kernel keeps. */
  stateSize(context: MetricContext): number;
  /** The arguments after those that all metrics share. */
  args(context: MetricContext, place: MetricPlace): KernelArgs;
  /** The metric, from the sums. */
  result(state: Float64Array, context: MetricContext): number;
  /** What it keeps besides the sums at this address, for a checkpoint. */
  kept?(core: Core, address: number): unknown;
  /** Takes back what `kept` gave. */
  keep?(core: Core, address: number, state: unknown): void;
  /** One for the rows of two that `kept` gave, of passes that were counted apart. */
  mergeKept?(one: unknown, other: unknown): unknown;
}

/** One of several outputs. */
export interface MetricPart {
  /** Its name and a full stop; of outputs within outputs, the outer name first. */
  readonly path: string;
  /** Its shape. */
  readonly shape: Shape;
  /** Its targets are one label per row. */
  readonly labels: boolean;
  readonly loss: Loss;
}

/** What a metric's record may read besides output and target. */
export interface MetricPlace {
  /** Address of one float32 per row; 0: all 1. */
  readonly weights: number;
}

/** Classes of a model's output: a single output says yes or no. */
export function classesOf(output: Shape): number {
  const n = output.at(-1) ?? 1;
  return n === 1 ? 2 : n;
}

/** Is an answer any number of classes at once, each output a yes or no? */
export const isMultiLabel = ({ separate, output }: MetricContext): boolean => separate && output.at(-1)! > 1;

/** How the kernels read targets: as values, one label per row, or a label at every step. */
const VALUES = 0;
const LABELS = 1;
const STEP_LABELS = 2;

/** The arguments of all metrics of classes. */
export function classArgs({ labels, loss, output }: MetricContext) {
  return { labels: labels ? LABELS : loss.stepLabels ? STEP_LABELS : VALUES, columns: output.at(-1) ?? 1 };
}

/** Refuses losses whose targets aren't those that a metric compares with: those of several outputs, or of a shape of their own. */
export function refuseOthers({ loss }: MetricContext, type: string, where: string): void {
  if (loss.joint) {
    throw new RangeError(
      `${where}: ${type} compares one answer a row, but the model has several outputs, each with a loss of its own; ` +
        `give it to one of them: outputs({ name: { shape, loss, metrics: [${type}()] } })`,
    );
  }
  if (!loss.targetShape) return;
  throw new RangeError(
    `${where}: ${type} compares outputs with as many targets, but those of ${loss.type} have a shape of their own; ` +
      `leave it out and watch the loss`,
  );
}

/** Refuses answers of several classes at once, for what needs one class. */
export function refuseMultiLabel(context: MetricContext, type: string, where: string): void {
  if (!isMultiLabel(context)) return;
  const outputs = shapeText(context.output);
  throw new RangeError(`${where}: ${type} needs one output a class, got ${outputs} yes-or-no outputs; use accuracy`);
}

/** Losses of numbers: their targets are no classes. */
const OF_NUMBERS: readonly string[] = [
  "meanSquaredError",
  "meanAbsoluteError",
  "huber",
  "poisson",
  "quantile",
  "cosineSimilarity",
  "dice",
];

/** Refuses losses of numbers, unless the model ends with what makes probabilities, as in textbooks' first networks. */
export function refuseNumbers({ loss, nodes }: MetricContext, type: string, where: string): void {
  const last = nodes.findLast(({ layer }) => layer.kernel !== undefined && !layer.trainingOnly)?.layer.type;
  if (loss.kernel !== undefined || !OF_NUMBERS.includes(loss.type) || /sigmoid|softmax/i.test(last ?? "")) return;
  throw new RangeError(
    `${where}: ${type} compares classes, but ${loss.type} is a loss of numbers, and the model doesn't end with a sigmoid or softmax ` +
      `that makes probabilities of them; use mae, rmse or r2, or a loss of classes such as softmaxCrossEntropy`,
  );
}

/**
 * Refuses what isn't a classification: answers of an output for each class, or of yes-or-no outputs. A row has one, or one at every
 * step or pixel: [classes], [steps, classes], [height, width, classes].
 */
export function checkClassification(context: MetricContext, type: string, where: string): void {
  checkAnswers(context, type, where);
  refuseNumbers(context, type, where);
}

/** The same of losses of numbers, too: of one-hot targets the largest is the class. */
export function checkAnswers(context: MetricContext, type: string, where: string): void {
  const { output, labels, loss } = context;
  if (!loss.stepLabels) refuseOthers(context, type, where);
  if (!labels || output.length === 1) return;
  throw new RangeError(
    `${where}: ${type} needs one output a class, but there is one label a row for ${shapeText(output)} outputs; ` +
      `give a label at every step, for sequenceCrossEntropy`,
  );
}

/** The names of the figures that come with a loss, for the compiler: those of several outputs. */
export interface Figures<Names extends string> {
  readonly metrics: readonly Metric<Names>[];
}

/** The figures that come with a loss: none, but for several outputs. */
export const figuresOf = (loss: Loss | undefined): readonly Metric[] =>
  loss && "metrics" in loss ? (loss.metrics as Figures<string>["metrics"]) : [];

/** The names of the figures of a trainer's loss: none, but for several outputs. */
export type FiguresOf<L> = L extends Figures<infer Names> ? Names : never;

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

/** "max" for metrics of which more is better: by what they say, or by their names. */
export function modeOf(name: string, metrics: readonly Metric[] = []): "min" | "max" {
  const its = metrics.find((metric) => [metric.name, onValidation(metric.name)].includes(name));
  return its?.mode ?? (/accuracy|precision|recall|f1|r2|auc|iou/i.test(name) ? "max" : "min");
}

/** The name that a figure has on validation data. */
export const onValidation = (name: string): string => `validation${name[0]!.toUpperCase()}${name.slice(1)}`;

/** The figure that is followed: the one asked for, or the validation loss where there is one, or the loss. */
export function monitoredKey(where: string, monitor: string | undefined, logs: Logs): string {
  const key = monitor ?? ("validationLoss" in logs ? "validationLoss" : "loss");
  if (Object.hasOwn(logs, key) && logs[key] !== undefined) return key;
  const known = Object.keys(logs).join(", ");
  throw new Error(`${where}: there is no figure "${key}" to monitor; the history has ${known}`);
}
