// Makes and runs the table of weight tiles, for the gradient of a convolution's weights: for each weight the sum over images and outputs
// of x dy, in this order.
import { packRows } from "../matmul/pack";
import { rangeBegin, rangeEnd } from "../runtime/threadRange";
import {
  beginInputs,
  borderedImage,
  cell,
  channels,
  dilationHeight,
  dilationWidth,
  filters,
  groups,
  height,
  kernelHeight,
  kernelWidth,
  line,
  outHeight,
  outWidth,
  padLeft,
  padTop,
  strideHeight,
  strideWidth,
  take,
  width,
} from "./geometry";
import {
  setRows,
  TAP_FIRST_COLUMN,
  TAP_FIRST_ROW,
  TAP_LAST_COLUMN,
  TAP_LAST_ROW,
  TAP_W,
  TAP_X,
  tapTiles,
  tapTilesByChannel,
  TILE_BYTES,
} from "./tiles";

/** Outputs per block: as many as the first-level cache holds. */
const BLOCK: i32 = 256;
/** Above so many channels rows of dy are copied into panels of 8. */
const PACKED: i32 = 16;

let tiles: usize = 0;
let tilesEnd: usize = 0;
let packed: usize = 0;
let byChannel: bool = false;
let blocks: i32 = 0;
let depth: i32 = 0;
let columns: i32 = 0;

function firstOutput(tap: i32, pad: i32, stride: i32): i32 {
  return tap >= pad ? 0 : (pad - tap + stride - 1) / stride;
}

function lastOutput(tap: i32, pad: i32, stride: i32, size: i32, outputs: i32): i32 {
  const last = pad + size - 1 - tap;
  return last < 0 ? 0 : min(last / stride + 1, outputs);
}

/** Prepares for the gradients of the weights. `times` as for `planOutputs`. */
export function planTaps(times: i32): void {
  beginInputs(times);
  byChannel = times > 0;
  blocks = byChannel ? 1 : groups;
  depth = byChannel ? 1 : channels / blocks;
  columns = filters / blocks;
  const taps = kernelHeight * kernelWidth * depth;
  tiles = take(((<usize>(taps + 3)) >> 2) * TILE_BYTES);
  tilesEnd = tiles;
  for (let first = 0; first < taps; first += 4, tilesEnd += TILE_BYTES) {
    let firstRow = outHeight;
    let lastRow = 0;
    let firstColumn = outWidth;
    let lastColumn = 0;
    for (let i = 0; i < 4; i++) {
      const tap = first + i < taps ? first + i : first; // those that a last tile lacks repeat its first one
      const a = (tap / depth / kernelWidth) * dilationHeight;
      const b = ((tap / depth) % kernelWidth) * dilationWidth;
      store<u32>(tilesEnd + (i << 2), <usize>a * line + <usize>b * cell + ((tap % depth) << 2), TAP_X);
      store<u32>(tilesEnd + (i << 2), (tap * filters) << 2, TAP_W);
      firstRow = min(firstRow, firstOutput(a, padTop, strideHeight));
      lastRow = max(lastRow, lastOutput(a, padTop, strideHeight, height, outHeight));
      firstColumn = min(firstColumn, firstOutput(b, padLeft, strideWidth));
      lastColumn = max(lastColumn, lastOutput(b, padLeft, strideWidth, width, outWidth));
    }
    store<u32>(tilesEnd, firstRow, TAP_FIRST_ROW);
    store<u32>(tilesEnd, lastRow, TAP_LAST_ROW);
    store<u32>(tilesEnd, min(firstColumn, lastColumn), TAP_FIRST_COLUMN);
    store<u32>(tilesEnd, lastColumn, TAP_LAST_COLUMN);
  }
  const count = (tilesEnd - tiles) / TILE_BYTES;
  tilesEnd = tiles + rangeEnd(count, 1) * TILE_BYTES;
  tiles += rangeBegin(count, 1) * TILE_BYTES;
  packed = take((<usize>(BLOCK + outWidth) * ((columns + 7) & ~7)) << 2);
}

/** Adds one image's part to the gradients of the weights. */
export function runTaps(x: usize, dy: usize, dw: usize): void {
  const image = borderedImage(x);
  const dyCell = (<usize>filters) << 2;
  const dyLine = <usize>outWidth * dyCell;
  const xRow = <usize>strideHeight * line;
  const xColumn = <usize>strideWidth * cell;
  const copied = columns > PACKED;
  const many = max(BLOCK / outWidth, 1);
  for (let from = 0; from < outHeight; from += many) {
    const to = min(from + many, outHeight);
    const pixels = <usize>(to - from) * outWidth;
    for (let g = 0; g < blocks; g++) {
      const first = dy + <usize>from * dyLine + ((g * columns) << 2);
      if (copied) {
        packRows(first, dyCell, columns, pixels, packed);
        setRows(xRow, xColumn, (<usize>outWidth) << 5, 32, from, to);
      } else {
        setRows(xRow, xColumn, dyLine, dyCell, from, to);
      }
      for (let j = 0; j < columns; j += 8) {
        const d = copied ? packed + ((pixels * j) << 2) : first + (j << 2);
        const gradients = dw + ((g * columns + j) << 2);
        if (byChannel) tapTilesByChannel(tiles, tilesEnd, image + (j << 2), d, gradients, columns - j);
        else tapTiles(tiles, tilesEnd, image + ((g * depth) << 2), d, gradients, columns - j);
      }
    }
  }
}
