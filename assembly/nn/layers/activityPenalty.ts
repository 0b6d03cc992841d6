// Passes its input on, and adds a penalty on its numbers to the loss of the pass.
import { PROGRAM_PENALTY } from "../../runtime/abi";
import { sign } from "../../numeric/simd";
import { DX, DY, float, perRow, pointer, wholeVectors, X, Y } from "../../runtime/record";

const L1: usize = 4;
const L2: usize = 5;
const PROGRAM: usize = 6;

/** y = x; the penalty grows by (l1 sum |x| + l2 sum x^2) / rows, float64 */
export function activityPenaltyForward(record: usize, rows: u32): void {
  const x = pointer(record, X);
  const y = pointer(record, Y);
  let sizes = f64x2.splat(0);
  let squares = f64x2.splat(0);
  const bytes = (<usize>rows * perRow(record)) << 2;
  let o: usize = 0;
  for (; o + 8 <= bytes; o += 8) {
    const two = f64x2.promote_low_f32x4(v128.load64_zero(x + o));
    sizes = f64x2.add(sizes, f64x2.abs(two));
    squares = f64x2.add(squares, f64x2.mul(two, two));
  }
  let size = f64x2.extract_lane(sizes, 0) + f64x2.extract_lane(sizes, 1);
  let square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  if (o < bytes) {
    const last = <f64>load<f32>(x + o);
    size += abs<f64>(last);
    square += last * last;
  }
  const program = pointer(record, PROGRAM);
  const penalty = (<f64>float(record, L1) * size + <f64>float(record, L2) * square) / <f64>rows;
  store<f64>(program, load<f64>(program, PROGRAM_PENALTY) + penalty, PROGRAM_PENALTY);
  if (x != y) memory.copy(y, x, wholeVectors(record, rows));
}

/** dx = dy + (l1 sign(x) + 2 l2 x) / rows; y is x */
export function activityPenaltyBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  if (dx == 0) return;
  const dy = pointer(record, DY);
  const y = pointer(record, Y);
  const l1 = f32x4.splat(<f32>(<f64>float(record, L1) / <f64>rows));
  const l2 = f32x4.splat(<f32>((2 * <f64>float(record, L2)) / <f64>rows));
  for (let o: usize = 0, bytes = wholeVectors(record, rows); o < bytes; o += 16) {
    const value = v128.load(y + o);
    const slope = f32x4.add(f32x4.mul(l1, sign(value)), f32x4.mul(l2, value));
    v128.store(dx + o, f32x4.add(v128.load(dy + o), slope));
  }
}
