// The transposed convolution: its forward pass is conv2d's input gradient, its output that convolution's input.
import { B, beginConvolution, channels, DB, DW, height, W, width } from "../../convolve/geometry";
import { passInputs, passOutputs, passWeights } from "../../convolve/passes";
import { sumRowsThreaded } from "../../matmul/threaded";
import { DX, DY, pointer, X, Y } from "../../runtime/record";

/** y[i s + a, j s + b] = bias + the sum of x[i, j] w[a, b]. w: [height, width, filters, channels]. */
export function conv2dTransposeForward(record: usize, rows: u32): void {
  beginConvolution(record);
  passInputs(pointer(record, X), pointer(record, W), pointer(record, B), pointer(record, Y), 0, rows);
}

/** dx is the convolution of dy with w; dw and db as for conv2d, x and dy having changed places. */
export function conv2dTransposeBackward(record: usize, rows: u32): void {
  beginConvolution(record);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  if (db) sumRowsThreaded(dy, <usize>rows * height * width, channels, db, true);
  if (dw) passWeights(dy, pointer(record, X), dw, 0, rows);
  if (dx) passOutputs(dy, pointer(record, W), 0, dx, 0, rows);
}
