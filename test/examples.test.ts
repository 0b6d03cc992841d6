// The examples that say whether they are right.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Standing } from "../examples/bench/page.ts";
import { browserPath, openBrowser } from "./support/browsers.ts";
import { serve } from "./support/server.ts";

const root = join(import.meta.dirname, "..");
const run = (script: string, args: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, "node_modules", script), ...args], { cwd: root, encoding: "utf8" });

test("own-kernel: compiled with the command in its head, right in its gradients, and it learns", () => {
  const kernels = readFileSync(join(root, "examples/own-kernel/bump.kernels.ts"), "utf8");
  const [, command] = /^\/\/ {3}npx asc (.*)$/m.exec(kernels)!;
  run("assemblyscript/bin/asc.js", command!.split(" "));
  const out = run("tsx/dist/cli.mjs", ["examples/own-kernel/main.ts"]);
  expect(out).toContain("31 gradients agree with differences of the loss: true");
  expect(Number(/accuracy ([\d.]+) %/.exec(out)![1])).toBeGreaterThan(95);
});

test("custom-layer: right in its gradients, and nine targets of ten lie below what it learns", () => {
  const out = run("tsx/dist/cli.mjs", ["examples/custom-layer.ts"]);
  expect(out).toContain("37 gradients agree with differences of the loss: true");
  const share = Number(/([\d.]+) % of the targets/.exec(out)![1]);
  expect(share).toBeGreaterThan(87);
  expect(share).toBeLessThan(93);
});

/**
 * Programs on real data, on a share of it; with LONG on all of it, which takes minutes each. What they print has figures: percentages,
 * bits; `least` and `most` are bounds for them, on the share and on everything.
 */
const PROGRAMS = [
  {
    name: "spelling-to-sounds",
    share: 0.06,
    figures: /: ([\d.]+) % of the sounds wrong, ([\d.]+) % of the words/,
    most: [55, 100],
    inFull: { most: [12, 45] },
  },
  {
    name: "dates",
    share: 0.3,
    figures: /seen ([\d.]+) % are right, of their signs ([\d.]+) %/,
    least: [1, 70],
    inFull: { least: [98, 99] },
  },
  { name: "characters", share: 0.04, figures: /^([\d.]+) bits per character/m, most: [3.5], inFull: { most: [1.95] } },
  {
    name: "couplets",
    share: 0.001,
    figures: /^([\d.]+) bits per character/m,
    most: [10.8],
    inFull: { most: [9.6] },
  },
];

describe("programs", () => {
  for (const { name, share, figures, inFull, ...bounds } of PROGRAMS) {
    const long = Boolean(process.env["LONG"]);
    const { least = [], most = [] } = (long ? inFull : bounds) as { least?: number[]; most?: number[] };
    test(
      name,
      () => {
        const out = run("tsx/dist/cli.mjs", [`examples/programs/${name}.ts`, String(long ? 1 : share)]);
        const found = figures.exec(out)?.slice(1).map(Number);
        expect(found, out).toBeDefined();
        least.forEach((bound, i) => expect(found![i], out).toBeGreaterThanOrEqual(bound));
        most.forEach((bound, i) => expect(found![i], out).toBeLessThanOrEqual(bound));
        expect(out).toMatch(/fingerprint [\da-f]{16}$/m);
      },
      long ? 3_600_000 : 600_000,
    );
  }
});

describe.skipIf(!process.env["CI"] && browserPath("chrome") === undefined)("bench, the page", () => {
  for (const isolated of [true, false]) {
    test(isolated ? "isolated: the same loss on one thread and on two" : "not isolated: on one thread", async () => {
      const server = await serve(root, { isolated });
      const browser = await openBrowser("chrome");
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(`${server.url}/examples/bench/index.html?job=W2&updates=3&rounds=2`);
        await page.waitForFunction("globalThis.standings !== undefined", { timeout: 50_000 });
        expect(errors).toEqual([]);
        const standings = (await page.evaluate("globalThis.standings")) as Standing[];
        const [ours, others] = [standings.filter(({ own }) => own), standings.filter(({ own }) => !own)];
        expect(ours.map(({ name }) => name)).toEqual(isolated ? ["wasmgrad", "wasmgrad, 2 threads"] : ["wasmgrad"]);
        for (const { rates, loss, problem } of ours) {
          expect(problem).toBeUndefined();
          expect(rates).toHaveLength(2);
          expect(loss).toBe(ours[0]!.loss);
        }
        expect(ours[0]!.loss).toBeCloseTo(2.12843, 4); // as in PyTorch
        expect(await page.$$eval("tbody .own", (bars) => bars.length)).toBe(ours.length);
        // the others are there if somebody installed them
        expect(others.map(({ name }) => name)).toEqual(["TF.js wasm", "TF.js webgl"]);
        for (const { loss, problem } of others) {
          if (problem === undefined) expect(loss! / ours[0]!.loss!).toBeCloseTo(1, 3);
          else expect(problem).toMatch(/^not installed: npm install --prefix examples\/bench$|webgl/);
        }
      } finally {
        await browser.close();
        server.close();
      }
    });
  }
});
