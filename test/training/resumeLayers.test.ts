// Trainings that go on from a checkpoint: every layer, and what models are put together of.
import { describe, expect, test } from "vitest";
import * as activations from "../../src/nn/activations/index.ts";
import * as composites from "../../src/nn/composites/index.ts";
import * as constraints from "../../src/nn/constraints/index.ts";
import * as w from "../../src/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import * as regularizers from "../../src/nn/regularizers/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { ACTIVATIONS, around, INPUTS, INPUTS_OF, LAYERS, OPERATORS, optionsText, shapeText } from "../support/cases.ts";
import { expectResumes, type Training } from "../support/resuming.ts";
import { normal, wholes } from "../support/seeded.ts";

/** Two epochs of three batches, the last of which is short, in updates of two. */
const ROWS = 8;
const FIT: w.FitOptions = { epochs: 2, batchSize: 3, accumulate: 2 };

const names = (exports: object): string[] => Object.keys(exports).toSorted();

/** A training of a model on numbers, or on numbers of words below this. */
async function trainingOf(
  make: () => Promise<w.Model>,
  { below, options = FIT, rows = ROWS }: { below?: number | undefined; options?: w.FitOptions; rows?: number } = {},
): Promise<Training> {
  const model = await make();
  const count = rows * sizeOf(model.inputShape);
  const x = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
  const y = normal(rows * sizeOf(model.outputShape), { seed: 2 });
  return {
    async trainer() {
      return new w.Trainer(await make(), { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.01 }) });
    },
    data: () => ({ x, y }),
    options: () => options,
  };
}

describe("every layer", () => {
  test.each([
    [layers, LAYERS],
    [activations, ACTIVATIONS],
  ])("is among the cases", (exports, cases) => expect(names(cases)).toEqual(names(exports)));

  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS, ...ACTIVATIONS })) {
    for (const make of makers) {
      const input = (INPUTS_OF[name] ?? INPUTS)[0]!;
      const layerOf = (): w.Layer => make([...input.slice(0, -1), 4]);
      const { options } = layerOf();
      test(`${name}${optionsText(options)}, inputs ${shapeText(input)}`, async () => {
        const below = options["vocabulary"] as number | undefined;
        await expectResumes(await trainingOf(() => around(layerOf(), input), { below }));
      });
    }
  }
});

describe("every composite", () => {
  const CASES: Readonly<Record<string, () => w.Layer[]>> = {
    add: () => [w.add([w.dense(4), [w.dense(4), w.dropout(0.3)]])],
    bidirectional: () => [w.bidirectional(w.gru(3))],
    chain: () => [w.chain(w.dense(4), w.batchNorm(), w.relu())],
    concat: () => [w.concat([w.dense(3), [w.dense(2), w.batchNorm()]])],
    from: () => [w.dense(4, { name: "first" }), w.dense(3), w.add([[], w.from("first", w.dense(3), w.dropout(0.2))])],
    frozen: () => [w.dense(4), w.frozen(w.chain(w.dense(4), w.batchNorm())), w.dense(3)],
    residual: () => [w.dense(4), w.residual(w.dense(4), w.batchNorm(), w.tanh())],
    shared: () => {
      const both = w.shared(w.chain(w.dense(5), w.batchNorm(), w.dropout(0.2)));
      return [both, w.tanh(), both];
    },
    timeDistributed: () => [w.timeDistributed(w.dense(3)), w.timeDistributed(w.batchNorm())],
    withState: () => {
      const cell = w.shared(w.gru(4));
      const first = w.withState(cell, { finalState: "after" });
      return [w.add([first, w.withState(cell, { initialState: "after" })])];
    },
  };
  test("is among the cases", () => {
    expect([...names(CASES), ...names(OPERATORS)].toSorted()).toEqual(names(composites));
  });
  for (const [name, make] of Object.entries(CASES)) {
    const input = ["bidirectional", "timeDistributed", "withState"].includes(name) ? [2, 5] : [5];
    test(name, async () => {
      await expectResumes(await trainingOf(() => w.sequential({ input, seed: 3 }, ...make(), w.dense(2))));
    });
  }
});

describe("every constraint and regularizer", () => {
  const CONSTRAINTS: Readonly<Record<string, () => w.Constraint>> = {
    maxNorm: () => w.maxNorm(0.5),
    nonNeg: () => w.nonNeg(),
    unitNorm: () => w.unitNorm(),
  };
  const REGULARIZERS: Readonly<Record<string, () => w.Regularizer>> = {
    l1: () => w.l1(0.2),
    l2: () => w.l2(0.2),
    rbfNorm: () => w.rbfNorm({ centres: normal(6, { seed: 15 }), gamma: 0.3, lambda: 0.2 }),
  };
  test("is among the cases", () => {
    expect(names(CONSTRAINTS)).toEqual(names(constraints));
    expect(names(REGULARIZERS)).toEqual(names(regularizers));
  });
  for (const [name, make] of Object.entries(CONSTRAINTS)) {
    test(name, async () => {
      const model = () => w.sequential({ input: 3, seed: 6 }, w.dense(4, { kernelConstraint: make() }), w.dense(2));
      await expectResumes(await trainingOf(model));
    });
  }
  for (const [name, make] of Object.entries(REGULARIZERS)) {
    test(name, async () => {
      const model = () => w.sequential({ input: 3, seed: 6 }, w.dense(4, { kernelRegularizer: make() }), w.dense(2));
      await expectResumes(await trainingOf(model));
    });
  }
});

