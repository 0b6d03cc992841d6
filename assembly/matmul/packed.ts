// Products with a B that is packed once and used many times, as by the steps of a recurrent layer. Panels as in pack.ts,
// for consecutive blocks of BLOCK_K rows of B.
import { packRows, packTransposed } from "./pack";
import { BLOCK_K, rowBlocks } from "./gemm";

/** Packs b[k][n], rows `bRow` bytes apart. Capacity: 4 k n bytes, n rounded up to a multiple of 8. */
export function packOnce(b: usize, bRow: usize, n: usize, k: usize, panels: usize): void {
  const line = ((n + 7) & ~7) << 2;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K)
    packRows(b + k0 * bRow, bRow, n, min(k - k0, BLOCK_K), panels + k0 * line);
}

/** Packs b[n][k], rows `bRow` bytes apart, transposed. Capacity as for `packOnce`. */
export function packOnceTransposed(b: usize, bRow: usize, n: usize, k: usize, panels: usize): void {
  const line = ((n + 7) & ~7) << 2;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K)
    packTransposed(b + (k0 << 2), bRow, n, min(k - k0, BLOCK_K), panels + k0 * line);
}

/** C[m][n] = init + A[m][k] B, B in panels. The other arguments are those of `gemm`. */
export function gemmPacked(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  aRow: usize,
  panels: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  scratch: usize,
): void {
  const line = ((n + 7) & ~7) << 2;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K) {
    const depth = min(k - k0, BLOCK_K);
    rowBlocks(
      m,
      n,
      depth,
      a + (k0 << 2),
      aRow,
      panels + k0 * line,
      c,
      cRow,
      k0 ? c : init,
      k0 ? cRow : initRow,
      scratch,
    );
  }
}
