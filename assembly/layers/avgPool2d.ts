import { DX, DY, integer, pointer, X, Y } from "../record";
import { storeLanes } from "../simd";
import {
  before,
  CHANNELS,
  firstCell,
  HEIGHT,
  OUT_HEIGHT,
  OUT_WIDTH,
  PAD_LEFT,
  PAD_TOP,
  STRIDE_HEIGHT,
  STRIDE_WIDTH,
  WIDTH,
  WINDOW_HEIGHT,
  WINDOW_WIDTH,
  within,
} from "./window";

/** y = the mean of the x in the window, padding left out */
export function avgPool2dForward(record: usize, rows: u32): void {
  const height = <i32>integer(record, HEIGHT);
  const width = <i32>integer(record, WIDTH);
  const channels = <usize>integer(record, CHANNELS);
  const outHeight = <i32>integer(record, OUT_HEIGHT);
  const outWidth = <i32>integer(record, OUT_WIDTH);
  const windowHeight = <i32>integer(record, WINDOW_HEIGHT);
  const windowWidth = <i32>integer(record, WINDOW_WIDTH);
  const pixel = channels << 2;
  const line = <usize>width * pixel;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let r: u32 = 0; r < rows; r++, x += <usize>height * line) {
    for (let i = 0; i < outHeight; i++) {
      const top = firstCell(record, i, STRIDE_HEIGHT, PAD_TOP);
      const lastRow = within(top, windowHeight, height);
      for (let j = 0; j < outWidth; j++, y += pixel) {
        const left = firstCell(record, j, STRIDE_WIDTH, PAD_LEFT);
        const lastColumn = within(left, windowWidth, width);
        const share = f32x4.splat(1 / <f32>((lastRow - before(top)) * (lastColumn - before(left))));
        for (let c: usize = 0; c < pixel; c += 16) {
          let sum = f32x4.splat(0);
          for (let a = before(top); a < lastRow; a++) {
            for (let b = before(left); b < lastColumn; b++) {
              sum = f32x4.add(sum, v128.load(x + <usize>(top + a) * line + <usize>(left + b) * pixel + c));
            }
          }
          storeLanes(y + c, f32x4.mul(sum, share), (pixel - c) >> 2);
        }
      }
    }
  }
}

/** dx = the sum of dy / cells of the windows that x is in */
export function avgPool2dBackward(record: usize, rows: u32): void {
  const height = <i32>integer(record, HEIGHT);
  const width = <i32>integer(record, WIDTH);
  const channels = <usize>integer(record, CHANNELS);
  const outHeight = <i32>integer(record, OUT_HEIGHT);
  const outWidth = <i32>integer(record, OUT_WIDTH);
  const windowHeight = <i32>integer(record, WINDOW_HEIGHT);
  const windowWidth = <i32>integer(record, WINDOW_WIDTH);
  const pixel = channels << 2;
  const line = <usize>width * pixel;
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  memory.fill(dx, 0, <usize>rows * height * line);
  for (let r: u32 = 0; r < rows; r++, dx += <usize>height * line) {
    for (let i = 0; i < outHeight; i++) {
      const top = firstCell(record, i, STRIDE_HEIGHT, PAD_TOP);
      const lastRow = within(top, windowHeight, height);
      for (let j = 0; j < outWidth; j++, dy += pixel) {
        const left = firstCell(record, j, STRIDE_WIDTH, PAD_LEFT);
        const lastColumn = within(left, windowWidth, width);
        const share = f32x4.splat(1 / <f32>((lastRow - before(top)) * (lastColumn - before(left))));
        for (let c: usize = 0; c < pixel; c += 16) {
          const gradient = f32x4.mul(v128.load(dy + c), share);
          for (let a = before(top); a < lastRow; a++) {
            for (let b = before(left); b < lastColumn; b++) {
              const to = dx + <usize>(top + a) * line + <usize>(left + b) * pixel + c;
              storeLanes(to, f32x4.add(v128.load(to), gradient), (pixel - c) >> 2);
            }
          }
        }
      }
    }
  }
}
