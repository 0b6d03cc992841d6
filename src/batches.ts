// From the user's data to memory that the core gathers batches from: looked over once, before any number is computed.
import { freeWith, Workspace } from "./arena.ts";
import { checkWeights } from "./check.ts";
import { checkData, Dataset, type Target, type TrainingData } from "./data/dataset.ts";
import { flattenRows, isSamples, nonFiniteText, type Rule, writeScaled } from "./data/samples.ts";
import { type Loss, targetShapeOf } from "./losses/loss.ts";
import type { Core } from "./module.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** Data in the core's memory. */
export interface Prepared {
  readonly rows: number;
  readonly x: { readonly address: number; readonly bytes: boolean; readonly scale: number };
  readonly y: { readonly address: number; readonly labels: boolean };
  /** Address of one float32 a row, or 0. */
  readonly weights: number;
  /** Bytes of a row of x and of y. */
  readonly rowBytes: { readonly x: number; readonly y: number };
  /** Gives the memory back, unless it belongs to a data set. */
  release(): void;
}

/** What the data must fit. */
export interface Fit {
  readonly core: Core;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly loss: Loss;
  readonly rules: readonly Rule[];
}

const kept = new WeakMap<object, WeakMap<Dataset, Map<string, Prepared>>>();

/** Copies data into the core, or finds the copy that is there. */
export function prepare(data: TrainingData, fit: Fit, where: string): Prepared {
  checkData(where, data);
  if (!(data instanceof Dataset)) return copy(data, fit, where, undefined);
  const { core, inputShape, outputShape, loss, rules } = fit;
  const owner = rules.length > 0 ? rules : core; // what one model's rules allow, another's may not
  let sets = kept.get(owner);
  if (!sets) kept.set(owner, (sets = new WeakMap()));
  let copies = sets.get(data);
  if (!copies) sets.set(data, (copies = new Map()));
  const key = `${inputShape.join()}|${outputShape.join()}|${loss.target}|${loss.type}`;
  let prepared = copies.get(key);
  if (!prepared) copies.set(key, (prepared = copy(data, fit, where, data)));
  return prepared;
}

function copy(data: TrainingData, fit: Fit, where: string, holder: Dataset | undefined): Prepared {
  const { core, inputShape, outputShape, loss, rules } = fit;
  const x = flattenRows(data.x, inputShape, where, "x");
  for (const rule of rules) rule(x, sizeOf(inputShape), where);
  const y = flattenTargets(data.y, x.rows, outputShape, loss, where);
  if (x.rows !== y.rows) throw new RangeError(`${where}: x has ${x.rows} rows but y has ${y.rows}`);
  const weights = flattenWeights(data.sampleWeights, x.rows, where);
  const workspace = new Workspace(core.arena, where);
  try {
    const bytes = x.data instanceof Uint8Array;
    const xAddress = workspace.allocate(x.data.byteLength, "the data's x");
    if (bytes) core.arena.u8.set(x.data, xAddress);
    else {
      writeScaled(x, core.arena.f32.subarray(xAddress / 4, xAddress / 4 + x.data.length));
      const bad = core.exports.batchFirstNonFinite(xAddress, x.data.length) >>> 0;
      if (bad < x.data.length) throw new RangeError(nonFiniteText(where, "x", sizeOf(inputShape), bad, x));
    }
    const yAddress = workspace.allocate(y.data.byteLength, "the data's y");
    core.arena.u8.set(new Uint8Array(y.data.buffer, y.data.byteOffset, y.data.byteLength), yAddress);
    const wAddress = weights ? workspace.allocate(weights.byteLength, "the sample weights") : 0;
    if (weights) core.arena.f32.set(weights, wAddress / 4);
    if (holder) freeWith(holder, workspace);
    return {
      rows: x.rows,
      x: { address: xAddress, bytes, scale: bytes ? x.scale : 1 },
      y: { address: yAddress, labels: y.labels },
      weights: wAddress,
      rowBytes: { x: sizeOf(inputShape) * (bytes ? 1 : 4), y: y.data.byteLength / y.rows },
      release: () => {
        if (!holder) workspace.free();
      },
    };
  } catch (error) {
    workspace.free();
    throw error;
  }
}

interface FlatTargets {
  readonly data: Float32Array | Int32Array;
  readonly rows: number;
  readonly labels: boolean;
}

/** Targets as labels (int32) or values (float32), as the loss wants them. */
export function flattenTargets(
  target: Target,
  rows: number,
  outputShape: Shape,
  loss: Loss,
  where: string,
): FlatTargets {
  const outputs = sizeOf(outputShape);
  const labels = loss.target === "labels" || (loss.target === "either" && hasOneNumberARow(target, rows));
  if (!labels) {
    const shape = targetShapeOf(loss, labels, outputShape);
    const values = flattenRows(target, shape, where, "y");
    const data = new Float32Array(values.data.length);
    writeScaled(values, data);
    const row = sizeOf(shape);
    const rule = loss.targetRule ?? { holds: Number.isFinite, text: "finite" };
    for (let i = 0; i < data.length; i++) {
      if (rule.holds(data[i]!, outputShape)) continue;
      if (!Number.isFinite(data[i]) && Number.isFinite(values.given[i]))
        throw new RangeError(nonFiniteText(where, "y", row, i, values));
      throw new RangeError(
        `${where}: ${loss.type} needs targets that are ${rule.text}, but y at row ${Math.floor(i / row)}, column ${i % row} is ${data[i]}`,
      );
    }
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

function hasOneNumberARow(target: Target, rows: number): boolean {
  if (target === null || typeof target !== "object") return true; // refused where it is read
  if (isSamples(target)) return sizeOf(target.shape) === 1;
  const first: unknown = target[0];
  if (Array.isArray(first) || ArrayBuffer.isView(first)) return (first as ArrayLike<unknown>).length === 1;
  return target.length === rows;
}

/** One weight a row, or none. */
export function flattenWeights(
  weights: ArrayLike<number> | undefined,
  rows: number,
  where: string,
): Float32Array | undefined {
  if (weights === undefined) return undefined;
  return checkWeights(where, "sampleWeights", weights, rows, `there are ${rows} rows`);
}
