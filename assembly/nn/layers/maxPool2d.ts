import { DX, DY, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import {
  across,
  beginWindows,
  cell,
  corner,
  down,
  FIRST_OWN,
  firstColumn,
  firstRow,
  imagesBytes,
  lastColumn,
  lastRow,
  nextWindow,
  windowWidth,
} from "../../convolve/window";

/** Address of one u32 an output: the cell of the window that was the largest, counted row by row. */
const WINNER: usize = FIRST_OWN;

/** y = the largest x in the window, padding left out; NaN if there is one. The first of several equal ones is the winner. */
export function maxPool2dForward(record: usize, rows: u32): void {
  const x = pointer(record, X);
  let y = pointer(record, Y);
  let winner = pointer(record, WINNER);
  beginWindows(record, rows);
  // copies of what doesn't change: globals would be read again for every cell
  const bytes = cell;
  const rowBytes = down;
  const step = across;
  const one = i32x4.splat(1);
  for (; nextWindow(); y += bytes, winner += bytes) {
    const columns = <usize>(lastColumn - firstColumn) * step;
    const top = x + corner + <usize>firstRow * rowBytes + <usize>firstColumn * step;
    const bottom = top + <usize>(lastRow - firstRow) * rowBytes;
    const number = i32x4.splat(firstRow * windowWidth + firstColumn);
    const nextRow = i32x4.splat(windowWidth - (lastColumn - firstColumn));
    for (let c: usize = 0; c < bytes; c += 16) {
      let best = v128.load(top + c);
      let place = number;
      let at = number;
      for (let row = top + c; row < bottom + c; row += rowBytes) {
        for (let p = row; p < row + columns; p += step) {
          const value = v128.load(p);
          const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
          best = v128.bitselect(value, best, wins);
          place = v128.bitselect(at, place, wins);
          at = i32x4.add(at, one);
        }
        at = i32x4.add(at, nextRow);
      }
      const count = (bytes - c) >> 2;
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
  beginWindows(record, rows);
  const bytes = cell;
  const rowBytes = down;
  const step = across;
  const one = i32x4.splat(1);
  for (; nextWindow(); dy += bytes, winner += bytes) {
    const columns = <usize>(lastColumn - firstColumn) * step;
    const top = dx + corner + <usize>firstRow * rowBytes + <usize>firstColumn * step;
    const bottom = top + <usize>(lastRow - firstRow) * rowBytes;
    const number = i32x4.splat(firstRow * windowWidth + firstColumn);
    const nextRow = i32x4.splat(windowWidth - (lastColumn - firstColumn));
    for (let c: usize = 0; c < bytes; c += 16) {
      const gradient = v128.load(dy + c);
      const place = v128.load(winner + c);
      const count = (bytes - c) >> 2;
      let at = number;
      for (let row = top + c; row < bottom + c; row += rowBytes) {
        for (let to = row; to < row + columns; to += step) {
          storeLanes(to, f32x4.add(v128.load(to), v128.and(gradient, i32x4.eq(place, at))), count);
          at = i32x4.add(at, one);
        }
        at = i32x4.add(at, nextRow);
      }
    }
  }
}
