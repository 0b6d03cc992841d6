// fromPixels where there is no page: pixels in memory, and what is refused.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { fromPixels } from "../../src/web.ts";
import { expectRefusal } from "../support/refusals.ts";

const pixels = (width: number, height: number, bytes = [255, 128, 0, 255]) => ({
  data: new Uint8Array(4 * width * height).map((_, i) => bytes[i % 4]!),
  width,
  height,
});

test("an image is a row of bytes, scaled to 0 to 1, in [height, width, channels]", () => {
  const row = fromPixels(pixels(3, 2));
  expect([row.rows, row.shape, row.scale, row.data.length]).toEqual([1, [2, 3, 3], 1 / 255, 18]);
  expect(row.data).toBeInstanceOf(Uint8Array);
  expect(fromPixels(pixels(3, 2), { channels: 1 }).shape).toEqual([2, 3, 1]);
  expect(fromPixels(pixels(3, 2), { channels: 4, size: [5, 4] }).shape).toEqual([5, 4, 4]);
});

test("a list of images gives a row each, and may mix sizes if there is one for all", () => {
  const rows = fromPixels([pixels(3, 2), pixels(9, 4, [0, 0, 0, 255])], { channels: 1, size: [2, 2] });
  expect([rows.rows, ...rows.data]).toEqual([2, 151, 151, 151, 151, 0, 0, 0, 0]);
});

test("it is what predict, fit and dataset take", async () => {
  const model = await w.sequential({ input: [2, 2, 3], seed: 1 }, w.flatten(), w.dense(2));
  const x = fromPixels([pixels(4, 4), pixels(8, 8, [0, 40, 9, 255])], { size: [2, 2] });
  const scaled = Float32Array.from(x.data, (byte) => Math.fround(byte * Math.fround(1 / 255)));
  expect(model.predict(x)).toEqual(model.predict(scaled));
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
  await trainer.fit(w.dataset({ x, y: [0, 1] }), { epochs: 1 });
  expect(trainer.updates).toBe(1);
});

describe("what is refused", () => {
  const image = pixels(2, 2);
  for (const [source, options, kind, message] of [
    [image, { channels: 2 }, RangeError, "channels must be 1 (grey), 3 (red, green, blue) or 4 (with alpha), got 2"],
    [
      image,
      { channels: NaN },
      RangeError,
      "channels must be 1 (grey), 3 (red, green, blue) or 4 (with alpha), got NaN",
    ],
    [image, { channels: "rgb" }, TypeError, 'channels must be 1, 3 or 4, got the string "rgb"'],
    [image, { size: 28 }, TypeError, "size must be [height, width], got number 28; [28, 28]?"],
    [image, { size: [28] }, RangeError, "size must be [height, width], got 1 numbers"],
    [
      image,
      { size: [28, 28, 1] },
      RangeError,
      "size must be [height, width], got 3 numbers; channels is an option of its own",
    ],
    [image, { size: [0, 28] }, RangeError, "size[0], the height, must be a whole number of 1 or more, got 0"],
    [image, { size: [28, 2.5] }, RangeError, "size[1], the width, must be a whole number of 1 or more, got 2.5"],
    [image, { size: [NaN, 2] }, RangeError, "size[0], the height, must be a whole number of 1 or more, got NaN"],
    [image, { size: [2 ** 20, 2 ** 20] }, RangeError, "size may have at most 134217728 pixels, got 1048576 x 1048576"],
    [image, { background: [0, 0, 256] }, RangeError, "background[2] must be a whole number of at most 255, got 256"],
    [
      image,
      { background: "white" },
      TypeError,
      'background must be a byte, or [red, green, blue], got the string "white"',
    ],
    [
      image,
      { Size: [1, 1] },
      TypeError,
      'unknown option "Size"; did you mean "size"? Known: channels, size, background',
    ],
    [[], {}, RangeError, "the list of images is empty; at least one is needed"],
    [
      [image, pixels(3, 2)],
      {},
      RangeError,
      "all rows must have one size, but image 0 of the list is 2 x 2 (height x width) and image 1 of the list 2 x 3; give a size: " +
        "[height, width]",
    ],
    [
      [image, null],
      {},
      TypeError,
      "image 1 of the list must be a canvas, ImageData, ImageBitmap, image, video, VideoFrame or { data, width, height }, got null",
    ],
    [
      "#canvas",
      {},
      TypeError,
      "the image must be a canvas, ImageData, ImageBitmap, image, video, VideoFrame or { data, width, height }, got the string " +
        '"#canvas"; give the element itself, document.querySelector(...)',
    ],
    [{ ...image, width: 0 }, {}, RangeError, "the width of the image must be a whole number of 1 or more, got 0"],
    [{ ...image, height: 1.5 }, {}, RangeError, "the height of the image must be a whole number of 1 or more, got 1.5"],
    [
      { ...image, width: 2 ** 14, height: 2 ** 14 },
      {},
      RangeError,
      "the image has 16384 x 16384 pixels; at most 134217728 (2^27) can be read at once",
    ],
    [
      { ...image, data: new Float32Array(16) },
      {},
      TypeError,
      "the data of the image must be bytes (a Uint8ClampedArray or Uint8Array), got a Float32Array of 16",
    ],
    [
      { ...image, data: new Uint8Array(12) },
      {},
      RangeError,
      "the data of the image must have 4 bytes per pixel, 16 for 2 x 2, got 12; these are 3 per pixel: samples() takes them as they are",
    ],
  ] as const) {
    test(message, () =>
      expectRefusal(() => fromPixels(source as never, options as never), kind, `fromPixels: ${message}`),
    );
  }
});
