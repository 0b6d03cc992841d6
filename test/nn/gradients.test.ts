// The backward pass of everything that a model can have, against differences of the loss.
import { describe, expect, test } from "vitest";
import { MEMORY_BASE } from "../../build/abi.js";
import * as activations from "../../src/nn/activations/index.ts";
import * as w from "../../src/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import * as losses from "../../src/nn/losses/index.ts";
import * as regularizers from "../../src/nn/regularizers/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectSameBits } from "../support/bits.ts";
import {
  ACTIVATIONS,
  around,
  beside,
  INPUTS,
  INPUTS_OF,
  LAYERS,
  OPERATORS,
  optionsText,
  SEED,
  shapeText,
} from "../support/cases.ts";
import { expectEqualPlans } from "../support/plans.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

/** The loss is a sum of float32 numbers, and its differences keep about half of their digits: 1.7e-3 is the most seen. */
const TOLERANCE = 5e-3;

/** The sum of the outputs that differences of the input are taken of is smaller and cleaner: 3.5e-5 is the most seen. */
const INPUT_TOLERANCE = 2e-4;

interface LossCase {
  readonly loss: w.Loss;
  /** What comes after the last dense layer. */
  readonly end?: w.Layer;
  /** Targets for rows of 3 outputs. */
  readonly target: (count: number) => w.Target;
  /** One loss per row, so the output has one axis. */
  readonly rowwise?: boolean;
}

const shares = (count: number): Float32Array => uniform(count, { seed: 11, low: 0, high: 1 });
const numbers = (count: number): Float32Array => normal(count, { seed: 12 });
const signs = (count: number): Float32Array => shares(count).map((v) => (v > 0.5 ? 1 : -1));
const labels = (count: number): Int32Array => wholes(count / 3, { seed: 13, below: 3 });
/** A label, or none, for every three outputs. */
const stepLabels = (count: number): Float32Array =>
  Float32Array.from(wholes(count / 3, { seed: 13, below: 4 }), (label) => label - 1);
const counts = (count: number): Float32Array => Float32Array.from(wholes(count, { seed: 16, below: 6 }));
const onePerThree = (count: number): Float32Array => normal(count / 3, { seed: 12 });
/** Nothing to compare with: any number for each row of 6 outputs. */
const nothing = (count: number): Float32Array => new Float32Array(count / 6);
/** Two labels at most for rows of 4 steps and 3 classes, the blank 0. */
const sequences = (count: number): Float32Array =>
  w.ctcTargets(
    Array.from({ length: count / 12 }, (_, r) => [[1, 2], [2, 2], [], [1], [2, 1]][r % 5]!),
    { maxLabels: 4 },
  );
/** The same of 2 to 4 steps, with the blank 2. */
const timedSequences = (count: number): Float32Array => {
  const rows = count / 12;
  const words = Array.from({ length: rows }, (_, r) => [[0, 1], [0], [1, 1], [1], []][r % 5]!);
  return w.ctcTargets(words, {
    maxLabels: 2,
    lengths: Array.from({ length: rows }, (_, r) => [2, 4, 3, 4, 2][r % 5]!),
  });
};
/** Three shares that sum to 1, row by row. */
const distributions = (count: number): Float32Array => {
  const s = shares(count);
  return s.map((v, i) => v / (s[i - (i % 3)]! + s[i - (i % 3) + 1]! + s[i - (i % 3) + 2]!));
};

