import { DX, DY, integer, pointer, X, Y } from "../record";
import { storeLanes } from "../simd";
import {
  before,
  CHANNELS,
  FIRST_OWN,
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

/** Address of one u32 an output: the cell of the window that was the largest, counted row by row. */
const WINNER: usize = FIRST_OWN;

/** y = the largest x in the window, padding left out; NaN if there is one. The first of several equal ones is the winner. */
export function maxPool2dForward(record: usize, rows: u32): void {
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
  let winner = pointer(record, WINNER);
  for (let r: u32 = 0; r < rows; r++, x += <usize>height * line) {
    for (let i = 0; i < outHeight; i++) {
      const top = firstCell(record, i, STRIDE_HEIGHT, PAD_TOP);
      const lastRow = within(top, windowHeight, height);
      for (let j = 0; j < outWidth; j++, y += pixel, winner += pixel) {
        const left = firstCell(record, j, STRIDE_WIDTH, PAD_LEFT);
        const lastColumn = within(left, windowWidth, width);
        for (let c: usize = 0; c < pixel; c += 16) {
          let best = f32x4.splat(-Infinity);
          let place = i32x4.splat(0);
          for (let a = before(top); a < lastRow; a++) {
            for (let b = before(left); b < lastColumn; b++) {
              const value = v128.load(x + <usize>(top + a) * line + <usize>(left + b) * pixel + c);
              const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
              best = v128.bitselect(value, best, wins);
              place = v128.bitselect(i32x4.splat(a * windowWidth + b), place, wins);
            }
          }
          const count = (pixel - c) >> 2;
          storeLanes(y + c, best, count);
          storeLanes(winner + c, place, count);
        }
      }
    }
  }
}

/** dx = the sum of dy of the windows that x won. */
export function maxPool2dBackward(record: usize, rows: u32): void {
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
  let winner = pointer(record, WINNER);
  memory.fill(dx, 0, <usize>rows * height * line);
  for (let r: u32 = 0; r < rows; r++, dx += <usize>height * line) {
    for (let i = 0; i < outHeight; i++) {
      const top = firstCell(record, i, STRIDE_HEIGHT, PAD_TOP);
      const lastRow = within(top, windowHeight, height);
      for (let j = 0; j < outWidth; j++, dy += pixel, winner += pixel) {
        const left = firstCell(record, j, STRIDE_WIDTH, PAD_LEFT);
        const lastColumn = within(left, windowWidth, width);
        for (let c: usize = 0; c < pixel; c += 16) {
          const gradient = v128.load(dy + c);
          const place = v128.load(winner + c);
          for (let a = before(top); a < lastRow; a++) {
            for (let b = before(left); b < lastColumn; b++) {
              const to = dx + <usize>(top + a) * line + <usize>(left + b) * pixel + c;
              const won = v128.and(gradient, i32x4.eq(place, i32x4.splat(a * windowWidth + b)));
              storeLanes(to, f32x4.add(v128.load(to), won), (pixel - c) >> 2);
            }
          }
        }
      }
    }
  }
}
