import { PROGRAM_PASS, PROGRAM_SEED_HIGH, PROGRAM_SEED_LOW, STREAM_MASK } from "../../runtime/abi";
import { randomMask } from "../../runtime/random";
import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

const MASK: usize = 4;
const KEEP: usize = 5;
const STREAM: usize = 6;
const PROGRAM: usize = 7;
/** Channels: the last axis. */
const N: usize = 8;
/** Numbers of a tile, a multiple of 4 and of n. */
const TILE: usize = 9;
/** Room for a tile and for 16 numbers. */
const SCRATCH: usize = 10;

/** A new mask, [rows, n] bytes, 1 with probability `keep`: numbers of (seed, layer, pass). */
export function spatialDropoutMask(record: usize, rows: u32): void {
  const program = pointer(record, PROGRAM);
  randomMask(
    pointer(record, MASK),
    rows * integer(record, N),
    <f64>float(record, KEEP),
    load<u32>(program, PROGRAM_SEED_LOW),
    load<u32>(program, PROGRAM_SEED_HIGH),
    STREAM_MASK + integer(record, STREAM),
    load<u32>(program, PROGRAM_PASS),
    pointer(record, SCRATCH),
  );
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