const classWeights = [0.5, 2, 1];
const LOSSES: Readonly<Record<string, readonly LossCase[]>> = {
  binaryCrossEntropy: [
    { loss: w.binaryCrossEntropy(), end: w.sigmoid(), target: shares },
    { loss: w.binaryCrossEntropy({ reduction: "sum", clamp: "none" }), end: w.sigmoid(), target: shares },
  ],
  binaryCrossEntropyWithLogits: [
    { loss: w.binaryCrossEntropyWithLogits(), target: shares },
    { loss: w.binaryCrossEntropyWithLogits({ positiveWeight: 3, reduction: "sum" }), target: shares },
  ],
  cosineSimilarity: [
    { loss: w.cosineSimilarity(), target: numbers },
    { loss: w.cosineSimilarity({ reduction: "sum" }), target: numbers },
  ],
  ctc: [
    { loss: w.ctc(), end: w.chain(w.dense(12), w.reshape([4, 3])), rowwise: true, target: sequences },
    {
      loss: w.ctc({ blank: 2, maxLabels: 2, lengths: true, reduction: "sum" }),
      end: w.chain(w.dense(12), w.reshape([4, 3])),
      rowwise: true,
      target: timedSequences,
    },
  ],
  dice: [
    { loss: w.dice(), end: w.sigmoid(), target: shares },
    { loss: w.dice({ smooth: 0.1, reduction: "sum" }), end: w.sigmoid(), target: shares },
  ],
  focal: [
    { loss: w.focal(), target: shares },
    { loss: w.focal({ gamma: 1.5, alpha: 0.3, reduction: "sum" }), target: shares },
  ],
  hinge: [
    { loss: w.hinge(), target: signs },
    { loss: w.hinge({ margin: 0.4, reduction: "sum" }), target: signs },
  ],
  huber: [
    { loss: w.huber(), target: numbers },
    { loss: w.huber({ delta: 0.2, reduction: "sum" }), target: numbers },
  ],
  klDivergence: [
    { loss: w.klDivergence(), end: w.logSoftmax(), target: distributions },
    { loss: w.klDivergence({ reduction: "mean" }), end: w.logSoftmax(), target: distributions },
  ],
  meanAbsoluteError: [
    { loss: w.meanAbsoluteError(), target: numbers },
    { loss: w.meanAbsoluteError({ reduction: "sum" }), target: numbers },
  ],
  meanSquaredError: [
    { loss: w.meanSquaredError(), target: numbers },
    { loss: w.meanSquaredError({ reduction: "sum" }), target: numbers },
  ],
  negativeLogLikelihood: [
    { loss: w.negativeLogLikelihood(), end: w.logSoftmax(), target: labels, rowwise: true },
    { loss: w.negativeLogLikelihood({ classWeights }), end: w.logSoftmax(), target: labels, rowwise: true },
  ],
  poisson: [
    { loss: w.poisson(), target: counts },
    { loss: w.poisson({ logInput: false, reduction: "sum" }), end: w.sigmoid(), target: counts },
  ],
  quantile: [
    { loss: w.quantile({ quantile: 0.3 }), target: numbers },
    { loss: w.quantile({ quantile: [0.1, 0.5, 0.9], reduction: "sum" }), target: onePerThree },
  ],
  sequenceCrossEntropy: [
    { loss: w.sequenceCrossEntropy(), end: w.reshape([1, 3]), rowwise: true, target: stepLabels },
    { loss: w.sequenceCrossEntropy({ reduction: "sum" }), end: w.reshape([1, 3]), rowwise: true, target: stepLabels },
    {
      loss: w.sequenceCrossEntropy({ classWeights, labelSmoothing: 0.2 }),
      end: w.reshape([1, 3]),
      rowwise: true,
      target: stepLabels,
    },
  ],
  softmaxCrossEntropy: [
    { loss: w.softmaxCrossEntropy(), target: labels, rowwise: true },
    { loss: w.softmaxCrossEntropy(), target: distributions, rowwise: true },
    { loss: w.softmaxCrossEntropy({ classWeights, labelSmoothing: 0.2 }), target: labels, rowwise: true },
    { loss: w.softmaxCrossEntropy({ labelSmoothing: 0.2, reduction: "sum" }), target: distributions, rowwise: true },
  ],
  tripletMargin: [
    { loss: w.tripletMargin({ margin: 3 }), end: w.dense(6), rowwise: true, target: nothing },
    { loss: w.tripletMargin({ margin: 3, p: 1, reduction: "sum" }), end: w.dense(6), rowwise: true, target: nothing },
  ],
};

