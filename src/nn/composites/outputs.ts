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
import { isLoss, type Loss, targetShapeOf } from "../losses/loss.ts";
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
}

/** Several outputs of a model: its last layers, its loss, its targets, and what it predicts. */
export interface Outputs<Name extends string> {
  /** The end of the model: every output's layers on the same value. */
  layer(branches: Readonly<Record<Name, Layer | readonly Layer[]>>): Layer;
  /** The sum of the outputs' losses, each times its weight: for the trainer. */
  readonly loss: Loss;
  /**
   * Joins targets of each to rows of y.
   *
   * @throws {TypeError | RangeError} if one is missing or can't be used
   */
  targets(values: Readonly<Record<Name, Target>>): Float32Array;
  /** Splits rows of the model's output into rows of each. */
  split(rows: ArrayLike<number>): Record<Name, Float32Array>;
}

/**
 * Several outputs of a model, by name, each with a loss of its own: the model is trained on the sum of the losses times their
 * weights, each loss as its own reduction says, whatever the batch size. The trainer refuses metrics of classes; `mae` and its like are
 * of all outputs together, where all are numbers. Use `split` to measure each.
 *
 * @throws {TypeError | RangeError} if an option can't be used, or a name is a whole number
 * @example
 * const ends = outputs({
 *   digit: { shape: 10, loss: softmaxCrossEntropy() },
 *   odd: { shape: 1, loss: binaryCrossEntropyWithLogits(), weight: 0.5 },
 * });
 * const layers = ends.layer({ digit: dense(10), odd: [dense(4), relu(), dense(1)] });
 * const model = await sequential({ input: 64 }, dense(16), relu(), layers);
 * const trainer = new Trainer(model, { loss: ends.loss, optimizer: adam() });
 * const x = new Float32Array(2 * 64).fill(0.5);
 * await trainer.fit({ x, y: ends.targets({ digit: [3, 4], odd: [1, 0] }) });
 * const { digit, odd } = ends.split(model.predict(x));
 */
export function outputs<Name extends string>(options: Readonly<Record<Name, OutputOptions>>): Outputs<Name> {
  checkKind(isObject(options), "outputs", "the argument", "an object of { shape, loss }", options);
  checkOrder("outputs", options);
  const entries = Object.entries(options) as [Name, OutputOptions][];
  const shapes = Object.fromEntries(
    entries.map(([name, output]) => {
      checkKind(isObject(output), "outputs", name, "{ shape, loss, ... }", output);
      checkKeys(`outputs: ${name}`, output, ["shape", "loss", "weight", "labels"]);
      return [name, output.shape];
    }),
  ) as Record<Name, number | Shape>;
  const { slices, ...all } = partsOf("outputs", shapes);
  const parts = slices.map(([name, shape, offset]) => {
    const { loss, weight = 1, labels } = options[name];
    const size = sizeOf(shape);
    checkKind(isLoss(loss), "outputs", `the loss of ${name}`, "a loss such as softmaxCrossEntropy()", loss);
    checkNotNegative("outputs", `the weight of ${name}`, weight);
    if (labels !== undefined) checkBoolean("outputs", `labels of ${name}`, labels);
    loss.check(shape, `outputs: ${name}`);
    return { name, shape, offset, size, loss, weight, labels: labels ?? (loss.target !== "values" && size > 1) };
  });
  const names = parts.map(({ name }) => name);
  const width = all.shape[0]!;
  const loss: Loss = Object.freeze<Loss>({
    type: "joint",
    load(to) {
      const core = to as Core;
      parts.forEach((part) => part.loss.load?.(core));
      // its own kernel comes with the layer that ends the model
      if (core.places.has("jointLoss")) return;
      throw new RangeError("outputs: a model that is trained with their loss must end with their layer(...)");
    },
    options: {},
    reduction: "mean",
    joint: parts.every(isOfNumbers) ? "numbers" : "mixed",
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
    args({ parts: { place, records, workspace, program, part } }) {
      const { capacity, x, target, weights } = place;
      const slots = parts.flatMap(({ name, shape, offset, size, loss: partLoss, weight, labels }) => {
        const pick = (from: number, elements: number): number => {
          const y = workspace.allocate(capacity * elements * 4, "the outputs");
          records.add("sliceForward", elements, { x: from, y, dx: 0, dy: 0, ...sliceArgs(width, offset, elements) });
          return y;
        };
        const dx = workspace.allocate(capacity * size * 4, "the outputs");
        const value = part(partLoss, {
          capacity,
          shape,
          labels,
          x: pick(x, size),
          target: pick(target, sizeOf(targetShapeOf(partLoss, labels, shape))),
          dx,
          weights,
        });
        return [
          [`${name}Value`, value],
          [`${name}Gradient`, dx],
          [`${name}Bytes`, size * 4],
          [`${name}Weight`, f64(weight)],
          [`${name}Merge`, partLoss.joint ? MERGE_JOINT : partLoss.reduction === "sum" ? MERGE_SUM : MERGE_MEAN],
          // the epoch's sums so far: total and divisor
          [`${name}Sums`, workspace.allocate(16, "the outputs")],
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
      return concatOutputs(inner, (output, i) => {
        const { name, shape } = parts[i]!;
        if (shapeText(output) === shapeText(shape)) return;
        throw new RangeError(`outputs: ${name} is ${shapeText(shape)}, but its layers give ${shapeText(output)}`);
      });
    },
    targets(values: Readonly<Record<Name, Target>>) {
      checkByName("outputs.targets", values, names);
      const flat = parts.map(({ name, shape, labels, loss: partLoss }) => {
        const target = labels ? "labels" : "values";
        const rows = isObject(values[name]) && "length" in values[name] ? values[name].length : 0;
        return flattenTargets(values[name], rows, shape, { ...partLoss, target }, `outputs.targets: ${name}`);
      });
      const rows = commonRows("outputs.targets", flat, names);
      const rowsOfAll = new Float32Array(rows * width);
      // labels are integers of 32 bits, and stay so
      const words = new Int32Array(rowsOfAll.buffer);
      flat.forEach(({ data, labels }, i) => {
        const { offset } = parts[i]!;
        const count = data.length / rows;
        const to = labels ? words : rowsOfAll;
        for (let r = 0; r < rows; r++) to.set(data.subarray(r * count, (r + 1) * count), r * width + offset);
      });
      return rowsOfAll;
    },
  });
}

/** Gives the same input to each of the layers, and concatenates the numbers that they give. */
export function concatOutputs(inner: readonly Layer[], check?: (output: Shape, i: number) => void): Layer {
  return composite("outputs", inner, {}, (graph, x, layers) => {
    const [first, ...others] = layers.map((layer, i) => {
      const end = graph.add(layer, x);
      const output = graph.shape(end);
      check?.(output, i);
      return graph.add(reshape([sizeOf(output)]), end);
    });
    return graph.add(join(-1), first!, Object.fromEntries(others.map((value, i) => [String(i + 2), value])));
  });
}
