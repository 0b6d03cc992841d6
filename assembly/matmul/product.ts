// The three products of training, C[m][n] = init + A B, for operands as they lie in memory:
//   productRows         A[m][k] B[k][n]     y  = x w + b
//   productTransposedB  A[m][k] B[n][k]T    dx = dy wT
//   productTransposedA  A[k][m]T B[k][n]    dw = xT dy
// Rows of A, B and C are aRow, bRow and cRow bytes apart; bytes behind the last column stay untouched in C.
//
// B is packed, BLOCK_K rows at a time, into panels of 8 columns, which stay in the first-level cache while the tiles of a
// block of BLOCK_M rows of C run down; a block of A stays in the second-level cache.
import { packColumns, packRows, packTransposed } from "./pack";
import { tilePanel, tileRows, TILE_COLUMNS, TILE_ROWS } from "./tile";

export const BLOCK_K: usize = 512;
const BLOCK_M: usize = 128;
/** A tile that sticks out over the edge of C is computed here, [4][8]. */
const EDGE_BYTES: usize = 128;
/** Below this many multiplications packing costs more than it saves. */
const SMALL: u64 = 512;

/** Bytes of scratch that any of the three products needs for sizes up to these, 64 bytes rounded up. */
export function productScratch(m: usize, n: usize, k: usize): usize {
  const depth = min(k, BLOCK_K);
  const panelsB = depth * ((n + 7) & ~7);
  const panelsA = depth * BLOCK_M;
  return (EDGE_BYTES + ((panelsA + panelsB) << 2) + 63) & ~63;
}

/**
 * C = init + A B, A[m][k], B[k][n].
 * @param init [n] (`initRow` 0), or [m][n] with rows `initRow` bytes apart: C itself adds to it
 */
export function productRows(
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
  if (<u64>m * n * k <= SMALL) return small(m, n, k, a, aRow, 4, b, bRow, c, cRow, init, initRow);
  if (m == 1) return vectorProduct(n, k, a, b, bRow, c, init);
  const panels = scratch + EDGE_BYTES;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K) {
    const depth = min(k - k0, BLOCK_K);
    packRows(b + k0 * bRow, bRow, n, depth, panels);
    rowBlocks(m, n, depth, a + (k0 << 2), aRow, panels, c, cRow, k0 ? c : init, k0 ? cRow : initRow, scratch);
  }
}

/** C = init + A B, A[m][k], B[n][k] transposed. Arguments as for `productRows`. */
export function productTransposedB(
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
  if (<u64>m * n * k <= SMALL) return smallTransposed(m, n, k, a, aRow, b, bRow, c, cRow, init, initRow);
  const panels = scratch + EDGE_BYTES;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K) {
    const depth = min(k - k0, BLOCK_K);
    packTransposed(b + (k0 << 2), bRow, n, depth, panels);
    rowBlocks(m, n, depth, a + (k0 << 2), aRow, panels, c, cRow, k0 ? c : init, k0 ? cRow : initRow, scratch);
  }
}

/** C = init + A B, A[k][m] transposed, B[k][n]. Arguments as for `productRows`. */
export function productTransposedA(
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
  if (<u64>m * n * k <= SMALL) return small(m, n, k, a, 4, aRow, b, bRow, c, cRow, init, initRow);
  const panelsA = scratch + EDGE_BYTES;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K) {
    const depth = min(k - k0, BLOCK_K);
    const panelsB = panelsA + ((depth * BLOCK_M) << 2);
    packRows(b + k0 * bRow, bRow, n, depth, panelsB);
    const from = k0 ? c : init;
    const fromRow = k0 ? cRow : initRow;
    for (let i0: usize = 0; i0 < m; i0 += BLOCK_M) {
      const i1 = min(m, i0 + BLOCK_M);
      packColumns(a + k0 * aRow + (i0 << 2), aRow, i1 - i0, depth, panelsA);
      for (let j: usize = 0; j < n; j += TILE_COLUMNS) {
        const panelB = panelsB + ((j * depth) << 2);
        for (let i = i0; i < i1; i += TILE_ROWS) {
          const panelA = panelsA + (((i - i0) * depth) << 2);
          const rows = min(i1 - i, TILE_ROWS);
          const columns = min(n - j, TILE_COLUMNS);
          const cTile = c + i * cRow + (j << 2);
          const initTile = from + i * fromRow + (j << 2);
          if (rows == TILE_ROWS && columns == TILE_COLUMNS) {
            tilePanel(panelA, depth, panelB, initTile, fromRow, cTile, cRow);
          } else {
            copyBlock(initTile, fromRow, scratch, 32, rows, columns);
            tilePanel(panelA, depth, panelB, scratch, 32, scratch, 32);
            copyBlock(scratch, 32, cTile, cRow, rows, columns);
          }
        }
      }
    }
  }
}

