import { gemm } from "../../matmul/gemm";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { sumRows } from "../../numeric/simd";

/** [nOut, nIn]: another layer's parameter. */
const WEIGHT: usize = 4;
const D_WEIGHT: usize = 5;
const BIAS: usize = 6;
const D_BIAS: usize = 7;
const N_IN: usize = 8;
const N_OUT: usize = 9;
/** Vectors per row. */
const INNER: usize = 10;
const ZERO: usize = 11;
const SCRATCH: usize = 12;

/** y = x weightT + bias. x: [rows, nIn], bias: [nOut] or absent, y: [rows, nOut]. */
export function tiedDenseForward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const count = <usize>rows * integer(record, INNER);
  const x = pointer(record, X);
  const y = pointer(record, Y);
  const weight = pointer(record, WEIGHT);
  const bias = pointer(record, BIAS);
  const init = bias ? bias : pointer(record, ZERO);
  const row = nIn << 2;
  gemm(false, true, count, nOut, nIn, x, row, weight, row, y, nOut << 2, init, 0, pointer(record, SCRATCH));
}

/** dweight += dyT x, dbias += sum of dy over the rows, dx = dy weight. */
export function tiedDenseBackward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dWeight = pointer(record, D_WEIGHT);
  const dBias = pointer(record, D_BIAS);
  const scratch = pointer(record, SCRATCH);
  const count = <usize>rows * integer(record, INNER);
  const inRow = nIn << 2;
  const outRow = nOut << 2;
  if (dWeight) {
    const x = pointer(record, X);
    gemm(true, false, nOut, nIn, count, dy, outRow, x, inRow, dWeight, inRow, dWeight, inRow, scratch);
  }
  if (dBias) sumRows(dy, count, nOut, dBias, true);
  if (!dx) return;
  const weight = pointer(record, WEIGHT);
  gemm(false, false, count, nIn, nOut, dy, outRow, weight, inRow, dx, inRow, pointer(record, ZERO), 0, scratch);
}
