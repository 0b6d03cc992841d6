// The arguments of every constraint's record, and norms of the vectors in a parameter: along one axis (or several neighbouring ones,
// which count as one) of [outer, n, inner].
import { integer, pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

export const P: usize = 0;
const OUTER: usize = 1;
/** Elements of a vector. */
const N: usize = 2;
const INNER: usize = 3;
/** The largest norm, or the norm. */
export const LIMIT: usize = 4;

/** limit / norm for two lanes; where the norm is 0, or (with `most`) within the limit, 1. */
function factors(squares: v128, limit: v128, most: bool): v128 {
  const norm = f64x2.sqrt(squares);
  const stays = most ? f64x2.le(norm, limit) : f64x2.eq(norm, f64x2.splat(0));
  return v128.bitselect(f64x2.splat(1), f64x2.div(limit, norm), stays);
}

/** Gives every vector the norm `limit`; with `most`, only those that are longer. Vectors of zeros stay so. */
export function limitNorms(record: usize, limit: f32, most: bool): void {
  const n = <usize>integer(record, N);
  const inner = <usize>integer(record, INNER);
  const row = inner << 2;
  const norm = f64x2.splat(<f64>limit);
  let p = pointer(record, P);
  for (let i: usize = 0, outer = <usize>integer(record, OUTER); i < outer; i++, p += n * row) {
    for (let j: usize = 0; j < inner; j += 4) {
      const first = p + (j << 2);
      const end = first + n * row;
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (let at = first; at < end; at += row) {
        const value = v128.load(at);
        const a = f64x2.promote_low_f32x4(value);
        const b = f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1));
        low = f64x2.add(low, f64x2.mul(a, a));
        high = f64x2.add(high, f64x2.mul(b, b));
      }
      low = factors(low, norm, most);
      high = factors(high, norm, most);
      for (let at = first; at < end; at += row) {
        const value = v128.load(at);
        const a = f64x2.mul(low, f64x2.promote_low_f32x4(value));
        const b = f64x2.mul(high, f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1)));
        const both = v128.shuffle<f64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
        storeLanes(at, both, inner - j);
      }
    }
  }
}
