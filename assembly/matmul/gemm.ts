// The matrix product C[m][n] = init + A B, for operands as they are stored. Training needs three of its four forms:
//   gemm(false, false, ...)  A[m][k]  B[k][n]     y  = x w + b
//   gemm(false, true, ...)   A[m][k]  B[n][k]T    dx = dy wT
//   gemm(true, false, ...)   A[k][m]T B[k][n]     dw = xT dy
// Rows of A, B and C are aRow, bRow and cRow bytes apart; bytes after the last column stay untouched in C.
//
// B is packed, BLOCK_K rows of some columns at a time, into panels of 8 columns, which stay in the first-level cache while the tiles of a
// block of BLOCK_M rows of C run down; a block of A stays in the second-level cache.
import { packColumns, packRows, packTransposed } from "./pack";
import { WIDE_TILES } from "../runtime/abi";
import { bPanel, setSteps, tile, TILE_COLUMNS, wideTile } from "./tile";

export const BLOCK_K: usize = 512;
const BLOCK_M: usize = 128;
/** A tile that sticks out over the edge of C is computed here, [4][16] at most. */
const EDGE_BYTES: usize = 256;
/**
 * Values of B that are packed at a time: half a megabyte, so that they are still in the second-level cache when they are used. All of
 * it where A is packed too: that would have to be repeated for each block of columns.
 */
const PANELS: usize = 1 << 17;
/** B is not packed for so few rows, if its rows are so short that eight columns of them stay in the first-level cache. */
const DIRECT_ROWS: usize = 32;
const DIRECT_BYTES: usize = 2048;
/** Below this many multiplications packing costs more than it saves. */
const SMALL: u64 = 512;

/** Bytes of scratch that a product needs for sizes up to these, 64 bytes rounded up. */
export function gemmScratch(m: usize, n: usize, k: usize): usize {
  const depth = min(k, BLOCK_K);
  const panelsB = depth * ((n + 7) & ~7);
  const panelsA = depth * BLOCK_M;
  return (EDGE_BYTES + ((panelsA + panelsB) << 2) + 63) & ~63;
}

/**
 * C = init + A B.
 *
 * @param transA A is [k][m] in memory, not [m][k]
 * @param transB B is [n][k] in memory, not [k][n]
 * @param init [n] (`initRow` 0), or [m][n] with rows `initRow` bytes apart: C itself adds to it
 */
export function gemm(
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
  if (<u64>m * n * k <= SMALL) {
    const next: usize = transA ? 4 : aRow;
    const aColumn: usize = transA ? aRow : 4;
    if (transB) smallTransposed(m, n, k, a, next, aColumn, b, bRow, c, cRow, init, initRow);
    else small(m, n, k, a, next, aColumn, b, bRow, c, cRow, init, initRow);
    return;
  }
  if (m == 1 && !transA && !transB) return vectorProduct(n, k, a, b, bRow, c, init);
  const direct = !transB && m <= DIRECT_ROWS && bRow <= DIRECT_BYTES && (n & 7) == 0;
  for (let k0: usize = 0; k0 < k; k0 += BLOCK_K) {
    const depth = min(k - k0, BLOCK_K);
    const panelsA = scratch + EDGE_BYTES;
    const panelsB = panelsA + ((depth * BLOCK_M) << 2);
    const width = direct || transA ? n : (PANELS / depth) & ~15;
    for (let j: usize = 0; j < n; j += width) {
      const columns = min(n - j, width);
      let panels = panelsB;
      if (direct) panels = b + k0 * bRow;
      else if (transB) packTransposed(b + j * bRow + (k0 << 2), bRow, columns, depth, panelsB);
      else packRows(b + k0 * bRow + (j << 2), bRow, columns, depth, panelsB);
      setSteps(depth, transA ? 16 : 4, direct ? bRow : 32, direct ? 32 : depth << 5);
      const start = (k0 ? c : init) + (j << 2);
      const startRow = k0 ? cRow : initRow;
      for (let i: usize = 0; i < m; i += BLOCK_M) {
        const rows = min(m - i, BLOCK_M);
        let block = a + (k0 << 2) + i * aRow;
        if (transA) {
          packColumns(a + k0 * aRow + (i << 2), aRow, rows, depth, panelsA);
          block = panelsA;
        }
        tiles(
          rows,
          columns,
          block,
          transA ? depth << 4 : aRow << 2,
          transA ? 4 : aRow,
          panels,
          c + i * cRow + (j << 2),
          cRow,
          start + i * startRow,
          startRow,
          scratch,
        );
      }
    }
  }
}

/** All tiles of C for one depth of B, in panels, A by rows. */
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
  setSteps(depth, 4, 32, depth << 5);
  for (let i: usize = 0; i < m; i += BLOCK_M)
    tiles(
      min(m - i, BLOCK_M),
      n,
      a + i * aRow,
      aRow << 2,
      aRow,
      panels,
      c + i * cRow,
      cRow,
      init + i * initRow,
      initRow,
      edge,
    );
}

/** The tiles of a block of C. A: tiles `aTile` bytes apart, their rows `aRow`. The steps are set. */
function tiles(
  m: usize,
  n: usize,
  a: usize,
  aTile: usize,
  aRow: usize,
  b: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  edge: usize,
): void {
  const wide = load<u32>(WIDE_TILES) != 0;
  while (n) {
    const width: usize = wide && n >= 16 ? 16 : TILE_COLUMNS;
    const columns = min(n, width);
    let p = a;
    let to = c;
    let from = init;
    let left = m;
    if (columns == width) {
      for (; left >= 4; left -= 4, p += aTile, to += cRow << 2, from += initRow << 2) {
        if (width == 16) wideTile(p, aRow, aRow << 1, b, from, initRow, to, cRow);
        else tile(p, aRow, aRow << 1, b, from, initRow, to, cRow);
      }
    }
    while (left) {
      // what is left of four rows: two, then one; the others of the tile repeat them, and are not copied back
      const rows: usize = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      const next = rows > 1 ? aRow : 0;
      const pair = rows > 2 ? aRow << 1 : 0;
      copyBlock(from, initRow, edge, 64, rows, columns);
      if (width == 16) wideTile(p, next, pair, b, edge, 64, edge, 64);
      else tile(p, next, pair, b, edge, 64, edge, 64);
      copyBlock(edge, 64, to, cRow, rows, columns);
      p += rows == 4 ? aTile : rows * aRow;
      to += rows * cRow;
      from += rows * initRow;
      left -= rows;
    }
    b += width == 16 ? bPanel << 1 : bPanel;
    c += width << 2;
    init += width << 2;
    n -= columns;
  }
}

function copyBlock(from: usize, fromRow: usize, to: usize, toRow: usize, rows: usize, columns: usize): void {
  const bytes = columns << 2;
  for (let r: usize = 0; r < rows; r++, from += fromRow, to += toRow) {
    for (let o: usize = 0; o < bytes; o += 4) store<f32>(to + o, load<f32>(from + o));
  }
}

/** c[n] = init + a[k] b[k][n]: b is read once, in place, 32 columns at a time. */
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

/** The same for B[n][k]. */
function smallTransposed(
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
  const bytes = k << 2;
  for (let i: usize = 0; i < m; i++, a += aRow, c += cRow, init += initRow) {
    for (let j: usize = 0, row = b; j < n; j++, row += bRow) {
      const o = j << 2;
      let sum = load<f32>(init + o);
      for (let p = a, q = row; q < row + bytes; p += aColumn, q += 4) sum += load<f32>(p) * load<f32>(q);
      store<f32>(c + o, sum);
    }
  }
}
