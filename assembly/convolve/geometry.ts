// Sizes of a convolution's images, windows and weights, kept in globals while a kernel runs, and a stack for its scratch memory.
// "Input" and "output" are those of the convolution, in its backward pass, too.
import {
  CHANNELS,
  DILATION_HEIGHT,
  DILATION_WIDTH,
  FIRST_OWN,
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
} from "./window";
import { integer } from "../runtime/record";

/** Channels of the output. */
export const FILTERS: usize = FIRST_OWN;
export const GROUPS: usize = FIRST_OWN + 1;
export const SCRATCH: usize = FIRST_OWN + 2;
export const W: usize = FIRST_OWN + 3;
export const DW: usize = FIRST_OWN + 4;
export const B: usize = FIRST_OWN + 5;
export const DB: usize = FIRST_OWN + 6;
// and a layer's own from here on.
export const FIRST_AFTER_CONVOLUTION: usize = FIRST_OWN + 7;

export let height: i32 = 0;
export let width: i32 = 0;
export let channels: i32 = 0;
export let outHeight: i32 = 0;
export let outWidth: i32 = 0;
export let filters: i32 = 0;
export let groups: i32 = 0;
export let kernelHeight: i32 = 0;
export let kernelWidth: i32 = 0;
export let strideHeight: i32 = 0;
export let strideWidth: i32 = 0;
export let dilationHeight: i32 = 0;
export let dilationWidth: i32 = 0;
export let padTop: i32 = 0;
export let padLeft: i32 = 0;

/** Address of the first free byte of the scratch memory. */
let free: usize = 0;

/** Reads a record's geometry; all of its scratch memory is free again. */
export function beginConvolution(record: usize): void {
  height = integer(record, HEIGHT);
  width = integer(record, WIDTH);
  channels = integer(record, CHANNELS);
  outHeight = integer(record, OUT_HEIGHT);
  outWidth = integer(record, OUT_WIDTH);
  filters = integer(record, FILTERS);
  groups = integer(record, GROUPS);
  kernelHeight = integer(record, WINDOW_HEIGHT);
  kernelWidth = integer(record, WINDOW_WIDTH);
  strideHeight = integer(record, STRIDE_HEIGHT);
  strideWidth = integer(record, STRIDE_WIDTH);
  dilationHeight = integer(record, DILATION_HEIGHT);
  dilationWidth = integer(record, DILATION_WIDTH);
  padTop = integer(record, PAD_TOP);
  padLeft = integer(record, PAD_LEFT);
  free = integer(record, SCRATCH);
}

/** Goes on to the convolution of the outputs, one pixel each, to `units` channels. */
export function beginPoints(units: i32): void {
  height = outHeight;
  width = outWidth;
  channels = filters;
  filters = units;
  groups = 1;
  kernelHeight = kernelWidth = 1;
  strideHeight = strideWidth = 1;
  dilationHeight = dilationWidth = 1;
  padTop = padLeft = 0;
}

/** Takes scratch memory, until `giveBack`. */
export function take(bytes: usize): usize {
  const taken = free;
  free += (bytes + 15) & ~15;
  return taken;
}

/** Everything that was taken from here on is free again. */
export function giveBack(from: usize): void {
  free = from;
}

/** Sizes of the images that windows move over now, the inputs or the outputs, with zeros around them. */
export let top: i32 = 0;
export let imageHeight: i32 = 0;
/** Bytes of a cell and of a row, borders included. */
export let cell: usize = 0;
export let line: usize = 0;
/** Memory for a tile of results. */
export let edge: usize = 0;
let bordered: usize = 0;
let inside: usize = 0;
let rowBytes: usize = 0;
let copies: usize = 0;

/**
 * Prepares for images with borders. Without any they are read in place.
 *
 * @param times how often each channel is repeated
 */
export function beginImages(
  rows: i32,
  columns: i32,
  depth: i32,
  times: i32,
  above: i32,
  below: i32,
  before: i32,
  after: i32,
): void {
  edge = take(128);
  top = above;
  imageHeight = rows;
  copies = times;
  cell = (<usize>depth * times) << 2;
  line = <usize>(before + columns + after) * cell;
  rowBytes = (<usize>columns * depth) << 2;
  bordered = 0;
  if ((above | below | before | after) == 0 && times == 1) return;
  const bytes = <usize>(above + rows + below) * line;
  bordered = take(bytes);
  inside = bordered + <usize>above * line + <usize>before * cell;
  memory.fill(bordered, 0, bytes);
}

/** Prepares for the inputs, with the border that windows reach into. `times`: 0, or how often each channel is repeated. */
export function beginInputs(times: i32): void {
  const below = max((outHeight - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1 - padTop - height, 0);
  const after = max((outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1 - padLeft - width, 0);
  beginImages(height, width, channels, max(times, 1), padTop, below, padLeft, after);
}

/** Address of the image with its border. */
export function borderedImage(image: usize): usize {
  if (!bordered) return image;
  for (let i = 0, to = inside; i < imageHeight; i++, image += rowBytes, to += line) {
    if (copies == 1) copyFloats(image, to, rowBytes);
    else repeatFloats(image, to);
  }
  return bordered;
}

function copyFloats(from: usize, to: usize, bytes: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(to + o, v128.load(from + o));
  for (; o < bytes; o += 4) store<f32>(to + o, load<f32>(from + o));
}

/** A row of the image, each number `copies` times. */
function repeatFloats(from: usize, to: usize): void {
  for (let end = from + rowBytes; from < end; from += 4) {
    for (let i: usize = 0; i < copies; i++, to += 4) store<f32>(to, load<f32>(from));
  }
}
