// The three products, shared out among threads: each computes some columns of C, or some rows where columns are few. Arguments as
// in product.ts; the scratch memory is this thread's own.
import { sumColumns } from "../numeric/simd";
import { rangeBegin, rangeEnd, threadCount } from "../runtime/threadRange";
import { productRows, productTransposedA, productTransposedB } from "./product";

/** Whole cache lines of C. */
const COLUMNS: usize = 16;
/** A tile's rows, and whole vectors of a transposed A. */
const ROWS: usize = 12;

/** Are there columns enough for all threads? Each then packs its own columns of B. */
function byColumns(n: usize): bool {
  return n >= COLUMNS * threadCount();
}

export function sharedRows(
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
  const wide = byColumns(n);
  const i: usize = wide ? 0 : rangeBegin(m, ROWS);
  const j = wide ? rangeBegin(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : rangeEnd(m, ROWS)) - i;
  const columns = (wide ? rangeEnd(n, COLUMNS) : n) - j;
  const at = j << 2;
  productRows(
    rows,
    columns,
    k,
    a + i * aRow,
    aRow,
    b + at,
    bRow,
    c + i * cRow + at,
    cRow,
    init + i * initRow + at,
    initRow,
    scratch,
  );
}

export function sharedTransposedB(
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
  const wide = byColumns(n);
  const i: usize = wide ? 0 : rangeBegin(m, ROWS);
  const j = wide ? rangeBegin(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : rangeEnd(m, ROWS)) - i;
  const columns = (wide ? rangeEnd(n, COLUMNS) : n) - j;
  const at = j << 2;
  productTransposedB(
    rows,
    columns,
    k,
    a + i * aRow,
    aRow,
    b + j * bRow,
    bRow,
    c + i * cRow + at,
    cRow,
    init + i * initRow + at,
    initRow,
    scratch,
  );
}

/** Here rows of C take fewer copies than columns, if there are more of them: A is packed, too. */
export function sharedTransposedA(
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
  const wide = m < n;
  const i: usize = wide ? 0 : rangeBegin(m, ROWS);
  const j = wide ? rangeBegin(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : rangeEnd(m, ROWS)) - i;
  const columns = (wide ? rangeEnd(n, COLUMNS) : n) - j;
  const at = j << 2;
  productTransposedA(
    rows,
    columns,
    k,
    a + (i << 2),
    aRow,
    b + at,
    bRow,
    c + i * cRow + at,
    cRow,
    init + i * initRow + at,
    initRow,
    scratch,
  );
}

/** out[n] = (add ? out : 0) + x[0] + x[1] + ..., the rows of x: [rows, n], in their order; each thread does some of the columns. */
export function sumSharedRows(x: usize, rows: usize, n: usize, out: usize, add: bool): void {
  const first = rangeBegin(n, 4);
  sumColumns(x + (first << 2), rows, n << 2, rangeEnd(n, 4) - first, out + (first << 2), add);
}
