// gradCheck where many units have kinks: right networks are right, and faults are found all the same.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { normal, wholes } from "../support/seeded.ts";

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
type Targets = (seed: number, rows: number, outputs: number) => w.Target;
const labels: Targets = (seed, rows, outputs) => wholes(rows, { seed, below: outputs });
const numbers: Targets = (seed, rows, outputs) => normal(rows * outputs, { seed });
const signs: Targets = (seed, rows, outputs) => normal(rows * outputs, { seed }).map((v) => (v > 0 ? 1 : -1));

interface Network {
  readonly input: w.Shape;
  readonly layers: () => readonly w.Layer[];
  readonly loss: w.Loss;
  readonly rows: number;
  readonly y: Targets;
}

const softmax = w.softmaxCrossEntropy();
const around = (layer: () => w.Layer, rows: number): Network => ({
  input: [8],
  layers: () => [w.dense(12), layer(), w.dense(8), layer(), w.dense(4)],
  loss: softmax,
  rows,
  y: labels,
});
const dense = (loss: w.Loss, y: Targets, options = {}): Network => ({
  input: [8],
  layers: () => [w.dense(16, options), w.relu(), w.dense(4)],
  loss,
  rows: 128,
  y,
});

const NETWORKS: Readonly<Record<string, Network>> = {
  "a convolution, relu and max pooling": {
    input: [8, 8, 1],
    layers: () => [w.conv2d(4, { kernelSize: 3 }), w.relu(), w.maxPool2d(2), w.flatten(), w.dense(4)],
    loss: softmax,
    rows: 16,
    y: labels,
  },
  "relu on 128 rows": dense(softmax, labels),
  "squared errors": dense(w.meanSquaredError(), numbers),
  "sums of squared errors": dense(w.meanSquaredError({ reduction: "sum" }), numbers),
  "absolute errors": dense(w.meanAbsoluteError(), numbers),
  huber: dense(w.huber({ delta: 0.3 }), numbers),
  hinge: dense(w.hinge(), signs),
  l1: dense(softmax, labels, { kernelRegularizer: w.l1(0.05) }),
  ...Object.fromEntries(
    [w.relu, w.relu6, w.leakyRelu, w.hardSigmoid, w.prelu, () => w.elu({ alpha: 0.5 }), w.selu].flatMap((make) =>
      [4, 64].map((rows) => [`${make().type}, twice, on ${rows} rows`, around(make, rows)]),
    ),
  ),
  "attention whose bias makes no difference": {
    input: [6, 8],
    layers: () => [w.selfAttention({ heads: 2 }), w.groupNorm(8), w.flatten(), w.dense(3)],
    loss: softmax,
    rows: 8,
    y: labels,
  },
  "a bias before a norm": {
    input: [6, 6, 2],
    layers: () => [w.conv2d(4, { kernelSize: 3 }), w.instanceNorm(), w.relu(), w.flatten(), w.dense(3)],
    loss: softmax,
    rows: 8,
    y: labels,
  },
};

async function check({ input, layers, loss, rows, y }: Network, seed: number): Promise<w.GradCheckResult> {
  const model = await w.sequential({ input, seed }, ...layers());
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
  const x = normal(rows * sizeOf(input), { seed: seed + 100 });
  return w.gradCheck(trainer, x, y(seed + 200, rows, model.outputShape[0]!), { limit: 64 });
}

test.each(Object.entries(NETWORKS))(
  "%s: right for 20 seeds",
  async (_, network) => {
    for (const seed of SEEDS) {
      const result = await check(network, seed);
      expect(result.ok, `seed ${seed}: ${String(result)}`).toBe(true);
      // what is left out is the exception
      expect(result.kinks, `seed ${seed}`).toBeLessThan(0.25 * (result.kinks + result.checked));
    }
  },
  120_000,
);

test("kinks are counted, left out, and shown; a smooth network has none", async () => {
  const network = NETWORKS["a convolution, relu and max pooling"]!;
  const results = await Promise.all(SEEDS.map((seed) => check(network, seed)));
  const some = results.find(({ kinks }) => kinks > 0)!;
  expect(new Set(results.map(({ checked, kinks }) => checked + kinks)).size).toBe(1); // nothing is lost
  expect(String(some)).toMatch(
    new RegExp(`^gradients right: ${some.checked} compared, .*; ${some.kinks} next to a kink`),
  );
  const smooth = await check(around(w.tanh, 128), 1);
  expect(smooth.kinks).toBe(0);
  expect(String(smooth)).toMatch(/^gradients right: \d+ compared, worst error \S+\n/);
});

type Fault = "scaled" | "scaledX" | "zeroed" | "zeroedX" | "sign" | "signX" | "transposed" | "rows" | "biasRow";
const FAULTS: readonly Fault[] = ["scaled", "scaledX", "zeroed", "zeroedX", "sign", "signX", "transposed", "rows", "biasRow"]; // prettier-ignore

