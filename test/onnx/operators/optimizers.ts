// One update. ONNX's step T counts from 0, when Adam corrects nothing.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { type Mapping, modelOf } from "../mapping.ts";
import { input, need, numberOf, textOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { floats } from "../tensors.ts";

/** Learning rate, step, and then for each tensor: itself, its gradient, its states. */
async function update(entry: Case, optimizer: w.Optimizer, states: number): Promise<Tensor[]> {
  const count = (entry.inputs.length - 2) / (2 + states);
  const all = Array.from({ length: count }, (_, i) =>
    stepOf(
      optimizer,
      Array.from({ length: 2 + states }, (_unused, k) => input(entry, 2 + k * count + i)),
    ),
  );
  const results = await Promise.all(all);
  return Array.from({ length: 1 + states }, (_, k) => results.map((result) => result[k]!)).flat();
}

/** The tensor and its states after the update. */
async function stepOf(optimizer: w.Optimizer, [x, gradient, ...states]: readonly Tensor[]): Promise<Tensor[]> {
  const n = x!.data.length;
  // its weight's gradient is dy
  const model = await modelOf(1, [w.dense(n, { useBias: false })], { weight: x!.data });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  model.forward([[1]]);
  model.zeroGradients();
  model.backward([Array.from(gradient!.data)]);
  // a trainer's state ends with the optimizer's states and the gradients, each as long as the parameters
  const bytes = trainer.state();
  const at = (k: number): Float32Array => {
    const start = bytes.length - (states.length + 1 - k) * model.run.bytes;
    return new Float32Array(bytes.slice(start, start + 4 * n).buffer);
  };
  states.forEach(({ data }, k) => {
    const start = bytes.length - (states.length + 1 - k) * model.run.bytes;
    bytes.set(new Uint8Array(Float32Array.from(data).buffer), start);
  });
  trainer.restore(bytes);
  trainer.update();
  bytes.set(trainer.state());
  return [floats(model.parameters()[0]!.get(), x!.shape), ...states.map(({ shape }, k) => floats(at(k), shape))];
}

/** The rate R, the step T, and the decay. */
const common = (entry: Case): { rate: number; step: number; weightDecay: number } => ({
  rate: input(entry, 0).data[0]!,
  step: input(entry, 1).data[0]!,
  weightDecay: numberOf(entry, "norm_coefficient", 0),
});

export const optimizers: Readonly<Record<string, Mapping>> = {
  async Adagrad(entry) {
    const { rate, step, weightDecay } = common(entry);
    const learningRate = rate / (1 + step * numberOf(entry, "decay_factor", 0));
    return update(entry, w.adagrad({ learningRate, weightDecay, epsilon: numberOf(entry, "epsilon", 1e-6) }), 1);
  },
  async Momentum(entry) {
    const { rate, step, weightDecay } = common(entry);
    need(step === 0 || numberOf(entry, "beta", 1) === 1, "beta");
    const nesterov = textOf(entry, "mode", "standard") === "nesterov";
    return update(
      entry,
      w.sgd({ learningRate: rate, weightDecay, momentum: numberOf(entry, "alpha", 0.9), nesterov }),
      1,
    );
  },
  // ours corrects by the first step's shares, and has epsilon behind the correction
  async Adam(entry) {
    const { rate, step, weightDecay } = common(entry);
    need(step === 0, "steps after the first");
    need(numberOf(entry, "norm_coefficient_post", 0) === 0, "norm_coefficient_post");
    const [beta1, beta2] = [numberOf(entry, "alpha", 0.9), numberOf(entry, "beta", 0.999)];
    const correction = Math.sqrt(1 - beta2);
    const learningRate = (rate * (1 - beta1)) / correction;
    const epsilon = numberOf(entry, "epsilon", 1e-6) / correction;
    return update(entry, w.adam({ learningRate, weightDecay, beta1, beta2, epsilon }), 2);
  },
};
