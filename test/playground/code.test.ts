// "Copy as code": the program that is made of a setup, run in Node with the packed library, has the bits of the page's own training.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { codeOf, digitsOf } from "../../playground/src/play/code.ts";
import { dataOf } from "../../playground/src/play/data.ts";
import { DEFAULT, NO_POINTS, type Setup } from "../../playground/src/play/setup.ts";
import { Runner } from "../../playground/src/play/runner.ts";
import { makeTraining, setWeights, weightsOf } from "../../playground/src/play/training.ts";
import { project } from "../support/packed.ts";
import { generator } from "../support/seeded.ts";

let folder: string;
beforeAll(() => {
  folder = project("playground-code");
});

/** What the page has after so many updates. */
async function fingerprintOf(setup: Setup, updates: number): Promise<string> {
  const { model, trainer, train, fit, batches } = await makeTraining(setup);
  if (updates > 0)
    await trainer.fit(train!, {
      ...fit,
      epochs: Math.ceil(updates / batches),
      callbacks: [{ onBatchEnd: (_batch, _logs, run) => void (trainer.updates === updates && run.stop()) }],
    });
  expect(trainer.updates).toBe(updates);
  return model.fingerprint();
}

const random = generator(11);
const own = (n: number, classes: number) => ({
  x: Float32Array.from({ length: 2 * n }, () => Math.round(8192 * random()) / 4096 - 1),
  y: Float32Array.from({ length: n }, (_, i) => i % classes),
});
const table = {
  x: Float32Array.from({ length: 60 }, () => 4 * random() - 2),
  y: Float32Array.from({ length: 30 }, () => 2 * random() - 1),
};

const RUNS: Readonly<Record<string, readonly [patch: Partial<Setup>, updates: number]>> = {
  "as the page opens, within an epoch": [{}, 205],
  "no update": [{ seed: 9 }, 0],
  "whole epochs": [{ data: "circles" }, 13 * 20],
  "gates' corners in four clusters": [{ data: "clusters" }, 30],
  NOT: [{ data: "not" }, 30],
  "values of a plane": [{ data: "slope" }, 30],
  "above a sine": [{ data: "sine", normalise: true, loss: "hinge" }, 30],
  "XOR, all rows at once, one by one": [{ data: "xor", noise: 0, batch: 0, optimizer: "sgd", rate: 0.5 }, 77],
  "batches of one": [{ data: "and", noise: 0, batch: 1, layers: [], optimizer: "momentum" }, 90],
  "momentum by Nesterov, cosine": [
    { data: "moons", optimizer: "nesterov", schedule: { name: "cosine", length: 100 } },
    120,
  ],
  "AdamW with warmup and L2": [
    { optimizer: "adamw", schedule: { name: "warmup", length: 50 }, l2: 0.01, beta1: 0.8 },
    100,
  ],
  "AMSGrad, step, L1": [{ optimizer: "amsgrad", schedule: { name: "step", length: 30 }, l1: 0.001 }, 100],
  "RMSProp, restarts": [{ optimizer: "rmsprop", schedule: { name: "restarts", length: 30 } }, 100],
  "Adagrad, exponential": [{ optimizer: "adagrad", schedule: { name: "exponential", length: 1000 } }, 100],
  "Adadelta, one cycle": [{ optimizer: "adadelta", schedule: { name: "cycle", length: 120 } }, 100],
  "dropout, He, relu": [
    {
      dropout: 0.2,
      initializer: "heNormal",
      layers: [
        { units: 16, activation: "relu" },
        { units: 8, activation: "linear" },
      ],
    },
    100,
  ],
  "three classes": [{ data: "gaussians", classes: 3, normalise: true }, 50],
  "numbers, huber": [{ data: "hill", loss: "huber" }, 50],
  "a class by the sum of squares": [{ data: "sine", loss: "mse" }, 50],
  hinge: [{ data: "cubic", loss: "hinge" }, 50],
  "own points of two classes": [{ data: "mine", points: own(30, 2) }, 40],
  "own points of four classes": [{ data: "mine", points: own(17, 4), batch: 5 }, 41],
  "values of a table": [{ data: "mine", points: table, loss: "mae" }, 33],
  "weights set by hand": [
    {
      data: "xor",
      noise: 0,
      layers: [{ units: 2, activation: "sigmoid" }],
      weights: Float32Array.of(1, -1, 0.5, 1e-7, 3, -0, 0.1, 2, 1 / 3),
    },
    25,
  ],
};

