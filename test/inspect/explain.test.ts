// Steps that explain themselves: every number of every step is computed again from its formula, and found equal.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { normal, wholes } from "../support/seeded.ts";

const XOR = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] }; // prettier-ignore

/** All indices of a shape. */
function indices(shape: w.Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** How large the numbers are that a filled-in formula adds up: roundings are relative to them, not to what cancels out. */
function magnitude(e: w.Expression): number {
  switch (e.op) {
    case "number":
    case "symbol":
      return Math.abs(e.value);
    case "tensor":
      return Math.abs(e.value!);
    case "add":
      return e.parts.reduce((sum, part) => sum + magnitude(part), 0);
    case "negative":
    case "named":
      return magnitude(e.of);
    case "times":
      return e.parts.reduce((product, part) => product * magnitude(part), 1);
    case "divide":
      return magnitude(e.top) / Math.abs(valueOf(e.bottom));
    case "cases":
      return magnitude(e.cases.find(({ when }) => when.every(holds))?.value ?? e.otherwise);
    case "power":
      return magnitude(e.base) ** valueOf(e.exponent);
    case "call":
      return e.name === "max" || e.name === "min" ? Math.max(...e.of.map(magnitude)) : Math.abs(valueOf(e));
    default:
      throw new Error(`not filled in: ${e.op}`);
  }
}

/** The value of a filled-in formula: written here once more, to compare with what the library says. */
function valueOf(e: w.Expression): number {
  switch (e.op) {
    case "number":
    case "symbol":
      return e.value;
    case "tensor":
      return e.value!;
    case "add":
      return e.parts.reduce((sum, part) => sum + valueOf(part), 0);
    case "negative":
      return -valueOf(e.of);
    case "named":
      return valueOf(e.of);
    case "times":
      return e.parts.reduce((product, part) => product * valueOf(part), 1);
    case "divide":
      return valueOf(e.top) / valueOf(e.bottom);
    case "power":
      return valueOf(e.base) ** valueOf(e.exponent);
    case "call": {
      const [x, y] = e.of.map(valueOf) as [number, number];
      const { exp, log, tanh, sqrt, abs, sign, max, min } = Math;
      const known: Record<string, () => number> = {
        exp: () => exp(x),
        log: () => log(x),
        tanh: () => tanh(x),
        sqrt: () => sqrt(x),
        abs: () => abs(x),
        sign: () => sign(x),
        max: () => max(x, y),
        min: () => min(x, y),
        is: () => Number(x === y),
        erf: () => erf(x),
      };
      return known[e.name]!();
    }
    case "cases":
      return valueOf(e.cases.find(({ when }) => when.every(holds))?.value ?? e.otherwise);
    default:
      throw new Error(`not filled in: ${e.op}`);
  }
}

function holds({ left, relation, right }: w.Condition): boolean {
  const difference = valueOf(left) - valueOf(right);
  return { ">": difference > 0, "<": difference < 0, ">=": difference >= 0, "<=": difference <= 0 }[relation];
}

/** The integral of the bell curve by Simpson's rule. */
function erf(x: number): number {
  const n = 2000;
  const f = (t: number): number => Math.exp(-t * t);
  let sum = f(0) + f(x);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * f((x * i) / n);
  return ((2 / Math.sqrt(Math.PI)) * sum * x) / n / 3;
}

/**
 * A few roundings of 2^-24 of each of the numbers that are added; a divisor's, root's or logarithm's own rounding counts with the
 * result's size. Below 1e-30 float32 squares run out of digits.
 */
const TOLERANCE = 2e-6;

/** Compares every number of every step with its formula; gives the steps. */
function checkSteps(traced: w.Trace): readonly w.Step[] {
  const steps = w.explain(traced);
  expect(steps.map(({ name }) => name)).toEqual([
    ...traced.names,
    ...(traced.update ? traced.update.tensors.map(({ name }) => name) : []),
  ]);
  const all = steps.flatMap((step) => [...step.lines, step]);
  for (const step of all) {
    expect(step.shape, step.name).toEqual(step.tensor.shape);
    expect(step.title.en.length * step.title.zh.length * step.says.en.length * step.says.zh.length).toBeGreaterThan(0);
    expect(`${step.title.en}${step.says.en}${step.says.zh}${step.title.zh}`).not.toMatch(/[{}]|undefined/);
    if (!step.expression) continue;
    for (const index of indices(step.shape)) {
      const filled = step.substituted(index)!;
      const again = step.recompute(index)!;
      const value = step.value(index);
      const bound = TOLERANCE * magnitude(filled) + 1e-30;
      const where = `${step.name}[${index.join(",")}] ${step.formula.en}: ${termText(step, index)} = ${value}, not ${again}`;
      expect(Math.abs(again - value), where).toBeLessThanOrEqual(bound);
      expect(Math.abs(again - valueOf(filled)), where).toBeLessThanOrEqual(1e-9 * magnitude(filled) + 1e-14);
      for (const { operand, index: place, value: number, text } of step.terms(index)) {
        if (number !== undefined) expect(text.length).toBeGreaterThan(0);
        if (operand === undefined) continue;
        const named = step.inputs.filter(({ name }) => name === operand);
        expect(named.map((tensor) => tensor.values[offset(tensor.shape, place!)])).toContain(number);
      }
    }
  }
  return steps;
}

const offset = (shape: w.Shape, index: readonly number[]): number =>
  index.reduce((at, i, axis) => at * shape[axis]! + i, 0);

const termText = (step: w.Step, index: number[]): string =>
  step
    .terms(index)
    .map(({ text }) => text)
    .join("");

/** Steps that have no formula. */
const unwritten = (steps: readonly w.Step[]): string[] =>
  steps.flatMap(({ name, expression }) => (expression ? [] : [name]));

async function trained(
  loss: w.Loss,
  input: w.ModelOptions["input"],
  layers: readonly w.Layer[],
  optimizer: w.Optimizer = w.sgd(),
  seed = 3,
): Promise<w.Trainer> {
  const model = await w.sequential({ input, seed }, ...layers);
  return new w.Trainer(model, { loss, optimizer });
}

describe("the chapter's step", () => {
  const layers = (...hidden: number[]): w.Layer[] => [
    ...hidden.flatMap((units) => [w.dense(units, { biasInitializer: w.normal() }), w.sigmoid()]),
    w.dense(1),
    w.sigmoid(),
  ];
  const chapter = (...hidden: number[]) =>
    trained(w.binaryCrossEntropy(), 2, layers(...hidden), w.sgd({ learningRate: 1 }), 5);

  test("has the book's formulas", async () => {
    const steps = checkSteps(w.trace(await chapter(3), XOR.x, XOR.y, { update: true }));
    expect(steps.map(({ formula }) => formula.en)).toEqual([
      "Z1 = x w1 + b1",
      "a1 = sigmoid(Z1)",
      "Z2 = a1 w2 + b2",
      "a2 = sigmoid(Z2)",
      "L = -Σ_i (y log(a2) + (1 - y) log(1 - a2)) / m",
      "da2 = (-y / a2 + (1 - y) / (1 - a2)) / m",
      "dZ2 = da2 * a2 * (1 - a2) = (a2 - y) / m",
      "dw2 = a1ᵀ dZ2",
      "db2 = sum of dZ2 over the samples",
      "da1 = dZ2 w2ᵀ",
      "dZ1 = da1 * a1 * (1 - a1)",
      "dw1 = xᵀ dZ1",
      "db1 = sum of dZ1 over the samples",
      "w2' = w2 - η dw2",
      "b2' = b2 - η db2",
      "w1' = w1 - η dw1",
      "b1' = b1 - η db1",
    ]);
    expect(steps.map(({ operands }) => operands.join(" "))).toEqual([
      "x w1 b1",
      "Z1",
      "a1 w2 b2",
      "Z2",
      "y a2",
      "y a2",
      "da2 a2",
      "a1 dZ2",
      "dZ2",
      "dZ2 w2",
      "da1 a1",
      "x dZ1",
      "dZ1",
      "w2 dw2",
      "b2 db2",
      "w1 dw1",
      "b1 db1",
    ]);
    expect(steps[8]!.formula.zh).toBe("db2 = dZ2 对样本求和");
  });

  test.each([[[3]], [[4, 3]], [[3, 2, 2]], [[]]])("hidden layers %j, all rows and single ones", async (hidden) => {
    const trainer = await chapter(...hidden);
    const steps = checkSteps(w.trace(trainer, XOR.x, XOR.y, { update: true }));
    // 6 L + 1 + 2 L: Z a dZ dw db and da of each layer, of which the first has none but the loss; and the update
    expect(steps.length).toBe(8 * (hidden.length + 1) + 1);
    for (const [r, row] of XOR.x.entries()) checkSteps(w.trace(trainer, [row], [XOR.y[r]!], { update: true }));
  });
});

describe("every activation", () => {
  const cases: Record<string, () => w.Layer> = {
    celu: () => w.celu({ alpha: 0.6 }),
    clip: () => w.clip(-0.7, 1.5),
    "clip low": () => w.clip({ low: -0.3 }),
    "clip high": () => w.clip({ high: 0.4 }),
    elu: () => w.elu({ alpha: 1.5 }),
    "elu with a negative alpha": () => w.elu({ alpha: -0.5 }),
    gelu: () => w.gelu(),
    "gelu tanh": () => w.gelu({ approximate: "tanh" }),
    hardSigmoid: () => w.hardSigmoid(),
    "hardSigmoid with an offset": () => w.hardSigmoid({ slope: 0.3, offset: 0.7 }),
    hardSwish: () => w.hardSwish(),
    leakyRelu: () => w.leakyRelu({ slope: 0.2 }),
    logSoftmax: () => w.logSoftmax(),
    mish: () => w.mish(),
    relu: () => w.relu(),
    relu6: () => w.relu6(),
    selu: () => w.selu(),
    "selu with factors": () => w.selu({ alpha: 0.5, scale: -2 }),
    shrink: () => w.shrink({ bias: 0.2 }),
    sigmoid: () => w.sigmoid(),
    silu: () => w.silu(),
    softmax: () => w.softmax(),
    softplus: () => w.softplus(),
    softsign: () => w.softsign(),
    tanh: () => w.tanh(),
    thresholdedRelu: () => w.thresholdedRelu(),
  };

  test.each(Object.entries(cases))("%s", async (_, activation) => {
    const weights = { kernelInitializer: w.normal({ deviation: 2 }), biasInitializer: w.normal() };
    const layers = [w.dense(5, weights), activation(), w.dense(3, weights), activation()];
    const trainer = await trained(w.meanSquaredError(), 4, layers);
    const x = normal(6 * 4, { seed: 1 });
    expect(unwritten(checkSteps(w.trace(trainer, x, normal(6 * 3, { seed: 2 }))))).toEqual([]);
  });

  test("of the library is here", async () => {
    const names = Object.keys(await import("../../src/nn/activations/index.ts"));
    expect([...new Set(Object.keys(cases).map((name) => name.split(" ")[0]))].toSorted()).toEqual(names.toSorted());
  });

  test.each(Object.keys(cases))("%s, where its pieces meet", async (name) => {
    const same = w.dense(1, { kernelInitializer: w.ones() });
    const trainer = await trained(w.meanSquaredError(), 1, [same, cases[name]!(), w.dense(1)]);
    const x = Float32Array.of(-6, -3, -1, -0.5, 0, 0.5, 1, 3, 6);
    checkSteps(w.trace(trainer, x, new Float32Array(x.length).fill(1)));
  });

  test("after more than one axis, a softmax goes along the last one", async () => {
    const trainer = await trained(w.meanSquaredError(), [2, 3], [w.dense(4), w.softmax(), w.flatten(), w.dense(2)]);
    const traced = w.trace(trainer, normal(5 * 6, { seed: 1 }), normal(5 * 2, { seed: 2 }));
    expect(unwritten(checkSteps(traced))).toEqual([]);
  });
});

describe("every loss", () => {
  const rows = 5;
  const values = (n: number): Float32Array => normal(rows * n, { seed: 2 });
  const zeroOrOne = (n: number): Float32Array => Float32Array.from(wholes(rows * n, { seed: 2, below: 2 }));
  const labels = (n: number): Float32Array => Float32Array.from(wholes(rows, { seed: 2, below: n }));
  const oneHot = (n: number): Float32Array => {
    const all = new Float32Array(rows * n);
    labels(n).forEach((label, r) => (all[r * n + label] = 1));
    return all;
  };
  const shares = (n: number): Float32Array => {
    const all = values(n).map(Math.abs);
    return all.map((value, i) => value / all.slice(i - (i % n), i - (i % n) + n).reduce((a, b) => a + b));
  };
  const three = [1, 0.5, 2];
  const sum = { reduction: "sum" } as const;
  const cases: [string, w.Loss, w.Layer[], (n: number) => Float32Array][] = [
    ["binaryCrossEntropy", w.binaryCrossEntropy(), [w.sigmoid()], zeroOrOne],
    ["binaryCrossEntropy of shares", w.binaryCrossEntropy(), [w.sigmoid()], shares],
    ["binaryCrossEntropy, sum", w.binaryCrossEntropy(sum), [w.sigmoid()], zeroOrOne],
    ["binaryCrossEntropy, no clamp", w.binaryCrossEntropy({ clamp: "none" }), [w.sigmoid()], zeroOrOne],
    ["binaryCrossEntropy, cut", w.binaryCrossEntropy({ clamp: { low: 0.4, high: 0.6 } }), [w.sigmoid()], zeroOrOne],
    ["binaryCrossEntropyWithLogits", w.binaryCrossEntropyWithLogits(), [], zeroOrOne],
    ["binaryCrossEntropyWithLogits, weighted", w.binaryCrossEntropyWithLogits({ positiveWeight: 3 }), [], shares],
    ["meanSquaredError", w.meanSquaredError(), [], values],
    ["meanSquaredError, sum", w.meanSquaredError(sum), [], values],
    ["meanAbsoluteError", w.meanAbsoluteError(), [], values],
    ["huber", w.huber({ delta: 0.7 }), [], values],
    ["hinge", w.hinge({ margin: 0.5 }), [], (n) => zeroOrOne(n).map((value) => 2 * value - 1)],
    ["klDivergence", w.klDivergence(), [w.logSoftmax()], shares],
    ["klDivergence, one-hot, mean", w.klDivergence({ reduction: "mean" }), [w.logSoftmax()], oneHot],
    ["negativeLogLikelihood", w.negativeLogLikelihood(), [w.logSoftmax()], labels],
    [
      "negativeLogLikelihood, class weights",
      w.negativeLogLikelihood({ classWeights: three }),
      [w.logSoftmax()],
      labels,
    ],
    ["softmaxCrossEntropy, labels", w.softmaxCrossEntropy(), [], labels],
    ["softmaxCrossEntropy, labels, sum", w.softmaxCrossEntropy(sum), [], labels],
    ["softmaxCrossEntropy, one-hot", w.softmaxCrossEntropy(), [], oneHot],
    ["softmaxCrossEntropy, shares", w.softmaxCrossEntropy(), [], shares],
    ["softmaxCrossEntropy, what is no share", w.softmaxCrossEntropy(), [], zeroOrOne],
    ["softmaxCrossEntropy, smoothed", w.softmaxCrossEntropy({ labelSmoothing: 0.1 }), [], labels],
    ["softmaxCrossEntropy, smoothed shares", w.softmaxCrossEntropy({ labelSmoothing: 0.1 }), [], shares],
    ["softmaxCrossEntropy, class weights", w.softmaxCrossEntropy({ classWeights: three }), [], labels],
    [
      "softmaxCrossEntropy, all at once",
      w.softmaxCrossEntropy({ classWeights: three, labelSmoothing: 0.2 }),
      [],
      oneHot,
    ],
    ["poisson", w.poisson(), [], zeroOrOne],
    ["poisson of rates", w.poisson({ logInput: false }), [w.sigmoid()], zeroOrOne],
    ["quantile", w.quantile({ quantile: 0.3 }), [], values],
    ["focal", w.focal({ gamma: 1.5 }), [], zeroOrOne],
    ["focal, alpha, shares", w.focal({ alpha: 0.25 }), [], shares],
    ["cosineSimilarity", w.cosineSimilarity(), [], values],
    ["cosineSimilarity, sum", w.cosineSimilarity(sum), [], values],
    ["dice", w.dice({ smooth: 0.5 }), [w.sigmoid()], zeroOrOne],
    ["sequenceCrossEntropy, weighted and smoothed", w.sequenceCrossEntropy({ classWeights: [0.5, 2, 1], labelSmoothing: 0.1 }), [], (n) => labels(n).map((label, r) => (r === 1 ? -1 : label))], // prettier-ignore
    ["sequenceCrossEntropy", w.sequenceCrossEntropy(), [], (n) => labels(n).map((label, r) => (r === 1 ? -1 : label))],
  ];

  test.each(cases)("%s", async (_, loss, end, target) => {
    const weights = { kernelInitializer: w.normal({ deviation: 1 }), biasInitializer: w.normal() };
    const trainer = await trained(loss, 4, [w.dense(3, weights), ...end]);
    const x = normal(rows * 4, { seed: 1 });
    const y = target(3);
    expect(unwritten(checkSteps(w.trace(trainer, x, y)))).toEqual([]);
    const sampleWeights = [1, 0, 2.5, 0.5, 1];
    expect(unwritten(checkSteps(w.trace(trainer, x, y, { sampleWeights })))).toEqual([]);
    checkSteps(w.trace(trainer, x.slice(8, 12), y.slice((y.length / rows) * 2, (y.length / rows) * 3)));
  });

  test("of the library is here", async () => {
    const names = Object.keys(await import("../../src/nn/losses/index.ts"));
    // sums over paths, and over thirds of a row: no formula of one number has them
    const unwrittenOnes = ["ctc", "tripletMargin"];
    expect([...new Set(cases.map(([, { type }]) => type)), ...unwrittenOnes].toSorted()).toEqual(names.toSorted());
  });

  test("of several quantiles, of paths and of triplets has no formula, and says so", async () => {
    for (const [loss, end, y] of [
      [w.quantile({ quantile: [0.1, 0.5, 0.9] }), [], [1, 2]],
      [w.ctc({ maxLabels: 1 }), [w.reshape([1, 3])], [1, 2]],
      [w.tripletMargin(), [], [0, 0]],
    ] as const) {
      const trainer = await trained(loss, 4, [w.dense(3), ...end]);
      const [first] = unwritten(w.explain(w.trace(trainer, normal(8, { seed: 1 }), y)));
      expect(first, loss.type).toBeDefined();
    }
  });

  test("directions, step by step", async () => {
    const trainer = await trained(w.cosineSimilarity(), [2, 3], [w.dense(4)]);
    const traced = w.trace(trainer, normal(3 * 6, { seed: 1 }), normal(3 * 8, { seed: 2 }));
    expect(unwritten(checkSteps(traced))).toEqual([]);
  });

  test("a sequence's, step by step", async () => {
    const trainer = await trained(w.sequenceCrossEntropy(), [2, 3], [w.dense(4)]);
    const traced = w.trace(trainer, normal(3 * 6, { seed: 1 }), [[0, 3], [1, -1], [-1, -1]]); // prettier-ignore
    expect(unwritten(checkSteps(traced))).toEqual([]);
  });

  test("an answer of exactly 0 or 1 has a loss and a slope, as the library has", async () => {
    const trainer = await trained(w.binaryCrossEntropy(), 1, [w.dense(1), w.sigmoid()]);
    trainer.model.parameters()[0]!.set([1]);
    const steps = checkSteps(w.trace(trainer, [200, -200, 200, 1], [1, 0, 0, 1]));
    const loss = steps.find(({ name }) => name === "loss")!;
    expect(loss.formula.en).toBe("L = -Σ_i (y max(log(a1), -100) + (1 - y) max(log(1 - a1), -100)) / m");
    expect(loss.says.en).toContain("-100");
    expect(loss.value([])).toBeCloseTo((100 + Math.log(1 + Math.exp(-1))) / 4, 5);
  });
});

describe("every optimizer", () => {
  const cases: Record<string, w.Optimizer> = {
    sgd: w.sgd({ learningRate: 0.1 }),
    "sgd, momentum": w.sgd({ learningRate: 0.1, momentum: 0.9 }),
    "sgd, nesterov": w.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    "sgd, decay": w.sgd({ learningRate: 0.1, weightDecay: 0.01, l1: 0.002 }),
    "sgd, clipValue": w.sgd({ clipValue: 0.01 }),
    "sgd, clipNorm": w.sgd({ clipNorm: 0.01 }),
    "sgd, all of it": w.sgd({ momentum: 0.5, clipGlobalNorm: 0.05, clipValue: 0.01, weightDecay: 0.1 }),
    adam: w.adam(),
    "adam, amsgrad, decay": w.adam({ amsgrad: true, weightDecay: 0.1 }),
    adamw: w.adamw({ weightDecay: 0.1 }),
    rmsprop: w.rmsprop(),
    "rmsprop, momentum": w.rmsprop({ momentum: 0.9 }),
    "rmsprop, centered": w.rmsprop({ centered: true, rho: 0.5 }),
    adagrad: w.adagrad({ initialAccumulator: 0.1 }),
    adadelta: w.adadelta(),
  };

  test.each(Object.entries(cases))("%s, before the first update and after some", async (_, optimizer) => {
    const trainer = await trained(w.meanSquaredError(), 3, [w.dense(4), w.tanh(), w.dense(2)], optimizer);
    const x = normal(5 * 3, { seed: 1 });
    const y = normal(5 * 2, { seed: 2 });
    for (const updates of [0, 1, 5]) {
      while (trainer.updates < updates) trainer.step(x, y);
      const traced = w.trace(trainer, x, y, { update: true });
      const steps = checkSteps(traced);
      expect(unwritten(steps)).toEqual([]);
      expect(steps.at(-1)!.lines.map(({ name }) => name)).toEqual(optimizer.states.map(({ name }) => `${name}.b1'`));
      expect(traced.update!.count).toBe(updates + 1);
    }
  });

  test("of the library is here", async () => {
    const names = Object.keys(await import("../../src/nn/optimizers/index.ts"));
    expect([...new Set(Object.values(cases).map(({ type }) => type))].toSorted()).toEqual(names.toSorted());
  });

  test("Adam's lines have names of their own", async () => {
    const trainer = await trained(w.meanSquaredError(), 2, [w.dense(1)], w.adam());
    const [weight] = w.explain(w.trace(trainer, [[1, 2]], [3], { update: true })).slice(-2);
    expect([...weight!.lines, weight!].map(({ formula }) => formula.en)).toEqual([
      "m.w1' = β1 m.w1 + (1 - β1) dw1",
      "v.w1' = β2 v.w1 + (1 - β2) dw1^2",
      "w1' = w1 - η m̂ / (sqrt(v̂) + ε), m̂ = m.w1' / (1 - β1^t), v̂ = v.w1' / (1 - β2^t)",
    ]);
  });
});

describe("what stands around layers", () => {
  const x = normal(5 * 3, { seed: 1 });
  const y = normal(5 * 2, { seed: 2 });

  test("layers without biases, and values of several axes", async () => {
    const layers = [w.dense(4, { useBias: false }), w.tanh(), w.flatten(), w.dense(6), w.reshape([3, 2]), w.dense(1)];
    const trainer = await trained(w.meanSquaredError(), [2, 3], layers);
    const steps = checkSteps(
      w.trace(trainer, normal(5 * 6, { seed: 1 }), normal(5 * 3, { seed: 2 }), { update: true }),
    );
    expect(unwritten(steps)).toEqual([]);
    expect(steps[0]!.formula.en).toBe("Z1 = x w1");
    const [, , Z2] = steps;
    // a flattened value's number by the place where it really is
    expect(Z2!.terms([4, 5]).findLast(({ operand }) => operand === "a1")!.index).toEqual([4, 1, 3]);
  });

  test("penalties are in the loss and in the gradients", async () => {
    const first = w.dense(4, { kernelRegularizer: w.l2(0.3), biasRegularizer: w.l1(0.2), biasInitializer: w.normal() });
    const trainer = await trained(w.meanSquaredError(), 3, [
      first,
      w.tanh(),
      w.dense(2, { kernelRegularizer: w.l1(0.1) }),
    ]);
    const steps = checkSteps(w.trace(trainer, x, y, { update: true }));
    expect(unwritten(steps)).toEqual([]);
    const lines = Object.fromEntries(steps.map(({ name, formula }) => [name, formula.en]));
    expect(lines).toMatchObject({
      loss: "L = Σ_i,j (Z2 - y)^2 / (m n) + λ Σ_i,j w1^2 + λ Σ_j |b1| + λ Σ_i,j |w2|",
      dw1: "dw1 = xᵀ dZ1 + 2 λ w1",
      db1: "db1 = Σ_i dZ1 + λ sign(b1)",
    });
    expect(steps.find(({ name }) => name === "dw1")!.says.zh).toContain("惩罚");
  });

  test("dropout has its mask", async () => {
    const trainer = await trained(w.meanSquaredError(), 3, [w.dense(8), w.relu(), w.dropout(0.5), w.dense(2)]);
    const traced = w.trace(trainer, x, y);
    const steps = checkSteps(traced);
    expect(unwritten(steps)).toEqual([]);
    expect(steps.find(({ name }) => name === "dropout1")!.formula.en).toBe(
      "dropout1 = a1 * dropout1.mask / (1 - rate)",
    );
    expect(new Set(traced.get("dropout1.mask").values)).toEqual(new Set([0, 1]));
  });

  test("branches that are added", async () => {
    const layers = [w.dense(3), w.tanh(), w.residual(w.dense(3), w.sigmoid()), w.dense(2)];
    const trainer = await trained(w.meanSquaredError(), 3, layers);
    expect(unwritten(checkSteps(w.trace(trainer, x, y)))).toEqual([]);
  });

  test("dropout and branches after flattened rows: each number by the place where it really is", async () => {
    const ends = [w.flatten(), w.residual(w.dense(4), w.reshape([2, 2]), w.flatten()), w.dense(2)];
    const layers = [w.flatten(), w.dropout(0.5), w.reshape([2, 2]), w.tanh(), w.flatten(), w.dropout(0.3), ...ends];
    const trainer = await trained(w.meanSquaredError(), [2, 2], layers);
    const steps = checkSteps(w.trace(trainer, normal(5 * 4, { seed: 1 }), y));
    expect(unwritten(steps)).toEqual([]);
    expect(steps[0]!.terms([4, 3])[0]).toMatchObject({ operand: "x", index: [4, 1, 1] });
  });

  test("sums of exponentials that float64 has no room for", async () => {
    const layers = (end: w.Layer): w.Layer[] => [w.dense(3, { kernelInitializer: w.normal({ deviation: 900 }) }), end];
    const zeroOrOne = Array.from({ length: 15 }, (_, i) => i % 2);
    const activations = [w.softmax(), w.logSoftmax(), w.softplus(), w.mish(), w.silu(), w.gelu(), w.elu()];
    const all: [w.Loss, w.Layer, number[]][] = [
      ...activations.map((end): [w.Loss, w.Layer, number[]] => [w.meanSquaredError(), end, zeroOrOne]),
      [w.softmaxCrossEntropy(), w.identity(), [0, 1, 2, 0, 1]],
      [w.softmaxCrossEntropy({ classWeights: [1, 2, 0] }), w.identity(), [0, 1, 2, 0, 1]],
      [w.binaryCrossEntropyWithLogits(), w.identity(), zeroOrOne],
    ];
    for (const [loss, end, target] of all) {
      const steps = w.explain(w.trace(await trained(loss, 3, layers(end)), x, target));
      expect(unwritten(steps)).toEqual([]);
      for (const step of steps) {
        for (const index of indices(step.shape)) {
          const [value, again] = [step.value(index), step.recompute(index)!];
          const where = `${step.name} ${termText(step, index)} = ${value}, not ${again}`;
          // float32 differences of such numbers are exact to a few thousandths, and with them their exp
          expect(Math.abs(again - value), where).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-6);
        }
      }
    }
  });

  test("weights of samples are called as the formula calls them", async () => {
    const trainer = await trained(w.meanSquaredError(), 3, [w.dense(2)]);
    const loss = w.explain(w.trace(trainer, x, y, { sampleWeights: [1, 2, 1, 0, 1] }))[1]!;
    expect(loss.formula.en).toBe("L = Σ_i,j sampleWeights * (Z1 - y)^2 / (m n)");
    expect(loss.says.en).toContain("Each sample counts by its weight; m is the sum of the weights.");
    expect(loss.says.zh).toContain("每个样本按它的权重计入；m 是权重之和。");
  });

  test("frozen layers, which have no update", async () => {
    const layers = [w.dense(4, { trainable: false }), w.tanh(), w.dense(2)];
    const trainer = await trained(w.meanSquaredError(), 3, layers);
    const steps = checkSteps(w.trace(trainer, x, y, { update: true }));
    expect(steps.map(({ name }) => name).join(" ")).toBe("Z1 a1 Z2 loss dZ2 dw2 db2 w2' b2'");
  });

  test("what isn't written out says so, and has its operands", async () => {
    const layers = [w.reshape([3, 1]), w.conv1d(4, { kernelSize: 2 }), w.relu(), w.flatten(), w.dense(2)];
    const trainer = await trained(w.meanSquaredError(), 3, layers);
    const steps = checkSteps(w.trace(trainer, x, y, { update: true }));
    expect(unwritten(steps)).toEqual(["Z1", "dkernel1", "db1"]);
    const [Z1] = steps;
    expect(Z1).toMatchObject({ kind: "conv1d", operands: ["x", "kernel1", "b1"], shape: [5, 2, 4] });
    expect(Z1!.formula).toEqual({ en: "This layer's formula is not written out yet.", zh: "这一层的公式尚未写出。" });
    expect([Z1!.terms([0, 0, 0]), Z1!.recompute([0, 0, 0]), Z1!.element([0, 0, 0])]).toEqual([
      [],
      undefined,
      undefined,
    ]);
  });

  test("one's own loss, shared weights, a machine's penalty and constraints", async () => {
    const own = w.customLoss({ type: "own", compute: ({ gradient }) => void gradient.fill(1) });
    const one = w.dense(3);
    const layers = [
      w.shared(one),
      w.tanh(),
      w.shared(one),
      w.dense(2, { kernelConstraint: w.maxNorm(1), biasConstraint: w.nonNeg() }),
    ];
    const steps = checkSteps(w.trace(await trained(own, 3, layers), x, y, { update: true }));
    expect(unwritten(steps)).toContain("loss");
    expect(unwritten(steps)).toContain("w3'");
    expect(unwritten(steps)).not.toContain("b3'");
  });
});

