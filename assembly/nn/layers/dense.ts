import { gemmThreaded, sumRowsThreaded } from "../../matmul/threaded";
import { DX, DY, integer, overwrites, pointer, X, Y } from "../../runtime/record";

const W: usize = 4;
const DW: usize = 5;
const B: usize = 6;
const DB: usize = 7;
const N_IN: usize = 8;
const N_OUT: usize = 9;
/** Vectors per row: a dense layer works on the last axis, so a row of shape [t, nIn] holds t of them. */
const INNER: usize = 10;
const ZERO: usize = 11;
const SCRATCH: usize = 12;

/** y = x w + b. x: [rows, nIn], w: [nIn, nOut], b: [nOut] or absent, y: [rows, nOut]. */
export function denseForward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const count = <usize>rows * integer(record, INNER);
  const x = pointer(record, X);
  const y = pointer(record, Y);
  const w = pointer(record, W);
  const b = pointer(record, B);
  const init = b ? b : pointer(record, ZERO);
  const row = nOut << 2;
  gemmThreaded(false, false, count, nOut, nIn, x, nIn << 2, w, row, y, row, init, 0, pointer(record, SCRATCH));
}

/** dw += xT dy, db += sum of dy over the rows, dx = dy wT. */
export function denseBackward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const count = <usize>rows * integer(record, INNER);
  const x = pointer(record, X);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const w = pointer(record, W);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  const zero = pointer(record, ZERO);
  const scratch = pointer(record, SCRATCH);
  const overwrite = overwrites(record);
  const inRow = nIn << 2;
  const row = nOut << 2;
  if (dw) {
    const init = overwrite ? zero : dw;
    const initRow: usize = overwrite ? 0 : row;
    gemmThreaded(true, false, nIn, nOut, count, x, inRow, dy, row, dw, row, init, initRow, scratch);
  }
  if (db) sumRowsThreaded(dy, count, nOut, db, !overwrite);
  if (dx) gemmThreaded(false, true, count, nIn, nOut, dy, row, w, row, dx, inRow, zero, 0, scratch);
}
