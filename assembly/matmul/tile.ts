// The inner loop of matrix products: 4 rows x 8 columns of C in eight accumulators. A panel of B is stored [k][8]; each step
// loads two vectors of B, four single values of A, and does eight multiplications and additions. Every element of C is
// init + a0 b0 + a1 b1 + ... in this order, whatever the tile, the block or the batch: the same bits in each.

/** Columns of C in a tile, and in a panel of B. */
export const TILE_COLUMNS: usize = 8;

let depth: usize = 0;
let aStep: usize = 0;
let bStep: usize = 0;
export let bPanel: usize = 0;

/**
 * What the next tiles have in common.
 *
 * @param k how many products a sum has
 * @param a bytes from one element of a row of A to the next
 * @param b bytes from one row of B to the next
 * @param panel bytes from eight columns of B to the next eight
 */
export function setSteps(k: usize, a: usize, b: usize, panel: usize): void {
  depth = k;
  aStep = a;
  bStep = b;
  bPanel = panel;
}

/**
 * @param a0 the first row of A; the second is `aRow` bytes after it, the other two are `aPair` bytes after these two
 * @param init where the accumulators start, [4][8], rows `initRow` bytes apart (0: the same row four times)
 */
export function tile(
  a0: usize,
  aRow: usize,
  aPair: usize,
  b: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
): void {
  let a1 = a0 + aRow,
    a2 = a0 + aPair,
    a3 = a2 + aRow;
  const step = aStep;
  const next = bStep;
  let c00 = v128.load(init),
    c01 = v128.load(init, 16);
  init += initRow;
  let c10 = v128.load(init),
    c11 = v128.load(init, 16);
  init += initRow;
  let c20 = v128.load(init),
    c21 = v128.load(init, 16);
  init += initRow;
  let c30 = v128.load(init),
    c31 = v128.load(init, 16);
  const end = b + depth * bStep;
  while (b < end) {
    const b0 = v128.load(b),
      b1 = v128.load(b, 16);
    let a = v128.load_splat<f32>(a0);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(a1);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(a2);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(a3);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    a0 += step;
    a1 += step;
    a2 += step;
    a3 += step;
    b += next;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRow;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRow;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRow;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/**
 * 4 rows x 16 columns, from two panels of B. Sixteen accumulators are too many for the registers of 128 bits, but in pairs they
 * take eight of 256: enough sums at a time for two vector units that take four cycles for each. See WIDE_TILES in abi.ts.
 */
export function wideTile(
  a0: usize,
  aRow: usize,
  aPair: usize,
  b: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
): void {
  let a1 = a0 + aRow,
    a2 = a0 + aPair,
    a3 = a2 + aRow;
  const step = aStep;
  const next = bStep;
  let c00 = v128.load(init),
    c01 = v128.load(init, 16),
    c02 = v128.load(init, 32),
    c03 = v128.load(init, 48);
  init += initRow;
  let c10 = v128.load(init),
    c11 = v128.load(init, 16),
    c12 = v128.load(init, 32),
    c13 = v128.load(init, 48);
  init += initRow;
  let c20 = v128.load(init),
    c21 = v128.load(init, 16),
    c22 = v128.load(init, 32),
    c23 = v128.load(init, 48);
  init += initRow;
  let c30 = v128.load(init),
    c31 = v128.load(init, 16),
    c32 = v128.load(init, 32),
    c33 = v128.load(init, 48);
  const end = b + depth * bStep;
  let right = b + bPanel;
  while (b < end) {
    const b0 = v128.load(b),
      b1 = v128.load(b, 16),
      b2 = v128.load(right),
      b3 = v128.load(right, 16);
    let a = v128.load_splat<f32>(a0);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    c02 = f32x4.add(c02, f32x4.mul(a, b2));
    c03 = f32x4.add(c03, f32x4.mul(a, b3));
    a = v128.load_splat<f32>(a1);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    c12 = f32x4.add(c12, f32x4.mul(a, b2));
    c13 = f32x4.add(c13, f32x4.mul(a, b3));
    a = v128.load_splat<f32>(a2);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    c22 = f32x4.add(c22, f32x4.mul(a, b2));
    c23 = f32x4.add(c23, f32x4.mul(a, b3));
    a = v128.load_splat<f32>(a3);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    c32 = f32x4.add(c32, f32x4.mul(a, b2));
    c33 = f32x4.add(c33, f32x4.mul(a, b3));
    a0 += step;
    a1 += step;
    a2 += step;
    a3 += step;
    b += next;
    right += next;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  c += cRow;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  v128.store(c, c12, 32);
  v128.store(c, c13, 48);
  c += cRow;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  v128.store(c, c22, 32);
  v128.store(c, c23, 48);
  c += cRow;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  v128.store(c, c32, 32);
  v128.store(c, c33, 48);
}
