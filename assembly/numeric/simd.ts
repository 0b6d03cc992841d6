// Helpers on vectors of four float32, and sums of rows and columns.

/** (lane 0 + lane 1) + (lane 2 + lane 3) */
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 1, 0, 3, 2));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 2);
}

/** The largest lane. */
export function maxLanes(x: v128): f32 {
  const pairs = f32x4.max(x, v128.shuffle<f32>(x, x, 1, 0, 3, 2));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 2));
}

/** All ones in lanes below `count`, zeros in the others. */
export function lanesBelow(count: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>count), i32x4(0, 1, 2, 3));
}

/** Stores the first `count` lanes, 1 to 4. */
export function storeLanes(p: usize, x: v128, count: usize): void {
  if (count >= 4) {
    v128.store(p, x);
    return;
  }
  store<f32>(p, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(p, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(p, f32x4.extract_lane(x, 2), 8);
}

/** out[n] = (add ? out : 0) + x[0] + x[1] + ..., the rows of x: [rows, n], in their order. */
export function sumRows(x: usize, rows: usize, n: usize, out: usize, add: bool): void {
  sumColumns(x, rows, n << 2, n, out, add);
}

/** The same for n columns of x, whose rows are `row` bytes apart. */
export function sumColumns(x: usize, rows: usize, row: usize, n: usize, out: usize, add: bool): void {
  for (let j: usize = 0; j < n; j += 4, x += 16, out += 16) {
    const count = min(n - j, 4);
    let sum = add ? v128.load(out) : f32x4.splat(0);
    for (let r: usize = 0, p = x; r < rows; r++, p += row) sum = f32x4.add(sum, v128.load(p));
    storeLanes(out, sum, count);
  }
}

/** out = x + values, each row of x: [rows, n]. `out` may be x. */
export function addToRows(x: usize, rows: usize, n: usize, values: usize, out: usize): void {
  const bytes = n << 2;
  for (let r: usize = 0; r < rows; r++, x += bytes, out += bytes) {
    for (let o: usize = 0; o < bytes; o += 16) {
      storeLanes(out + o, f32x4.add(v128.load(x + o), v128.load(values + o)), n - (o >> 2));
    }
  }
}

/** 1, 0 or -1 per lane. */
export function sign(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const magnitude = v128.and(one, f32x4.ne(x, zero));
  return v128.or(magnitude, v128.and(x, f32x4.splat(-0.0)));
}

/** Sum of float32 numbers in float64, in a fixed order: four lanes, then across. */
export function sum64(p: usize, count: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < count; i += 4, p += 16) {
    let x = v128.load(p);
    if (count - i < 4) x = v128.and(x, lanesBelow(count - i));
    low = f64x2.add(low, f64x2.promote_low_f32x4(x));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1)));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}
