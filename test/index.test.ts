// The public API: every name once, and from one place.
import { describe, expect, test } from "vitest";
import * as constraints from "../src/nn/constraints/index.ts";
import * as activations from "../src/nn/activations/index.ts";
import * as composites from "../src/nn/composites/index.ts";
import * as data from "../src/data.ts";
import * as datasets from "../src/datasets.ts";
import * as files from "../src/files.ts";
import * as wasmgrad from "../src/index.ts";
import * as initializers from "../src/nn/initializers/index.ts";
import * as layers from "../src/nn/layers/index.ts";
import * as losses from "../src/nn/losses/index.ts";
import * as matrix from "../src/matrix.ts";
import * as models from "../src/models.ts";
import * as mpi from "../src/mpi.ts";
import * as onnx from "../src/onnx.ts";
import * as metrics from "../src/nn/metrics/index.ts";
import * as optimizers from "../src/nn/optimizers/index.ts";
import * as regularizers from "../src/nn/regularizers/index.ts";
import * as schedules from "../src/nn/optimizers/schedules.ts";
import * as tfjs from "../src/tfjs.ts";
import * as torch from "../src/torch.ts";
import * as web from "../src/web.ts";
import * as built from "../build/index.js";
import { NEEDED } from "./support/needed.ts";

const GROUPS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  composites,
  layers,
  activations,
  losses,
  optimizers,
  metrics,
  regularizers,
  constraints,
  initializers,
  schedules,
};

/** The names that occur more than once, whatever their capitals. */
const repeated = (names: readonly string[]): string[] => {
  const small = names.map((name) => name.toLowerCase());
  return names.filter((_, i) => small.indexOf(small[i]!) !== i);
};

describe("exports", () => {
  // `export *` leaves out, without a word, what two files export under one name
  test("no two groups use the same name", () => {
    expect(repeated(Object.values(GROUPS).flatMap((group) => Object.keys(group)))).toEqual([]);
    expect(repeated(["relu", "tanh", "Relu"])).toEqual(["Relu"]);
  });

  for (const [group, exports] of Object.entries(GROUPS)) {
    test(`all ${group} are there`, () => {
      expect(Object.keys(exports).length).toBeGreaterThan(1);
      for (const [name, value] of Object.entries(exports)) {
        expect(wasmgrad[name as keyof typeof wasmgrad], name).toBe(value);
      }
    });
  }

  test("there is nothing else but these", () => {
    const grouped = new Set(Object.values(GROUPS).flatMap((group) => Object.keys(group)));
    const others = Object.keys(wasmgrad).filter((name) => !grouped.has(name));
    expect(others.toSorted()).toEqual([
      "NonFiniteError",
      "Trace",
      "Trainer",
      "activations",
      "backend",
      "batches",
      "checkpoint",
      "copyOptimizerState",
      "copyWeights",
      "ctcDecode",
      "ctcTargets",
      "customLayer",
      "customLoss",
      "customMetric",
      "customOptimizer",
      "cut",
      "dataset",
      "earlyStopping",
      "emaWeights",
      "engine",
      "explain",
      "gradCheck",
      "inputs",
      "lambda",
      "mixup",
      "modelLayer",
      "outputs",
      "rows",
      "samples",
      "scheduleSequence",
      "sequential",
      "stepper",
      "trace",
      "useCore",
    ]);
  });

  test("the entries have no name in common, but for add, matmul and sum (of values, and of matrices) and models' files in Node and in pages", () => {
    const names = [wasmgrad, data, files, datasets, matrix, models, mpi, onnx, tfjs, torch, web].flatMap((entry) =>
      Object.keys(entry),
    );
    expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([
      "matmul",
      "add",
      "sum",
      "loadModel",
      "saveModel",
    ]);
  });

  test("factories are called what they make", () => {
    for (const group of [layers, activations, losses, optimizers, schedules]) {
      for (const [name, make] of Object.entries(group)) {
        expect((make as unknown as (options?: object) => { type?: string })(NEEDED[name]).type).toBe(name);
      }
    }
  });
});

test("functions keep their names in the library's file, as messages give them", () => {
  const named = Object.entries(built).filter(([, value]) => typeof value === "function") as [string, () => unknown][];
  expect(named.length).toBeGreaterThan(100);
  const other = named.filter(([name, value]) => value.name !== name).map(([name, value]) => [name, value.name]);
  expect(other).toEqual([["engine", "backend"]]); // an older name
});
