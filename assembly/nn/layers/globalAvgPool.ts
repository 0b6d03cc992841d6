import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

/** Places of a row: time steps, or height times width. */
const PLACES: usize = 4;
const CHANNELS: usize = 5;

/** y = the mean of x over the places, for each channel, summed in their order */
export function globalAvgPoolForward(record: usize, rows: u32): void {
  const places = <usize>integer(record, PLACES);
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const share = f32x4.splat(1 / <f32>places);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let r: u32 = 0; r < rows; r++, x += places * pixel, y += pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      let sum = f32x4.splat(0);
      for (let p: usize = 0, from = x + c; p < places; p++, from += pixel) sum = f32x4.add(sum, v128.load(from));
      storeLanes(y + c, f32x4.mul(sum, share), (pixel - c) >> 2);
    }
  }
}

/** dx = dy / places, at every place */
export function globalAvgPoolBackward(record: usize, rows: u32): void {
  const places = <usize>integer(record, PLACES);
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const share = f32x4.splat(1 / <f32>places);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  for (let r: u32 = 0; r < rows; r++, dx += places * pixel, dy += pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const gradient = f32x4.mul(v128.load(dy + c), share);
      for (let p: usize = 0, to = dx + c; p < places; p++, to += pixel) storeLanes(to, gradient, (pixel - c) >> 2);
    }
  }
}
