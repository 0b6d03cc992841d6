// What a page shows, as rows of bytes that a model takes.
import { type Samples, samples } from "../data/samples.ts";
import { checkKeys, checkKind, checkWhole, describe, isObject, kindOf } from "../util/check.ts";
import type { Drawable } from "../util/platform.ts";
import { shapeText } from "../util/shape.ts";
import { checkPixelOptions, MOST_PIXELS, type PixelArray, type PixelOptions, writePixels } from "../data/resize.ts";

/** An image in a page: a canvas, a picture, a video, one of its frames, or pixels. */
export type PixelSource = Drawable | PixelArray;

/**
 * Makes a row of an image, or a row each of a list of images: bytes with a scale of 1 / 255, in [height, width, channels] order, as
 * `conv2d` reads them. It is what `predict`, `fit` and `dataset` take as x.
 *
 * Grey is the luma 0.299 R + 0.587 G + 0.114 B of ITU-R BT.601. `size` stretches an image: each pixel of the result is the mean of what
 * it covers, weighted by area, rounded once. This is computed with integers, so that the same `ImageData` gives the same bytes
 * everywhere; a canvas' own scaler doesn't. What an image or a video decodes to may differ by a bit between browsers.
 *
 * A row that isn't from an `ImageData` is what the source shows at the time of the call. A WebGL canvas shows nothing between frames,
 * unless it was made with `preserveDrawingBuffer`.
 *
 * @param source a canvas, ImageData, ImageBitmap, image, video or VideoFrame, or a list of them, all of one size or with `size`
 * @param options.channels 1: grey, 3: red, green, blue, 4: with alpha; default 3
 * @param options.size [height, width] of each row; default: as the image is
 * @param options.background colour beneath pixels that aren't opaque, a byte or three of them; default 0, black
 * @throws {TypeError} if it isn't an image, or an option can't be used
 * @throws {RangeError} if an image has no pixels or more than 2^27, or images of several sizes are given without `size`
 * @throws {Error} if an image isn't loaded, a video has no frame yet, or the pixels are another site's, which browsers don't show
 * @see ITU-R BT.601-7, "Studio encoding parameters of digital television", 2011, 2.5.1
 * @example
 * const pixels = { data: new Uint8Array(4 * 56 * 56), width: 56, height: 56 }; // in a page also a canvas, an image or a video
 * const row = fromPixels(pixels, { channels: 1, size: [28, 28] });
 * console.log(row.rows, row.shape); // 1 [28, 28, 1]
 */
export function fromPixels(source: PixelSource | readonly PixelSource[], options: PixelOptions = {}): Samples {
  checkKeys("fromPixels", options, ["channels", "size", "background"]);
  const { channels, size, below } = checkPixelOptions("fromPixels", options);
  const list: readonly unknown[] = Array.isArray(source) ? source : [source];
  if (list.length === 0) throw new RangeError("fromPixels: the list of images is empty; at least one is needed");
  const name = (i: number): string => (Array.isArray(source) ? `image ${i} of the list` : "the image");
  let shape: readonly [number, number] | undefined = size && [size[0], size[1]];
  let data: Uint8Array<ArrayBuffer> | undefined;
  // one after another: the pixels of all of them need not be in memory at once
  list.forEach((each, i) => {
    const pixels = pixelsOf(each, name(i));
    shape ??= [pixels.height, pixels.width];
    if (!size && (pixels.height !== shape[0] || pixels.width !== shape[1])) {
      throw new RangeError(
        `fromPixels: all rows must have one size, but ${name(0)} is ${shape.join(" x ")} (height x width) and ${name(i)} ` +
          `${pixels.height} x ${pixels.width}; give a size: [height, width]`,
      );
    }
    const row = shape[0] * shape[1] * channels;
    data ??= bytesFor(list.length, [...shape, channels]);
    writePixels(pixels, channels, shape, below, data.subarray(i * row, (i + 1) * row));
  });
  return samples(data!, [...shape!, channels], { scale: 1 / 255 });
}

function bytesFor(rows: number, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(shape.reduce((product, n) => product * n, rows));
  } catch (cause) {
    throw new RangeError(
      `fromPixels: there is no memory for ${rows} x ${shapeText(shape)} bytes; give a smaller size`,
      {
        cause,
      },
    );
  }
}

/** Sizes of what can be drawn. Kinds by name, so that those of another frame count. */
const SIZES: Readonly<Record<string, (source: never) => readonly [width: number, height: number]>> = {
  HTMLCanvasElement: ({ width, height }: HTMLCanvasElement) => [width, height],
  OffscreenCanvas: ({ width, height }: OffscreenCanvas) => [width, height],
  ImageBitmap: ({ width, height }: ImageBitmap) => [width, height],
  HTMLImageElement: ({ naturalWidth, naturalHeight }: HTMLImageElement) => [naturalWidth, naturalHeight],
  HTMLVideoElement: ({ videoWidth, videoHeight }: HTMLVideoElement) => [videoWidth, videoHeight],
  VideoFrame: ({ displayWidth, displayHeight }: VideoFrame) => [displayWidth, displayHeight],
};

