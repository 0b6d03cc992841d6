// Copies between an image with a border and the one inside it, for zero padding and cropping.
import { integer } from "../../runtime/record";

/** Height and width of the image inside. */
export const HEIGHT: usize = 4;
export const WIDTH: usize = 5;
export const CHANNELS: usize = 6;
export const TOP: usize = 7;
export const BOTTOM: usize = 8;
export const LEFT: usize = 9;
export const RIGHT: usize = 10;

/** Copies images into larger ones, whose border becomes 0. */
export function addBorder(record: usize, images: u32, inside: usize, outside: usize): void {
  const line = (<usize>integer(record, WIDTH) * integer(record, CHANNELS)) << 2;
  const left = (<usize>integer(record, LEFT) * integer(record, CHANNELS)) << 2;
  const right = (<usize>integer(record, RIGHT) * integer(record, CHANNELS)) << 2;
  const wide = left + line + right;
  const height = integer(record, HEIGHT);
  const above = <usize>integer(record, TOP) * wide;
  const below = <usize>integer(record, BOTTOM) * wide;
  for (let r: u32 = 0; r < images; r++) {
    memory.fill(outside, 0, above);
    outside += above;
    for (let i: u32 = 0; i < height; i++, inside += line, outside += wide) {
      memory.fill(outside, 0, left);
      memory.copy(outside + left, inside, line);
      memory.fill(outside + left + line, 0, right);
    }
    memory.fill(outside, 0, below);
    outside += below;
  }
}

/** Copies the images inside larger ones. */
export function removeBorder(record: usize, images: u32, outside: usize, inside: usize): void {
  const line = (<usize>integer(record, WIDTH) * integer(record, CHANNELS)) << 2;
  const left = (<usize>integer(record, LEFT) * integer(record, CHANNELS)) << 2;
  const wide = left + line + ((<usize>integer(record, RIGHT) * integer(record, CHANNELS)) << 2);
  const height = integer(record, HEIGHT);
  const above = <usize>integer(record, TOP) * wide;
  const below = <usize>integer(record, BOTTOM) * wide;
  for (let r: u32 = 0; r < images; r++) {
    outside += above + left;
    for (let i: u32 = 0; i < height; i++, inside += line, outside += wide) memory.copy(inside, outside, line);
    outside += below - left;
  }
}
