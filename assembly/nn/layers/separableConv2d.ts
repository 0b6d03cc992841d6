import {
  B,
  beginConvolution,
  beginPoints,
  channels,
  DB,
  DW,
  filters,
  FIRST_AFTER_CONVOLUTION,
  outHeight,
  outWidth,
  W,
} from "../../convolve/geometry";
import { passInputs, passOutputs, passWeights } from "../../convolve/passes";
import { sumRowsThreaded } from "../../matmul/threaded";
import { barrier } from "../../runtime/pool";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

/** The weights of the second step, and their gradient: [channels m, units]. */
const POINTS: usize = FIRST_AFTER_CONVOLUTION;
const D_POINTS: usize = FIRST_AFTER_CONVOLUTION + 1;
const UNITS: usize = FIRST_AFTER_CONVOLUTION + 2;
/** What the first step gives, and its gradient. */
const BETWEEN: usize = FIRST_AFTER_CONVOLUTION + 3;
const D_BETWEEN: usize = FIRST_AFTER_CONVOLUTION + 4;

/** Each channel's own convolution, as depthwiseConv2d's, then y = b + a weighted sum of its results, pixel by pixel. */
export function separableConv2dForward(record: usize, rows: u32): void {
  beginConvolution(record);
  const between = pointer(record, BETWEEN);
  passOutputs(pointer(record, X), pointer(record, W), 0, between, filters / channels, rows);
  beginPoints(integer(record, UNITS));
  passOutputs(between, pointer(record, POINTS), pointer(record, B), pointer(record, Y), 0, rows);
}

/** The steps' gradients, the second one's first. */
export function separableConv2dBackward(record: usize, rows: u32): void {
  beginConvolution(record);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  const dPoints = pointer(record, D_POINTS);
  const dBetween = pointer(record, D_BETWEEN);
  const units = integer(record, UNITS);
  if (db) sumRowsThreaded(dy, <usize>rows * outHeight * outWidth, units, db, true);
  beginPoints(units);
  if (dPoints) passWeights(pointer(record, BETWEEN), dy, dPoints, 0, rows);
  if (!dw && !dx) return;
  passInputs(dy, pointer(record, POINTS), 0, dBetween, 0, rows);
  if (ASC_FEATURE_THREADS) barrier();
  beginConvolution(record);
  const times = filters / channels;
  if (dw) passWeights(pointer(record, X), dBetween, dw, times, rows);
  if (dx) passInputs(dBetween, pointer(record, W), 0, dx, times, rows);
}
