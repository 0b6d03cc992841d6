import { PROGRAM_PASS, PROGRAM_SEED_HIGH, PROGRAM_SEED_LOW, STREAM_MASK } from "../../runtime/abi";
import { randomMask } from "../../runtime/random";
import { DX, DY, float, integer, perRow, pointer, wholeVectors, X, Y } from "../../runtime/record";

const MASK: usize = 4;
const KEEP: usize = 5;
const STREAM: usize = 6;
const PROGRAM: usize = 7;
const SCRATCH: usize = 8;

/** A new mask, [rows, n] bytes, 1 with probability `keep`: numbers of (seed, layer, pass). */
export function dropoutMask(record: usize, rows: u32): void {
  const program = pointer(record, PROGRAM);
  randomMask(
    pointer(record, MASK),
    rows * perRow(record),
    <f64>float(record, KEEP),
    load<u32>(program, PROGRAM_SEED_LOW),
    load<u32>(program, PROGRAM_SEED_HIGH),
    STREAM_MASK + integer(record, STREAM),
    load<u32>(program, PROGRAM_PASS),
    pointer(record, SCRATCH),
  );
}

/** y = x mask / keep */
export function dropoutForward(record: usize, rows: u32): void {
  multiplyByMask(record, rows, pointer(record, X), pointer(record, Y));
}

/** dx = dy mask / keep */
export function dropoutBackward(record: usize, rows: u32): void {
  multiplyByMask(record, rows, pointer(record, DY), pointer(record, DX));
}

function multiplyByMask(record: usize, rows: u32, from: usize, to: usize): void {
  let mask = pointer(record, MASK);
  const scale = f32x4.splat(1 / float(record, KEEP));
  const end = from + wholeVectors(record, rows);
  for (; from < end; from += 16, to += 16, mask += 4) {
    const bits = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask)));
    v128.store(to, f32x4.mul(v128.load(from), f32x4.mul(f32x4.convert_i32x4_s(bits), scale)));
  }
}
