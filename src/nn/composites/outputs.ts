// Several named outputs of a model, each with a loss of its own: a row of y is the concatenation of a row of each.
import { sliceArgs } from "../layers/slice.ts";
import { checkBoolean, checkKeys, checkKind, checkNotNegative, isObject } from "../../util/check.ts";
import { flattenTargets } from "../losses/targets.ts";
import { chainOf, checkLayers, composite } from "./composite.ts";
import { join } from "./concat.ts";
import type { Core } from "../../runtime/core.ts";
import type { Target } from "../../data/dataset.ts";
import { checkByName, checkOrder, commonRows, partsOf } from "./inputs.ts";
import { f64 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { reshape } from "../layers/reshape.ts";
import { isLoss, type Loss, type LossPlace, targetShapeOf } from "../losses/loss.ts";
import { type Figures, figuresOf, type Metric, type MetricPart } from "../metrics/metric.ts";
import { outputLoss } from "../metrics/outputLoss.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";

/** How the kernel merges a part's batches: the sum of totals over that of divisors, the sum of totals, or as a joint loss did. */
const MERGE_MEAN = 0;
const MERGE_SUM = 1;
const MERGE_JOINT = 2;

/** Does the loss compare an output's numbers with as many target values? */
const isOfNumbers = ({ loss, labels }: { readonly loss: Loss; readonly labels: boolean }): boolean =>
  !labels &&
  loss.target === "values" &&
  loss.targetShape === undefined &&
  loss.outputActivation === "identity" &&
  loss.joint !== "mixed";

/** Joined rows are looked at part by part. */
const ANY = { holds: () => true, text: "any" };

/** Kernels of metrics that leave out rows without a label. */
const SKIPPING: readonly string[] = ["accuracy", "classCounts", "logLoss", "topKAccuracy"];

/** One of several outputs. */
export interface OutputOptions {
  /** Numbers per row, or the sizes of a row's axes. */
  readonly shape: number | Shape;
  /** What is computed of this output and its targets, and made small. */
  readonly loss: Loss;
  /** What its loss counts in the sum; 0 or more; default 1. */
  readonly weight?: number;
  /** Targets are one label per row; default: true for losses that take labels, if there is more than one number per row. */
  readonly labels?: boolean;
  /** What is measured of this output, such as `accuracy()` or a list; default its loss alone. */
  readonly metrics?: Metric | readonly Metric[];
  /** Targets may be missing: a row with a label of -1, or a number that is NaN, counts nothing for this output; default false. */
  readonly missing?: boolean;
}

/** Several outputs of a model: its last layers, its loss, its targets, and what it predicts. */
export interface Outputs<Name extends string> {
  /** The end of the model: every output's layers on the same value. */
  layer(branches: Readonly<Record<Name, Layer | readonly Layer[]>>): Layer;
  /** The sum of the outputs' losses, each times its weight: for the trainer, with each output's figures. */
  readonly loss: Loss & Figures<`${Name}.${string}`>;
  /**
   * Joins targets of each to rows of y. An output whose loss takes none is left out. Labels are integers there, by their bits: rows may be
   * copied as float32, picked and put in another order, but not be computed with.
   *
   * @throws {TypeError | RangeError} if one is missing or can't be used
   */
  targets(values: Readonly<Partial<Record<Name, Target>>>): Float32Array;
  /** Splits rows of the model's output into rows of each. */
  split(rows: ArrayLike<number>): Record<Name, Float32Array>;
}

/**
 * Several outputs of a model, by name, each with a loss of its own: the model is trained on the sum of the losses times their
 * weights, each loss as its own reduction says, whatever the batch size. The history and `evaluate` have each one's loss, without its
 * weight, and its metrics: `digit.loss`, `digit.accuracy`, `validationDigit.loss`. Metrics of classes that are given to the trainer
 * itself are refused; `mae` and its like are of all outputs together, where all are numbers.
 *
 * @throws {TypeError | RangeError} if an option can't be used, or a name is a whole number
 * @example
 * const ends = outputs({
 *   digit: { shape: 10, loss: softmaxCrossEntropy(), metrics: accuracy() },
 *   odd: { shape: 1, loss: binaryCrossEntropyWithLogits(), weight: 0.5 },
 * });
 * const layers = ends.layer({ digit: dense(10), odd: [dense(4), relu(), dense(1)] });
 * const model = await sequential({ input: 64 }, dense(16), relu(), layers);
 * const trainer = new Trainer(model, { loss: ends.loss, optimizer: adam() });
 * const x = new Float32Array(2 * 64).fill(0.5);
 * const history = await trainer.fit({ x, y: ends.targets({ digit: [3, 4], odd: [1, 0] }) });
 * console.log(history["digit.accuracy"], history["odd.loss"]);
 * const { digit, odd } = ends.split(model.predict(x));
 */
export function outputs<Name extends string>(options: Readonly<Record<Name, OutputOptions>>): Outputs<Name> {
  checkKind(isObject(options), "outputs", "the argument", "an object of { shape, loss }", options);
  checkOrder("outputs", options);
  const entries = Object.entries(options) as [Name, OutputOptions][];
  const shapes = Object.fromEntries(
    entries.map(([name, output]) => {
      checkKind(isObject(output), "outputs", name, "{ shape, loss, ... }", output);
      checkKeys(`outputs: ${name}`, output, ["shape", "loss", "weight", "labels", "metrics", "missing"]);
      return [name, output.shape];
    }),
  ) as Record<Name, number | Shape>;
  const { slices, ...all } = partsOf("outputs", shapes);
  const parts = slices.map(([name, shape, offset]) => {
    const { loss, weight = 1, labels, missing = false } = options[name];
    const metrics = [options[name].metrics ?? []].flat() as readonly Metric[];
    const size = sizeOf(shape);
    checkKind(isLoss(loss), "outputs", `the loss of ${name}`, "a loss such as softmaxCrossEntropy()", loss);
    checkNotNegative("outputs", `the weight of ${name}`, weight);
    if (labels !== undefined) checkBoolean("outputs", `labels of ${name}`, labels);
    checkBoolean("outputs", `missing of ${name}`, missing);
    if (missing && loss.joint) {
      throw new RangeError(`outputs: missing of ${name} must be said of each output that ${name} is made of`);
    }
    loss.check(shape, `outputs: ${name}`);
    const takesLabels = loss.target === "labels" || loss.target === "either";
    const part = { name, shape, offset, size, loss, weight, missing, labels: labels ?? (takesLabels && size > 1) };
    checkMetrics(part, metrics);
    return { ...part, metrics: metricsOf(part, metrics) };
  });
  const names = parts.map(({ name }) => name);
  const width = all.shape[0]!;
  const metrics = parts.flatMap((part) => part.metrics);
  const loss = Object.freeze<Loss & Figures<`${Name}.${string}`>>({
    type: "joint",
    metrics: metrics as readonly Metric<`${Name}.${string}`>[],
    load(to) {
      const core = to as Core;
      parts.forEach((part) => part.loss.load?.(core));
      // its own kernel comes with the layer that ends the model
      if (core.places.has("jointLoss")) return;
      throw new RangeError("outputs: a model that is trained with their loss must end with their layer(...)");
    },
    options: Object.fromEntries(
      parts.map(({ name, loss: { type, options: its }, weight, missing }) => [
        name,
        JSON.stringify({ type, options: its, weight, missing }),
      ]),
    ),
    reduction: "mean",
    joint: parts.every(isOfNumbers) ? "numbers" : "mixed",
    targetRule: ANY,
    checkTargets: (values, _output, where) => checkJoined(parts, width, values, where),
    target: "values",
    outputActivation: "identity",
    each: "rows",
    check(output, where) {
      if (sizeOf(output) === width) return;
      throw new RangeError(
        `${where}: the loss is that of outputs of ${width} numbers (${names.join(", ")}), ` +
          `but the model gives ${shapeText(output)}; end the model with their layer(...)`,
      );
    },
    args({ parts: { place, records, workspace, program, part, sums } }) {
      const { capacity, x, target, weights } = place;
      const slots = parts.flatMap(({ name, shape, offset, size, loss: partLoss, weight, labels, missing }) => {
        const pick = (from: number, elements: number): number => {
          const y = workspace.allocate(capacity * elements * 4, "the outputs");
          records.add("sliceForward", elements, { x: from, y, dx: 0, dy: 0, ...sliceArgs(width, offset, elements) });
          return y;
        };
        const dx = workspace.allocate(capacity * size * 4, "the outputs");
        const targets = sizeOf(targetShapeOf(partLoss, labels, shape));
        const given = pick(target, targets);
        let at: LossPlace = { capacity, shape, labels, x: pick(x, size), target: given, dx, weights };
        if (missing) {
          const present = workspace.allocate(capacity * 4, "the outputs");
          at = { ...at, weights: present, ...(labels && { given: pick(target, targets) }) };
          records.add("presentMask", targets, { target: given, weight: weights, y: present, labels: labels ? 1 : 0 });
        }
        const value = part(partLoss, at, name);
        const epoch = { address: workspace.allocate(16, "the outputs"), bytes: 16 };
        sums.push(epoch);
        return [
          [`${name}Value`, value],
          [`${name}Gradient`, dx],
          [`${name}Bytes`, size * 4],
          [`${name}Weight`, f64(weight)],
          [`${name}Merge`, partLoss.joint ? MERGE_JOINT : partLoss.reduction === "sum" ? MERGE_SUM : MERGE_MEAN],
          // the epoch's sums so far: total and divisor
          [`${name}Sums`, epoch.address],
        ] as const;
      });
      return { rowBytes: width * 4, count: parts.length, program: program.address, ...Object.fromEntries(slots) };
    },
  });
  return Object.freeze({
    loss,
    split: all.split,
    layer(branches: Readonly<Record<Name, Layer | readonly Layer[]>>) {
      checkByName("outputs.layer", branches, names);
      const inner = parts.map(({ name }) => {
        const layers = [branches[name]].flat() as Layer[];
        checkLayers("outputs.layer", name, layers, 0);
        return chainOf("chain", layers);
      });
      return concatOutputs(inner, names, (output, i) => {
        const { name, shape } = parts[i]!;
        if (shapeText(output) === shapeText(shape)) return;
        throw new RangeError(`outputs: ${name} is ${shapeText(shape)}, but its layers give ${shapeText(output)}`);
      });
    },
    targets(values: Readonly<Partial<Record<Name, Target>>>) {
      const taking = parts.filter((part) => part.loss.target !== "none");
      const takers = taking.map(({ name }) => name);
      checkByName("outputs.targets", values, takers);
      if (takers.length === 0) {
        throw new RangeError(`outputs.targets: no loss takes targets; let y be rows of ${width} zeros`);
      }
      const flat = taking.map((part) => {
        const value = values[part.name] as Target;
        const rows = isObject(value) && "length" in value ? value.length : 0;
        const kind = part.missing ? orMissing(part) : ({ target: part.labels ? "labels" : "values" } as const);
        return flattenTargets(value, rows, part.shape, { ...part.loss, ...kind }, `outputs.targets: ${part.name}`);
      });
      const rows = commonRows("outputs.targets", flat, takers);
      const rowsOfAll = new Float32Array(rows * width);
      // labels are integers of 32 bits, and stay so
      const words = new Int32Array(rowsOfAll.buffer);
      flat.forEach(({ data }, i) => {
        const { offset, labels } = taking[i]!;
        const count = data.length / rows;
        const to = labels ? words : rowsOfAll;
        for (let r = 0; r < rows; r++) to.set(data.subarray(r * count, (r + 1) * count), r * width + offset);
      });
      return rowsOfAll;
    },
  });
}

/** One of several outputs, in rows of all. */
type JoinedPart = MetricPart & {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly missing: boolean;
};

/**
 * Refuses rows of joined targets that a part's loss can't read: they may be written by hand, or changed by `map`. Labels are integers in
 * their bits. Missing ones, which copies make one of many NaN, are -1 again.
 */
function checkJoined(
  parts: readonly Omit<JoinedPart, "path">[],
  width: number,
  values: Float32Array,
  where: string,
): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const rows = values.length / width;
  for (const { name, shape, offset, size, loss, labels, missing } of parts) {
    if (loss.target === "none") continue;
    const count = sizeOf(targetShapeOf(loss, labels, shape));
    const rule = loss.targetRule ?? { holds: Number.isFinite, text: "finite" };
    const refuse = (row: number, text: string, value: number): never => {
      throw new RangeError(
        `${where}: ${name} needs targets that are ${text}${missing ? ", or missing" : ""}, but in row ${row} of y it has ${value}; targets({ ... }) of ` +
          "the outputs joins and checks them",
      );
    };
    const present: number[] = [];
    for (let row = 0; row < rows; row++) {
      const at = row * width + offset;
      const all = values.subarray(at, at + count);
      if (missing && all.some(Number.isNaN)) {
        if (labels) words[at] = -1;
        continue;
      }
      present.push(row);
      if (labels) {
        const label = words[at]!;
        // a number in place of an integer's bits is meant as the label
        if (label < 0 || label >= size) refuse(row, `labels from 0 to ${size - 1}`, label > size ? values[at]! : label);
      } else {
        const bad = all.findIndex((value) => !rule.holds(value, shape));
        if (bad >= 0) refuse(row, rule.text, all[bad]!);
      }
    }
    if (!loss.checkTargets || labels) continue;
    const own = new Float32Array(present.length * count);
    present.forEach((row, i) => own.set(values.subarray(row * width + offset).subarray(0, count), i * count));
    loss.checkTargets(own, shape, `${where}: ${name}`);
    present.forEach((row, i) => values.set(own.subarray(i * count, (i + 1) * count), row * width + offset));
  }
}

