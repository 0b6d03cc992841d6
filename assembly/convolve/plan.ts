// Makes and runs the tables of pixel tiles: for the convolution (windows move over its inputs) and for its input gradient (windows, with
// the weights rotated, move over the gradients of its outputs). With strides the second one falls into phases: pixels whose windows hold
// the same weights. Tables and packed weights are made once per call, and used for each image of the batch.
import { packRows, packTransposed } from "../matmul/pack";
import {
  beginImages,
  beginInputs,
  borderedImage,
  cell,
  channels,
  dilationHeight,
  dilationWidth,
  filters,
  groups,
  height,
  imageHeight,
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
  top,
  width,
} from "./geometry";
import {
  PIXEL_SEGMENTS,
  PIXEL_SEGMENTS_END,
  PIXEL_WEIGHTS,
  PIXEL_X,
  PIXEL_Y,
  pixelTiles,
  pixelTilesByChannel,
  TILE_BYTES,
} from "./tiles";

// An axis of a phase, i32 each.
/** Pixels along the axis, and the taps of their windows. */
const COUNT: usize = 0;
const TAPS: usize = 4;
/** Cell of the bordered image under the first tap of the first pixel; how far it moves with the next pixel and with the next tap. */
const FIRST: usize = 8;
const STEP: usize = 12;
const TAP_STEP: usize = 16;
/** Index of the first pixel's result, and from each to the next. */
const OUT_FIRST: usize = 20;
const OUT_STEP: usize = 24;
/** The kernel's row or column that the first tap has, and that of the next tap. */
const KERNEL_FIRST: usize = 28;
const KERNEL_STEP: usize = 32;
const AXIS_BYTES: usize = 36;

// A phase, u32 each.
const TILES: usize = 0;
const TILES_END: usize = 4;
const RUN: usize = 8;
const PANELS: usize = 12;
const PANEL_BYTES: usize = 16;
const PHASE_BYTES: usize = 32;

let phases: usize = 0;
let phasesEnd: usize = 0;
let byChannel: bool = false;
/** Channels of the images that windows move over, and of the results, in a group. */
let depth: i32 = 0;
let columns: i32 = 0;
let blocks: i32 = 0;
/** Initial values of the sums, [groups][columns rounded up to 8]. */
let starts: usize = 0;
let outCell: usize = 0;

function roundUp(n: i32): i32 {
  return (n + 7) & ~7;
}

function setAxis(
  axis: usize,
  count: i32,
  taps: i32,
  first: i32,
  step: i32,
  tapStep: i32,
  outFirst: i32,
  outStep: i32,
  kernelFirst: i32,
  kernelStep: i32,
): void {
  store<i32>(axis, count, COUNT);
  store<i32>(axis, taps, TAPS);
  store<i32>(axis, first, FIRST);
  store<i32>(axis, step, STEP);
  store<i32>(axis, tapStep, TAP_STEP);
  store<i32>(axis, outFirst, OUT_FIRST);
  store<i32>(axis, outStep, OUT_STEP);
  store<i32>(axis, kernelFirst, KERNEL_FIRST);
  store<i32>(axis, kernelStep, KERNEL_STEP);
}

/** Every `stride`th pixel of the inputs from `first` on, and the taps that reach them: those at `phase` within a stride. */
function setPhaseAxis(
  axis: usize,
  size: i32,
  taps: i32,
  stride: i32,
  dilation: i32,
  pad: i32,
  first: i32,
  before: i32,
): void {
  const phase = (first + pad) % stride;
  const count = (size - 1 - first) / stride + 1;
  let tap = 0;
  while (tap < taps && (tap * dilation) % stride != phase) tap++;
  if (tap == taps) return setAxis(axis, count, 0, 0, 1, 1, first, stride, 0, 0);
  let step = 1;
  while (step < taps && (step * dilation) % stride != 0) step++;
  const number = (taps - 1 - tap) / step + 1;
  const last = tap + (number - 1) * step;
  const corner = (first + pad) / stride - (last * dilation - phase) / stride + before;
  setAxis(axis, count, number, corner, 1, max((step * dilation) / stride, 1), first, stride, last, -step);
}

