// Moves a window over images: the arguments of all layers that do, and the current window, which is kept in globals. Images are
// [height, width, channels], those of a batch consecutive.
import { integer } from "../runtime/record";

export const HEIGHT: usize = 4;
export const WIDTH: usize = 5;
export const CHANNELS: usize = 6;
export const OUT_HEIGHT: usize = 7;
export const OUT_WIDTH: usize = 8;
export const WINDOW_HEIGHT: usize = 9;
export const WINDOW_WIDTH: usize = 10;
export const STRIDE_HEIGHT: usize = 11;
export const STRIDE_WIDTH: usize = 12;
/** Cells of padding before the first row and column; cells of the window in the padding count for nothing. */
export const PAD_TOP: usize = 13;
export const PAD_LEFT: usize = 14;
/** How far apart the cells of a window are. */
export const DILATION_HEIGHT: usize = 15;
export const DILATION_WIDTH: usize = 16;
// and the layer's own from here on.
export const FIRST_OWN: usize = 17;

let height: i32 = 0;
let width: i32 = 0;
let outHeight: i32 = 0;
let outWidth: i32 = 0;
let windowHeight: i32 = 0;
let strideHeight: i32 = 0;
let strideWidth: i32 = 0;
let padTop: i32 = 0;
let padLeft: i32 = 0;
let dilationHeight: i32 = 0;
let dilationWidth: i32 = 0;
/** Row and column of the current window's first cell, less than 0 in the padding. */
let top: i32 = 0;
let left: i32 = 0;
let images: u32 = 0;
let image: usize = 0;
let row: i32 = 0;
let column: i32 = 0;

/** Columns of a window. */
export let windowWidth: i32 = 0;
/** Bytes of a cell, all its channels. */
export let cell: usize = 0;
let line: usize = 0;
/** Bytes from a cell of a window to the one below it, and to the next one of its row. */
export let down: usize = 0;
export let across: usize = 0;
/** Bytes from the first image to the current window's first cell, which may be in the padding. */
export let corner: usize = 0;
/** Rows and columns of the current window that are in the image: from the first up to, but without, the last. */
export let firstRow: i32 = 0;
export let lastRow: i32 = 0;
export let firstColumn: i32 = 0;
export let lastColumn: i32 = 0;

/** Bytes of all images. */
export function imagesBytes(record: usize, rows: u32): usize {
  return (<usize>rows * integer(record, HEIGHT) * integer(record, WIDTH) * integer(record, CHANNELS)) << 2;
}

/** Reads a record, and goes before the first window of its images. */
export function beginWindows(record: usize, count: u32): void {
  height = integer(record, HEIGHT);
  width = integer(record, WIDTH);
  outHeight = integer(record, OUT_HEIGHT);
  outWidth = integer(record, OUT_WIDTH);
  windowHeight = integer(record, WINDOW_HEIGHT);
  windowWidth = integer(record, WINDOW_WIDTH);
  strideHeight = integer(record, STRIDE_HEIGHT);
  strideWidth = integer(record, STRIDE_WIDTH);
  padTop = integer(record, PAD_TOP);
  padLeft = integer(record, PAD_LEFT);
  dilationHeight = integer(record, DILATION_HEIGHT);
  dilationWidth = integer(record, DILATION_WIDTH);
  cell = (<usize>integer(record, CHANNELS)) << 2;
  line = <usize>width * cell;
  down = <usize>dilationHeight * line;
  across = <usize>dilationWidth * cell;
  images = count;
  image = 0;
  row = 0;
  column = -1;
}

/** Cells of a window, `apart` from each other, in its first `length` rows or columns. */
function cellsWithin(length: i32, apart: i32): i32 {
  return length > 0 ? (length + apart - 1) / apart : 0;
}

/** Goes on to the next window: one for each cell of the output, in its order. False after the last. */
export function nextWindow(): bool {
  if (++column == outWidth) {
    column = 0;
    if (++row == outHeight) {
      row = 0;
      image += <usize>height * line;
      images--;
    }
  }
  if (images == 0) return false;
  top = row * strideHeight - padTop;
  left = column * strideWidth - padLeft;
  firstRow = cellsWithin(0 - top, dilationHeight);
  lastRow = min(windowHeight, cellsWithin(height - top, dilationHeight));
  firstColumn = cellsWithin(0 - left, dilationWidth);
  lastColumn = min(windowWidth, cellsWithin(width - left, dilationWidth));
  corner = image + <usize>(<isize>top * <isize>line + <isize>left * <isize>cell);
  return true;
}

/** Cells of the current window in the image and the padding around it, which ends below the row `bottom` and after the column `right`. */
export function cellsWithPadding(bottom: i32, right: i32): i32 {
  return (
    min(windowHeight, cellsWithin(bottom - top, dilationHeight)) *
    min(windowWidth, cellsWithin(right - left, dilationWidth))
  );
}
