// An extension of Chromium's (Manifest V3): an extension page and the background service worker, each one file. A service worker may
// not import later, so that nothing in it may need to.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { WebWorker } from "puppeteer-core";
import { beforeAll, describe, expect, test } from "vitest";
import { browserPath, openBrowser } from "../support/browsers.ts";
import { project } from "../support/packed.ts";
import { expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const one = { binary: "strict", threads: 1, worker: false, reason: "one thread was asked for" };

/** Runs everything where it is loaded. */
const PROGRAM = `
  import { attempt } from "./attempt.js";
  globalThis.outcome = undefined;
  const outcome = {};
  (async () => {
    for (const name of ["xor", "everything", "own"]) outcome[name] = await attempt(name);
    outcome.worker = await attempt("xor", {}, { worker: true });
    globalThis.outcome = outcome;
  })();`;

describe.skipIf(!required && browserPath("chrome") === undefined)("an extension", () => {
  let folder: string;
  let right: Outcomes;

  beforeAll(async () => {
    folder = project("extension");
    writePrograms(folder);
    right = await expectedOutcomes(folder);
  }, 300_000);

  /** What the page and the service worker come to. */
  async function outcomes(from: "wasmgrad" | "wasmgrad/single", policy?: string): Promise<Record<string, unknown>> {
    writePrograms(folder, from === "wasmgrad" ? undefined : () => from);
    const extension = join(folder, "extension");
    mkdirSync(extension, { recursive: true });
    await build({
      stdin: { contents: PROGRAM, resolveDir: folder },
      bundle: true,
      format: "iife",
      outfile: join(extension, "main.js"),
      platform: "browser",
      logLevel: "error",
      logOverride: { "empty-import-meta": "silent" },
    });
    const manifest = {
      manifest_version: 3,
      name: "wasmgrad",
      version: "1.0",
      background: { service_worker: "main.js" },
      action: { default_popup: "popup.html" },
      ...(policy ? { content_security_policy: { extension_pages: policy } } : {}),
    };
    writeFileSync(join(extension, "manifest.json"), JSON.stringify(manifest));
    writeFileSync(join(extension, "popup.html"), '<!doctype html><script src="main.js"></script>');
    const browser = await openBrowser("chrome", { extensions: [extension] });
    try {
      const target = await browser.waitForTarget((found) => found.type() === "service_worker");
      const page = await browser.newPage();
      await page.goto(`chrome-extension://${new URL(target.url()).host}/popup.html`);
      return { worker: await outcomeOf((await target.worker())!), page: await outcomeOf(page) };
    } finally {
      await browser.close();
    }
  }

  test("without a policy of its own: the error says which it needs", async () => {
    const error =
      "core.wasm: the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its script-src " +
      "must allow 'wasm-unsafe-eval'; where that can't be, hand over binaries compiled elsewhere: useCore";
    const refused = { error, cause: expect.stringContaining("Content Security policy") as unknown };
    const all = { xor: refused, everything: refused, own: refused, worker: refused };
    expect(await outcomes("wasmgrad/single")).toEqual({ worker: all, page: all });
  });

  for (const from of ["wasmgrad/single", "wasmgrad"] as const) {
    test(`with 'wasm-unsafe-eval': everything of ${from}`, async () => {
      const { page, worker } = await outcomes(from, "script-src 'self' 'wasm-unsafe-eval'");
      const all = { xor: { value: right.xor }, everything: { value: right.everything }, own: { value: right.own } };
      const reason = expect.any(String) as unknown;
      const off = (backend: object): object => ({ ...all, worker: { value: { ...right.xor, backend } } });
      expect(worker).toEqual(off({ ...one, reason }));
      expect(page).toEqual(off({ ...one, worker: true }));
    });
  }
});

/** What is found in `outcome` of a page or worker, when it is there. */
async function outcomeOf(where: Pick<WebWorker, "evaluate">): Promise<unknown> {
  for (;;) {
    const text = await where.evaluate("globalThis.outcome ? JSON.stringify(outcome) : ''");
    if (text) return JSON.parse(text as string);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
