// W1 to W5: training through `fit`. Each runs once to be checked and warm, then is timed in bursts of its first updates; the weights must
// be the same after each burst.
import {
  accuracy,
  binaryCrossEntropy,
  dataset,
  dense,
  type Model,
  sequential,
  sgd,
  sigmoid,
  softmaxCrossEntropy,
  Trainer,
} from "../../build/index.js";
import { digits, initialParameters } from "../data.ts";
import { BURSTS, burstOf, repeat, type Result, result } from "../measure.ts";
import { TRAINING, type TrainingJob, XOR } from "../tasks.ts";
import { learner } from "./learners.ts";
import { variant } from "./variant.ts";

/** The last loss that PyTorch gives, and the share of the test images that it gets right. */
const EXPECTED: Readonly<Record<TrainingJob, { readonly loss: number; readonly accuracy?: number }>> = {
  W2: { loss: 0.01808, accuracy: 0.9551 },
  W2b16: { loss: 0.46332 },
  W3: { loss: 0.33355 },
  W4: { loss: 0.3599 },
  W5: { loss: 1.962 },
};

export async function training(job: TrainingJob): Promise<Result> {
  const { name, rows, batch: batchSize } = TRAINING[job];
  const { model, fresh } = await learner(job, variant);
  const data = dataset(await digits("train", rows));
  const options = { epochs: 1, batchSize, shuffle: false, dropLast: true, progress: false };

  const checks: number[] = [];
  const onBatchEnd = (_batch: number, logs: Readonly<Record<string, number>>): void => void checks.push(logs["loss"]!);
  const start = performance.now();
  await fresh().fit(data, { ...options, callbacks: [{ onBatchEnd }] });
  const updates = burstOf(checks.length, performance.now() - start);
  const expected = EXPECTED[job];
  // a relu whose input is 0 but for rounding falls on either side: with the pixels in another order W3 ends at 0.33356
  expectNear(`${name} loss`, checks.at(-1)!, expected.loss, 2e-3);
  const more: Record<string, unknown> = { check: checks.at(-1), checks };
  if (expected.accuracy !== undefined) {
    more["accuracy"] = await accuracyOf(model);
    expectNear(`${name} accuracy`, more["accuracy"] as number, expected.accuracy, 1e-3);
  }
  const fingerprint = model.fingerprint();

  const first = dataset(await digits("train", updates * batchSize));
  let trainer: Trainer;
  const prints = new Set<string>();
  const times = await repeat(
    BURSTS,
    () => trainer.fit(first, options),
    () => {
      if (trainer) prints.add(model.fingerprint());
      trainer = fresh();
    },
  );
  if (prints.size !== 1) throw new Error(`${name}: bursts of the same updates gave other weights`);
  const rates = times.map((ms) => (updates * batchSize * 1000) / ms);
  return result(name, "samples/s", rates, { ...more, fingerprint });
}

/** Ten thousand updates of a tiny network: what a call costs. */
export async function xor(): Promise<Result> {
  const model = await sequential({ input: 2, ...variant }, dense(4), sigmoid(), dense(1), sigmoid());
  const initial = initialParameters("xor");
  const data = { x: XOR.x, y: XOR.y };
  const options = { batchSize: 4, shuffle: false, progress: false };
  const fresh = (): Trainer => {
    model.parameters().forEach((parameter, i) => parameter.set(initial[i]!.values));
    return new Trainer(model, { loss: binaryCrossEntropy(), optimizer: sgd({ learningRate: 0.5 }) });
  };
  await fresh().fit(data, { ...options, epochs: 100 });
  const start = performance.now();
  const history = await fresh().fit(data, { ...options, epochs: XOR.updates });
  const updates = burstOf(XOR.updates, performance.now() - start);
  const loss = history.loss.at(-1)!;
  const fingerprint = model.fingerprint();
  expectNear(`${XOR.name} loss`, loss, 0.0012258, 2e-4);
  let trainer: Trainer;
  const times = await repeat(
    BURSTS,
    () => trainer.fit(data, { ...options, epochs: updates }),
    () => (trainer = fresh()),
  );
  const whole = times.map((ms) => (ms * XOR.updates) / updates);
  return result(XOR.name, "ms", whole, { check: loss, fingerprint });
}

async function accuracyOf(model: Model): Promise<number> {
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd(), metrics: [accuracy()] });
  return (await trainer.evaluate(await digits("test", 10_000)))["accuracy"]!;
}

function expectNear(what: string, actual: number, expected: number, tolerance: number): void {
  if (!(Math.abs(actual - expected) <= tolerance * Math.abs(expected)))
    throw new Error(`${what}: got ${actual}, expected ${expected}; the work is not the same`);
}