/** Prepares for y = sums over windows of x. `times`: 0, or how many filters of its own each channel has. */
export function planOutputs(w: usize, bias: usize, times: i32): void {
  beginInputs(times);
  begin(times, channels, filters, bias, 1);
  const vertical = take(AXIS_BYTES);
  const horizontal = take(AXIS_BYTES);
  setAxis(vertical, outHeight, kernelHeight, 0, strideHeight, dilationHeight, 0, 1, 0, 1);
  setAxis(horizontal, outWidth, kernelWidth, 0, strideWidth, dilationWidth, 0, 1, 0, 1);
  addPhase(vertical, horizontal, outWidth);
  const taps = kernelHeight * kernelWidth * depth;
  const row = (<usize>filters) << 2;
  const bytes = (<usize>taps * roundUp(columns)) << 2;
  const panels = take(bytes * blocks);
  for (let g = 0; g < blocks; g++) packRows(w + ((g * columns) << 2), row, columns, taps, panels + <usize>g * bytes);
  store<u32>(phases, panels, PANELS);
}

/** Prepares for dx = sums over windows of dy, with the weights rotated. */
export function planInputs(w: usize, bias: usize, times: i32): void {
  const above = max(((kernelHeight - 1) * dilationHeight) / strideHeight - padTop / strideHeight, 0);
  const before = max(((kernelWidth - 1) * dilationWidth) / strideWidth - padLeft / strideWidth, 0);
  const below = max((height - 1 + padTop) / strideHeight - (outHeight - 1), 0);
  const after = max((width - 1 + padLeft) / strideWidth - (outWidth - 1), 0);
  beginImages(outHeight, outWidth, filters, 1, above, below, before, after);
  // with strides beyond the image each pixel has a phase of its own, and the others are empty
  const down = min(strideHeight, height);
  const across = min(strideWidth, width);
  begin(times, filters, channels * max(times, 1), bias, down * across);
  const vertical = take(AXIS_BYTES);
  const horizontal = take(AXIS_BYTES);
  for (let i = 0; i < down; i++) {
    setPhaseAxis(vertical, height, kernelHeight, strideHeight, dilationHeight, padTop, i, above);
    for (let j = 0; j < across; j++) {
      setPhaseAxis(horizontal, width, kernelWidth, strideWidth, dilationWidth, padLeft, j, before);
      const phase = addPhase(vertical, horizontal, width);
      store<u32>(phase, packTurned(w, vertical, horizontal), PANELS);
    }
  }
}

function begin(times: i32, from: i32, to: i32, bias: usize, count: i32): void {
  byChannel = times > 0;
  blocks = byChannel ? 1 : groups;
  depth = byChannel ? 1 : from / blocks;
  columns = to / blocks;
  outCell = (<usize>to) << 2;
  const padded = roundUp(columns);
  starts = take((<usize>blocks * padded) << 2);
  memory.fill(starts, 0, (<usize>blocks * padded) << 2);
  for (let i = 0; bias && i < to; i++)
    store<f32>(starts + (((i / columns) * padded + (i % columns)) << 2), load<f32>(bias + (i << 2)));
  phases = take(<usize>count * PHASE_BYTES);
  phasesEnd = phases;
}

/** The weights of a phase, panel by panel [tap][from][8 to], for each group. */
function packTurned(w: usize, vertical: usize, horizontal: usize): usize {
  const rows = load<i32>(vertical, TAPS);
  const along = load<i32>(horizontal, TAPS);
  const panels = take((<usize>blocks * rows * along * depth * roundUp(columns)) << 2);
  const row = (<usize>filters) << 2; // of the kernel, [tap][channel of the group][filter]
  const tapBytes = byChannel ? row : <usize>columns * row;
  let out = panels;
  for (let g = 0; g < blocks; g++) {
    for (let j = 0; j < columns; j += 8) {
      const count = min(columns - j, 8);
      for (let i = 0; i < rows; i++) {
        const a = load<i32>(vertical, KERNEL_FIRST) + i * load<i32>(vertical, KERNEL_STEP);
        for (let h = 0; h < along; h++, out += (<usize>depth) << 5) {
          const b = load<i32>(horizontal, KERNEL_FIRST) + h * load<i32>(horizontal, KERNEL_STEP);
          const tap = w + <usize>(a * kernelWidth + b) * tapBytes;
          if (byChannel) packRows(tap + (j << 2), row, count, 1, out);
          else packTransposed(tap + <usize>j * row + ((g * depth) << 2), row, count, depth, out);
        }
      }
    }
  }
  return panels;
}

