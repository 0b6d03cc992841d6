// The three products, shared out among threads: each computes some columns of C, or some rows where columns are few. Arguments as
// in product.ts; the scratch memory is this thread's own.
import { partCount, partEnd, partFirst } from "../runtime/threadRange";
import { productRows, productTransposedA, productTransposedB } from "./product";

/** Whole cache lines of C. */
const COLUMNS: usize = 16;
/** A tile's rows, and whole vectors of a transposed A. */
const ROWS: usize = 12;

/** Are there columns enough for all threads? Each then packs its own part of B alone. */
function byColumns(n: usize): bool {
  return n >= COLUMNS * partCount();
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
  const i: usize = wide ? 0 : partFirst(m, ROWS);
  const j = wide ? partFirst(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : partEnd(m, ROWS)) - i;
  const columns = (wide ? partEnd(n, COLUMNS) : n) - j;
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
  const i: usize = wide ? 0 : partFirst(m, ROWS);
  const j = wide ? partFirst(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : partEnd(m, ROWS)) - i;
  const columns = (wide ? partEnd(n, COLUMNS) : n) - j;
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
  const i: usize = wide ? 0 : partFirst(m, ROWS);
  const j = wide ? partFirst(n, COLUMNS) : <usize>0;
  const rows = (wide ? m : partEnd(m, ROWS)) - i;
  const columns = (wide ? partEnd(n, COLUMNS) : n) - j;
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
