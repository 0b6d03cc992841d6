// Folders of real PNG and JPEG files, read by the packages that users have.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode as encodeJpeg } from "jpeg-js";
import { PNG } from "pngjs";
import { afterAll, describe, expect, test } from "vitest";
import { dense, flatten, rows, sequential, sgd, softmaxCrossEntropy, Trainer } from "../../src/index.ts";
import { imageFolder } from "../../src/datasets.ts";
import { fromPixels } from "../../src/web.ts";

const root = mkdtempSync(join(tmpdir(), "wasmgrad-pictures-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A picture of one colour, with a darker first pixel. */
function picture(width: number, height: number, [red, green, blue]: readonly [number, number, number]) {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < data.length; i += 4) data.set([red, green, blue, 255], i);
  data.set([red >> 1, green >> 1, blue >> 1, 255], 0);
  return { data, width, height };
}

const png = (image: ReturnType<typeof picture>): Uint8Array =>
  PNG.sync.write(
    Object.assign(new PNG({ width: image.width, height: image.height }), { data: Buffer.from(image.data) }),
  );

/** A new folder with files. */
function folder(files: Readonly<Record<string, Uint8Array | string>>): string {
  const path = mkdtempSync(join(root, "folder-"));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

const RED = picture(4, 3, [200, 20, 20]);
const BLUE = picture(4, 3, [10, 30, 220]);
const GREEN = picture(4, 3, [10, 210, 40]);

const three = (): string =>
  folder({
    "red/1.png": png(RED),
    "red/deeper/2.PNG": png(RED),
    "blue/1.jpeg": encodeJpeg({ ...BLUE, data: Buffer.from(BLUE.data) }, 100).data,
    "green/1.png": png(GREEN),
    "green/notes.txt": "no picture",
    "green/.hidden.png": "no picture",
    "empty/notes.txt": "no picture",
    "lonely.png": png(GREEN),
  });

describe("imageFolder", () => {
  test("has a class for each folder with pictures, in the order of their names", async () => {
    const path = three();
    const pictures = await imageFolder(path);
    expect(pictures.classes).toEqual(["blue", "green", "red"]);
    expect(pictures.files.map((file) => file.slice(path.length + 1).replaceAll("\\", "/"))).toEqual([
      "blue/1.jpeg",
      "green/1.png",
      "red/1.png",
      "red/deeper/2.PNG",
    ]);
    expect([...pictures.labels]).toEqual([0, 1, 2, 2]);
    expect(pictures.shape).toEqual([3, 4, 3]);
  });

  test("reads the pixels that fromPixels reads, PNG exactly and JPEG nearly", async () => {
    const pictures = await imageFolder(three(), { size: [2, 2] });
    const { x, y } = await pictures.read({ seed: 4 });
    expect([x.rows, x.shape, x.scale]).toEqual([4, [2, 2, 3], 1 / 255]);
    const expected = [BLUE, GREEN, RED].map((image) => fromPixels(image, { size: [2, 2] }).data);
    const seen = [...y].map((label, row) => {
      const row12 = x.data.subarray(12 * row, 12 * row + 12);
      row12.forEach((byte, i) =>
        expect(Math.abs(byte - expected[label]![i]!)).toBeLessThanOrEqual(label === 0 ? 12 : 0),
      );
      return label;
    });
    expect(seen.toSorted()).toEqual([0, 1, 2, 2]);
  });

  test("mixes by the seed: the same one, the same order", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`${i % 2}/${i}.png`, png(picture(1, 1, [i, i, i]))]),
    );
    const pictures = await imageFolder(folder(files), { channels: 1 });
    const orders = await Promise.all([0, 0, 1].map(async (seed) => [...(await pictures.read({ seed })).y].join("")));
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
    expect(orders[0]).not.toBe("0".repeat(10) + "1".repeat(10));
  });

  test("rows trains as a source does, with the same bits each time", async () => {
    const pictures = await imageFolder(three());
    const train = async (): Promise<string> => {
      const model = await sequential({ input: pictures.shape, seed: 1 }, flatten(), dense(3));
      const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd({ learningRate: 0.1 }) });
      const history = await trainer.fit(rows(pictures.rows), { epochs: 30, batchSize: 2, progress: false });
      expect(history.loss.at(-1)).toBeLessThan(0.1);
      return model.fingerprint();
    };
    expect(await train()).toBe(await train());
  });

  test("takes pixels from a decoder of one's own, of any file", async () => {
    const path = folder({ "a/1.raw": Uint8Array.of(7), "b/1.raw": Uint8Array.of(9) });
    const decode = async (bytes: Uint8Array) => ({ data: new Uint8Array(4).fill(bytes[0]!), width: 1, height: 1 });
    const { x } = await (await imageFolder(path, { channels: 4, decode })).read();
    expect([...x.data].toSorted((a, b) => a - b)).toEqual([7, 7, 7, 7, 9, 9, 9, 9]);
  });
});

