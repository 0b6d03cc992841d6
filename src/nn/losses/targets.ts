// Converts a user's targets to what the loss reads: labels as int32, or values as float32.
import type { Target } from "../../data/dataset.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { type Loss, targetShapeOf } from "./loss.ts";
import { type FlatRows, flattenRows, isSamples, nonFiniteText, writeScaled } from "../../data/samples.ts";

/** Targets as consecutive rows. */
export interface FlatTargets {
  /** Labels as int32, values as float32. */
  readonly data: Float32Array | Int32Array;
  /** How many rows there are. */
  readonly rows: number;
  /** One label per row. */
  readonly labels: boolean;
}

/** Validates targets and converts them to labels (int32) or values (float32), as the loss needs. */
export function flattenTargets(
  target: Target,
  rows: number,
  outputShape: Shape,
  loss: Loss,
  where: string,
): FlatTargets {
  const outputs = sizeOf(outputShape);
  const labels = loss.target === "labels" || (loss.target === "either" && hasOneNumberARow(target, rows, outputs));
  if (!labels) {
    const shape = targetShapeOf(loss, labels, outputShape);
    const values = flattenRows(target, shape, where, "y");
    const data = new Float32Array(values.data.length);
    writeScaled(values, data);
    const row = sizeOf(shape);
    const rule = loss.targetRule ?? { holds: Number.isFinite, text: "finite" };
    for (let i = 0; i < data.length; i++) {
      if (rule.holds(data[i]!, outputShape)) continue;
      if (!Number.isFinite(data[i]) && Number.isFinite(values.original[i]))
        throw new RangeError(nonFiniteText(where, "y", row, i, values));
      throw new RangeError(
        `${where}: ${loss.type} needs targets that are ${rule.text}, but y at row ${Math.floor(i / row)}, column ${i % row} is ${data[i]}`,
      );
    }
    loss.checkTargets?.(data, outputShape, where);
    return { data, rows: values.rows, labels };
  }
  const flat = flattenRows(target, [1], where, "y");
  const data = new Int32Array(flat.rows);
  for (let i = 0; i < flat.rows; i++) {
    const label = flat.data[i]! * flat.scale;
    if (!Number.isInteger(label) || label < 0 || label >= outputs) {
      throw new RangeError(
        `${where}: labels must be whole numbers from 0 to ${outputs - 1} (the model has ${outputs} outputs), but y[${i}] is ${label}`,
      );
    }
    data[i] = label;
  }
  return { data, rows: data.length, labels };
}

/** The same for the rows of x: each needs its target. */
export function targetsOf(x: FlatRows, target: Target, outputShape: Shape, loss: Loss, where: string): FlatTargets {
  const flat = flattenTargets(target, x.rows, outputShape, loss, where);
  if (x.rows === flat.rows) return flat;
  throw new RangeError(`${where}: x has ${x.rows} rows, but y has ${flat.rows}; each row of x needs one of y`);
}

/** Is there one number per row, if there are so many rows? Numbers that make no whole rows of the outputs are labels, too few or too many. */
function hasOneNumberARow(target: Target, rows: number, outputs: number): boolean {
  if (target === null || typeof target !== "object") return true; // refused where it is read
  if (isSamples(target)) return sizeOf(target.shape) === 1;
  const first: unknown = target[0];
  if (Array.isArray(first) || ArrayBuffer.isView(first)) return (first as ArrayLike<unknown>).length === 1;
  return target.length === rows || target.length % outputs > 0;
}
