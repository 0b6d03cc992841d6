// Gathers the rows of a batch from the data set, and validates numbers.
import { HALT_LOSS, PROGRAM_CURSOR, PROGRAM_HALT, PROGRAM_ORDER } from "./abi";
import { float, perRow, pointer } from "./record";
import { rangeBegin, rangeEnd } from "./threadRange";

const SOURCE: usize = 0;
const TARGET: usize = 1;
const PROGRAM: usize = 2;
const SCALE: usize = 3;

/** The data set's row for row r of the batch. */
function sourceRow(record: usize, r: u32): usize {
  const program = pointer(record, PROGRAM);
  const order = <usize>load<u32>(program, PROGRAM_ORDER);
  const row = load<u32>(program, PROGRAM_CURSOR) + r;
  return order ? load<u32>(order + ((<usize>row) << 2)) : row;
}

/** target[r] = source[order[cursor + r]], rows of `perRow` words of 4 bytes (float32, or i32 labels). */
export function batchGatherWords(record: usize, rows: u32): void {
  const source = pointer(record, SOURCE);
  const bytes = (<usize>perRow(record)) << 2;
  const vectors = bytes & ~15;
  const first = rangeBegin(rows, 1);
  const last = rangeEnd(rows, 1);
  let target = pointer(record, TARGET) + first * bytes;
  for (let r = first; r < last; r++) {
    let from = source + sourceRow(record, <u32>r) * bytes;
    const wide = target + vectors;
    const end = target + bytes;
    for (; target < wide; target += 16, from += 16) v128.store(target, v128.load(from));
    for (; target < end; target += 4, from += 4) store<u32>(target, load<u32>(from));
  }
}

/** The same for rows of `perRow` bytes, 0 to 255, which become float32 and are multiplied by `scale`. */
export function batchGatherBytes(record: usize, rows: u32): void {
  const source = pointer(record, SOURCE);
  const n = <usize>perRow(record);
  const scale = float(record, SCALE);
  const s = f32x4.splat(scale);
  const first = rangeBegin(rows, 1);
  const last = rangeEnd(rows, 1);
  let target = pointer(record, TARGET) + ((first * n) << 2);
  for (let r = first; r < last; r++) {
    let from = source + sourceRow(record, <u32>r) * n;
    const wide = target + ((n & ~7) << 2);
    const end = target + (n << 2);
    for (; target < wide; target += 32, from += 8) {
      const words = v128.load8x8_u(from);
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), s));
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words)), s), 16);
    }
    for (; target < end; target += 4, from++) store<f32>(target, <f32>load<u8>(from) * scale);
  }
}

/** The index of the first number that is NaN or infinite, or `count`. */
export function batchFirstNonFinite(p: usize, count: u32): u32 {
  const start = p;
  const end = p + ((<usize>count) << 2);
  const zero = f32x4.splat(0);
  const wide = p + (((<usize>count) & ~3) << 2);
  for (; p < wide; p += 16) if (!i32x4.all_true(f32x4.eq(f32x4.mul(v128.load(p), zero), zero))) break;
  for (; p < end; p += 4) if (load<f32>(p) * 0 != 0) break;
  return (<u32>(p - start)) >> 2;
}

/** Halts the run if the loss (f64 total at SOURCE) is NaN or infinite. Arguments: the loss, unused, PROGRAM. */
export function batchCheckLoss(record: usize, rows: u32): void {
  if (!(abs<f64>(load<f64>(pointer(record, SOURCE))) < Infinity)) {
    store<u32>(pointer(record, PROGRAM), HALT_LOSS, PROGRAM_HALT);
  }
}
