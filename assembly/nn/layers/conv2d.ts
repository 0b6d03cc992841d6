import { B, beginConvolution, DB, DW, filters, outHeight, outWidth, W } from "../../convolve/geometry";
import { passInputs, passOutputs, passWeights } from "../../convolve/passes";
import { sumRowsThreaded } from "../../matmul/threaded";
import { DX, DY, pointer, X, Y } from "../../runtime/record";

/** y[i, j] = b + the sum over the window of x[i s + a, j s + b] w[a, b]. w: [height, width, channels / groups, filters]. */
export function conv2dForward(record: usize, rows: u32): void {
  beginConvolution(record);
  passOutputs(pointer(record, X), pointer(record, W), pointer(record, B), pointer(record, Y), 0, rows);
}

/** dw += x dy and db += dy, summed over images and windows; dx is the convolution of dy with w turned round. */
export function conv2dBackward(record: usize, rows: u32): void {
  beginConvolution(record);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  if (db) sumRowsThreaded(dy, <usize>rows * outHeight * outWidth, filters, db, true);
  if (dw) passWeights(pointer(record, X), dy, dw, 0, rows);
  if (dx) passInputs(dy, pointer(record, W), 0, dx, 0, rows);
}
