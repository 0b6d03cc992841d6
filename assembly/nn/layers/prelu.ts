import { DX, DY, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

const SLOPE: usize = 4;
const D_SLOPE: usize = 5;
/** Numbers of the last axis, each with a slope of its own. */
const N: usize = 6;

/** y = x where x > 0, else slope x */
export function preluForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const groups = (<usize>rows * perRow(record)) / n;
  const slope = pointer(record, SLOPE);
  const zero = f32x4.splat(0);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let i: usize = 0; i < groups; i++, x += bytes, y += bytes) {
    for (let o: usize = 0; o < bytes; o += 16) {
      const value = v128.load(x + o);
      const bent = f32x4.mul(value, v128.load(slope + o));
      storeLanes(y + o, v128.bitselect(value, bent, f32x4.gt(value, zero)), n - (o >> 2));
    }
  }
}

/** dx = dy where x > 0, else slope dy; dslope += dy x where x is not above 0, summed over all but the last axis */
export function preluBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const groups = (<usize>rows * perRow(record)) / n;
  const slope = pointer(record, SLOPE);
  const dSlope = pointer(record, D_SLOPE);
  const zero = f32x4.splat(0);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  for (let i: usize = 0; i < groups; i++, x += bytes, dy += bytes) {
    for (let o: usize = 0; dSlope && o < bytes; o += 16) {
      const value = v128.load(x + o);
      const share = v128.andnot(f32x4.mul(v128.load(dy + o), value), f32x4.gt(value, zero));
      storeLanes(dSlope + o, f32x4.add(v128.load(dSlope + o), share), n - (o >> 2));
    }
    for (let o: usize = 0; dx && o < bytes; o += 16) {
      const gradient = v128.load(dy + o);
      const above = f32x4.gt(v128.load(x + o), zero);
      const bent = f32x4.mul(gradient, v128.load(slope + o));
      storeLanes(dx + o, v128.bitselect(gradient, bent, above), n - (o >> 2));
    }
    if (dx) dx += bytes;
  }
}
