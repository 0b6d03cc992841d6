// The networks of wasmgrad/models: they build, learn, have the gradients and the parameters that they should, and can be saved.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildGraph } from "../../src/graph/graph.ts";
import { modelFromBytes, modelToBytes } from "../../src/files.ts";
import * as models from "../../src/models.ts";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { uniform } from "../support/seeded.ts";

type Network = { readonly input: w.ModelOptions["input"]; readonly layers: readonly w.Layer[] };

interface Case {
  /** Architectures, with the numbers of parameters that the doc comment says. */
  readonly sizes: readonly (readonly [Network, number])[];
  /** A small one, and data that it can learn. */
  readonly small: Network;
  readonly data: { readonly x: w.Input; readonly y: w.Target };
  readonly loss: w.Loss;
  readonly learningRate?: number;
  /** Other data for gradCheck, and what it may find; default 0.01. */
  readonly checked?: { readonly x: w.Input; readonly y: w.Target; readonly tolerance: number };
}

const rows = (count: number): number[] => Array.from({ length: count }, (_, row) => row);

// sequences that count on, each from another number, and the same turned round
const count = (row: number, steps: number, below: number): number[] => rows(steps).map((t) => (row + t) % below);
const text = rows(6).map((row) => count(row, 4, 6));
const next = rows(6).map((row) => count(row + 1, 4, 6));
const turned = text.map((row) => row.toReversed());
const pair = models.seq2seq({ sourceVocabulary: 6, targetVocabulary: 7, sourceSteps: 4, targetSteps: 4, width: 6, units: 8, heads: 2 }); // prettier-ignore

const CASES: Readonly<Record<string, Case>> = {
  perceptron: {
    sizes: [[models.perceptron(), 3]],
    small: models.perceptron({ input: 3 }),
    data: { x: rows(8).map((row) => [row & 1, row & 2, row & 4]), y: rows(8).map((row) => Number(row > 2)) },
    loss: w.binaryCrossEntropyWithLogits(),
    learningRate: 0.1,
  },
  mlp: {
    sizes: [[models.mlp(), 101_770]],
    small: models.mlp({ input: [2, 3], hidden: [12, 8], classes: 3 }),
    data: { x: uniform(6 * 6, { seed: 2 }), y: [0, 1, 2, 0, 1, 2] },
    loss: w.softmaxCrossEntropy(),
  },
  lenet5: {
    sizes: [[models.lenet5(), 61_706]],
    small: models.lenet5({ input: [16, 16, 1], classes: 3 }),
    data: { x: uniform(6 * 256, { seed: 3 }), y: [0, 1, 2, 0, 1, 2] },
    loss: w.softmaxCrossEntropy(),
  },
  alexnet: {
    sizes: [
      [models.alexnet(), 62_378_344],
      [models.alexnet({ groups: 2 }), 60_965_224],
    ],
    small: models.alexnet({ input: [67, 67, 3], classes: 3, groups: 2, width: 1 / 16, dropout: 0.1 }),
    data: { x: uniform(6 * 67 * 67 * 3, { seed: 4 }), y: [0, 1, 2, 0, 1, 2] },
    loss: w.softmaxCrossEntropy(),
    learningRate: 1e-3,
    // a difference goes over the kinks of thousands of relus and pooling windows; alexnet.test.ts compares with PyTorch
    checked: { x: uniform(67 * 67 * 3, { seed: 4 }), y: [0], tolerance: 0.05 },
  },
  charRnn: {
    sizes: [[models.charRnn({ vocabulary: 65 }), 83_665]],
    small: models.charRnn({ vocabulary: 6, steps: 4, width: 5, units: [8, 6] }),
    data: { x: text, y: next.map((row) => row[3]!) },
    loss: w.softmaxCrossEntropy(),
  },
  seq2seq: {
    sizes: [[models.seq2seq({ sourceVocabulary: 50, targetVocabulary: 60, sourceSteps: 9, targetSteps: 7 }), 74_108]],
    small: pair,
    data: {
      x: pair.input.join({ source: text, target: turned.map((row) => [6, ...row.slice(0, -1)]) }),
      y: turned,
    },
    loss: w.sequenceCrossEntropy(),
  },
  tinyTransformer: {
    sizes: [[models.tinyTransformer({ vocabulary: 65 }), 110_529]],
    small: models.tinyTransformer({ vocabulary: 6, steps: 4, width: 8, heads: 2, blocks: 2, dropout: 0.1 }),
    data: { x: text, y: next },
    loss: w.sequenceCrossEntropy(),
  },
};

test("every network is tested", () => {
  expect(Object.keys(CASES).toSorted()).toEqual(Object.keys(models).toSorted());
});

const make = ({ input, layers }: Network): Promise<w.Model> => w.sequential({ input, seed: 5 }, ...layers);