const REGULARIZERS: Readonly<Record<string, w.Regularizer>> = {
  l1: w.l1(0.2),
  l2: w.l2(0.2),
  rbfNorm: w.rbfNorm({ centres: normal(6, { seed: 15 }), gamma: 0.3, lambda: 0.2 }),
};

const BATCHES = [1, 5];

/** How many rows are tried: a batch of one has no statistics. */
const batchesOf = (name: string, layer: w.Layer): readonly number[] =>
  name === "batchNorm" && layer.trainable !== false ? [3, 5] : BATCHES;

function expectRightGradients(trainer: w.Trainer, x: Float32Array, y: w.Target): void {
  const result = w.gradCheck(trainer, x, y, { tolerance: TOLERANCE });
  expect(result.offenders[0]!.error, JSON.stringify(result.offenders[0])).toBeLessThanOrEqual(TOLERANCE);
  expect(result.ok).toBe(true);
  const trained = trainer.model.parameters().filter((p) => p.trained);
  expect(result.checked).toBe(trained.reduce((sum, p) => sum + p.size, 0));
  // and what each layer hands on
  const whole = w.gradCheck(trainer, x, y, { tolerance: TOLERANCE, values: true, limit: 12 });
  expect(whole.ok, String(whole)).toBe(true);
}

/**
 * dx against differences of the sum of c times the output, at the step that agrees best (large steps have less noise, small
 * ones stay clear of kinks). Returns the largest error, as a share of the largest dx.
 */
function inputGradientError(model: w.Model, x: Float32Array, c: Float32Array, scale = 1): number {
  const weighted = (values: Float32Array): number => {
    model.passes = 7; // the same dropout mask every time
    return model.forward(values).reduce((sum, y, i) => sum + y * c[i]!, 0);
  };
  weighted(x);
  const dx = model.backward(c.map((v) => v * scale));
  const top = dx.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const errors = Array.from(x, (value, i) => {
    const at = (moved: number): number => weighted(x.map((v, j) => (j === i ? moved : v)));
    const differences = [0.1, 0.02, 0.004, 0.0008].map((step) => {
      const h = Math.fround(value + step) - value;
      return (8 * (at(value + h) - at(value - h)) - (at(value + 2 * h) - at(value - 2 * h))) / (12 * h);
    });
    return Math.min(...differences.map((d) => Math.abs(d - dx[i]!))) / top;
  });
  expect(top).toBeGreaterThan(0);
  return Math.max(...errors);
}

describe("every export has its cases, and every case its export", () => {
  for (const [folder, exports, cases] of [
    ["layers", layers, LAYERS],
    ["activations", activations, ACTIVATIONS],
    ["losses", losses, LOSSES],
    ["regularizers", regularizers, REGULARIZERS],
  ] as const) {
    test(folder, () => expect(Object.keys(cases).toSorted()).toEqual(Object.keys(exports).toSorted()));
  }
});

