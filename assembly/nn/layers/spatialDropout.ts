import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { drawMask, FIRST_OWN, KEEP, MASK, SCRATCH } from "./mask";

/** Channels: the last axis. */
const N: usize = FIRST_OWN;
/** Numbers of a tile, a multiple of 4 and of n; so many fit into the scratch memory. */
const TILE: usize = FIRST_OWN + 1;

/** A new mask, [rows, n] bytes. */
export function spatialDropoutMask(record: usize, rows: u32): void {
  drawMask(record, rows * integer(record, N));
}

/** y = x mask / keep, the mask being one for all places of a channel */
export function spatialDropoutForward(record: usize, rows: u32): void {
  multiplyChannels(record, rows, pointer(record, X), pointer(record, Y));
}

/** dx = dy mask / keep */
export function spatialDropoutBackward(record: usize, rows: u32): void {
  multiplyChannels(record, rows, pointer(record, DY), pointer(record, DX));
}

/** A row's factors are repeated over a tile, which then goes over the row without knowing where its channels begin. */
function multiplyChannels(record: usize, rows: u32, from: usize, to: usize): void {
  const n = <usize>integer(record, N);
  const bytes = (<usize>perRow(record)) << 2;
  const tileBytes = (<usize>integer(record, TILE)) << 2;
  const factors = pointer(record, SCRATCH);
  const scale: f32 = <f32>1 / float(record, KEEP);
  let mask = pointer(record, MASK);
  for (; rows > 0; rows--, mask += n, from += bytes, to += bytes) {
    for (let c: usize = 0; c < n; c++) {
      const factor = <f32>load<u8>(mask + c) * scale;
      for (let o = c << 2; o < tileBytes; o += n << 2) store<f32>(factors + o, factor);
    }
    let o: usize = 0;
    for (; o + tileBytes <= bytes; o += tileBytes) {
      for (let i: usize = 0; i < tileBytes; i += 16)
        v128.store(to + o + i, f32x4.mul(v128.load(from + o + i), v128.load(factors + i)));
    }
    for (let f = factors; o < bytes; o += 16, f += 16)
      storeLanes(to + o, f32x4.mul(v128.load(from + o), v128.load(f)), (bytes - o) >> 2);
  }
}