/** Parameters of a network, without the memory for them. */
function parametersOf({ input, layers }: Network): number {
  const several = typeof input === "object" && "entry" in input;
  const nodes = several
    ? buildGraph(input.shape, [input.entry, ...layers])
    : buildGraph([input].flat() as number[], layers);
  return nodes.flatMap(({ specs }) => specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

for (const [name, { sizes, small, data, loss, learningRate = 0.01, checked }] of Object.entries(CASES)) {
  describe(name, () => {
    const trained = async (): Promise<w.Trainer> =>
      new w.Trainer(await make(small), { loss, optimizer: w.adam({ learningRate }) });

    test("has the parameters that its doc comment says", async () => {
      const comment = readFileSync(`src/zoo/${name}.ts`, "utf8");
      for (const [architecture, parameters] of sizes) {
        expect(parametersOf(architecture)).toBe(parameters);
        expect(comment).toContain(` ${parameters.toLocaleString("en-US")} `);
      }
    });

    test("learns", async () => {
      const trainer = await trained();
      const before = (await trainer.evaluate(data)).loss;
      await trainer.fit(data, { epochs: 60, batchSize: 6, progress: false });
      expect((await trainer.evaluate(data)).loss).toBeLessThan(0.5 * before);
    });

    test("has the gradients that differences of the loss show", async () => {
      const { x, y, tolerance } = checked ?? { ...data, tolerance: 0.01 };
      const { ok, worst, offenders, parameters } = w.gradCheck(await trained(), x, y, { limit: 6, tolerance });
      expect(parameters.length).toBe((await make(small)).parameters().length);
      expect({ ok, worst, offenders: ok ? [] : offenders }).toEqual({ ok: true, worst, offenders: [] });
    });

    test("predicts the same once it is saved and loaded", async () => {
      const trainer = await trained();
      trainer.step(data.x, data.y);
      const copy = await modelFromBytes(modelToBytes(trainer.model));
      expect(copy.fingerprint()).toBe(trainer.model.fingerprint());
      expect(copy.predict(data.x)).toEqual(trainer.model.predict(data.x));
    });
  });
}

describe("refusals", () => {
  const symbols = { sourceVocabulary: 5, targetVocabulary: 5, sourceSteps: 3, targetSteps: 3 };
  const needed = { charRnn: { vocabulary: 5 }, seq2seq: symbols, tinyTransformer: { vocabulary: 5 } };

  for (const [name, factory] of Object.entries(models)) {
    test(`${name}: an option that isn't known`, async () => {
      const options = { ...needed[name as keyof typeof needed], nonsense: 1 };
      const call = () => (factory as (o: object) => object)(options);
      await expectRefusal(call, TypeError, new RegExp(`^${name}: unknown option "nonsense"\\. Known: `));
    });
  }

  refuses([
    [() => models.perceptron({ input: 0 }), RangeError, "perceptron: input must be a whole number of 1 or more, got 0"],
    [() => models.mlp({ hidden: [8, 0] }), RangeError, "mlp: hidden[1] must be a whole number of 1 or more, got 0"],
    [() => models.mlp({ hidden: 8 as never }), TypeError, "mlp: hidden must be an array such as [128], got number 8"],
    [() => models.mlp({ dropout: 1 }), RangeError, "mlp: dropout must be from 0 up to but not including 1, got 1"],
    [() => models.lenet5({ classes: 1 }), RangeError, "lenet5: classes must be a whole number of 2 or more, got 1"],
    [
      () => models.lenet5({ input: [28, 28] }),
      RangeError,
      "lenet5: input must be an image, [height, width, channels], got 28x28",
    ],
    [
      () => models.lenet5({ pooling: "mean" as never }),
      RangeError,
      'lenet5: pooling must be one of average, max, got "mean"',
    ],
    [() => models.alexnet({ groups: 3 as never }), RangeError, "alexnet: groups must be 1 or 2, got 3"],
    [() => models.alexnet({ width: 0 }), RangeError, "alexnet: width must be above 0, got 0"],
    [
      () => models.charRnn({} as never),
      TypeError,
      "charRnn: vocabulary must be a whole number of 1 or more, got undefined",
    ],
    [
      () => models.charRnn({ vocabulary: 5, units: [] }),
      TypeError,
      "charRnn: units must be an array such as [128], got an array of 0",
    ],
    [
      () => models.charRnn({ vocabulary: 5, cell: "rnn" as never }),
      RangeError,
      'charRnn: cell must be one of simpleRnn, lstm, gru, got "rnn"',
    ],
    [
      () => models.seq2seq({ ...symbols, targetSteps: 0 }),
      RangeError,
      "seq2seq: targetSteps must be a whole number of 1 or more, got 0",
    ],
    [
      () => models.tinyTransformer({ vocabulary: 5, blocks: 0.5 }),
      RangeError,
      "tinyTransformer: blocks must be a whole number of 1 or more, got 0.5",
    ],
    [
      () => make(models.tinyTransformer({ vocabulary: 5, width: 6 })),
      RangeError,
      /^selfAttention \(layer \d\): heads must divide the input's width, 6, got 4; use 1, 2, 3 or 6$/,
    ],
  ]);
});