describe("gradients of parameters", () => {
  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS, ...ACTIVATIONS })) {
    for (const make of makers) {
      for (const input of INPUTS_OF[name] ?? INPUTS) {
        const layer = make([...input.slice(0, -1), 4]);
        test(`around ${name}${optionsText(layer.options)}, inputs ${shapeText(input)}`, async () => {
          const model = await around(layer, input);
          const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
          for (const rows of batchesOf(name, layer)) {
            const count = rows * sizeOf(input);
            const below = layer.options["vocabulary"] as number | undefined;
            const x = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
            expectRightGradients(trainer, x, normal(rows * sizeOf(model.outputShape), { seed: 2 }));
          }
        });
      }
    }
  }

  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS })) {
    for (const make of makers) {
      for (const input of INPUTS_OF[name] ?? INPUTS) {
        const layer = make([...input.slice(0, -1), 4]);
        const where = `${name}${optionsText(layer.options)}, inputs ${shapeText(input)}`;
        if (where.includes('"regularizer"')) continue; // a backward pass by hand has no penalties
        test(`are the same bits where tensors share memory, beside ${where}`, async () => {
          const rows = 3;
          const count = rows * sizeOf(input);
          const below = layer.options["vocabulary"] as number | undefined;
          const x = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
          await expectEqualPlans(await beside(layer, input), { rows, x });
        });
      }
    }
  }

  for (const [name, makers] of Object.entries(LAYERS)) {
    for (const make of makers) {
      const input = (INPUTS_OF[name] ?? INPUTS).at(-1)!;
      const layer = make([...input.slice(0, -1), 4]);
      if (name === "batchNorm" || layer.type === "embedding") continue; // frozen it is another formula; it has no dx
      test(`of a frozen ${name}${optionsText(layer.options)} there are none, and those before it stay the same`, async () => {
        const rows = 3;
        const x = normal(rows * sizeOf(input), { seed: 1 });
        const [free, frozen] = await Promise.all([layer, w.frozen(layer)].map((each) => beside(each, input)));
        const y = normal(rows * sizeOf(free!.outputShape), { seed: 2 });
        const [expected, seen] = [free!, frozen!].map((model) => {
          const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
          w.trace(trainer, x, y); // what is linked late has its constants, too
          const below = model.core.arena.u8.slice(0, MEMORY_BASE);
          trainer.step(x, y);
          expect(model.core.arena.u8.slice(0, MEMORY_BASE), "the constants").toEqual(below);
          return new Map(model.parameters().map((p) => [p.name, p]));
        });
        for (const [parameter, { trained, gradient }] of seen!) {
          if (trained) expectSameBits(gradient(), expected!.get(parameter)!.gradient(), parameter);
        }
      });
    }
  }

  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS, ...ACTIVATIONS })) {
    for (const make of makers) {
      const input = (INPUTS_OF[name] ?? INPUTS).at(-1)!;
      const layer = make(input);
      if (layer.type === "attention" || input.at(-1)! % ((layer.options["groups"] as number) ?? 1) > 0) continue;
      if (name === "selfAttention" && input.at(-1)! % (layer.options["heads"] as number) > 0) continue;
      test(`of ${name}${optionsText(layer.options)} as the first layer, whose dx isn't wanted`, async () => {
        const rows = 3;
        const below = layer.options["vocabulary"] as number | undefined;
        const count = rows * sizeOf(input);
        const x = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
        const model = await w.sequential({ input, seed: SEED }, layer, w.tanh(), w.dense(3));
        const y = normal(rows * sizeOf(model.outputShape), { seed: 2 });
        const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
        w.trace(trainer, x, y); // what is linked late has its constants, too
        const before = model.core.arena.u8.slice(0, MEMORY_BASE);
        model.zeroGradients();
        model.backward(model.forward(x).map((v, i) => 2 * Math.fround(v - y[i]!)));
        const byHand = model.parameters().map((p) => p.gradient());
        model.passes = 0; // dropout has the mask of the first pass
        trainer.step(x, y);
        expect(model.core.arena.u8.slice(0, MEMORY_BASE), "the constants").toEqual(before);
        if (optionsText(layer.options).includes('"regularizer"')) return; // a backward pass by hand has no penalties
        model
          .parameters()
          .forEach((p, i) => expect([...p.gradient()].map((v) => v + 0)).toEqual([...byHand[i]!].map((v) => v + 0)));
      });
    }
  }

  for (const [name, cases] of Object.entries(LOSSES)) {
    for (const { loss, end, target, rowwise } of cases) {
      for (const input of INPUTS) {
        test(`${name}${optionsText(loss.options)} on ${target.name}, inputs ${shapeText(input)}`, async () => {
          const shaping = rowwise === true && input.length > 1 ? [w.flatten()] : [];
          const model = await w.sequential(
            { input, seed: 4 },
            w.dense(4),
            w.tanh(),
            ...shaping,
            w.dense(3),
            ...(end ? [end] : []),
          );
          const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
          for (const rows of BATCHES) {
            const x = normal(rows * sizeOf(input), { seed: 5 });
            expectRightGradients(trainer, x, target(rows * sizeOf(model.outputShape)));
          }
        });
      }
    }
  }

  for (const [name, kernelRegularizer] of Object.entries(REGULARIZERS)) {
    test(`${name} penalty`, async () => {
      const model = await w.sequential({ input: 3, seed: 6 }, w.dense(4, { kernelRegularizer }), w.tanh(), w.dense(2));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
      const x = normal(15, { seed: 7 });
      const y = normal(10, { seed: 8 });
      expectRightGradients(trainer, x, y);
      const plain = await w.sequential({ input: 3, seed: 6 }, w.dense(4), w.tanh(), w.dense(2));
      new w.Trainer(plain, { loss: w.meanSquaredError(), optimizer: w.sgd() }).step(x, y);
      trainer.step(x, y);
      const [penalised, free] = [model, plain].map((m) => m.parameters()[0]!.gradient());
      expect(penalised, "the penalty is in the gradient").not.toEqual(free);
    });
  }
});

