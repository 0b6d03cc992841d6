// Sums, scales and gradients per channel for batch, group and instance normalisation: passes over a block of values [count, n], the
// channels last, some of them normalised together.
//
// A tile is a run of values that holds whole rows of n channels and whole vectors: its place j always belongs to channel
// j mod n. A block is walked tile by tile, so that vectors never have to know where a row ends: sums are kept by place and
// folded to channels at the end, and what a channel is multiplied with is repeated over the tile's places beforehand.
//
//   scratch:  sums                              factors                          a tile of x   a tile of dy
//             64 bytes per vector of the tile   64 bytes per vector of the tile  (what is after the last whole tile)
//             s0 s1 | s2 s3 | t0 t1 | t2 t3     mean | scale | bias | slope
//             (float64, two sums per place)     (float32, four factors per place)
import { lanesBelow, storeLanes } from "../../numeric/simd";

// A place's factors: bytes from the first to each.
const MEAN: u32 = 0;
const SCALE: u32 = 16;
const BIAS: u32 = 32;
const SLOPE: u32 = 48;
/** Tiles that a place's sums, or its factors, stay in registers for. */
const RUN: u32 = 4;

/** Channels, those that are normalised together, and values of a tile. */
let n: usize = 0;
let size: usize = 0;
let tile: usize = 0;
/** Bytes of a tile, and of its tables. */
let tileBytes: usize = 0;
let tableBytes: usize = 0;
/** The scratch memory: 40 bytes for each value of a tile. */
let sums: usize = 0;
let factors: usize = 0;
let restX: usize = 0;
let restDy: usize = 0;

/** Goes first. `together`: channels that are normalised together. */
export function beginChannels(channels: usize, together: usize, tileNumbers: usize, scratch: usize): void {
  n = channels;
  size = together;
  tile = tileNumbers;
  tileBytes = tile << 2;
  tableBytes = tile << 4;
  sums = scratch;
  factors = sums + tableBytes;
  restX = factors + tableBytes;
  restDy = restX + tileBytes;
}

function clearSums(): void {
  for (let p = sums; p < factors; p += 16) v128.store(p, i64x2.splat(0));
}

/** Copies what is left of a block after its whole tiles, with zeros up to a tile. */
function copyRest(from: usize, bytes: usize, to: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(to + o, v128.load(from + o));
  if (o < bytes) {
    v128.store(to + o, v128.and(v128.load(from + o), lanesBelow((bytes - o) >> 2)));
    o += 16;
  }
  for (; o < tileBytes; o += 16) v128.store(to + o, i64x2.splat(0));
}

/** The sums of x and of x^2 at each place, in float64. */
export function sumChannels(x: usize, bytes: usize): void {
  clearSums();
  const whole = bytes / tileBytes;
  const rest = bytes - whole * tileBytes;
  addSquares(x, whole);
  if (rest == 0) return;
  copyRest(x + bytes - rest, rest, restX);
  addSquares(restX, 1);
}

function addSquares(x: usize, tiles: usize): void {
  while (tiles > 0) {
    const run = min(tiles, <usize>RUN);
    const end = run * tileBytes;
    for (let o: usize = 0, s = sums; o < tileBytes; o += 16, s += 64) {
      let low = v128.load(s);
      let high = v128.load(s, 16);
      let lowSquares = v128.load(s, 32);
      let highSquares = v128.load(s, 48);
      for (let p = x + o; p < x + end; p += tileBytes) {
        const value = v128.load(p);
        const a = f64x2.promote_low_f32x4(value);
        const b = f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1));
        low = f64x2.add(low, a);
        high = f64x2.add(high, b);
        lowSquares = f64x2.add(lowSquares, f64x2.mul(a, a));
        highSquares = f64x2.add(highSquares, f64x2.mul(b, b));
      }
      v128.store(s, low);
      v128.store(s, high, 16);
      v128.store(s, lowSquares, 32);
      v128.store(s, highSquares, 48);
    }
    x += end;
    tiles -= run;
  }
}

/** The sum of a channel over its places: the first of the two sums, or the second with `offset` 32. */
export function channelSum(channel: usize, offset: usize): f64 {
  let sum: f64 = 0;
  for (let j = channel; j < tile; j += n) sum += load<f64>(sums + ((j >> 2) << 6) + ((j & 3) << 3) + offset);
  return sum;
}

