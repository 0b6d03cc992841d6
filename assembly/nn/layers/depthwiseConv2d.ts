import { B, beginConvolution, channels, DB, DW, filters, outHeight, outWidth, W } from "../../convolve/geometry";
import { passInputs, passOutputs, passWeights } from "../../convolve/passes";
import { sumRowsThreaded } from "../../matmul/threaded";
import { DX, DY, pointer, X, Y } from "../../runtime/record";

/** A convolution whose channels stay apart: output c m + q is that of channel c. w: [height, width, channels, m]. */
export function depthwiseConv2dForward(record: usize, rows: u32): void {
  beginConvolution(record);
  const times = filters / channels;
  passOutputs(pointer(record, X), pointer(record, W), pointer(record, B), pointer(record, Y), times, rows);
}

/** As for conv2d. */
export function depthwiseConv2dBackward(record: usize, rows: u32): void {
  beginConvolution(record);
  const times = filters / channels;
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const dw = pointer(record, DW);
  const db = pointer(record, DB);
  if (db) sumRowsThreaded(dy, <usize>rows * outHeight * outWidth, filters, db, true);
  if (dw) passWeights(pointer(record, X), dy, dw, times, rows);
  if (dx) passInputs(dy, pointer(record, W), 0, dx, times, rows);
}