/** @param outWidth results per row */
function addPhase(vertical: usize, horizontal: usize, outWidth: i32): usize {
  const rows = load<i32>(vertical, TAPS);
  const along = load<i32>(horizontal, TAPS);
  const tapLine = <usize>load<i32>(vertical, TAP_STEP) * line;
  const tapCell = <usize>load<i32>(horizontal, TAP_STEP) * cell;
  // the cells of a row of the window are neighbours: one segment
  const joined = !byChannel && blocks == 1 && (tapCell == cell || along == 1);
  const perRow = along > 0 && joined ? 1 : along;
  const run = (<usize>(depth * (joined ? along : 1))) << 2;
  const segmentWeights = run << 3;
  const segments = take((<usize>rows * perRow) << 2);
  for (let i = 0, p = segments; i < rows; i++)
    for (let j = 0; j < perRow; j++, p += 4) store<u32>(p, <usize>i * tapLine + <usize>j * tapCell);

  const phase = phasesEnd;
  phasesEnd += PHASE_BYTES;
  const height = load<i32>(vertical, COUNT);
  const width = load<i32>(horizontal, COUNT);
  const tiles = take(((<usize>(height * width + 3)) >> 2) * TILE_BYTES);
  let tile = tiles - TILE_BYTES;
  let place = 16;
  let rowAbove = 0;
  for (let i = 0; i < height; i++) {
    const y = (load<i32>(vertical, OUT_FIRST) + i * load<i32>(vertical, OUT_STEP)) * outWidth;
    const x = <usize>(load<i32>(vertical, FIRST) + i * load<i32>(vertical, STEP)) * line;
    for (let j = 0; j < width; j++) {
      if (place == 16) {
        place = 0;
        tile += TILE_BYTES;
        rowAbove = i;
      }
      const to = <usize>(y + load<i32>(horizontal, OUT_FIRST) + j * load<i32>(horizontal, OUT_STEP)) * outCell;
      const from = x + <usize>(load<i32>(horizontal, FIRST) + j * load<i32>(horizontal, STEP)) * cell;
      // the pixels that a last tile lacks repeat its first one
      for (let p = place; p < (place == 0 ? 16 : place + 4); p += 4) {
        store<u32>(tile + p, from, PIXEL_X);
        store<u32>(tile + p, to, PIXEL_Y);
      }
      place += 4;
      // rows of the windows that are in the border for all pixels add nothing
      const shift = load<i32>(vertical, TAP_STEP);
      const lowest = top - load<i32>(vertical, FIRST) - i * load<i32>(vertical, STEP);
      const highest = top + imageHeight - 1 - load<i32>(vertical, FIRST) - rowAbove * load<i32>(vertical, STEP);
      const last = highest < 0 ? 0 : min(highest / shift + 1, rows);
      const first = min(lowest > 0 ? (lowest + shift - 1) / shift : 0, last);
      store<u32>(tile, segments + ((first * perRow) << 2), PIXEL_SEGMENTS);
      store<u32>(tile, segments + ((last * perRow) << 2), PIXEL_SEGMENTS_END);
      store<u32>(tile, <usize>(first * perRow) * segmentWeights, PIXEL_WEIGHTS);
    }
  }
  store<u32>(phase, tiles, TILES);
  store<u32>(phase, tile + TILE_BYTES, TILES_END);
  store<u32>(phase, run, RUN);
  store<u32>(phase, <usize>(rows * perRow) * segmentWeights, PANEL_BYTES);
  return phase;
}

/** The sums of one image. */
export function runPlan(x: usize, y: usize): void {
  const image = borderedImage(x);
  for (let phase = phases; phase < phasesEnd; phase += PHASE_BYTES) {
    const tiles = load<u32>(phase, TILES);
    const end = load<u32>(phase, TILES_END);
    const run = load<u32>(phase, RUN);
    let panel = <usize>load<u32>(phase, PANELS);
    let start = starts;
    for (let g = 0; g < blocks; g++) {
      for (let j = 0; j < columns; j += 8, panel += load<u32>(phase, PANEL_BYTES), start += 32) {
        const to = y + ((g * columns + j) << 2);
        if (byChannel) pixelTilesByChannel(tiles, end, image + (j << 2), panel, start, to, columns - j);
        else pixelTiles(tiles, end, image + ((g * depth) << 2), run, panel, start, to, columns - j);
      }
    }
  }
}
