// wasmgrad/web in real browsers: the same bytes of the same pixels, and models that come back with the same bits.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { fromPixels } from "../../src/web.ts";
import { bundlePage, isMissing, type OpenPage, openPage, PAGE_BROWSERS } from "../support/bundledPage.ts";
import { serve, type Server } from "../support/server.ts";
import { hash, noise, VARIANTS } from "./page/noise.ts";

const root = join(import.meta.dirname, "../..");

/** Small files in MNIST's format, by name. */
const DIGITS: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, ...Array(12).keys()),
  "train-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9),
  "t10k-images-idx3-ubyte": Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 5, 6, 7, 8),
  "t10k-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 4),
};

describe.each(PAGE_BROWSERS)("a page in %s", (name) => {
  const missing = isMissing(name);
  let page: OpenPage;
  let elsewhere: Server;
  beforeAll(async () => {
    if (missing) return;
    elsewhere = await serve(join(root, "docs"));
    const folder = await bundlePage(join(import.meta.dirname, "page"));
    for (const [to, written] of [
      ["mnist", (bytes: Uint8Array) => bytes],
      ["packed", (bytes: Uint8Array) => gzipSync(bytes)],
    ] as const) {
      mkdirSync(join(folder, to));
      for (const [file, bytes] of Object.entries(DIGITS)) {
        writeFileSync(join(folder, to, to === "packed" ? `${file}.gz` : file), written(bytes));
      }
    }
    page = await openPage(name, folder);
  }, 300_000);
  afterAll(async () => {
    elsewhere?.close();
    await page?.close();
  });

  test.skipIf(missing)("an ImageData gives the bytes that it gives in Node, grey, coloured, resized", async () => {
    const here = VARIANTS.map((options) => hash(fromPixels(noise(61, 47), options).data));
    expect(await page.evaluate("pixelHashes()")).toEqual(here);
  });

  test.skipIf(missing)("every kind of source gives the pixels that it shows", async () => {
    const here = hash(fromPixels(noise(16, 12, true)).data);
    const { rows, VideoFrame: ofFrame, ...hashes } = (await page.evaluate("sources()")) as Record<string, unknown>;
    expect(rows).toBe(3);
    // where the browser has them; those of WebKitGTK go through a video's colours
    if (ofFrame !== undefined && name !== "webkit") expect(ofFrame).toBe(here);
    expect(hashes).toEqual({ ImageData: here, canvas: here, OffscreenCanvas: here, ImageBitmap: here, picture: here });
  });

  test.skipIf(missing)("the rows are what a convolution takes", async () => {
    const [print, classes, shape] = (await page.evaluate("predictions()")) as [string, number[], number[]];
    const model = await w.sequential(
      { input: [28, 28, 1], seed: 3 },
      w.conv2d(4, { kernelSize: 3 }),
      w.relu(),
      w.flatten(),
      w.dense(10),
    );
    const row = fromPixels(noise(56, 56, true), { channels: 1, size: [28, 28] });
    expect(print).toBe(hash(new Uint8Array(model.predict(row).buffer)));
    expect(classes[0]).toBe(classes[1]);
    expect(shape).toEqual([28, 28, 1]);
  });

  test.skipIf(missing)("what has no pixels is refused in words", async () => {
    const kinds =
      "must be a canvas, ImageData, ImageBitmap, image, video, VideoFrame or { data, width, height }, got an object";
    expect(await page.evaluate("pixelRefusals()")).toEqual([
      "fromPixels: the image (HTMLCanvasElement) has no pixels, it is 0 wide and 150 high",
      "fromPixels: the image (ImageBitmap) has no pixels, it is 0 wide and 0 high; it was closed",
      'fromPixels: the image (HTMLVideoElement) has no frame yet; wait for its event "loadeddata", or for requestVideoFrameCallback',
      "fromPixels: the image (HTMLImageElement) has no pixels, it is 0 wide and 0 high; it has no size of its own (an SVG without width " +
        "and height?), or could not be loaded",
      "fromPixels: the image (HTMLImageElement) has no pixels, it is 0 wide and 0 high; it has no size of its own (an SVG without width " +
        "and height?), or could not be loaded",
      `fromPixels: the image ${kinds} (CanvasRenderingContext2D); give its .canvas`,
      `fromPixels: the image ${kinds} (Blob); await createImageBitmap(blob) makes an image of it`,
      `fromPixels: the image ${kinds} (NodeList); give a list: [...nodes]`,
      `fromPixels: the image ${kinds} (HTMLBodyElement)`,
    ]);
    expect(await page.evaluate(`tainted(${JSON.stringify(`${elsewhere.url}/digits.png`)})`)).toBe(
      "fromPixels: the browser keeps the pixels of the image (HTMLImageElement) from this page, since they are, or were drawn from, " +
        'another site\'s; load them with crossorigin="anonymous" from a server that sends Access-Control-Allow-Origin, or from your own',
    );
  });

  test.skipIf(missing).each(["indexeddb", "opfs"])(
    "%s keeps models, and gives them back bit by bit",
    async (scheme) => {
      const title = scheme === "opfs" ? "OPFS" : "IndexedDB";
      if (name === "webkit" && scheme === "opfs") {
        expect(await page.evaluate("refusal(() => storage('opfs'))")).toBe(
          "saveModel: there is no OPFS (origin private file system) in this browser; there is IndexedDB: indexeddb://name",
        );
        return;
      }
      const { prints, expected, list, bytes, left, wrong } = (await page.evaluate(`storage("${scheme}")`)) as {
        prints: string[];
        expected: string[];
        list: unknown[];
        bytes: number;
        left: number;
        wrong: Record<string, string>;
      };
      expect(prints).toEqual(expected);
      expect(list).toEqual([
        [`${scheme}://a model/with "any" name ✓`, bytes, true],
        [`${scheme}://digits`, bytes, true],
      ]);
      expect(left).toBe(0);
      const known = `unknown model in ${title} "digit"; did you mean "digits"? Known: `;
      expect(wrong["load"]).toMatch(new RegExp(`^loadModel: ${known.replaceAll("?", "\\?")}.*digits`));
      expect(wrong["remove"]).toMatch(new RegExp(`^removeModel: ${known.replaceAll("?", "\\?")}.*digits`));
      expect(wrong["none"]).toBe(
        `loadModel: there is no model "digits" in ${title}, nor any other; models belong to one site (origin), here ${page.url}`,
      );
    },
  );

  test.skipIf(missing)("where there is no storage, it says so", async () => {
    const { texts, list } = (await page.evaluate("withoutStorage()")) as { texts: string[]; list: unknown[] };
    expect(texts).toEqual([
      "saveModel: there is no IndexedDB here; browsers have it, but for some private windows; in Node use wasmgrad/files",
      "saveModel: there is no OPFS (origin private file system) here; browsers have it; in Node use wasmgrad/files",
    ]);
    expect(list).toEqual([]);
  });

  test.skipIf(missing)("chosen files are models, or it is said what they are", async () => {
    const { same, texts } = (await page.evaluate("chosenFiles()")) as { same: boolean; texts: string[] };
    expect(same).toBe(true);
    const kinds =
      'loadModel: the first argument must be a File, a Blob, "indexeddb://name", "opfs://name" or a URL, got';
    expect(texts[0]).toMatch(/^half\.safetensors: /);
    expect(texts.slice(1)).toEqual([
      `${kinds} an object (FileList); give one of them: files[0]`,
      `${kinds} undefined; was no file chosen?`,
      `loadModel: ${page.url}/missing.safetensors could not be read: 404 Not Found`,
      `loadModel: ${page.url}/index.html is a page (text/html), not a model; is the file there?`,
      "loadModel: a page can't read a download; let the user choose the file, and give it: loadModel(file)",
      'loadModel: unknown scheme "localstorage"; did you mean "indexeddb"? Known: indexeddb, opfs, https, http',
    ]);
  });

  test.skipIf(missing)("a download has the model's bytes, and its name", async () => {
    expect(await page.evaluate("download()")).toEqual(["digits.safetensors", true]);
  });

  test.skipIf(missing)("mnist reads a server's files and the user's, gzipped or not", async () => {
    const { hashes, text } = (await page.evaluate("digits()")) as { hashes: string[]; text: string };
    const bytes = [...Array(12).keys(), 7, 8, 9, 5, 6, 7, 8, 4];
    expect(hashes).toEqual([hash(bytes), hash(bytes), hash(bytes)]);
    expect(text).toMatch(
      /^mnist: http:.*\/nowhere\/.*-ubyte could not be read: 404 Not Found; nor is there .*-ubyte\.gz$/,
    );
  });

  test.skipIf(missing)("a curve follows fit, goes on with the same model and begins anew with another", async () => {
    const { after, labels, names } = (await page.evaluate("training()")) as {
      after: string;
      labels: string[];
      names: number;
    };
    expect(names).toBe(3);
    expect(after).toMatch(
      /^loss after epoch 10: training [\d.]+, lowest [\d.]+, highest [\d.]+; validation [\d.]+, lowest [\d.]+, highest [\d.]+$/,
    );
    expect(labels).toEqual([expect.stringMatching(/^loss after epoch 2: training/)]);
  });

  // the others have no video of a canvas here, or no codec
  test.skipIf(missing || name !== "chrome")("a video gives the frame that it shows", async () => {
    const [shape, [red, green, blue]] = (await page.evaluate("video()")) as [number[], [number, number, number]];
    expect(shape).toEqual([2, 2, 3]);
    expect([red > 200, green < 60, blue < 60]).toEqual([true, true, true]);
  });
});

// the quota is set by Chromium's tools, before the page stores anything
describe.each(["indexeddb", "opfs"])("a page without space in Chromium, %s", (scheme) => {
  test.skipIf(isMissing("chrome"))("says so, and what was kept still is", async () => {
    const page = await openPage("chrome", await bundlePage(join(import.meta.dirname, "page")));
    try {
      const session = await page.page!.createCDPSession();
      await session.send("Storage.overrideQuotaForOrigin", { origin: page.url, quotaSize: 5_000_000 });
      expect(await page.evaluate(`full("${scheme}")`)).toEqual({
        message:
          `saveModel: ${scheme === "opfs" ? "OPFS" : "IndexedDB"} has no space for 12.0 MB; remove models that aren't needed: ` +
          "listModels() and removeModel(url). What was kept under this name still is",
        same: true,
      });
    } finally {
      await page.close();
    }
  });
});