/** Writes a channel's factor, MEAN to SLOPE, to all its places. */
function setFactor(channel: usize, which: usize, factor: f32): void {
  for (let j = channel; j < tile; j += n) store<f32>(factors + ((j >> 2) << 6) + ((j & 3) << 2) + which, factor);
}

/** The mean and 1 / deviation of each group of channels, two float32, from the sums of `count` values each. */
export function channelStatistics(count: f64, epsilon: f64, statistics: usize): void {
  for (let c: usize = 0; c < n; statistics += 8) {
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (const end = c + size; c < end; c++) {
      sum += channelSum(c, 0);
      squares += channelSum(c, 32);
    }
    const mean = sum / count;
    const variance = max<f64>(squares / count - mean * mean, 0);
    store<f32>(statistics, <f32>mean);
    store<f32>(statistics, <f32>(1 / sqrt<f64>(variance + epsilon)), 4);
  }
}

/** y = (x - mean) / deviation gamma + beta */
export function scaleChannels(x: usize, y: usize, bytes: usize, statistics: usize, gamma: usize, beta: usize): void {
  for (let c: usize = 0; c < n; statistics += 8) {
    for (const end = c + size; c < end; c++) {
      setFactor(c, MEAN, load<f32>(statistics));
      setFactor(c, SCALE, load<f32>(statistics, 4) * load<f32>(gamma + (c << 2)));
      setFactor(c, BIAS, load<f32>(beta + (c << 2)));
    }
  }
  const whole = bytes / tileBytes;
  const rest = bytes - whole * tileBytes;
  scaleTiles(x, y, whole);
  const between = y - x;
  x += bytes - rest;
  for (let o: usize = 0, f = factors; o < rest; o += 16, f += 64) {
    const value = v128.load(x + o);
    const y = f32x4.add(f32x4.mul(f32x4.sub(value, v128.load(f, MEAN)), v128.load(f, SCALE)), v128.load(f, BIAS));
    storeLanes(x + o + between, y, (rest - o) >> 2);
  }
}

function scaleTiles(x: usize, y: usize, tiles: usize): void {
  const between = y - x;
  while (tiles > 0) {
    const run = min(tiles, <usize>RUN);
    const end = run * tileBytes;
    for (let o: usize = 0, f = factors; o < tileBytes; o += 16, f += 64) {
      const mean = v128.load(f, MEAN);
      const scale = v128.load(f, SCALE);
      const bias = v128.load(f, BIAS);
      for (let p = x + o; p < x + end; p += tileBytes)
        v128.store(p + between, f32x4.add(f32x4.mul(f32x4.sub(v128.load(p), mean), scale), bias));
    }
    x += end;
    tiles -= run;
  }
}

/**
 * With z the normalised x and g = dy gamma: dgamma += dy z, dbeta += dy, dx = (g - mean of g - z mean of g z) / deviation, the
 * means being those of the `count` values that were normalised together; with `fixed` statistics both are 0. What has
 * the address 0 is not requested.
 */
