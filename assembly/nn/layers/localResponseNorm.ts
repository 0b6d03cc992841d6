import { exp, ln, ones } from "../../numeric/elementary";
import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

/** Channels: the last axis. */
const N: usize = 4;
/** Channels of the window, before and after the one in its middle. */
const BEFORE: usize = 5;
const AFTER: usize = 6;
/** alpha / size */
const SHARE: usize = 7;
const BETA: usize = 8;
const BIAS: usize = 9;
/** Memory for n + before + after values and 12 more, twice. */
const SCRATCH: usize = 10;

/** Channels of an image's cell, and bytes of them. */
let n: usize = 0;
let bytes: usize = 0;
/** Channels of the window, before the one in its middle, after it, and all. */
let before: usize = 0;
let after: usize = 0;
let size: usize = 0;
let share: f32 = 0;
let bias: f32 = 0;

/** Reads a record. Goes first. */
function begin(record: usize): void {
  n = integer(record, N);
  bytes = n << 2;
  before = integer(record, BEFORE);
  after = integer(record, AFTER);
  size = before + 1 + after;
  share = float(record, SHARE);
  bias = float(record, BIAS);
}

/** Zeros for `left` numbers before the n channels and `right` numbers after them, so that windows reach into nothing. */
function clearBorders(row: usize, left: usize, right: usize): void {
  for (let i: usize = 0; i < left; i++) store<f32>(row + (i << 2), 0);
  for (let i: usize = n + left, end = n + left + right + 4; i < end; i++) store<f32>(row + (i << 2), 0);
}

/** The sums of four consecutive windows. */
function windowSums(row: usize): v128 {
  let sum = v128.load(row);
  for (const end = row + ((size - 1) << 2); row < end; row += 4) sum = f32x4.add(sum, v128.load(row, 4));
  return sum;
}

/** The squares of the channels of x, after `before` zeros. */
function squareRow(x: usize, row: usize): void {
  row += before << 2;
  for (let o: usize = 0; o < bytes; o += 16) {
    const value = v128.load(x + o);
    storeLanes(row + o, f32x4.mul(value, value), (bytes - o) >> 2);
  }
}

/** d = bias + share times the sum of the squares in the window, for four consecutive windows */
function denominators(squares: usize): v128 {
  return f32x4.add(f32x4.mul(windowSums(squares), f32x4.splat(share)), f32x4.splat(bias));
}

/** d^-beta: 1 / (sqrt(d) sqrt(sqrt(d))) for the usual 3/4, which takes neither logarithm nor power. */
function power(d: v128, beta: f32): v128 {
  if (beta != 0.75) return exp(f32x4.mul(ln(d), f32x4.splat(-beta)));
  const root = f32x4.sqrt(d);
  return f32x4.div(ones(), f32x4.mul(root, f32x4.sqrt(root)));
}

/** y = x d^-beta with d = bias + share times the sum of the squares of the channels in the window */
export function localResponseNormForward(record: usize, rows: u32): void {
  begin(record);
  const beta = float(record, BETA);
  const squares = pointer(record, SCRATCH);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  clearBorders(squares, before, after);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, y += bytes) {
    squareRow(x, squares);
    for (let o: usize = 0; o < bytes; o += 16)
      storeLanes(y + o, f32x4.mul(v128.load(x + o), power(denominators(squares + o), beta)), (bytes - o) >> 2);
  }
}

/**
 * dx = dy d^-beta - 2 beta share x times the sum of dy x d^(-beta - 1) over the channels in whose windows x is.
 * see: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012
 */
export function localResponseNormBackward(record: usize, rows: u32): void {
  begin(record);
  const beta = float(record, BETA);
  const factor = f32x4.splat(-2 * beta * share);
  const squares = pointer(record, SCRATCH);
  const products = squares + ((n + before + after + 12) << 2);
  const middle = products + (after << 2);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  if (!dx) return;
  clearBorders(squares, before, after);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, dx += bytes, dy += bytes) {
    squareRow(x, squares);
    // the first term of dx, and the products that the second term is a sum of
    clearBorders(products, after, before);
    for (let o: usize = 0; o < bytes; o += 16) {
      const count = (bytes - o) >> 2;
      const d = denominators(squares + o);
      const plain = f32x4.mul(v128.load(dy + o), power(d, beta));
      storeLanes(dx + o, plain, count);
      storeLanes(middle + o, f32x4.div(f32x4.mul(plain, v128.load(x + o)), d), count);
    }
    for (let o: usize = 0; o < bytes; o += 16) {
      const along = f32x4.mul(f32x4.mul(v128.load(x + o), factor), windowSums(products + o));
      storeLanes(dx + o, f32x4.add(v128.load(dx + o), along), (bytes - o) >> 2);
    }
  }
}
