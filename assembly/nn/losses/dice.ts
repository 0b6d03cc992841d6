import { DX, float, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceVectors, TARGET } from "./reduce";

const SMOOTH: usize = FIRST_ATTRIBUTE;

/** 1 - D, D = (2 sum(x target) + s) / (sum(x) + sum(target) + s), the sums over a row; derivative (D - 2 target) / that divisor. */
export function diceLoss(record: usize, rows: u32): void {
  const n = <usize>perRow(record);
  const bytes = n << 2;
  const smooth = <f64>float(record, SMOOTH);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  for (let r: u32 = 0; r < rows; r++, x += bytes, target += bytes, dx += bytes, each += 4) {
    let both: f64 = 0;
    let sum = smooth;
    for (let o: usize = 0; o < bytes; o += 4) {
      const p = <f64>load<f32>(x + o);
      const t = <f64>load<f32>(target + o);
      both += p * t;
      sum += p + t;
    }
    const share = (2 * both + smooth) / sum;
    store<f32>(each, <f32>(1 - share));
    for (let o: usize = 0; o < bytes; o += 4) {
      store<f32>(dx + o, <f32>((share - 2 * <f64>load<f32>(target + o)) / sum));
    }
  }
  reduceVectors(record, rows, n);
}