describe("gradients of the input", () => {
  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS, ...ACTIVATIONS })) {
    for (const make of makers) {
      for (const input of INPUTS_OF[name] ?? INPUTS) {
        const layer = make([...input.slice(0, -1), 4]);
        if (name === "embedding") continue;
        test(`through ${name}${optionsText(layer.options)}, inputs ${shapeText(input)}`, async () => {
          const model = await around(layer, input);
          for (const rows of batchesOf(name, layer)) {
            const x = normal(rows * sizeOf(input), { seed: 9 });
            const c = normal(rows * sizeOf(model.outputShape), { seed: 10 });
            expect(inputGradientError(model, x, c)).toBeLessThan(INPUT_TOLERANCE);
          }
        });
      }
    }
  }
});

describe("a wrong gradient is seen", () => {
  test("one that is a tenth too large, in dx", async () => {
    const model = await around(w.tanh(), [5]);
    const x = normal(15, { seed: 9 });
    const c = normal(9, { seed: 10 });
    expect(inputGradientError(model, x, c)).toBeLessThan(INPUT_TOLERANCE);
    // 0.1 of 1.1 where dx is largest
    expect(inputGradientError(model, x, c, 1.1)).toBeCloseTo(0.1 / 1.1, 3);
  });

  test("another activation's backward kernel, by gradCheck", async () => {
    const model = await around(w.sigmoid(), [5]);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = normal(15, { seed: 1 });
    const y = normal(9, { seed: 2 });
    expect(w.gradCheck(trainer, x, y).ok).toBe(true);
    const { table } = model.core.exports;
    table.set(model.core.kernel("sigmoidBackward"), table.get(model.core.kernel("tanhBackward")));
    const { ok, worst, parameters, offenders } = w.gradCheck(trainer, x, y);
    expect(ok).toBe(false);
    expect(worst).toBeGreaterThan(0.1);
    expect(offenders.map((o) => o.error)).toEqual(offenders.map((o) => o.error).toSorted((a, b) => b - a));
    // gradients before the activation are wrong, those after it are not
    const errors = Object.fromEntries(parameters.map((p) => [p.parameter, p.error]));
    expect(errors["dense1.weight"]).toBeGreaterThan(0.1);
    expect(errors["dense1.bias"]).toBeGreaterThan(0.1);
    expect(errors["dense2.weight"]).toBeLessThan(TOLERANCE);
    expect(errors["dense2.bias"]).toBeLessThan(TOLERANCE);
  });
});
