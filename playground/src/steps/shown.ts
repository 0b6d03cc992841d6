// Tensors as a page shows them: as matrices, samples in rows or, as some books have them, in columns.
import type { Shape, Step, TracedTensor } from "wasmgrad";

/** A tensor as a matrix. Places in it are counted row by row. */
export interface Shown {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
}

/** What is one number a sample: its one axis is that of the samples. */
const BY_SAMPLE = new Set(["y", "sampleWeights"]);

/** Rows and columns of a tensor, samples in rows. */
function matrixOf(name: string, shape: Shape): readonly [rows: number, columns: number] {
  if (shape.length === 0) return [1, 1];
  if (shape.length === 1) return BY_SAMPLE.has(name) ? [shape[0]!, 1] : [1, shape[0]!];
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  return [shape[0]!, columns];
}

/** Rows and columns change place. */
export function transposed({ name, rows, columns, values }: Shown): Shown {
  const turned = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c]!;
  return { name, rows: columns, columns: rows, values: turned };
}

/** A tensor as a matrix. */
export function shownOf({ name, shape, values }: TracedTensor, columnwise: boolean): Shown {
  const [rows, columns] = matrixOf(name, shape);
  const shown = { name, rows, columns, values };
  return columnwise ? transposed(shown) : shown;
}

/** Where a number stands in a matrix as it is shown, by the places along its axes as formulas there have them. */
export function placeOf({ rows, columns }: Shown, index: readonly number[]): number {
  if (index.length === 2) return index[0]! * columns + index[1]!;
  // vectors have one place, whichever way they lie; of more axes the first is the rows
  return index.length > 2
    ? index.reduce((at, i, axis) => (axis === 0 ? i * columns : at + i), 0)
    : Math.min(index[0] ?? 0, rows * columns - 1);
}

/** The places along the axes of a step's tensor, as the library counts them, of a cell as it is shown. */
export function indexOf(step: Pick<Step, "shape" | "name">, at: number, columnwise: boolean): number[] {
  const { shape } = step;
  if (shape.length < 2) return shape.length === 0 ? [] : [at];
  const [rows, columns] = matrixOf(step.name, shape);
  const flat = columnwise ? (at % rows) * columns + Math.floor(at / rows) : at;
  let rest = flat;
  return shape
    .toReversed()
    .map((size) => {
      const place = rest % size;
      rest = (rest - place) / size;
      return place;
    })
    .toReversed();
}

/** And back. */
export function cellOf(step: Pick<Step, "shape" | "name">, index: readonly number[], columnwise: boolean): number {
  const flat = step.shape.reduce((at, size, axis) => at * size + (index[axis] ?? 0), 0);
  if (step.shape.length < 2 || !columnwise) return flat;
  const [rows, columns] = matrixOf(step.name, step.shape);
  return (flat % columns) * rows + Math.floor(flat / columns);
}