describe("an index", () => {
  test("that there isn't is refused", async () => {
    const trainer = await trained(w.binaryCrossEntropy(), 2, [w.dense(3), w.sigmoid(), w.dense(1), w.sigmoid()]);
    const steps = w.explain(w.trace(trainer, XOR.x, XOR.y));
    const Z1 = steps[0]!;
    const rule = "explain: Z1 is 4x3: indices go up to [3, 2], got";
    expect(() => Z1.value([4, 0])).toThrow(`${rule} [4, 0]`);
    expect(() => Z1.terms([0])).toThrow(`${rule} [0]`);
    expect(() => Z1.recompute([0, 0.5])).toThrow(`${rule} [0, 0.5]`);
    expect(() => Z1.element("x" as never)).toThrow("explain: the index in Z1 must be an array of numbers");
    const loss = steps.find(({ name }) => name === "loss")!;
    expect(() => loss.substituted([0])).toThrow("explain: loss is (): it is one number, whose index is [], got [0]");
  });

  test("explain takes a trace alone", () => {
    const rule = "explain: the first argument must be a trace, as trace(trainer, x, y) gives, got";
    expect(() => w.explain([] as never)).toThrow(`${rule} an array of 0`);
    expect(() => w.explain(undefined as never)).toThrow(`${rule} undefined`);
  });
});
