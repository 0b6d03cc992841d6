// What layers share that move a window over an image: their attributes, and where a window lies. Images are [height, width,
// channels], rows of a batch one behind the other.
import { integer } from "../record";

export const HEIGHT: usize = 4;
export const WIDTH: usize = 5;
export const CHANNELS: usize = 6;
export const OUT_HEIGHT: usize = 7;
export const OUT_WIDTH: usize = 8;
export const WINDOW_HEIGHT: usize = 9;
export const WINDOW_WIDTH: usize = 10;
export const STRIDE_HEIGHT: usize = 11;
export const STRIDE_WIDTH: usize = 12;
/** Cells of padding before the first row and column; the window's part there counts for nothing. */
export const PAD_TOP: usize = 13;
export const PAD_LEFT: usize = 14;
// and the layer's own from here on.
export const FIRST_OWN: usize = 15;

/** The part of a window that lies in the image, from `first` up to `last`, along one axis. */
export function firstCell(record: usize, out: i32, stride: usize, pad: usize): i32 {
  return out * <i32>integer(record, stride) - <i32>integer(record, pad);
}

/** 0 where the window begins inside, else how many cells of it lie in front of the image. */
export function before(cell: i32): i32 {
  return max(-cell, 0);
}

/** How many cells of the window lie in front of the image's end: those of the window, or fewer. */
export function within(cell: i32, window: i32, size: i32): i32 {
  return min(window, size - cell);
}
