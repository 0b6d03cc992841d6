import { sharedRows, sharedTransposedA, sharedTransposedB, sumSharedRows } from "../../matmul/threaded";
import { DX, DY, integer, overwrites, pointer, X, Y } from "../../runtime/record";

const W: usize = 4;
const DW: usize = 5;
const B: usize = 6;
const DB: usize = 7;
const N_IN: usize = 8;
const N_OUT: usize = 9;
/** Vectors a row: a dense layer works on the last axis, so a row of shape [t, nIn] holds t of them. */
const INNER: usize = 10;
const ZERO: usize = 11;
const SCRATCH: usize = 12;

/** y = x w + b. x: [rows, nIn], w: [nIn, nOut], b: [nOut] or absent, y: [rows, nOut]. */
export function denseForward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const b = pointer(record, B);
  sharedRows(
    <usize>rows * integer(record, INNER),
    nOut,
    nIn,
    pointer(record, X),
    nIn << 2,
    pointer(record, W),
    nOut << 2,
    pointer(record, Y),
    nOut << 2,
    b ? b : pointer(record, ZERO),
    0,
    pointer(record, SCRATCH),
  );
}

/** dw += xT dy, db += sum of dy over the rows, dx = dy wT. */
export function denseBackward(record: usize, rows: u32): void {
  const nIn = <usize>integer(record, N_IN);
  const nOut = <usize>integer(record, N_OUT);
  const x = pointer(record, X);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  const zero = pointer(record, ZERO);
  const scratch = pointer(record, SCRATCH);
  const overwrite = overwrites(record);
  const all = <usize>rows * integer(record, INNER);
  if (dw) {
    const row = nOut << 2;
    sharedTransposedA(
      nIn,
      nOut,
      all,
      x,
      nIn << 2,
      dy,
      row,
      dw,
      row,
      overwrite ? zero : dw,
      overwrite ? 0 : row,
      scratch,
    );
  }
  if (db) sumSharedRows(dy, all, nOut, db, !overwrite);
  if (dx) {
    sharedTransposedB(all, nIn, nOut, dy, nOut << 2, pointer(record, W), nOut << 2, dx, nIn << 2, zero, 0, scratch);
  }
}
