import { productRows, productTransposedA, productTransposedB } from "../../matmul/product";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { sumRows } from "../../numeric/simd";

/** [nOut, nIn]: another layer's, which has it for its own purpose. */
const WEIGHT: usize = 4;
const D_WEIGHT: usize = 5;
const BIAS: usize = 6;
const D_BIAS: usize = 7;
const N_IN: usize = 8;
const N_OUT: usize = 9;
/** Vectors a row. */
const INNER: usize = 10;
const ZERO: usize = 11;
const SCRATCH: usize = 12;

/** y = x weightT + bias. x: [rows, nIn], bias: [nOut] or absent, y: [rows, nOut]. */
export function tiedDenseForward(record: usize, rows: u32): void {
  const nOut = <usize>integer(record, N_OUT);
  const nIn = <usize>integer(record, N_IN);
  const bias = pointer(record, BIAS);
  productTransposedB(
    <usize>rows * integer(record, INNER),
    nOut,
    nIn,
    pointer(record, X),
    nIn << 2,
    pointer(record, WEIGHT),
    nIn << 2,
    pointer(record, Y),
    nOut << 2,
    bias ? bias : pointer(record, ZERO),
    0,
    pointer(record, SCRATCH),
  );
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
  const all = <usize>rows * integer(record, INNER);
  const inRow = nIn << 2;
  const outRow = nOut << 2;
  if (dWeight) {
    const x = pointer(record, X);
    productTransposedA(nOut, nIn, all, dy, outRow, x, inRow, dWeight, inRow, dWeight, inRow, scratch);
  }
  if (dBias) sumRows(dy, all, nOut, dBias, true);
  if (!dx) return;
  const weight = pointer(record, WEIGHT);
  productRows(all, nIn, nOut, dy, outRow, weight, inRow, dx, inRow, pointer(record, ZERO), 0, scratch);
}
