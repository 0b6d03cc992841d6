import { DX, DY, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { touch } from "../optimizers/gradientRows";

const WEIGHT: usize = 4;
const D_WEIGHT: usize = 5;
/** Rows of the table. */
const VOCABULARY: usize = 6;
/** Elements of a row of the table. */
const WIDTH: usize = 7;
/** Address of the notes which rows have a gradient, or 0. */
const TOUCHED: usize = 8;
/** Rows that fill whole vectors together. */
const GROUP: usize = 9;

/** The row of the table that x asks for. Indices are checked before; the last row stands for what isn't one. */
function place(x: usize, vocabulary: u32): usize {
  return <usize>min(<u32>load<f32>(x), vocabulary - 1);
}

/** y = weight[x] */
export function embeddingForward(record: usize, rows: u32): void {
  const width = <usize>integer(record, WIDTH);
  const vocabulary = integer(record, VOCABULARY);
  const weight = pointer(record, WEIGHT);
  const bytes = width << 2;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = y + ((<usize>rows * perRow(record)) << 2);
  for (; y < end; x += 4, y += bytes) {
    const from = weight + place(x, vocabulary) * bytes;
    for (let o: usize = 0; o < bytes; o += 16) storeLanes(y + o, v128.load(from + o), width - (o >> 2));
  }
}

/** dweight[x] += dy, in the order of x; dx = 0 */
export function embeddingBackward(record: usize, rows: u32): void {
  const width = <usize>integer(record, WIDTH);
  const vocabulary = integer(record, VOCABULARY);
  const dWeight = pointer(record, D_WEIGHT);
  const dx = pointer(record, DX);
  const touched = pointer(record, TOUCHED);
  const group = <usize>integer(record, GROUP);
  const groups = (<usize>vocabulary + group - 1) / group;
  const bytes = width << 2;
  let x = pointer(record, X);
  let dy = pointer(record, DY);
  const count = (<usize>rows * perRow(record)) / width;
  if (dx) memory.fill(dx, 0, count << 2);
  if (!dWeight) return;
  for (let i: usize = 0; i < count; i++, x += 4, dy += bytes) {
    const row = place(x, vocabulary);
    if (touched) touch(touched, row / group, groups);
    const to = dWeight + row * bytes;
    for (let o: usize = 0; o < bytes; o += 16) {
      storeLanes(to + o, f32x4.add(v128.load(to + o), v128.load(dy + o)), width - (o >> 2));
    }
  }
}
