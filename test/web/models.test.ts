// Without a page: importing wasmgrad/web does nothing, and its functions say what is missing.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { modelToBytes } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { defineElements, listModels, loadModel, removeModel, saveModel } from "../../src/web.ts";
import { expectRefusal } from "../support/refusals.ts";

const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
const KINDS = '"indexeddb://name", "opfs://name"';

describe("saveModel", () => {
  for (const [what, url, kind, message] of [
    [null, "indexeddb://a", TypeError, "the first argument must be a model, got null"],
    [model, 3, TypeError, `the URL must be ${KINDS} or "download://name", got number 3`],
    [
      model,
      "digits.safetensors",
      RangeError,
      'the URL must begin with indexeddb://, opfs://, download://, got "digits.safetensors"; files of a disk are read and written by ' +
        "wasmgrad/files, in Node",
    ],
    [
      model,
      "downloads://digits",
      RangeError,
      'unknown scheme "downloads"; did you mean "download"? Known: indexeddb, opfs, download',
    ],
    [
      model,
      "localstorage://digits",
      RangeError,
      'unknown scheme "localstorage"; did you mean "indexeddb"? Known: indexeddb, opfs, download',
    ],
    [model, "opfs://", RangeError, '"opfs://" has no name; give one: opfs://digits.safetensors'],
    [model, "opfs://\ud83d", RangeError, 'the name in "opfs://\\ud83d" has half a character in it (a lone surrogate)'],
    [
      model,
      "indexeddb://a",
      Error,
      "there is no IndexedDB here; browsers have it, but for some private windows; in Node use wasmgrad/files",
    ],
    [
      model,
      "OPFS://a",
      Error,
      "there is no OPFS (origin private file system) here; browsers have it; in Node use wasmgrad/files",
    ],
    [model, "download://a", Error, "only a page can start a download, and this is none (a worker, or no browser)"],
  ] as const) {
    test(message, () => expectRefusal(() => saveModel(what as never, url as never), kind, `saveModel: ${message}`));
  }
});

describe("loadModel", () => {
  test("reads Blobs and Files, and what a server has", async () => {
    const bytes = modelToBytes(model);
    const copy = await loadModel(new Blob([bytes]), { core: model.core });
    expect([copy.fingerprint(), copy.core]).toEqual([model.fingerprint(), model.core]);
    const server = createServer((_, response) => response.writeHead(200).end(bytes)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/digits`;
    expect((await loadModel(url)).fingerprint()).toBe(model.fingerprint());
    expect((await loadModel(new URL(url))).fingerprint()).toBe(model.fingerprint());
    server.close();
    await new Promise((resolve) => server.once("close", resolve));
    await expectRefusal(
      () => loadModel(url),
      Error,
      /^loadModel: "http:.*\/digits" could not be fetched \(TypeError: /,
    );
  });

  test("refuses what is something else", async () => {
    const must = `loadModel: the first argument must be a File, a Blob, ${KINDS} or a URL, got`;
    await expectRefusal(
      () => loadModel(modelToBytes(model) as never),
      TypeError,
      /^loadModel: the first argument .* got a Uint8Array of \d+; modelFromBytes of wasmgrad\/files reads bytes$/,
    );
    await expectRefusal(
      () => loadModel(new Response("x") as never),
      TypeError,
      /got an object \(.+\); give its URL, or await response\.blob\(\)$/,
    );
    await expectRefusal(() => loadModel(""), TypeError, `${must} the string ""`);
    await expectRefusal(() => loadModel(undefined as never), TypeError, `${must} undefined; was no file chosen?`);
    await expectRefusal(
      () => loadModel("indexedb://a"),
      RangeError,
      /^loadModel: unknown scheme "indexedb"; did you mean "indexeddb"\?/,
    );
    await expectRefusal(() => loadModel("indexeddb://a"), Error, /^loadModel: there is no IndexedDB here/);
    await expectRefusal(
      () => loadModel("digits"),
      Error,
      /^loadModel: "digits" could not be fetched \(TypeError: Invalid URL\)/,
    );
  });
});

test("the rest", async () => {
  expect(await listModels()).toEqual([]);
  await expectRefusal(() => removeModel("indexeddb://a"), Error, /^removeModel: there is no IndexedDB here/);
  await expectRefusal(() => removeModel("download://a"), RangeError, /^removeModel: unknown scheme "download"/);
  await expectRefusal(
    defineElements,
    Error,
    "defineElements: there are no elements here; call it in a page, such as after it was loaded or mounted",
  );
});
