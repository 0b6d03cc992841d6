// Products of two values' matrices: c = a b of every row and of every place of the axes before the last two.
import { gemm } from "../../matmul/gemm";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;
/** Products per row. */
const BLOCKS: usize = 6;
/** c: [m][n]; a: [m][k], or [k][m] if it is transposed; b: [k][n], or [n][k]. */
const M: usize = 7;
const N: usize = 8;
const K: usize = 9;
const TRANSPOSE_A: usize = 10;
const TRANSPOSE_B: usize = 11;
/** As many zeros as the longest of m, n and k: where sums start. */
const ZERO: usize = 12;
const SCRATCH: usize = 13;

/** y = a b */
export function matmulForward(record: usize, rows: u32): void {
  const m = <usize>integer(record, M);
  const n = <usize>integer(record, N);
  const k = <usize>integer(record, K);
  const transA = integer(record, TRANSPOSE_A) != 0;
  const transB = integer(record, TRANSPOSE_B) != 0;
  let a = pointer(record, X);
  let b = pointer(record, OTHER);
  let y = pointer(record, Y);
  const count = <usize>rows * integer(record, BLOCKS);
  for (let i: usize = 0; i < count; i++, a += (m * k) << 2, b += (k * n) << 2, y += (m * n) << 2)
    product(record, transA, transB, m, n, k, a, b, y);
}

/** da = dy bT, db = aT dy; of what is transposed, the transposed of these. */
export function matmulBackward(record: usize, rows: u32): void {
  const m = <usize>integer(record, M);
  const n = <usize>integer(record, N);
  const k = <usize>integer(record, K);
  const transA = integer(record, TRANSPOSE_A) != 0;
  const transB = integer(record, TRANSPOSE_B) != 0;
  let a = pointer(record, X);
  let b = pointer(record, OTHER);
  let da = pointer(record, DX);
  let db = pointer(record, D_OTHER);
  let dy = pointer(record, DY);
  const count = <usize>rows * integer(record, BLOCKS);
  for (let i: usize = 0; i < count; i++, a += (m * k) << 2, b += (k * n) << 2, dy += (m * n) << 2) {
    if (da) {
      if (transA) product(record, transB, true, k, m, n, b, dy, da);
      else product(record, false, !transB, m, k, n, dy, b, da);
      da += (m * k) << 2;
    }
    if (db) {
      if (transB) product(record, true, transA, n, k, m, dy, a, db);
      else product(record, !transA, false, k, n, m, a, dy, db);
      db += (k * n) << 2;
    }
  }
}

/** c[m][n] = a b, where a is stored as [k][m] if it is transposed, and b as [n][k]. */
function product(
  record: usize,
  transA: bool,
  transB: bool,
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  b: usize,
  c: usize,
): void {
  const zero = pointer(record, ZERO);
  const scratch = pointer(record, SCRATCH);
  gemm(transA, transB, m, n, k, a, (transA ? m : k) << 2, b, (transB ? k : n) << 2, c, n << 2, zero, 0, scratch);
}
