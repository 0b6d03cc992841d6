import { exp, ln, ones } from "../../numeric/elementary";
import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

/** Channels: the last axis. */
const N: usize = 4;
/** Channels of the window, before it and behind the one in its middle. */
const BEFORE: usize = 5;
const BEHIND: usize = 6;
/** alpha / size */
const SHARE: usize = 7;
const BETA: usize = 8;
const BIAS: usize = 9;
/** Room for n + before + behind numbers and 12 more, twice. */
const SCRATCH: usize = 10;

/** Numbers to zeros in front of the first and behind the last channel, so that windows reach into nothing. */
function clearBorders(row: usize, before: usize, n: usize, behind: usize): void {
  for (let i: usize = 0; i < before; i++) store<f32>(row + (i << 2), 0);
  for (let i: usize = n + before, end = n + before + behind + 4; i < end; i++) store<f32>(row + (i << 2), 0);
}

/** The sums of four windows next to each other, of `size` numbers each. */
function windowSums(row: usize, size: usize): v128 {
  let sum = v128.load(row);
  for (let i: usize = 1; i < size; i++) sum = f32x4.add(sum, v128.load(row + (i << 2)));
  return sum;
}

/** The squares of a row of x behind `before` zeros. */
function squareRow(x: usize, bytes: usize, row: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) {
    const value = v128.load(x + o);
    storeLanes(row + o, f32x4.mul(value, value), (bytes - o) >> 2);
  }
}

/** d^-beta: 1 / (sqrt(d) sqrt(sqrt(d))) for the usual 3/4, which takes neither logarithm nor power. */
function power(d: v128, beta: f32): v128 {
  if (beta != 0.75) return exp(f32x4.mul(ln(d), f32x4.splat(-beta)));
  const root = f32x4.sqrt(d);
  return f32x4.div(ones(), f32x4.mul(root, f32x4.sqrt(root)));
}

/** y = x d^-beta with d = bias + share times the sum of the squares of the channels in the window */
export function localResponseNormForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const before = <usize>integer(record, BEFORE);
  const behind = <usize>integer(record, BEHIND);
  const size = before + 1 + behind;
  const share = f32x4.splat(float(record, SHARE));
  const bias = f32x4.splat(float(record, BIAS));
  const beta = float(record, BETA);
  const scratch = pointer(record, SCRATCH);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  clearBorders(scratch, before, n, behind);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, y += bytes) {
    squareRow(x, bytes, scratch + (before << 2));
    for (let o: usize = 0; o < bytes; o += 16) {
      const d = f32x4.add(f32x4.mul(windowSums(scratch + o, size), share), bias);
      storeLanes(y + o, f32x4.mul(v128.load(x + o), power(d, beta)), (bytes - o) >> 2);
    }
  }
}

/**
 * dx = dy d^-beta - 2 beta share x times the sum of dy x d^(-beta - 1) over the channels in whose windows x is.
 * see: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012
 */
export function localResponseNormBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const before = <usize>integer(record, BEFORE);
  const behind = <usize>integer(record, BEHIND);
  const size = before + 1 + behind;
  const share = f32x4.splat(float(record, SHARE));
  const bias = f32x4.splat(float(record, BIAS));
  const beta = float(record, BETA);
  const factor = f32x4.splat(-2 * beta * float(record, SHARE));
  const squares = pointer(record, SCRATCH);
  const products = squares + ((n + before + behind + 12) << 2);
  const middle = products + (behind << 2);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  if (!dx) return;
  clearBorders(squares, before, n, behind);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, dx += bytes, dy += bytes) {
    squareRow(x, bytes, squares + (before << 2));
    // the first part of dx, and the products that the second part is a sum of
    clearBorders(products, behind, n, before);
    for (let o: usize = 0; o < bytes; o += 16) {
      const count = (bytes - o) >> 2;
      const d = f32x4.add(f32x4.mul(windowSums(squares + o, size), share), bias);
      const plain = f32x4.mul(v128.load(dy + o), power(d, beta));
      storeLanes(dx + o, plain, count);
      storeLanes(middle + o, f32x4.div(f32x4.mul(plain, v128.load(x + o)), d), count);
    }
    for (let o: usize = 0; o < bytes; o += 16) {
      const along = f32x4.mul(f32x4.mul(v128.load(x + o), factor), windowSums(products + o, size));
      storeLanes(dx + o, f32x4.add(v128.load(dx + o), along), (bytes - o) >> 2);
    }
  }
}
