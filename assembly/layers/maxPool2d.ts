import { DX, DY, pointer, X, Y } from "../record";
import { storeLanes } from "../simd";
import {
  beginWindows,
  cell,
  corner,
  FIRST_OWN,
  firstColumn,
  firstRow,
  imagesBytes,
  lastColumn,
  lastRow,
  line,
  nextWindow,
  windowWidth,
} from "./window";

/** Address of one u32 an output: the cell of the window that was the largest, counted row by row. */
const WINNER: usize = FIRST_OWN;

/** y = the largest x in the window, padding left out; NaN if there is one. The first of several equal ones is the winner. */
export function maxPool2dForward(record: usize, rows: u32): void {
  const x = pointer(record, X);
  let y = pointer(record, Y);
  let winner = pointer(record, WINNER);
  for (beginWindows(record, rows); nextWindow(); y += cell, winner += cell) {
    for (let c: usize = 0; c < cell; c += 16) {
      let best = f32x4.splat(-Infinity);
      let place = i32x4.splat(0);
      for (let a = firstRow; a < lastRow; a++) {
        for (let b = firstColumn; b < lastColumn; b++) {
          const value = v128.load(x + corner + <usize>a * line + <usize>b * cell + c);
          const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
          best = v128.bitselect(value, best, wins);
          place = v128.bitselect(i32x4.splat(a * windowWidth + b), place, wins);
        }
      }
      const count = (cell - c) >> 2;
      storeLanes(y + c, best, count);
      storeLanes(winner + c, place, count);
    }
  }
}

/** dx = the sum of dy of the windows that x won */
export function maxPool2dBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let winner = pointer(record, WINNER);
  memory.fill(dx, 0, imagesBytes(record, rows));
  for (beginWindows(record, rows); nextWindow(); dy += cell, winner += cell) {
    for (let c: usize = 0; c < cell; c += 16) {
      const gradient = v128.load(dy + c);
      const place = v128.load(winner + c);
      for (let a = firstRow; a < lastRow; a++) {
        for (let b = firstColumn; b < lastColumn; b++) {
          const to = dx + corner + <usize>a * line + <usize>b * cell + c;
          const won = v128.and(gradient, i32x4.eq(place, i32x4.splat(a * windowWidth + b)));
          storeLanes(to, f32x4.add(v128.load(to), won), (cell - c) >> 2);
        }
      }
    }
  }
}
