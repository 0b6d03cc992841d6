import { DX, DY, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import {
  beginWindows,
  cell,
  corner,
  firstColumn,
  firstRow,
  imagesBytes,
  lastColumn,
  lastRow,
  line,
  nextWindow,
} from "../../convolve/window";

/** 1 / the cells of the current window that are in the image. */
function share(): v128 {
  return f32x4.splat(1 / <f32>((lastRow - firstRow) * (lastColumn - firstColumn)));
}

/** y = the mean of the x in the window, padding left out */
export function avgPool2dForward(record: usize, rows: u32): void {
  const x = pointer(record, X);
  let y = pointer(record, Y);
  for (beginWindows(record, rows); nextWindow(); y += cell) {
    for (let c: usize = 0; c < cell; c += 16) {
      let sum = f32x4.splat(0);
      for (let a = firstRow; a < lastRow; a++)
        for (let b = firstColumn; b < lastColumn; b++)
          sum = f32x4.add(sum, v128.load(x + corner + <usize>a * line + <usize>b * cell + c));
      storeLanes(y + c, f32x4.mul(sum, share()), (cell - c) >> 2);
    }
  }
}

/** dx = the sum of dy / cells of the windows that x is in */
export function avgPool2dBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  let dy = pointer(record, DY);
  memory.fill(dx, 0, imagesBytes(record, rows));
  for (beginWindows(record, rows); nextWindow(); dy += cell) {
    for (let c: usize = 0; c < cell; c += 16) {
      const gradient = f32x4.mul(v128.load(dy + c), share());
      for (let a = firstRow; a < lastRow; a++) {
        for (let b = firstColumn; b < lastColumn; b++) {
          const to = dx + corner + <usize>a * line + <usize>b * cell + c;
          storeLanes(to, f32x4.add(v128.load(to), gradient), (cell - c) >> 2);
        }
      }
    }
  }
}
