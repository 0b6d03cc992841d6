import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

const HEIGHT: usize = 4;
const WIDTH: usize = 5;
const CHANNELS: usize = 6;
const FACTOR: usize = 7;

/** y[i, j] = x[i / factor, j / factor], rounded down */
export function upsample2dForward(record: usize, rows: u32): void {
  const lines = rows * integer(record, HEIGHT);
  const width = integer(record, WIDTH);
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const factor = integer(record, FACTOR);
  const wide = <usize>width * factor * pixel;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let i: u32 = 0; i < lines; i++) {
    const line = y;
    for (let j: u32 = 0; j < width; j++, x += pixel)
      for (let b: u32 = 0; b < factor; b++, y += pixel) memory.copy(y, x, pixel);
    for (let a: u32 = 1; a < factor; a++, y += wide) memory.copy(y, line, wide);
  }
}

/** dx = the sum of the dy of the cells that show x, row by row */
export function upsample2dBackward(record: usize, rows: u32): void {
  const lines = rows * integer(record, HEIGHT);
  const width = integer(record, WIDTH);
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const factor = integer(record, FACTOR);
  const wide = <usize>width * factor * pixel;
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  for (let i: u32 = 0; i < lines; i++, dy += wide * factor) {
    for (let j: u32 = 0; j < width; j++, dx += pixel) {
      for (let c: usize = 0; c < pixel; c += 16) {
        let sum = f32x4.splat(0);
        for (let a: u32 = 0; a < factor; a++) {
          let from = dy + <usize>a * wide + <usize>(j * factor) * pixel + c;
          for (let b: u32 = 0; b < factor; b++, from += pixel) sum = f32x4.add(sum, v128.load(from));
        }
        storeLanes(dx + c, sum, (pixel - c) >> 2);
      }
    }
  }
}
