// Matrix products and sums divided among threads: each computes some columns of C, or some rows where columns are few. Arguments as in
// gemm.ts; the scratch memory is this thread's own.
import { sumColumns } from "../numeric/simd";
import { rangeBegin, rangeEnd, threadCount } from "../runtime/threadRange";
import { gemm } from "./gemm";

/** Whole cache lines of C. */
const COLUMNS: usize = 16;
/** A tile's rows, and whole vectors of a transposed A. */
const ROWS: usize = 12;

/**
 * C = init + A B. By columns if there are enough for all threads: each then packs its own columns of B. A transposed A is packed, too, so
 * that the longer side of C is divided.
 */
export function gemmThreaded(
  transA: bool,
  transB: bool,
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  scratch: usize,
): void {
  const byColumns = transA ? m < n : n >= COLUMNS * threadCount();
  const i: usize = byColumns ? 0 : rangeBegin(m, ROWS);
  const j: usize = byColumns ? rangeBegin(n, COLUMNS) : 0;
  const rows = (byColumns ? m : rangeEnd(m, ROWS)) - i;
  const columns = (byColumns ? rangeEnd(n, COLUMNS) : n) - j;
  const at = j << 2;
  gemm(
    transA,
    transB,
    rows,
    columns,
    k,
    a + (transA ? i << 2 : i * aRow),
    aRow,
    b + (transB ? j * bRow : at),
    bRow,
    c + i * cRow + at,
    cRow,
    init + i * initRow + at,
    initRow,
    scratch,
  );
}

/** out[n] = (add ? out : 0) + x[0] + x[1] + ..., the rows of x: [rows, n], in their order; each thread does some of the columns. */
export function sumRowsThreaded(x: usize, rows: usize, n: usize, out: usize, add: bool): void {
  const first = rangeBegin(n, 4);
  sumColumns(x + (first << 2), rows, n << 2, rangeEnd(n, 4) - first, out + (first << 2), add);
}
