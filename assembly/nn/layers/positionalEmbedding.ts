import { DX, DY, perRow, pointer, X, Y } from "../../runtime/record";
import { addToRows, sumRows } from "../../numeric/simd";

const WEIGHT: usize = 4;
const D_WEIGHT: usize = 5;

/** y = x + weight, each row */
export function positionalEmbeddingForward(record: usize, rows: u32): void {
  addToRows(pointer(record, X), rows, perRow(record), pointer(record, WEIGHT), pointer(record, Y));
}

/** dx = dy; dweight += sum of dy over the rows */
export function positionalEmbeddingBackward(record: usize, rows: u32): void {
  const n = <usize>perRow(record);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dWeight = pointer(record, D_WEIGHT);
  if (dWeight) sumRows(dy, rows, n, dWeight, true);
  if (dx && dx != dy) memory.copy(dx, dy, (<usize>rows * n) << 2);
}
