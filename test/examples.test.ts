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

/** What a program prints, with a share of its data or of its training. */
const program = (name: string, share: number): string =>
  run("tsx/dist/cli.mjs", [`examples/programs/${name}.ts`, String(share)]);
/**
 * Programs on real data, on a share of it; with LONG on all of it, which takes minutes each. What they print has figures: percentages,
 * bits; `least` and `most` are bounds for them, on the share and on everything.
 */
const PROGRAMS = [
  {
    name: "tic-tac-toe",
    share: 0.1,
    figures: /a best move in ([\d.]+) %[^]*perfect play: (\d+) of 1000 drawn/,
    least: [85, 300],
    inFull: { least: [96, 750] },
  },
  {
    name: "moving-digits",
    share: 0.2,
    figures: /eight ways: ([\d.]+) %[^]*alone: ([\d.]+) %/,
    least: [80],
    most: [100, 25],
    inFull: { least: [95], most: [100, 25] },
  },
  {
    name: "spelling-to-sounds",
    share: 0.06,
    figures: /: ([\d.]+) % of the sounds wrong, ([\d.]+) % of the words/,
    most: [55],
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
    inFull: { most: [8.6] },
  },
  { name: "big-table", share: 0.06, figures: /^R2 ([\d.]+)/m, least: [0.86], inFull: { least: [0.91] } },
];

