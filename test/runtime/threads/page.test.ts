// A page that a bundler has made, in a real browser: with memory that may be shared, and without.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath, openBrowser } from "../../support/browsers.ts";
import { serve } from "../../support/server.ts";

interface Outcome {
  readonly backend: object;
  readonly fingerprint: string;
  readonly ticked: boolean;
  readonly sum: number;
}

const required = Boolean(process.env["CI"]);
const root = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "wasmgrad-page-"));

describe.skipIf(!required && browserPath("chrome") === undefined)("a page made by Vite", () => {
  beforeAll(async () => {
    await build({
      root: join(import.meta.dirname, "page"),
      configFile: false,
      logLevel: "error",
      build: { outDir: folder, target: "es2022" },
      resolve: { alias: { wasmgrad: join(root, "build/index.js") } },
    });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function call<Result>(isolated: boolean, what: "run" | "lose" | "off" | "loseOff"): Promise<Result> {
    const server = await serve(folder, { isolated });
    const browser = await openBrowser("chrome");
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${server.url}/index.html`);
      await page.waitForFunction("window.run !== undefined");
      const outcome = await page.evaluate(`window.${what}()`);
      expect(errors).toEqual([]);
      return outcome as Result;
    } finally {
      await browser.close();
      server.close();
    }
  }

  const run = (isolated: boolean) => call<{ one: Outcome; two: Outcome }>(isolated, "run");

  test("a leading worker that is ended is noticed, long before its silence is", async () => {
    const { words, ...others } = await call<Record<string, unknown>>(true, "lose");
    expect(words).toMatch(/^Trainer: worker 1 of 2 stopped \(it ended\).*The model goes on with one thread$/);
    expect(others).toEqual({ threads: 1, trains: true });
  });

  test("without headers, it trains in a worker, and draws its weights meanwhile", async () => {
    const found = await call<{ backend: object; fingerprint: string; seen: number; frames: number }>(false, "off");
    const { one } = await run(false);
    expect(found.backend).toEqual({ binary: "strict", threads: 1, worker: true, reason: "one thread was asked for" });
    expect(found.fingerprint).toBe(one.fingerprint);
    expect(found.seen).toBeGreaterThan(3);
    expect(found.frames).toBeGreaterThan(3);
  });

  test("the end of a worker that trains is noticed within 5 s; 100 trainings later there is one worker", async () => {
    const { words, after, workers } = await call<{ words: string; after: number; workers: number }>(false, "loseOff");
    expect(words).toMatch(
      /^Trainer: the worker that trains stopped \(it ended\); the weights and the optimizer's state are/,
    );
    expect(after).toBeLessThan(5000);
    expect(workers).toBe(2);
  });

  test("isolated, it trains on two threads, and timers go on meanwhile", async () => {
    const { one, two } = await run(true);
    expect(two.backend).toEqual({ binary: "threads", threads: 2, worker: false });
    expect(two.ticked).toBe(true);
    expect([two.fingerprint, two.sum]).toEqual([one.fingerprint, one.sum]);
  });

  test("not isolated, it trains on one, and says why", async () => {
    const { one, two } = await run(false);
    const headers = "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
    expect(two.backend).toEqual({
      binary: "strict",
      threads: 1,
      worker: false,
      reason: `the page is not isolated from others; it must be sent with the headers ${headers}`,
    });
    expect([two.fingerprint, two.sum]).toEqual([one.fingerprint, one.sum]);
  });
});