const setupOf = (patch: Partial<Setup>): Setup => ({ ...DEFAULT, ...patch });

describe("the program prints the page's fingerprint", () => {
  test.each(Object.entries(RUNS))("%s", { timeout: 300_000 }, async (name, [patch, updates]) => {
    const setup = setupOf(patch);
    const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.mjs`);
    writeFileSync(file, codeOf(setup, dataOf(setup), updates)!);
    const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
    expect(printed.trim()).toBe(await fingerprintOf(setup, updates));
  });
});

test("what was set by hand on the way is in it, in order: before the first update, within an epoch, at its end, at the last update", async () => {
  const setup = setupOf({ data: "circles", batch: 100 }); // four updates an epoch
  const training = await makeTraining(setup);
  const runner = new Runner(training);
  const edits = [
    { at: 0, index: 0, value: 0.25 },
    { at: 0, index: 16, value: -1 },
    { at: 6, index: 30, value: 1 / 3 },
    { at: 8, index: training.model.parameterCount - 1, value: 2 },
    { at: 8, index: 25, value: 0 },
    { at: 13, index: 1, value: -0.5 },
  ];
  for (const { at, index, value } of edits) {
    while (runner.updates < at) await runner.advance(1, at);
    const weights = weightsOf(training.model);
    weights[index] = value;
    setWeights(training.model, weights);
  }
  const file = join(folder, "edited.mjs");
  writeFileSync(file, codeOf(setup, dataOf(setup), 13, edits)!);
  const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
  expect(printed.trim()).toBe(training.model.fingerprint());
  expect(printed.trim()).not.toBe(await fingerprintOf(setup, 13));
});

test("the programs differ where the runs do: no two have one fingerprint", async () => {
  const all = await Promise.all(Object.values(RUNS).map(([patch, updates]) => fingerprintOf(setupOf(patch), updates)));
  expect(new Set(all).size).toBe(all.length);
});

test("a program is 15 to 25 lines, and names what it uses alone", () => {
  for (const [name, [patch, updates]] of Object.entries(RUNS)) {
    const setup = setupOf(patch);
    const code = codeOf(setup, dataOf(setup), updates)!;
    const lines = code.trim().split("\n");
    expect(lines.length, name).toBeGreaterThan(11);
    expect(lines.length, name).toBeLessThanOrEqual(25);
    const [, names = ""] = /^import \{ (.*) \} from "wasmgrad";$/m.exec(code)!;
    for (const used of names.split(", "))
      expect(code.split(new RegExp(`\\b${used}\\(`)).length, `${name}: ${used}`).toBeGreaterThan(1);
  }
});

test("without points there is no program", () => {
  expect(codeOf(setupOf({ data: "mine" }), NO_POINTS, 0)).toBeUndefined();
});

test("numbers have as few digits as give the same float32", () => {
  expect([0.1, -2.5, 1 / 3, 0, -0, 1e-7, 16777216].map((v) => digitsOf(Math.fround(v)))).toEqual([
    "0.1",
    "-2.5",
    "0.33333334",
    "0",
    "-0",
    "1e-7",
    "16777216",
  ]);
  for (let i = 0; i < 5000; i++) {
    const v = Math.fround((random() - 0.5) * 10 ** Math.floor(20 * random() - 10));
    expect(Math.fround(Number(digitsOf(v)))).toBe(v);
  }
});