/** What is missing where a source has no pixels. */
const EMPTY: Readonly<Record<string, string>> = {
  ImageBitmap: "it was closed",
  VideoFrame: "it was closed",
  HTMLImageElement: "it has no size of its own (an SVG without width and height?), or could not be loaded",
};

/** What people hand over in place of an image, and what to do. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  Blob: "; await createImageBitmap(blob) makes an image of it",
  File: "; await createImageBitmap(file) makes an image of it",
  Response: "; await createImageBitmap(await response.blob()) makes an image of it",
  CanvasRenderingContext2D: "; give its .canvas",
  OffscreenCanvasRenderingContext2D: "; give its .canvas",
  WebGLRenderingContext: "; give its .canvas",
  WebGL2RenderingContext: "; give its .canvas",
  MediaStream: "; give a video element that plays it",
  MediaStreamTrack: "; give a video element that plays it",
  NodeList: "; give a list: [...nodes]",
  HTMLCollection: "; give a list: [...elements]",
  String: "; give the element itself, document.querySelector(...)",
};

function pixelsOf(source: unknown, name: string): PixelArray {
  const kind = kindOf(source);
  if (Object.hasOwn(SIZES, kind)) return drawn(source as Drawable & CanvasImageSource, kind, name);
  const isPixels = isObject(source) && "data" in source && "width" in source && "height" in source;
  const advice = Object.hasOwn(ELSEWHERE, kind) && !isPixels ? ELSEWHERE[kind]! : "";
  checkKind(
    isPixels,
    "fromPixels",
    name,
    "a canvas, ImageData, ImageBitmap, image, video, VideoFrame or { data, width, height }",
    source,
    advice,
  );
  const { data, width, height } = source as PixelArray;
  checkWhole("fromPixels", `the width of ${name}`, width);
  checkWhole("fromPixels", `the height of ${name}`, height);
  checkCount(width, height, name);
  const isBytes = /^Uint8(?:Clamped)?Array$/.test(kindOf(data));
  checkKind(isBytes, "fromPixels", `the data of ${name}`, "bytes (a Uint8ClampedArray or Uint8Array)", data, "");
  if (data.length !== 4 * width * height) {
    const channels = data.length / (width * height);
    const what =
      channels === 1 || channels === 3 ? `; these are ${channels} per pixel: samples() takes them as they are` : "";
    throw new RangeError(
      `fromPixels: the data of ${name} must have 4 bytes per pixel, ${4 * width * height} for ${width} x ${height}, got ${data.length}${what}`,
    );
  }
  return { data, width, height };
}

function checkCount(width: number, height: number, name: string): void {
  if (width * height <= MOST_PIXELS) return;
  throw new RangeError(
    `fromPixels: ${name} has ${width} x ${height} pixels; at most ${MOST_PIXELS} (2^27) can be read at once`,
  );
}

/** Reads pixels off a canvas of its own, so that the source's context and state stay as they are. */
function drawn(source: Drawable & CanvasImageSource, kind: string, name: string): PixelArray {
  const what = `${name} (${kind})`;
  if (kind === "HTMLImageElement" && !(source as HTMLImageElement).complete) {
    throw new Error(`fromPixels: ${what} is not loaded yet; await image.decode() first`);
  }
  if (kind === "HTMLVideoElement" && (source as HTMLVideoElement).readyState < 2) {
    throw new Error(
      `fromPixels: ${what} has no frame yet; wait for its event "loadeddata", or for requestVideoFrameCallback`,
    );
  }
  const [width, height] = SIZES[kind]!(source as never);
  if (!(width > 0 && height > 0)) {
    const why = Object.hasOwn(EMPTY, kind) ? `; ${EMPTY[kind]}` : "";
    throw new RangeError(`fromPixels: ${what} has no pixels, it is ${width} wide and ${height} high${why}`);
  }
  checkCount(width, height, what);
  const canvas =
    typeof OffscreenCanvas === "function"
      ? new OffscreenCanvas(width, height)
      : Object.assign(document.createElement("canvas"), { width, height });
  try {
    const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" }) as
      CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
    if (!context)
      throw new Error(`fromPixels: the browser gives no canvas of ${width} x ${height} pixels to read ${what}`);
    try {
      context.drawImage(source, 0, 0, width, height);
      return context.getImageData(0, 0, width, height);
    } catch (cause) {
      throw reason(cause, what);
    }
  } finally {
    // gives its memory back at once: some browsers limit that of all canvases together
    canvas.width = 0;
    canvas.height = 0;
  }
}

function reason(cause: unknown, what: string): Error {
  const name = isObject(cause) && "name" in cause ? cause.name : undefined;
  if (name === "SecurityError") {
    return new Error(
      `fromPixels: the browser keeps the pixels of ${what} from this page, since they are, or were drawn from, another site's; load them ` +
        'with crossorigin="anonymous" from a server that sends Access-Control-Allow-Origin, or from your own',
      { cause },
    );
  }
  if (name === "InvalidStateError")
    return new Error(`fromPixels: ${what} can't be read: it could not be loaded`, { cause });
  return new Error(`fromPixels: ${what} can't be read: ${isObject(cause) ? String(cause) : describe(cause)}`, {
    cause,
  });
}