/** All tiles of C for one depth of packed B, A by rows. */
export function rowBlocks(
  m: usize,
  n: usize,
  depth: usize,
  a: usize,
  aRow: usize,
  panels: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  edge: usize,
): void {
  for (let i0: usize = 0; i0 < m; i0 += BLOCK_M) {
    const i1 = min(m, i0 + BLOCK_M);
    for (let j: usize = 0; j < n; j += TILE_COLUMNS) {
      const panel = panels + ((j * depth) << 2);
      const columns = min(n - j, TILE_COLUMNS);
      for (let i = i0; i < i1; i += TILE_ROWS) {
        const rows = min(i1 - i, TILE_ROWS);
        const a0 = a + i * aRow;
        const cTile = c + i * cRow + (j << 2);
        const initTile = init + i * initRow + (j << 2);
        if (rows == TILE_ROWS && columns == TILE_COLUMNS) {
          const a2 = a0 + (aRow << 1);
          tileRows(a0, a0 + aRow, a2, a2 + aRow, depth, panel, initTile, initRow, cTile, cRow);
        } else {
          // rows that are missing repeat the first one, and are not copied back
          const a1 = rows > 1 ? a0 + aRow : a0;
          const a2 = rows > 2 ? a1 + aRow : a0;
          const a3 = rows > 3 ? a2 + aRow : a0;
          copyBlock(initTile, initRow, edge, 32, rows, columns);
          tileRows(a0, a1, a2, a3, depth, panel, edge, 32, edge, 32);
          copyBlock(edge, 32, cTile, cRow, rows, columns);
        }
      }
    }
  }
}

function copyBlock(from: usize, fromRow: usize, to: usize, toRow: usize, rows: usize, columns: usize): void {
  const bytes = columns << 2;
  for (let r: usize = 0; r < rows; r++, from += fromRow, to += toRow) {
    for (let o: usize = 0; o < bytes; o += 4) store<f32>(to + o, load<f32>(from + o));
  }
}

/** c[n] = init + a[k] b[k][n]: b is read once, where it lies, 32 columns at a time. */
function vectorProduct(n: usize, k: usize, a: usize, b: usize, bRow: usize, c: usize, init: usize): void {
  const end = a + (k << 2);
  let j: usize = 0;
  for (; j + 32 <= n; j += 32, b += 128, c += 128, init += 128) {
    let c0 = v128.load(init),
      c1 = v128.load(init, 16),
      c2 = v128.load(init, 32),
      c3 = v128.load(init, 48);
    let c4 = v128.load(init, 64),
      c5 = v128.load(init, 80),
      c6 = v128.load(init, 96),
      c7 = v128.load(init, 112);
    for (let p = a, q = b; p < end; p += 4, q += bRow) {
      const x = v128.load_splat<f32>(p);
      c0 = f32x4.add(c0, f32x4.mul(x, v128.load(q)));
      c1 = f32x4.add(c1, f32x4.mul(x, v128.load(q, 16)));
      c2 = f32x4.add(c2, f32x4.mul(x, v128.load(q, 32)));
      c3 = f32x4.add(c3, f32x4.mul(x, v128.load(q, 48)));
      c4 = f32x4.add(c4, f32x4.mul(x, v128.load(q, 64)));
      c5 = f32x4.add(c5, f32x4.mul(x, v128.load(q, 80)));
      c6 = f32x4.add(c6, f32x4.mul(x, v128.load(q, 96)));
      c7 = f32x4.add(c7, f32x4.mul(x, v128.load(q, 112)));
    }
    v128.store(c, c0);
    v128.store(c, c1, 16);
    v128.store(c, c2, 32);
    v128.store(c, c3, 48);
    v128.store(c, c4, 64);
    v128.store(c, c5, 80);
    v128.store(c, c6, 96);
    v128.store(c, c7, 112);
  }
  small(1, n - j, k, a, 0, 4, b, bRow, c, 0, init, 0);
}

/** C = init + A B for small sizes, A's elements aRow and aColumn bytes apart; four columns at a time, without packing. */
function small(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
): void {
  for (let i: usize = 0; i < m; i++, a += aRow, c += cRow, init += initRow) {
    let j: usize = 0;
    for (; j + 4 <= n; j += 4) {
      const o = j << 2;
      let sum = v128.load(init + o);
      for (let h: usize = 0, p = a, q = b + o; h < k; h++, p += aColumn, q += bRow) {
        sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(p), v128.load(q)));
      }
      v128.store(c + o, sum);
    }
    for (; j < n; j++) {
      const o = j << 2;
      let sum = load<f32>(init + o);
      for (let h: usize = 0, p = a, q = b + o; h < k; h++, p += aColumn, q += bRow) sum += load<f32>(p) * load<f32>(q);
      store<f32>(c + o, sum);
    }
  }
}

/** C = init + A BT for small sizes: B's rows are read along. */
function smallTransposed(
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
): void {
  const bytes = k << 2;
  for (let i: usize = 0; i < m; i++, a += aRow, c += cRow, init += initRow) {
    for (let j: usize = 0, q = b; j < n; j++, q += bRow) {
      const o = j << 2;
      let sum = load<f32>(init + o);
      for (let h: usize = 0; h < bytes; h += 4) sum += load<f32>(a + h) * load<f32>(q + h);
      store<f32>(c + o, sum);
    }
  }
}
