// The golden test serves another set, of other names, shapes and values: golden.py writes it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type GoldenCase, goldenCases } from "../support/golden.ts";
import { runners } from "../support/golden/runners.ts";
import { needsTorch, PYTHON, skipsTorch } from "../support/torch.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "build/test/golden2");

function secondSet(): readonly GoldenCase[] {
  execFileSync(PYTHON, [join(import.meta.dirname, "golden.py"), folder], { stdio: ["ignore", "ignore", "inherit"] });
  return goldenCases(folder);
}

describe.skipIf(skipsTorch)(`the second golden set${needsTorch}`, () => {
  const cases = skipsTorch ? [] : secondSet();

  test("has more cases than the first, none of the same name, and all of its ops", () => {
    const first = goldenCases(join(root, "test/golden"));
    const [names, second] = [first, cases].map((set) => set.map(({ name }) => name));
    expect(second!.length).toBeGreaterThan(names!.length);
    expect(second!.filter((name) => names!.includes(name))).toEqual([]);
    const ops = (set: readonly GoldenCase[]): string[] =>
      set.filter(({ kind }) => kind !== "model").map(({ kind, op }) => `${kind} ${op}`);
    expect(ops(first).filter((op) => !ops(cases).includes(op))).toEqual([]);
  });

  test.each(cases.map((entry) => [`${entry.kind} ${entry.name}`, entry] as const))("%s", (_name, entry) =>
    runners[entry.kind]!(entry),
  );
});

describe("what a golden case asks for and nothing here knows fails by its name", () => {
  const all = goldenCases(join(root, "test/golden"));
  const first = (kind: string, op: string): GoldenCase => all.find((entry) => entry.kind === kind && entry.op === op)!;

  test.each<[string, string, Partial<GoldenCase>, string]>([
    ["layer", "dense", { op: "capsule" }, 'nothing here knows the layer "capsule"'],
    ["activation", "relu", { op: "swoosh" }, 'nothing here knows the activation "swoosh"'],
    ["loss", "mse", { op: "focal" }, 'nothing here knows the loss "focal"'],
    ["optimizer", "l1_penalty", { op: "l3_penalty" }, 'nothing here knows the penalty "l3_penalty"'],
    ["metric", "accuracy", { op: "mcc" }, 'nothing here knows the metric "mcc"'],
    ["init", "he_normal", { op: "zeros_normal" }, 'nothing here knows the initializer "zeros_normal"'],
  ])("%s %s", async (kind, op, change, message) => {
    await expect(runners[kind]!({ ...first(kind, op), ...change })).rejects.toThrow(message);
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    ["layer", "dense", { peephole: true }, "config: nothing here knows peephole = true"],
    ["layer", "conv2d", { padding: "reflect" }, 'config.padding: must be one of valid, same, got "reflect"'],
    ["layer", "upsample2d", { mode: "bilinear" }, 'config.mode: must be "nearest", got "bilinear"'],
    ["layer", "gru", { gate_order: "zrn" }, 'config.gate_order: must be "rzn", got "zrn"'],
    ["activation", "softmax", { axis: 0 }, "config.axis: must be -1, got 0"],
    ["loss", "mse", { reduction: "median" }, 'config.reduction: must be one of mean, sum, got "median"'],
    ["optimizer", "sgd", { optimizer: { type: "sgd", lr: 0.1, dampening: 0.5 } }, "nothing here knows dampening = 0.5"],
    ["optimizer", "sgd", { optimizer: { type: "lion", lr: 0.1 } }, 'nothing here knows the optimizer "lion"'],
    ["scheduler", "step", { type: "polynomial" }, 'nothing here knows the schedule "polynomial"'],
    ["metric", "precision_recall_f1", { average: "weighted" }, "must be one of binary, macro, micro"],
    ["init", "he_normal", { mode: "fan_out" }, 'config.mode: must be "fan_in", got "fan_out"'],
  ])("an option of %s %s: %o", async (kind, op, change, message) => {
    const entry = first(kind, op);
    await expect(runners[kind]!({ ...entry, config: { ...entry.config, ...change } })).rejects.toThrow(message);
  });

  test("a layer of a model, and a parameter that the case hasn't", async () => {
    const entry = first("model", "mlp");
    const layers = entry.config["layers"] as object[];
    const withLayers = (more: object[]): GoldenCase => ({ ...entry, config: { ...entry.config, layers: more } });
    await expect(runners["model"]!(withLayers([{ type: "capsule" }, ...layers]))).rejects.toThrow(
      'config.layers[0]: nothing here knows the layer "capsule"',
    );
    await expect(runners["model"]!(withLayers([{ ...layers[0], weight: "lost" }, ...layers.slice(1)]))).rejects.toThrow(
      'config.layers[0].weight: the case has no parameter "lost"',
    );
  });
});