describe("models", () => {
  test.each([
    ["simpleRnn", () => w.simpleRnn(4, { stateful: true })],
    ["gru", () => w.gru(4, { stateful: true, returnSequences: true })],
    ["lstm", () => w.lstm(4, { stateful: true })],
  ])("whose %s goes on from batch to batch", async (_name, layer) => {
    const model = () => w.sequential({ input: [2, 3], seed: 4 }, layer(), w.dropout(0.2), w.dense(2));
    const options = { epochs: 3, batchSize: 3, shuffle: false, accumulate: 2 };
    await expectResumes(await trainingOf(model, { rows: 12, options }));
    await expectResumes(await trainingOf(model, { rows: 12, options: { ...options, accumulate: 1 } }));
    // what it keeps is that of training alone, with rows to measure with, too
    await expectResumes(await trainingOf(model, { rows: 18, options: { ...options, validationSplit: 0.5 } }));
  });

  test("with all kinds of numbers that training changes", async () => {
    const model = () =>
      w.sequential(
        { input: 4, seed: 5 },
        w.dense(6),
        w.batchNorm(),
        w.relu(),
        w.gaussianNoise(0.2),
        w.residual(w.dense(6), w.batchNorm(), w.dropout(0.4)),
        w.frozen(w.dense(4)),
        w.prelu(),
        w.dense(2),
      );
    for (const accumulate of [1, 2, 3, 9]) {
      await expectResumes(await trainingOf(model, { options: { epochs: 3, batchSize: 3, accumulate } }));
    }
  });

  test("of several inputs", async () => {
    const parts = w.inputs({ left: 3, right: 2 });
    const ends = () => w.concat([w.from("left", w.dense(3)), w.from("right", w.dense(2), w.batchNorm())]);
    await expectResumes(await trainingOf(() => w.sequential({ input: parts, seed: 3 }, ends(), w.dense(2))));
  });

  describe("that have parameters of another model", () => {
    const base = () => w.sequential({ input: 4, seed: 8 }, w.dense(5, { name: "code" }), w.batchNorm(), w.dense(4));
    test.each<readonly [string, (model: w.Model) => w.Layer]>([
      ["modelLayer", (model) => w.modelLayer(model)],
      ["modelLayer, a copy", (model) => w.modelLayer(model, { share: false })],
      ["modelLayer, not trained", (model) => w.modelLayer(model, { trainable: false, name: "base" })],
      ["cut", (model) => w.cut(model, "code", { share: true })],
      ["cut, a copy", (model) => w.cut(model, "code")],
    ])("%s", async (_name, layer) => {
      const make = async (): Promise<w.Model> =>
        w.sequential({ input: 4, seed: 9 }, w.dense(4), w.tanh(), layer(await base()), w.dense(2));
      await expectResumes(await trainingOf(make));
    });

    test("which has them, too, after going on", async () => {
      const bases: w.Model[] = [];
      const make = async (): Promise<w.Model> => {
        const model = await base();
        bases.push(model);
        return w.sequential({ input: 4, seed: 9 }, w.modelLayer(model), w.dense(2));
      };
      await expectResumes(await trainingOf(make));
      const [, ...trained] = bases;
      expect(new Set(trained.map((model) => model.fingerprint())).size).toBe(1);
    });
  });

  test("with layers of the user's", async () => {
    const scaled = () =>
      w.customLayer({
        type: "scaled",
        parameters: {
          factor: { shape: (input) => input, initializer: w.ones() },
          largest: { shape: 1, initializer: w.zeros(), trained: false },
        },
        saved: { kept: (input) => input[0]! },
        forward({ x, y, parameters: { factor, largest }, saved: { kept }, training }) {
          for (let i = 0; i < x.length; i++) {
            kept[i] = x[i]! / (1 + largest[0]!);
            y[i] = kept[i]! * factor[i % factor.length]!;
          }
          if (training) largest[0] = Math.max(0.9 * largest[0]!, ...x);
        },
        backward({ dy, dx, parameters: { factor }, gradients, saved: { kept } }) {
          const n = factor.length;
          if (dx) for (let i = 0; i < dy.length; i++) dx[i] = dy[i]! * factor[i % n]!;
          const d = gradients.factor;
          if (d) for (let i = 0; i < dy.length; i++) d[i % n]! += dy[i]! * kept[i]!;
        },
      });
    const square = () =>
      w.lambda(
        (x) => x.map((v) => v * v),
        (dy, x) => x.map((v, i) => 2 * v * dy[i]!),
      );
    const model = () => w.sequential({ input: 4, seed: 9 }, w.dense(4), scaled(), w.dropout(0.3), square(), w.dense(2));
    for (const accumulate of [1, 2]) {
      await expectResumes(await trainingOf(model, { options: { ...FIT, accumulate } }));
    }
  });
});