/** A dense layer of n units for n numbers, with a backward pass that is wrong in one way. */
const wrong = (n: number, fault: Fault | undefined): w.Layer =>
  w.customLayer({
    type: "own",
    parameters: {
      weight: { shape: [n, n], initializer: w.glorotUniform() },
      bias: { shape: n, initializer: w.constant(0.1) },
    },
    forward({ x, y, rows, parameters: { weight, bias } }) {
      for (let r = 0; r < rows; r++)
        for (let j = 0; j < n; j++) {
          let sum = bias[j]!;
          for (let i = 0; i < n; i++) sum += x[r * n + i]! * weight[i * n + j]!;
          y[r * n + j] = sum;
        }
    },
    backward({ x, dy, dx, rows, parameters: { weight }, gradients }) {
      const factor = fault === "scaled" ? 1.01 : fault === "sign" ? -1 : 1;
      const factorX = fault === "scaledX" ? 1.01 : fault === "signX" ? -1 : 1;
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) {
            sum += dy[r * n + j]! * weight[fault === "transposed" ? j * n + i : i * n + j]!;
            if ((fault === "zeroed" && i === 1 && j === 2) || (fault === "rows" && r > 0)) continue;
            gradients.weight![i * n + j]! += factor * x[r * n + i]! * dy[r * n + j]!;
          }
          if (dx) dx[r * n + i] = fault === "zeroedX" && i === 3 ? 0 : factorX * sum;
        }
        if (fault === "biasRow" && r > 0) continue;
        for (let j = 0; j < n; j++) gradients.bias![j]! += factor * dy[r * n + j]!;
      }
    },
  });

describe.each([
  ["tanh", w.tanh, 4],
  ["tanh", w.tanh, 64],
  ["softplus", w.softplus, 16],
  ["relu", w.relu, 8],
  ["relu", w.relu, 32],
  ["leakyRelu", w.leakyRelu, 16],
] as const)("a layer of one's own next to %s", (_, activation, rows) => {
  // no unit is dead in these: a gradient that is 0 can't be set to 0 wrongly
  const positive = { kernelInitializer: w.glorotUniform(), biasInitializer: w.constant(0.2) };
  const network = (fault?: Fault): Network => ({
    input: [6],
    layers: () => [w.dense(8, positive), activation(), wrong(8, fault), activation(), w.dense(3)],
    loss: softmax,
    rows,
    y: labels,
  });

  test(`right on ${rows} rows`, async () => {
    for (const seed of SEEDS) expect((await check(network(), seed)).ok, `seed ${seed}`).toBe(true);
  }, 300_000);

  // kinks of many rows hide a percent
  const kinky = ([w.relu, w.leakyRelu] as readonly unknown[]).includes(activation);
  const found = FAULTS.filter((fault) => fault !== "scaledX" || rows < 16 || !kinky);

  test.each(found)(
    `wrong on ${rows} rows: %s`,
    async (fault) => {
      for (const seed of SEEDS.slice(0, 10)) {
        const result = await check(network(fault), seed);
        const right = await w.sequential({ input: 6, seed }, ...network().layers());
        const trainer = new w.Trainer(right, { loss: softmax, optimizer: w.sgd() });
        trainer.step(normal(rows * 6, { seed: seed + 100 }), labels(seed + 200, rows, 3));
        const gradients = right.parameters().map((p) => p.gradient());
        // what is 0 or nearly so, of units that are off or next to their kinks, can't be zeroed so that it is seen
        const [zeroed, all] = fault === "zeroedX" ? [gradients[1]![3]!, gradients[1]!] : [gradients[2]![8 + 2]!, gradients[2]!]; // prettier-ignore
        const small = fault.startsWith("zeroed") && Math.abs(zeroed) < 0.05 * Math.max(...all.map(Math.abs));
        if (small && kinky) continue;
        expect(result.ok, `seed ${seed}: ${String(result)}`).toBe(false);
      }
    },
    120_000,
  );
});

/** Hands on what it gets, and back so many times the gradient. */
const passing = (factor: number): w.Layer =>
  w.customLayer({
    type: "passing",
    forward: ({ x, y }) => y.set(x),
    backward({ dy, dx }) {
      if (dx) for (let i = 0; i < dx.length; i++) dx[i] = factor * dy[i]!;
    },
  });

describe("several units at their kinks together: the gradient may be no side's", () => {
  const at = async (factor: number): Promise<w.GradCheckResult> => {
    const layers = [w.dense(5), w.leakyRelu(), w.dense(2), passing(factor), w.relu(), w.dense(1), w.sigmoid()];
    const model = await w.sequential({ input: 1, seed: 5 }, ...layers);
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropy(), optimizer: w.sgd() });
    // x and the biases are 0: both units of the second layer stand at 0, with weights of either sign
    return w.gradCheck(trainer, [[0]], [1], { values: true, offenders: 100 });
  };

  test("right", async () => {
    const result = await at(1);
    expect(result.ok, String(result)).toBe(true);
    expect(result.kinks).toBeGreaterThan(1);
  });

  test.each([1.01, 0, -1, 2])("times %d", async (factor) => {
    const { offenders } = await at(factor);
    expect(offenders.filter(({ parameter, error }) => parameter === "da1" && error > 0.005).length).toBeGreaterThan(0);
  });
});

describe("an output that is 1 where it should be 0: the loss jumps, and no step is as steep as the gradient", () => {
  const at = async (factor: number): Promise<w.GradCheckResult> => {
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(1), w.sigmoid(), passing(factor));
    model.parameters()[0]!.set([1000]);
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropy(), optimizer: w.sgd() });
    return w.gradCheck(trainer, [[1]], [0], { values: ["da1"], offenders: 100 });
  };

  test("right", async () => {
    const result = await at(1);
    expect(result.ok, String(result)).toBe(true);
    expect(result.kinks).toBe(1);
  });

  test.each([0, -1])("times %d", async (factor) => {
    const { ok, offenders } = await at(factor);
    expect(ok).toBe(false);
    expect(offenders[0]!.parameter).toBe("da1");
  });
});
