// Validates the user's data once, before any number is computed, and copies it to memory that the core gathers batches from.
import { targetsOf } from "../nn/losses/targets.ts";
import { freeWith, type MemoryRange, Workspace } from "../runtime/arena.ts";
import { checkWeights } from "../util/check.ts";
import { checkData, type Dataset, type TrainingData } from "../data/dataset.ts";
import { flattenRows, nonFiniteText, type Rule, writeScaled } from "../data/samples.ts";
import type { Loss } from "../nn/losses/loss.ts";
import type { Core } from "../runtime/core.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import { type Shape, sizeOf } from "../util/shape.ts";

/** Data in the core's memory. */
export interface Prepared {
  readonly rows: number;
  readonly x: { readonly address: number; readonly bytes: boolean; readonly scale: number };
  readonly y: { readonly address: number; readonly labels: boolean };
  /** Address of one float32 per row, or 0. */
  readonly weights: number;
  /** Bytes of a row of x and of y. */
  readonly rowBytes: { readonly x: number; readonly y: number };
  /** Frees the memory, unless it belongs to a data set. */
  release(): void;
}

/** What data is validated against. */
export interface DataSpec {
  readonly core: Core;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly loss: Loss;
  readonly rules: readonly Rule[];
}

const kept = new WeakMap<object, WeakMap<Dataset, Map<string, Prepared>>>();

const isDataset = (data: TrainingData): data is Dataset => "isDataset" in data;

/** Validates data and copies it into the core; of a data set, returns the copy that is there already. */
export function prepareData(data: TrainingData, spec: DataSpec, where: string): Prepared {
  checkData(where, data);
  if (!isDataset(data)) return copy(data, spec, where, undefined);
  const { core, inputShape, outputShape, loss, rules } = spec;
  const owner = rules.length > 0 ? rules : core; // what one model's rules allow, another's may not
  let sets = kept.get(owner);
  if (!sets) kept.set(owner, (sets = new WeakMap()));
  let copies = sets.get(data);
  if (!copies) sets.set(data, (copies = new Map()));
  const key = `${inputShape.join()}|${outputShape.join()}|${loss.target}|${loss.type}|${loss.targetShape && JSON.stringify(loss.options)}`;
  let prepared = copies.get(key);
  if (!prepared) copies.set(key, (prepared = copy(data, spec, where, data)));
  return prepared;
}

/** Validates data, but for numbers of x that aren't finite: `placeData` finds them. */
export function flattenData(data: TrainingData, { inputShape, outputShape, loss, rules }: DataSpec, where: string) {
  const x = flattenRows(data.x, inputShape, where, "x");
  for (const rule of rules) rule(x, sizeOf(inputShape), where);
  const y = targetsOf(x, data.y, outputShape, loss, where);
  return { x, y, weights: flattenWeights(data.sampleWeights, x.rows, where) };
}

/** Writes data to the core's memory, where `allocate` says. */
export function placeData(
  { x, y, weights }: ReturnType<typeof flattenData>,
  { core, inputShape }: DataSpec,
  where: string,
  allocate: (bytes: number, what: string) => number,
): Omit<Prepared, "release"> {
  const { arena } = core;
  const bytes = x.data.BYTES_PER_ELEMENT === 1;
  const xAddress = allocate(x.data.byteLength, "the data's x");
  if (bytes) arena.writeBytes(xAddress, x.data);
  else {
    writeScaled(x, arena.floats(xAddress, x.data.length));
    const bad = firstNonFinite(core, xAddress, x.data.length);
    if (bad >= 0) throw new RangeError(nonFiniteText(where, "x", sizeOf(inputShape), bad, x));
  }
  const yAddress = allocate(y.data.byteLength, "the data's y");
  arena.writeBytes(yAddress, y.data);
  const wAddress = weights ? allocate(weights.byteLength, "the sample weights") : 0;
  if (weights) arena.write(wAddress, weights);
  return {
    rows: x.rows,
    x: { address: xAddress, bytes, scale: bytes ? x.scale : 1 },
    y: { address: yAddress, labels: y.labels },
    weights: wAddress,
    rowBytes: { x: sizeOf(inputShape) * (bytes ? 1 : 4), y: y.data.byteLength / x.rows },
  };
}

/** The memory of the first rows. */
export const rangesOf = ({ x, y, weights, rowBytes }: Prepared, rows: number): MemoryRange[] => [
  { address: x.address, bytes: rows * rowBytes.x },
  { address: y.address, bytes: rows * rowBytes.y },
  ...(weights ? [{ address: weights, bytes: rows * 4 }] : []),
];

function copy(data: TrainingData, spec: DataSpec, where: string, holder: Dataset | undefined): Prepared {
  const flat = flattenData(data, spec, where);
  const workspace = new Workspace(spec.core.arena, where);
  try {
    const placed = placeData(flat, spec, where, (bytes, what) => workspace.allocate(bytes, what));
    if (holder) freeWith(holder, workspace);
    return {
      ...placed,
      release: () => {
        if (!holder) workspace.free();
      },
    };
  } catch (error) {
    workspace.free();
    throw error;
  }
}

/** Rows of arrays that are trained on: all but those that `validationSplit` holds back. Refuses options that leave nothing. */
export function trainedRows(
  rows: number,
  options: { readonly validationSplit: number; readonly dropLast: boolean; readonly batchSize: number },
): number {
  const { validationSplit, dropLast, batchSize } = options;
  const held = Math.floor(rows * validationSplit);
  if (validationSplit > 0 && held === 0) {
    throw new RangeError(`fit: validationSplit ${validationSplit} of ${rows} rows leaves none to measure with`);
  }
  const trained = rows - held;
  if (dropLast && trained < batchSize) {
    throw new RangeError(`fit: dropLast leaves no batch; there are ${trained} rows, and batchSize is ${batchSize}`);
  }
  return trained;
}

/** One weight per row, or none. */
export function flattenWeights(
  weights: ArrayLike<number> | undefined,
  rows: number,
  where: string,
): Float32Array | undefined {
  if (weights === undefined) return undefined;
  return checkWeights(where, "sampleWeights", weights, rows, `there are ${rows} rows`);
}
