// In a page there are no files: the words say what to do instead, and the page's bundle asks for no module of Node.
import { build } from "esbuild";
import { expect, test } from "vitest";
import type * as files from "../../src/files.ts";
import type * as main from "../../src/index.ts";
import * as page from "../../src/io/replaceFile.browser.ts";
import * as node from "../../src/io/replaceFile.ts";
import { expectRefusal } from "../support/refusals.ts";

test("has the names of what it replaces", () => {
  expect(Object.keys(page).toSorted()).toEqual(Object.keys(node).toSorted());
});

test("what takes a path is refused in words", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export * from "./build/files.js"; export * from "./build/index.js";',
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: ["*/threads.js"],
    logLevel: "silent",
  }).catch(() => ({ outputFiles: [] }));
  expect(outputFiles.length).toBe(1); // nothing of Node was asked for
  const { text } = outputFiles[0]!;
  const library = (await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`
  )) as typeof files & typeof main;
  const model = await library.sequential({ input: 2 }, library.dense(1));
  await expectRefusal(
    () => library.saveModel(model, "model.safetensors"),
    Error,
    "saveModel: there is no file system here; modelToBytes(model) gives the same file as bytes",
  );
  await expectRefusal(
    () => library.loadModel("model.safetensors"),
    Error,
    "loadModel: there is no file system here; modelFromBytes(bytes) reads what fetch gives",
  );
  await expectRefusal(
    () => library.checkpoints("run"),
    Error,
    "checkpoints: there is no file system here; indexedDBCheckpoints(name) of wasmgrad/web keeps them in a page",
  );
  await expectRefusal(
    () => library.csvLogger("training.csv"),
    Error,
    "csvLogger: there is no file system here; a callback of your own is given the same figures: { onEpochEnd(epoch, figures) { ... } }",
  );
  const again = await library.modelFromBytes(library.modelToBytes(model));
  expect(again.fingerprint()).toBe(model.fingerprint());
});