describe("programs", () => {
  for (const { name, share, figures, inFull, ...bounds } of PROGRAMS) {
    const long = Boolean(process.env["LONG"]);
    const { least = [], most = [] } = (long ? inFull : bounds) as { least?: number[]; most?: number[] };
    test(
      name,
      () => {
        const out = program(name, long ? 1 : share);
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

/** The numbers of a text that a pattern has groups for. */
const numbersIn = (out: string, pattern: RegExp): number[] => pattern.exec(out)!.slice(1).map(Number);

/** Programs that learn from real data: a share of them each time, all of it in the long tests. */
describe("programs, each with figures of its own", { timeout: 300_000 }, () => {
  const long = describe.skipIf(!process.env["LONG"]);
  const FINGERPRINT = /fingerprint [0-9a-f]{16}$/m;

  test("go: after 30 steps far better than by chance", () => {
    const out = program("go", 0.02);
    const [first, five] = numbersIn(out, /the first guess in ([\d.]+) %, one of five in ([\d.]+) %/);
    expect(first).toBeGreaterThan(2);
    expect(five).toBeGreaterThan(8);
    expect(out).toMatch(FINGERPRINT);
  });

  test("syllables: with a twentieth of the recordings some symbols are right", () => {
    const out = program("syllables", 0.05);
    expect(numbersIn(out, /([\d.]+) % of the symbols wrong/)[0]).toBeLessThan(85);
    expect(out).toMatch(FINGERPRINT);
  });

  test("spoken-digits: one voice in twenty is enough to tell many words of unseen ones", () => {
    const out = program("spoken-digits", 0.05);
    expect(numbersIn(out, /unseen voices ([\d.]+) % right/)[0]).toBeGreaterThan(40);
    expect(out).toMatch(/real recordings: Allison \d+ of 10 .*, saytime \d+ of 10/);
    expect(out).toMatch(FINGERPRINT);
  });

  test("vae: 150 steps", () => {
    const out = program("vae", 0.05);
    expect(numbersIn(out, /-ELBO of test images ([\d.]+) nats/)[0]).toBeLessThan(200);
    expect(out).toMatch(FINGERPRINT);
  });

  test("gan: a tenth of the training finds most clusters", () => {
    const out = program("gan", 0.1);
    expect(numbersIn(out, /of 2000 points ([\d.]+) %/)[0]).toBeGreaterThan(30);
    expect(numbersIn(out, /(\d) of 8 clusters/)[0]).toBeGreaterThanOrEqual(5);
    expect(out).toMatch(FINGERPRINT);
  });

  test("dqn: a tenth of the training, and the pole stands longer than by chance", () => {
    const out = program("dqn", 0.1);
    expect(numbersIn(out, /stands for (\d+) of 500/)[0]).toBeGreaterThan(60);
    expect(out).toMatch(FINGERPRINT);
  });

  test("unet: 21 steps, and it is better with its joints", () => {
    const out = program("unet", 0.07);
    const [joined, without] = numbersIn(out, /over union: ([\d.]+) %, without the joints ([\d.]+) %/);
    expect(joined).toBeGreaterThan(40);
    expect(joined).toBeGreaterThan(without!);
    expect(out).toMatch(FINGERPRINT);
  });

  test("transfer: three networks learn from 50 images", () => {
    const out = program("transfer", 0.05);
    const rates = numbersIn(out, /images: ([\d.]+) % of .* frozen: ([\d.]+) %, then unfrozen: ([\d.]+) %/);
    for (const rate of rates) expect(rate).toBeGreaterThan(40);
    expect(out).toMatch(FINGERPRINT);
  });

  test("time-series: better than the same half-hour of last week", () => {
    const out = program("time-series", 0.1);
    const [now, week, line, network] = numbersIn(
      out,
      /as now ([\d.]+) %, as a week ago ([\d.]+) %, a linear model ([\d.]+) %, the network ([\d.]+) %/,
    );
    expect([now, week]).toEqual([2.25, 1.73]);
    expect(line).toBeLessThan(0.88);
    expect(network).toBeLessThan(0.6);
    expect(out).toMatch(FINGERPRINT);
  });

  long("in full", { timeout: 1_800_000 }, () => {
    // fetches 30 MB
    test("fashion: nine of ten clothes", () => {
      expect(numbersIn(program("fashion", 1), /test accuracy ([\d.]+) %/)[0]).toBeGreaterThan(88.5);
    });

    test("go: the professional's move, at first in 26 %, among five in 52 %", () => {
      const [first, five] = numbersIn(program("go", 1), /the first guess in ([\d.]+) %, one of five in ([\d.]+) %/);
      expect(first).toBeGreaterThan(26.2);
      expect(five).toBeGreaterThan(52.1);
    });

    test("syllables: a fifth of the symbols wrong, or six of ten syllables right", () => {
      const out = program("syllables", 1);
      const [symbols, right] = numbersIn(out, /([\d.]+) % of the symbols wrong, ([\d.]+) % of the syllables right/);
      expect(symbols! <= 20.2 || right! >= 60.7).toBe(true);
    });

    test("spoken-digits: people's voices, too", () => {
      const out = program("spoken-digits", 1);
      const [unseen, allison, saytime] = numbersIn(
        out,
        /unseen voices ([\d.]+) % right\nreal recordings: Allison (\d+) of 10 .*, saytime (\d+) of 10/,
      );
      expect(unseen).toBeGreaterThan(97);
      expect(allison).toBeGreaterThanOrEqual(8);
      expect(saytime).toBeGreaterThanOrEqual(7);
    });

    test("vae: at most 115 nats", () => {
      expect(numbersIn(program("vae", 1), /-ELBO of test images ([\d.]+) nats/)[0]).toBeLessThan(115);
    });

    test("gan: all clusters", () => {
      const out = program("gan", 1);
      expect(out).toContain("8 of 8 clusters found");
      expect(numbersIn(out, /of 2000 points ([\d.]+) %/)[0]).toBeGreaterThan(70);
    });

    test("dqn: solved", () => {
      expect(numbersIn(program("dqn", 1), /stands for (\d+) of 500/)[0]).toBeGreaterThanOrEqual(475);
    });

    test("unet: nine of ten pixels", () => {
      expect(numbersIn(program("unet", 1), /over union: ([\d.]+) %/)[0]).toBeGreaterThan(80);
    });

    test("transfer: the trunk helps, unfrozen most", () => {
      const out = program("transfer", 1);
      const rates = numbersIn(out, /images: ([\d.]+) % of .* frozen: ([\d.]+) %, then unfrozen: ([\d.]+) %/);
      expect(rates[2]).toBeGreaterThan(rates[0]!);
    });

    test("time-series: at most 0.5 %", () => {
      expect(numbersIn(program("time-series", 1), /the network ([\d.]+) %/)[0]).toBeLessThan(0.5);
    });
  });
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
        await page.waitForFunction("globalThis.standings !== undefined", { timeout: 240_000 });
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
