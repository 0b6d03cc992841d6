// PixelArray of any size to rows of bytes, by arithmetic of integers alone: the same bits in every browser, unlike a canvas' own scaler.
// see: OpenCV's INTER_AREA, which has the same means but float32 sums.

import { checkKind, checkWhole, isNumbers } from "../util/check.ts";

/** PixelArray as they are in memory: an `ImageData`, or what a decoder of images gives. */
export interface PixelArray {
  /** Four bytes per pixel, row by row: red, green, blue, and alpha (0: transparent, 255: opaque). */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** PixelArray per row. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
}

/**
 * Most pixels of an image: sums of 255 * 255 * 1000 for each are integers below 2^53.
 */
export const MOST_PIXELS = 2 ** 27;

/** What is made of an image. */
export interface PixelOptions {
  /** 1: grey. 3, the default: red, green, blue. 4: with alpha. */
  readonly channels?: 1 | 3 | 4;
  /** [height, width] of the rows; default: as the image is. */
  readonly size?: readonly [height: number, width: number];
  /** The colour beneath pixels that aren't opaque: one byte, or three; default 0, black. Not used with 4 channels, which have alpha. */
  readonly background?: number | readonly [red: number, green: number, blue: number];
}

/** Validates what is to be made of images. */
export function checkPixelOptions(where: string, { channels = 3, size, background = 0 }: PixelOptions) {
  checkKind(typeof channels === "number", where, "channels", "1, 3 or 4", channels);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new RangeError(
      `${where}: channels must be 1 (grey), 3 (red, green, blue) or 4 (with alpha), got ${String(channels)}`,
    );
  }
  if (size !== undefined) checkSize(where, size);
  return { channels, size, below: backgroundOf(where, background) };
}

function checkSize(where: string, size: readonly [number, number]): void {
  const advice = typeof size === "number" ? `; [${String(size)}, ${String(size)}]?` : "";
  checkKind(isNumbers(size), where, "size", "[height, width]", size, advice);
  if (size.length !== 2) {
    const what = (size as readonly number[]).length === 3 ? "; channels is an option of its own" : "";
    throw new RangeError(`${where}: size must be [height, width], got ${size.length} numbers${what}`);
  }
  checkWhole(where, "size[0], the height,", size[0]);
  checkWhole(where, "size[1], the width,", size[1]);
  if (size[0] * size[1] > MOST_PIXELS) {
    throw new RangeError(`${where}: size may have at most ${MOST_PIXELS} pixels, got ${size[0]} x ${size[1]}`);
  }
}

function backgroundOf(where: string, background: unknown): readonly number[] {
  const list = typeof background === "number" ? [background, background, background] : background;
  const holds = isNumbers(list) && (list as ArrayLike<unknown>).length === 3;
  checkKind(holds, where, "background", "a byte, or [red, green, blue]", background);
  return Array.from(list as ArrayLike<number>, (byte, i) => {
    checkWhole(where, typeof background === "number" ? "background" : `background[${i}]`, byte, 0, 255);
    return byte;
  });
}

/** How much of each source pixel goes into one pixel of the result, along one axis. */
interface Span {
  /** The first source pixel. */
  readonly from: number;
  /** Lengths that the result's pixel covers of it and those after it, in units of 1/size of a source pixel. */
  readonly weights: readonly number[];
}

/** The spans of `size` pixels of the result, laid evenly over `length` of the source; each one's weights sum to `length`. */
function spansOf(length: number, size: number): Span[] {
  return Array.from({ length: size }, (_, i) => {
    const [begin, end] = [i * length, (i + 1) * length];
    const from = Math.floor(begin / size);
    const weights: number[] = [];
    for (let at = from; at * size < end; at++) {
      weights.push(Math.min((at + 1) * size, end) - Math.max(at * size, begin));
    }
    return { from, weights };
  });
}

/**
 * The values of a pixel that means are taken of, and the factor that they have beside a byte: for grey 1000 times ITU-R BT.601's luma
 * times 255, for colours 255 times the colour on the background, for colours with alpha each colour times alpha, and alpha.
 */
const FACTORS = { 1: 255_000, 3: 255, 4: 1 } as const;

/**
 * Writes pixels as bytes in [height, width, channels] order. A pixel of the result is the mean of the source's pixels, each weighted by
 * the area of it that is covered; rounded once, halves up.
 *
 * @param background colour beneath pixels that aren't opaque, three bytes; 4 channels have none
 */
export function writePixels(
  source: PixelArray,
  channels: 1 | 3 | 4,
  [height, width]: readonly [number, number],
  background: readonly number[],
  to: Uint8Array,
): void {
  const { data } = source;
  if (channels === 4 && source.height === height && source.width === width) {
    to.set(data);
    return;
  }
  const [below0, below1, below2] = background as [number, number, number];
  const columns = spansOf(source.width, width);
  const rows = spansOf(source.height, height);
  /** Sums along the source's row `row`, which the last row of the result and the next may share. */
  const sums = new Float64Array(width * channels);
  let row = -1;
  const sumRow = (r: number): void => {
    if (r === row) return;
    row = r;
    sums.fill(0);
    columns.forEach(({ from, weights }, x) => {
      let at = 4 * (r * source.width + from);
      const s = x * channels;
      for (const weight of weights) {
        const alpha = data[at + 3]!;
        const rest = channels === 4 ? 0 : 255 - alpha;
        const red = data[at]! * alpha + below0 * rest;
        const green = data[at + 1]! * alpha + below1 * rest;
        const blue = data[at + 2]! * alpha + below2 * rest;
        at += 4;
        if (channels === 1) sums[s]! += weight * (299 * red + 587 * green + 114 * blue);
        else {
          sums[s]! += weight * red;
          sums[s + 1]! += weight * green;
          sums[s + 2]! += weight * blue;
          if (channels === 4) sums[s + 3]! += weight * alpha;
        }
      }
    });
  };
  const area = source.width * source.height;
  const total = new Float64Array(width * channels);
  rows.forEach(({ from, weights }, y) => {
    total.fill(0);
    weights.forEach((weight, i) => {
      sumRow(from + i);
      for (let s = 0; s < total.length; s++) total[s]! += weight * sums[s]!;
    });
    const at = y * total.length;
    for (let s = 0; s < total.length; s++) {
      // colours count by their alpha; what is transparent throughout has none
      const whole = channels === 4 && s % 4 < 3 ? total[s - (s % 4) + 3]! : area * FACTORS[channels];
      to[at + s] = whole === 0 ? 0 : Math.floor((total[s]! + whole / 2) / whole);
    }
  });
}