describe("refuses", () => {
  const cut = png(RED);
  const cases: readonly [what: string, make: () => Promise<unknown>, message: string][] = [
    ["no path", () => imageFolder(7 as never), "imageFolder: the directory must be a path, got number 7"],
    [
      "an option it doesn't know",
      () => imageFolder("x", { sizes: [2, 2] } as never),
      'imageFolder: unknown option "sizes"; did you mean "size"?',
    ],
    [
      "a size that is none",
      () => imageFolder("x", { size: 28 as never }),
      "imageFolder: size must be [height, width], got number 28; [28, 28]?",
    ],
    ["a folder that isn't there", () => imageFolder(join(root, "none")), "could not be read (ENOENT)"],
    [
      "a folder without classes",
      () => imageFolder(folder({ "1.png": png(RED) })),
      "has no folders with PNG or JPEG files in them; each is a class of its own",
    ],
    [
      "what is no picture",
      async () => (await imageFolder(folder({ "a/1.png": "text" }))).read(),
      "1.png is neither a PNG nor a JPEG file; take it out, or give decode",
    ],
    [
      "a PNG that was cut",
      async () => (await imageFolder(folder({ "a/1.png": cut.subarray(0, cut.length - 20) }), { size: [2, 2] })).read(),
      "1.png can't be read as PNG: ",
    ],
    [
      "several sizes without size",
      async () => (await imageFolder(folder({ "a/1.png": png(RED), "a/2.png": png(picture(5, 3, [1, 2, 3])) }))).read(),
      "2.png 3 x 5; give a size: [height, width]",
    ],
    [
      "a decoder that gives no pixels",
      () => imageFolder(folder({ "a/1.bin": "x" }), { decode: (() => 3) as never }),
      "must be { data: bytes, width, height }, got number 3",
    ],
    [
      "a decoder that gives too few",
      () =>
        imageFolder(folder({ "a/1.bin": "x" }), { decode: () => ({ data: new Uint8Array(3), width: 1, height: 1 }) }),
      "must have 4 bytes per pixel, 4 for 1 x 1, got 3",
    ],
  ];
  test.each(cases)("%s", async (_, make, message) => {
    await expect(make()).rejects.toThrow(message);
  });

  test("a JPEG that was cut, and trains nothing", async () => {
    const jpeg = encodeJpeg({ ...BLUE, data: Buffer.from(BLUE.data) }, 100).data;
    const path = folder({ "a/1.jpg": jpeg, "b/1.jpg": jpeg });
    const pictures = await imageFolder(path);
    truncateSync(join(path, "b/1.jpg"), 300);
    const model = await sequential({ input: pictures.shape, seed: 1 }, flatten(), dense(2));
    const before = model.fingerprint();
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd() });
    await expect(trainer.fit(rows(pictures.rows), { batchSize: 2, progress: false })).rejects.toThrow(
      "1.jpg can't be read as JPEG: ",
    );
    expect(model.fingerprint()).toBe(before);
  });
});