export function channelsBackward(
  x: usize,
  dx: usize,
  dy: usize,
  bytes: usize,
  count: f64,
  statistics: usize,
  gamma: usize,
  dGamma: usize,
  dBeta: usize,
  fixed: bool,
): void {
  for (let c: usize = 0, s = statistics; c < n; s += 8)
    for (const end = c + size; c < end; c++) setFactor(c, MEAN, load<f32>(s));
  if (!fixed || dGamma != 0 || dBeta != 0) {
    sumProducts(x, dy, bytes);
    if (dGamma) {
      for (let c: usize = 0; c < n; c++) {
        const share = <f64>load<f32>(statistics + ((c / size) << 3), 4);
        const p = dGamma + (c << 2);
        store<f32>(p, load<f32>(p) + <f32>(channelSum(c, 32) * share));
      }
    }
    if (dBeta) {
      for (let c: usize = 0; c < n; c++) {
        const p = dBeta + (c << 2);
        store<f32>(p, load<f32>(p) + <f32>channelSum(c, 0));
      }
    }
  }
  if (!dx) return;
  for (let first: usize = 0, s = statistics; first < n; first += size, s += 8) {
    const share = <f64>load<f32>(s, 4);
    let bias: f64 = 0;
    let slope: f64 = 0;
    if (!fixed) {
      for (let c = first; c < first + size; c++) {
        const factor = <f64>load<f32>(gamma + (c << 2));
        bias += factor * channelSum(c, 0);
        slope += factor * channelSum(c, 32);
      }
      bias *= share / count;
      slope *= (share * share * share) / count;
    }
    for (let c = first; c < first + size; c++) {
      setFactor(c, SCALE, <f32>(share * <f64>load<f32>(gamma + (c << 2))));
      setFactor(c, BIAS, <f32>bias);
      setFactor(c, SLOPE, <f32>slope);
    }
  }
  const whole = bytes / tileBytes;
  const rest = bytes - whole * tileBytes;
  gradientTiles(x, dx, dy, whole);
  const toDx = dx - x;
  const toDy = dy - x;
  x += bytes - rest;
  for (let o: usize = 0, f = factors; o < rest; o += 16, f += 64) {
    const along = f32x4.mul(f32x4.sub(v128.load(x + o), v128.load(f, MEAN)), v128.load(f, SLOPE));
    const flat = f32x4.sub(f32x4.mul(v128.load(x + o + toDy), v128.load(f, SCALE)), v128.load(f, BIAS));
    storeLanes(x + o + toDx, f32x4.sub(flat, along), (rest - o) >> 2);
  }
}

/** dx = dy scale - bias - (x - mean) slope */
function gradientTiles(x: usize, dx: usize, dy: usize, tiles: usize): void {
  const toDx = dx - x;
  const toDy = dy - x;
  while (tiles > 0) {
    const run = min(tiles, <usize>RUN);
    const end = run * tileBytes;
    for (let o: usize = 0, f = factors; o < tileBytes; o += 16, f += 64) {
      const mean = v128.load(f, MEAN);
      const scale = v128.load(f, SCALE);
      const bias = v128.load(f, BIAS);
      const slope = v128.load(f, SLOPE);
      for (let p = x + o; p < x + end; p += tileBytes) {
        const along = f32x4.mul(f32x4.sub(v128.load(p), mean), slope);
        v128.store(p + toDx, f32x4.sub(f32x4.sub(f32x4.mul(v128.load(p + toDy), scale), bias), along));
      }
    }
    x += end;
    tiles -= run;
  }
}

/** The sums of dy and of dy (x - mean) at each place; the means are among the factors. */
function sumProducts(x: usize, dy: usize, bytes: usize): void {
  clearSums();
  const whole = bytes / tileBytes;
  const rest = bytes - whole * tileBytes;
  addProducts(x, dy, whole);
  if (rest == 0) return;
  copyRest(x + bytes - rest, rest, restX);
  copyRest(dy + bytes - rest, rest, restDy);
  addProducts(restX, restDy, 1);
}

/** Runs of tiles in float32, the runs' sums in float64. */
function addProducts(x: usize, dy: usize, tiles: usize): void {
  const between = dy - x;
  while (tiles > 0) {
    const run = min(tiles, <usize>RUN);
    const end = run * tileBytes;
    for (let o: usize = 0, s = sums, f = factors; o < tileBytes; o += 16, s += 64, f += 64) {
      const mean = v128.load(f, MEAN);
      let plain = f32x4.splat(0);
      let along = f32x4.splat(0);
      for (let p = x + o; p < x + end; p += tileBytes) {
        const gradient = v128.load(p + between);
        plain = f32x4.add(plain, gradient);
        along = f32x4.add(along, f32x4.mul(gradient, f32x4.sub(v128.load(p), mean)));
      }
      v128.store(s, f64x2.add(v128.load(s), f64x2.promote_low_f32x4(plain)));
      v128.store(s, f64x2.add(v128.load(s, 16), upper(plain)), 16);
      v128.store(s, f64x2.add(v128.load(s, 32), f64x2.promote_low_f32x4(along)), 32);
      v128.store(s, f64x2.add(v128.load(s, 48), upper(along)), 48);
    }
    x += end;
    dy += end;
    tiles -= run;
  }
}

function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
}
