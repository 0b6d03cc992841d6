// The inner loop of everything: 4 rows x 8 columns of C in eight accumulators. Panels of B lie [k][8]; each step loads
// two vectors of B, four single values of A, and does eight multiplications and additions. Every element of C is
// init + a0 b0 + a1 b1 + ... in this order, whatever the tile, the block or the batch: the same bits in each.

/** Rows of C in a tile. */
export const TILE_ROWS: usize = 4;
/** Columns of C in a tile. */
export const TILE_COLUMNS: usize = 8;

/**
 * A by rows: four addresses, one float32 further each step.
 * @param init where the accumulators start, [4][8], rows `initRow` bytes apart (0: the same row four times)
 */
export function tileRows(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  k: usize,
  b: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
): void {
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
  const end = a0 + (k << 2);
  while (a0 < end) {
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
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 32;
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

/** A in a packed panel [k][4]. The other arguments are those of `tileRows`. */
export function tilePanel(a: usize, k: usize, b: usize, init: usize, initRow: usize, c: usize, cRow: usize): void {
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
  const end = a + (k << 4);
  while (a < end) {
    const b0 = v128.load(b),
      b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += 16;
    b += 32;
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
