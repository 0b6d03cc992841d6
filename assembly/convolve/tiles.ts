// The inner loops of convolutions. Nothing is copied into patches: an image is stored [row][column][channel], so the values under
// one row of the window are consecutive, a run, and a tile goes along the runs of four windows at once.
//
// As in matmul/tile.ts eight accumulators hold 4 x 8 results: four pixels and eight channels, or four weights and eight
// channels. Which ones, and which runs, is in tables that are made once per call; a sum has the same order in every tile.
import { edge } from "./geometry";

/** Bytes of a tile in a table of tiles. */
export const TILE_BYTES: usize = 48;

/**
 * Four rows of results go to `edge` where there are fewer than 8 columns, and are copied from there. So a tile ends
 * in the same stores in pairs: V8's revectorizer pairs what ends in such stores alone, and what is also used elsewhere makes some
 * versions of it abort.
 */
function copyColumns(to: usize, row: usize, columns: usize): void {
  const from = edge + row;
  for (let o: usize = 0; o < columns << 2; o += 4) store<f32>(to + o, load<f32>(from + o));
}

/**
 * A tile of pixels: offsets of four windows in the image and of four results, the addresses of the first segment and of the end
 * of the segments, and where in the weights these begin. A segment is a run's offset in the window.
 */
export const PIXEL_X: usize = 0;
export const PIXEL_Y: usize = 16;
export const PIXEL_SEGMENTS: usize = 32;
export const PIXEL_SEGMENTS_END: usize = 36;
export const PIXEL_WEIGHTS: usize = 40;

/**
 * y[pixel][8] = bias + the sum over segments and runs of x w.
 *
 * @param run bytes of a run
 * @param weights a panel [segment][run][8]
 * @param columns how many of the 8 are stored
 */
export function pixelTiles(
  tile: usize,
  end: usize,
  image: usize,
  run: usize,
  weights: usize,
  bias: usize,
  y: usize,
  columns: usize,
): void {
  for (; tile < end; tile += TILE_BYTES) {
    let c00 = v128.load(bias),
      c01 = v128.load(bias, 16);
    let c10 = c00,
      c11 = c01,
      c20 = c00,
      c21 = c01,
      c30 = c00,
      c31 = c01;
    const x0 = image + load<u32>(tile, 0);
    const x1 = image + load<u32>(tile, 4);
    const x2 = image + load<u32>(tile, 8);
    const x3 = image + load<u32>(tile, 12);
    let w = weights + load<u32>(tile, 40);
    const segmentsEnd = <usize>load<u32>(tile, 36);
    for (let segment = <usize>load<u32>(tile, 32); segment < segmentsEnd; segment += 4) {
      const offset = <usize>load<u32>(segment);
      let a0 = x0 + offset;
      let a1 = x1 + offset;
      let a2 = x2 + offset;
      let a3 = x3 + offset;
      const runEnd = a0 + run;
      while (a0 < runEnd) {
        const b0 = v128.load(w),
          b1 = v128.load(w, 16);
        let a = v128.load_splat<f32>(a0);
        c00 = f32x4.add(c00, f32x4.mul(a, b0));
        c01 = f32x4.add(c01, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a1);
        c10 = f32x4.add(c10, f32x4.mul(a, b0));
        c11 = f32x4.add(c11, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a2);
        c20 = f32x4.add(c20, f32x4.mul(a, b0));
        c21 = f32x4.add(c21, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a3);
        c30 = f32x4.add(c30, f32x4.mul(a, b0));
        c31 = f32x4.add(c31, f32x4.mul(a, b1));
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        w += 32;
      }
    }
    const y0 = y + load<u32>(tile, 16);
    const y1 = y + load<u32>(tile, 20);
    const y2 = y + load<u32>(tile, 24);
    const y3 = y + load<u32>(tile, 28);
    const inside = columns >= 8;
    const to0 = inside ? y0 : edge;
    const to1 = inside ? y1 : edge + 32;
    const to2 = inside ? y2 : edge + 64;
    const to3 = inside ? y3 : edge + 96;
    v128.store(to0, c00);
    v128.store(to0, c01, 16);
    v128.store(to1, c10);
    v128.store(to1, c11, 16);
    v128.store(to2, c20);
    v128.store(to2, c21, 16);
    v128.store(to3, c30);
    v128.store(to3, c31, 16);
    if (!inside) {
      copyColumns(y0, 0, columns);
      copyColumns(y1, 32, columns);
      copyColumns(y2, 64, columns);
      copyColumns(y3, 96, columns);
    }
  }
}

