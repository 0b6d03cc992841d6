import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

// Sizes of the output's axes, four of them (the first ones 1), and how far apart their elements are in the input, in bytes.
const SIZE_0: usize = 4;
const SIZE_1: usize = 5;
const SIZE_2: usize = 6;
const SIZE_3: usize = 7;
const STEP_0: usize = 8;
const STEP_1: usize = 9;
const STEP_2: usize = 10;
const STEP_3: usize = 11;

/** y = x with its axes in another order */
export function permuteForward(record: usize, rows: u32): void {
  move(record, rows, pointer(record, X), pointer(record, Y), false);
}

/** dx = dy with its axes in the order of x */
export function permuteBackward(record: usize, rows: u32): void {
  move(record, rows, pointer(record, DX), pointer(record, DY), true);
}

/** Copies elements between a tensor and the one with permuted axes, in either direction. */
function move(record: usize, rows: u32, plain: usize, permuted: usize, back: bool): void {
  const size0 = <usize>integer(record, SIZE_0);
  const size1 = <usize>integer(record, SIZE_1);
  const size2 = <usize>integer(record, SIZE_2);
  const size3 = <usize>integer(record, SIZE_3);
  const step0 = <usize>integer(record, STEP_0);
  const step1 = <usize>integer(record, STEP_1);
  const step2 = <usize>integer(record, STEP_2);
  const step3 = <usize>integer(record, STEP_3);
  const row = (size0 * size1 * size2 * size3) << 2;
  for (let r: u32 = 0; r < rows; r++, plain += row) {
    for (let i: usize = 0; i < size0; i++) {
      for (let j: usize = 0; j < size1; j++) {
        for (let k: usize = 0; k < size2; k++) {
          let at = plain + i * step0 + j * step1 + k * step2;
          for (let l: usize = 0; l < size3; l++, at += step3, permuted += 4) {
            if (back) store<f32>(at, load<f32>(permuted));
            else store<f32>(permuted, load<f32>(at));
          }
        }
      }
    }
  }
}
