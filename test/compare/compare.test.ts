// A share of npm run compare that is the same in every run, and that it sees what is wrong.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTIVATIONS, LAYERS as ALL_LAYERS, OPERATORS } from "../support/cases.ts";
import { needsTorch, skipsTorch } from "../support/torch.ts";
import { again, compare, draw, report } from "./compare.ts";
import { NAMES } from "./draw.ts";
import { LAYERS } from "./layers.ts";
import { type Asked, PyTorch } from "./pytorch.ts";

const PROGRAMS = 200;
/** Programs of a test, so that one that fails is among few. */
const SHARE = 20;

/** Layers that aren't drawn, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  activityPenalty: "gives what it gets; its part of the loss is compared in test/nn/layers/activityPenalty.test.ts",
  augment2d: "draws its own random numbers",
  dropout: "draws its own random numbers; golden cases give the mask",
  gaussianNoise: "draws its own random numbers",
  spatialDropout1d: "draws its own random numbers",
  spatialDropout2d: "draws its own random numbers",
  identity: "computes nothing",
  embedding: "is drawn as the first layer alone",
  rbf: "PyTorch has none",
  tiedDense: "reads another layer's weights",
};

test("every layer and activation is drawn, or it is said why not", () => {
  const all = [
    ...Object.keys(ALL_LAYERS),
    ...Object.keys(ACTIVATIONS),
    "bidirectional",
    "concat",
    "residual",
    ...Object.keys(OPERATORS),
  ];
  expect([...Object.keys(LAYERS), ...Object.keys(LEFT_OUT)].toSorted()).toEqual(all.toSorted());
});

describe.skipIf(skipsTorch)(`random programs give PyTorch's numbers${needsTorch}`, () => {
  let python: PyTorch;

  beforeAll(() => {
    python = new PyTorch();
  });
  afterAll(() => python.end());

  async function expectSame(seed: number, only?: string): Promise<void> {
    const program = await draw(seed, only);
    const made = await compare(program, python).catch((error: unknown) => {
      throw new Error(again(seed, only), { cause: error });
    });
    if (!made.atKink) expect(made.differences, report(made, only)).toEqual([]);
  }

  for (let first = 1; first <= PROGRAMS; first += SHARE) {
    test(`seeds ${first} to ${first + SHARE - 1}`, async () => {
      for (let seed = first; seed < first + SHARE; seed++) await expectSame(seed);
    });
  }

  test.each(NAMES)("with %s", async (name) => {
    for (const seed of [1, 2]) {
      const { layers, loss, optimizer } = await draw(seed, name);
      expect(JSON.stringify({ layers, loss, optimizer })).toContain(`"type":"${name}"`);
      await expectSame(seed, name);
    }
  });

  // PyTorch is told something else than the library
  type Question = { layers: object[]; loss: { options: object }; optimizer: { options: object } };
  test.each<[string, string, RegExp, (question: Question) => object]>([
    ["layer", "leakyRelu", /^output/, (q) => changed(q, /"slope":[\d.]+/, '"slope":0.7')],
    ["layer", "batchNorm", /runningMean/, (q) => changed(q, /"momentum":[\d.]+/, '"momentum":0.95')],
    ["layer", "celu", /^output/, (q) => changed(q, /"alpha":[\d.]+/, '"alpha":3')],
    ["layer", "clip", /^output/, (q) => changed(q, /"(low|high)":[-\d.]+/, '"low":0.4')],
    ["layer", "pad", /^output/, (q) => changed(q, /"value":[-\d.]+/, '"value":3')],
    ["layer", "upsample2d", /^output/, (q) => changed(q, /"coordinates":"\w+"/, '"coordinates":"alignCorners"')],
    ["layer", "avgPool2d", /^output/, (q) => changed(q, /"countPadding":true/, '"countPadding":false')],
    ["layer", "gru", /^output/, (q) => changed(q, /"initialState":"given\d"/, '"initialState":null')],
    ["layer", "lstm", /^output/, (q) => changed(q, /"lengths":"given\d"/, '"lengths":null')],
    ["layer", "attention", /^output/, (q) => changed(q, /"scoreBias":"given\d"/, '"scoreBias":null')],
    ["layer", "selfAttention", /^d x/, (q) => changed(q, /"scoreBias":"given\d"/, '"scoreBias":null')],
    ["layer", "attention", /^output/, (q) => changed(q, /"mask":"given\d"/, '"mask":null')],
    ["layer", "selfAttention", /^output/, (q) => changed(q, /"keyMask":"given\d"/, '"keyMask":null')],
    ["loss", "huber", /^loss/, (q) => changed(q, /"delta":[\d.]+/, '"delta":0.01')],
    ["optimizer", "adam", /after the update/, (q) => changed(q, /"beta1":[\d.]+/, '"beta1":0.1')],
    ["penalty", "sgd", /after the update/, (q) => changed(q, /"l1":[\d.]+/, '"l1":0.3')],
  ])("a wrong option of the %s %s is seen", async (_kind, only, name, change) => {
    const wrong: Asked = { ask: (question) => python.ask(change(question as Question)) };
    const found = await Promise.all(
      Array.from({ length: 24 }, async (_, seed) => compare(await draw(seed, only), wrong)),
    );
    expect(found.flatMap(({ differences }) => differences.map((d) => d.name)).join("\n")).toMatch(
      new RegExp(name.source, "m"),
    );
  });
});

function changed(question: object, pattern: RegExp, text: string): object {
  return JSON.parse(JSON.stringify(question).replace(pattern, text)) as object;
}
