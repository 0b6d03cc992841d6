import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import {
  across,
  beginWindows,
  cell,
  cellsWithPadding,
  corner,
  down,
  FIRST_OWN,
  firstColumn,
  firstRow,
  imagesBytes,
  lastColumn,
  lastRow,
  nextWindow,
} from "../../convolve/window";

/** Rows and columns up to the end of the padding, those before the image not counted; 0: padding doesn't count. */
const BOTTOM: usize = FIRST_OWN;
const RIGHT: usize = FIRST_OWN + 1;

/** 1 / the cells of the current window that count: those in the image, or in the padding as well. */
function share(record: usize): v128 {
  const bottom = integer(record, BOTTOM);
  const cells = bottom
    ? cellsWithPadding(bottom, integer(record, RIGHT))
    : (lastRow - firstRow) * (lastColumn - firstColumn);
  return f32x4.splat(1 / <f32>cells);
}

/** y = the mean of the x in the window; padding is left out, or counts as 0 */
export function avgPool2dForward(record: usize, rows: u32): void {
  const x = pointer(record, X);
  let y = pointer(record, Y);
  for (beginWindows(record, rows); nextWindow(); y += cell) {
    const part = share(record);
    for (let c: usize = 0; c < cell; c += 16) {
      let sum = f32x4.splat(0);
      for (let a = firstRow; a < lastRow; a++)
        for (let b = firstColumn; b < lastColumn; b++)
          sum = f32x4.add(sum, v128.load(x + corner + <usize>a * down + <usize>b * across + c));
      storeLanes(y + c, f32x4.mul(sum, part), (cell - c) >> 2);
    }
  }
}

/** dx = the sum of dy / cells of the windows that x is in */
export function avgPool2dBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  let dy = pointer(record, DY);
  memory.fill(dx, 0, imagesBytes(record, rows));
  for (beginWindows(record, rows); nextWindow(); dy += cell) {
    const part = share(record);
    for (let c: usize = 0; c < cell; c += 16) {
      const gradient = f32x4.mul(v128.load(dy + c), part);
      for (let a = firstRow; a < lastRow; a++) {
        for (let b = firstColumn; b < lastColumn; b++) {
          const to = dx + corner + <usize>a * down + <usize>b * across + c;
          storeLanes(to, f32x4.add(v128.load(to), gradient), (cell - c) >> 2);
        }
      }
    }
  }
}