/** How targets are read that may be missing: as numbers, of which a NaN, or a label of -1, says so. */
function orMissing({ loss, labels, shape }: Pick<MetricPart, "loss" | "labels" | "shape">) {
  const size = sizeOf(shape);
  const { holds, text } = loss.targetRule ?? { holds: Number.isFinite, text: "finite" };
  const row = targetShapeOf(loss, labels, shape);
  const targetRule = labels
    ? {
        holds: (label: number) => Number.isInteger(label) && label >= -1 && label < size,
        text: `labels: whole numbers from 0 to ${size - 1}, or -1 where one is missing`,
      }
    : {
        holds: (value: number) => Number.isNaN(value) || holds(value, shape),
        text: `${text}, or NaN where one is missing`,
      };
  return { target: "values", targetShape: () => row, targetRule } as const;
}

/** Refuses what aren't metrics, the same one twice, and those that would count rows without targets. */
function checkMetrics(
  { name, missing, labels }: { readonly name: string; readonly missing: boolean; readonly labels: boolean },
  metrics: readonly Metric[],
): void {
  metrics.forEach((metric, i) => {
    const is = typeof metric?.stateSize === "function";
    checkKind(is, "outputs", `the metrics of ${name}`, "a metric such as accuracy(), or a list", metric);
    if (metric.name === "loss" || metrics.findIndex((other) => other.name === metric.name) < i) {
      const rule = "each figure can be given once";
      throw new RangeError(`outputs: the metrics of ${name} have a second "${metric.name}"; ${rule}`);
    }
    if (!missing || metric.kernel === "custom" || (labels && SKIPPING.includes(metric.kernel))) return;
    throw new RangeError(
      `outputs: ${metric.type} of ${name} can't leave out rows whose target is missing; use its loss, metrics of labels, or a ` +
        `customMetric, in which such rows have the weight 0`,
    );
  });
}

