// Packs an operand into panels: copies it in the order in which a tile reads it. Columns that a last panel lacks are zero.
import { lanesBelow } from "../numeric/simd";

/** b[k][n], rows `bRow` bytes apart, to panels [ceil(n / 8)][k][8]. Reads up to 28 bytes past a row's end. */
export function packRows(b: usize, bRow: usize, n: usize, k: usize, out: usize): void {
  const panel = k << 5;
  let j: usize = 0;
  for (; j + 16 <= n; j += 16, out += panel << 1) {
    // two panels at a time: whole cache lines are read
    let from = b + (j << 2);
    for (let left = out, right = out + panel; left < out + panel; left += 32, right += 32, from += bRow) {
      v128.store(left, v128.load(from));
      v128.store(left, v128.load(from, 16), 16);
      v128.store(right, v128.load(from, 32));
      v128.store(right, v128.load(from, 48), 16);
    }
  }
  for (; j < n; j += 8, out += panel) {
    const leftMask = lanesBelow(n - j);
    const rightMask = n - j > 4 ? lanesBelow(n - j - 4) : i32x4.splat(0);
    for (let p = out, from = b + (j << 2); p < out + panel; p += 32, from += bRow) {
      v128.store(p, v128.and(v128.load(from), leftMask));
      v128.store(p, v128.and(v128.load(from, 16), rightMask), 16);
    }
  }
}

/** b[n][k], rows `bRow` bytes apart, transposed to panels [ceil(n / 8)][k][8]. */
export function packTransposed(b: usize, bRow: usize, n: usize, k: usize, out: usize): void {
  for (let j: usize = 0; j < n; j += 8, out += k << 5) {
    packFour(b, bRow, min(n - j, 4), k, out);
    packFour(b + (bRow << 2), bRow, n - j > 4 ? min(n - j - 4, 4) : 0, k, out + 16);
    b += bRow << 3;
  }
}

/** Up to four rows of k to columns 32 bytes apart; the columns that are missing become zero. */
function packFour(b: usize, bRow: usize, count: usize, k: usize, out: usize): void {
  const end = out + (k << 5);
  if (count < 4) {
    const zero = f32x4.splat(0);
    for (let p = out; p < end; p += 32) v128.store(p, zero);
    for (let r: usize = 0; r < count; r++, b += bRow, out += 4) {
      for (let p = out, from = b; p < end; p += 32, from += 4) store<f32>(p, load<f32>(from));
    }
    return;
  }
  let r0 = b;
  let r1 = r0 + bRow;
  let r2 = r1 + bRow;
  let r3 = r2 + bRow;
  const fours = out + ((k & ~3) << 5);
  for (; out < fours; out += 128, r0 += 16, r1 += 16, r2 += 16, r3 += 16) {
    const a = v128.load(r0),
      b = v128.load(r1),
      c = v128.load(r2),
      d = v128.load(r3);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(out, v128.shuffle<f64>(ab, cd, 0, 2));
    v128.store(out, v128.shuffle<f64>(ab, cd, 1, 3), 32);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f64>(abHigh, cdHigh, 0, 2), 64);
    v128.store(out, v128.shuffle<f64>(abHigh, cdHigh, 1, 3), 96);
  }
  for (; out < end; out += 32, r0 += 4, r1 += 4, r2 += 4, r3 += 4) {
    store<f32>(out, load<f32>(r0));
    store<f32>(out, load<f32>(r1), 4);
    store<f32>(out, load<f32>(r2), 8);
    store<f32>(out, load<f32>(r3), 12);
  }
}

/** Columns of a[k][m], rows `aRow` bytes apart, to panels [ceil(m / 4)][k][4]. Reads up to 12 bytes past a row's end. */
export function packColumns(a: usize, aRow: usize, m: usize, k: usize, out: usize): void {
  for (let i: usize = 0; i < m; i += 4, a += 16) {
    const end = out + (k << 4);
    for (let from = a; out < end; out += 16, from += aRow) v128.store(out, v128.load(from));
  }
}