/** The same where every channel has weights of its own, and a segment is one cell: y[pixel][8] = bias + the sum of x[8] w[8]. */
export function pixelTilesByChannel(
  tile: usize,
  end: usize,
  image: usize,
  weights: usize,
  bias: usize,
  y: usize,
  columns: usize,
): void {
  for (; tile < end; tile += TILE_BYTES) {
    let c00 = v128.load(bias),
      c01 = v128.load(bias, 16);
    let c10 = c00,
      c11 = c01,
      c20 = c00,
      c21 = c01,
      c30 = c00,
      c31 = c01;
    const x0 = image + load<u32>(tile, 0);
    const x1 = image + load<u32>(tile, 4);
    const x2 = image + load<u32>(tile, 8);
    const x3 = image + load<u32>(tile, 12);
    let w = weights + load<u32>(tile, 40);
    const segmentsEnd = <usize>load<u32>(tile, 36);
    for (let segment = <usize>load<u32>(tile, 32); segment < segmentsEnd; segment += 4, w += 32) {
      const offset = <usize>load<u32>(segment);
      const b0 = v128.load(w),
        b1 = v128.load(w, 16);
      c00 = f32x4.add(c00, f32x4.mul(v128.load(x0 + offset), b0));
      c01 = f32x4.add(c01, f32x4.mul(v128.load(x0 + offset, 16), b1));
      c10 = f32x4.add(c10, f32x4.mul(v128.load(x1 + offset), b0));
      c11 = f32x4.add(c11, f32x4.mul(v128.load(x1 + offset, 16), b1));
      c20 = f32x4.add(c20, f32x4.mul(v128.load(x2 + offset), b0));
      c21 = f32x4.add(c21, f32x4.mul(v128.load(x2 + offset, 16), b1));
      c30 = f32x4.add(c30, f32x4.mul(v128.load(x3 + offset), b0));
      c31 = f32x4.add(c31, f32x4.mul(v128.load(x3 + offset, 16), b1));
    }
    const y0 = y + load<u32>(tile, 16);
    const y1 = y + load<u32>(tile, 20);
    const y2 = y + load<u32>(tile, 24);
    const y3 = y + load<u32>(tile, 28);
    const inside = columns >= 8;
    const to0 = inside ? y0 : edge;
    const to1 = inside ? y1 : edge + 32;
    const to2 = inside ? y2 : edge + 64;
    const to3 = inside ? y3 : edge + 96;
    v128.store(to0, c00);
    v128.store(to0, c01, 16);
    v128.store(to1, c10);
    v128.store(to1, c11, 16);
    v128.store(to2, c20);
    v128.store(to2, c21, 16);
    v128.store(to3, c30);
    v128.store(to3, c31, 16);
    if (!inside) {
      copyColumns(y0, 0, columns);
      copyColumns(y1, 32, columns);
      copyColumns(y2, 64, columns);
      copyColumns(y3, 96, columns);
    }
  }
}

/**
 * A tile of weights: offsets of four cells under the window of the first output, and of four rows of gradients; the rows and
 * columns of the output, from the first up to but without the last, for which any of these cells is in the image.
 */
export const TAP_X: usize = 0;
export const TAP_W: usize = 16;
export const TAP_FIRST_ROW: usize = 32;
export const TAP_LAST_ROW: usize = 36;
export const TAP_FIRST_COLUMN: usize = 40;
export const TAP_LAST_COLUMN: usize = 44;

/** The order of the outputs: bytes from row to row and from column to column, of the image and of dy, and the range of rows. */
let imageRow: usize = 0;
let imageColumn: usize = 0;
let dyRow: usize = 0;
let dyColumn: usize = 0;
export let firstRow: usize = 0;
export let lastRow: usize = 0;

export function setRows(x: usize, xNext: usize, dy: usize, dyNext: usize, first: usize, last: usize): void {
  imageRow = x;
  imageColumn = xNext;
  dyRow = dy;
  dyColumn = dyNext;
  firstRow = first;
  lastRow = last;
}