/** The loss of an output, its metrics, and if it is made of outputs itself, theirs. */
function metricsOf(
  part: Pick<MetricPart, "shape" | "labels" | "loss"> & { readonly name: string },
  given: readonly Metric[],
) {
  const { name, shape, labels, loss } = part;
  const of = (metric: Metric): Metric => {
    const inner = metric.part ?? { path: "", shape, labels, loss };
    return Object.freeze({
      ...metric,
      name: `${name}.${metric.name}`,
      part: { ...inner, path: `${name}.${inner.path}` },
    });
  };
  return [outputLoss(loss), ...figuresOf(loss), ...given].map(of);
}

/**
 * Gives the same input to each of the layers, and concatenates the numbers that they give.
 *
 * @param names of the outputs; files of versions before 0.11 have none
 */
export function concatOutputs(
  inner: readonly Layer[],
  names?: readonly string[],
  check?: (output: Shape, i: number) => void,
): Layer {
  return composite("outputs", inner, names ? { names } : {}, (graph, x, layers) => {
    const [first, ...others] = layers.map((layer, i) => {
      const end = graph.add(layer, x);
      const output = graph.shape(end);
      check?.(output, i);
      return graph.add(reshape([sizeOf(output)]), end);
    });
    return graph.add(join(-1), first!, Object.fromEntries(others.map((value, i) => [String(i + 2), value])));
  });
}