/** dw[tap][8] += the sum over the outputs of x[tap] dy[8]; dy is the address of firstRow. */
export function tapTiles(tile: usize, end: usize, image: usize, dy: usize, dw: usize, columns: usize): void {
  for (; tile < end; tile += TILE_BYTES) {
    const first = max(firstRow, <usize>load<u32>(tile, 32));
    const last = min(lastRow, <usize>load<u32>(tile, 36));
    const firstColumn = <usize>load<u32>(tile, 40);
    const length = (<usize>load<u32>(tile, 44) - firstColumn) * dyColumn;
    const w0 = dw + load<u32>(tile, 16);
    const w1 = dw + load<u32>(tile, 20);
    const w2 = dw + load<u32>(tile, 24);
    const w3 = dw + load<u32>(tile, 28);
    let c00 = v128.load(w0),
      c01 = v128.load(w0, 16);
    let c10 = v128.load(w1),
      c11 = v128.load(w1, 16);
    let c20 = v128.load(w2),
      c21 = v128.load(w2, 16);
    let c30 = v128.load(w3),
      c31 = v128.load(w3, 16);
    const corner = image + first * imageRow + firstColumn * imageColumn;
    let x0 = corner + load<u32>(tile, 0);
    let x1 = corner + load<u32>(tile, 4);
    let x2 = corner + load<u32>(tile, 8);
    let x3 = corner + load<u32>(tile, 12);
    let from = dy + (first - firstRow) * dyRow + firstColumn * dyColumn;
    const xNext = imageColumn;
    const dNext = dyColumn;
    for (let i = first; i < last; i++) {
      let a0 = x0;
      let a1 = x1;
      let a2 = x2;
      let a3 = x3;
      let d = from;
      const rowEnd = d + length;
      while (d < rowEnd) {
        const b0 = v128.load(d),
          b1 = v128.load(d, 16);
        let a = v128.load_splat<f32>(a0);
        c00 = f32x4.add(c00, f32x4.mul(a, b0));
        c01 = f32x4.add(c01, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a1);
        c10 = f32x4.add(c10, f32x4.mul(a, b0));
        c11 = f32x4.add(c11, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a2);
        c20 = f32x4.add(c20, f32x4.mul(a, b0));
        c21 = f32x4.add(c21, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(a3);
        c30 = f32x4.add(c30, f32x4.mul(a, b0));
        c31 = f32x4.add(c31, f32x4.mul(a, b1));
        a0 += xNext;
        a1 += xNext;
        a2 += xNext;
        a3 += xNext;
        d += dNext;
      }
      x0 += imageRow;
      x1 += imageRow;
      x2 += imageRow;
      x3 += imageRow;
      from += dyRow;
    }
    const inside = columns >= 8;
    const to0 = inside ? w0 : edge;
    const to1 = inside ? w1 : edge + 32;
    const to2 = inside ? w2 : edge + 64;
    const to3 = inside ? w3 : edge + 96;
    v128.store(to0, c00);
    v128.store(to0, c01, 16);
    v128.store(to1, c10);
    v128.store(to1, c11, 16);
    v128.store(to2, c20);
    v128.store(to2, c21, 16);
    v128.store(to3, c30);
    v128.store(to3, c31, 16);
    if (!inside) {
      copyColumns(w0, 0, columns);
      copyColumns(w1, 32, columns);
      copyColumns(w2, 64, columns);
      copyColumns(w3, 96, columns);
    }
  }
}

/** The same where every channel has weights of its own: dw[tap][8] += the sum over the outputs of x[tap][8] dy[8]. */
export function tapTilesByChannel(tile: usize, end: usize, image: usize, dy: usize, dw: usize, columns: usize): void {
  for (; tile < end; tile += TILE_BYTES) {
    const first = max(firstRow, <usize>load<u32>(tile, 32));
    const last = min(lastRow, <usize>load<u32>(tile, 36));
    const firstColumn = <usize>load<u32>(tile, 40);
    const length = (<usize>load<u32>(tile, 44) - firstColumn) * dyColumn;
    const w0 = dw + load<u32>(tile, 16);
    const w1 = dw + load<u32>(tile, 20);
    const w2 = dw + load<u32>(tile, 24);
    const w3 = dw + load<u32>(tile, 28);
    let c00 = v128.load(w0),
      c01 = v128.load(w0, 16);
    let c10 = v128.load(w1),
      c11 = v128.load(w1, 16);
    let c20 = v128.load(w2),
      c21 = v128.load(w2, 16);
    let c30 = v128.load(w3),
      c31 = v128.load(w3, 16);
    const corner = image + first * imageRow + firstColumn * imageColumn;
    let x0 = corner + load<u32>(tile, 0);
    let x1 = corner + load<u32>(tile, 4);
    let x2 = corner + load<u32>(tile, 8);
    let x3 = corner + load<u32>(tile, 12);
    let from = dy + (first - firstRow) * dyRow + firstColumn * dyColumn;
    for (let i = first; i < last; i++) {
      for (let d = from, o: usize = 0; d < from + length; d += dyColumn, o += imageColumn) {
        const b0 = v128.load(d),
          b1 = v128.load(d, 16);
        c00 = f32x4.add(c00, f32x4.mul(v128.load(x0 + o), b0));
        c01 = f32x4.add(c01, f32x4.mul(v128.load(x0 + o, 16), b1));
        c10 = f32x4.add(c10, f32x4.mul(v128.load(x1 + o), b0));
        c11 = f32x4.add(c11, f32x4.mul(v128.load(x1 + o, 16), b1));
        c20 = f32x4.add(c20, f32x4.mul(v128.load(x2 + o), b0));
        c21 = f32x4.add(c21, f32x4.mul(v128.load(x2 + o, 16), b1));
        c30 = f32x4.add(c30, f32x4.mul(v128.load(x3 + o), b0));
        c31 = f32x4.add(c31, f32x4.mul(v128.load(x3 + o, 16), b1));
      }
      x0 += imageRow;
      x1 += imageRow;
      x2 += imageRow;
      x3 += imageRow;
      from += dyRow;
    }
    const inside = columns >= 8;
    const to0 = inside ? w0 : edge;
    const to1 = inside ? w1 : edge + 32;
    const to2 = inside ? w2 : edge + 64;
    const to3 = inside ? w3 : edge + 96;
    v128.store(to0, c00);
    v128.store(to0, c01, 16);
    v128.store(to1, c10);
    v128.store(to1, c11, 16);
    v128.store(to2, c20);
    v128.store(to2, c21, 16);
    v128.store(to3, c30);
    v128.store(to3, c31, 16);
    if (!inside) {
      copyColumns(w0, 0, columns);
      copyColumns(w1, 32, columns);
      copyColumns(w2, 64, columns);
      copyColumns(w3, 96, columns);
    }
  }
}
