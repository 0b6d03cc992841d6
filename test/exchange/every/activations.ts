import * as w from "../../../src/index.ts";
import type { Spec } from "./spec.ts";

const alone = (says: string | undefined, make: () => w.Layer, input: number | w.Shape = 6): Spec => ({
  ...(says === undefined ? {} : { says }),
  input,
  layers: () => [make()],
});

/** Each activation by its formula's variants; some on images and sequences, whose last axis they may go by. */
export const ACTIVATIONS: Readonly<Record<string, readonly Spec[]>> = {
  celu: [alone(undefined, () => w.celu()), alone("alpha", () => w.celu({ alpha: 0.4 }))],
  clip: [
    alone(undefined, () => w.clip(-0.5, 0.75)),
    alone("low alone", () => w.clip({ low: -0.25 })),
    alone("high alone", () => w.clip({ high: 0.5 })),
  ],
  elu: [
    alone(undefined, () => w.elu()),
    alone("alpha", () => w.elu({ alpha: 0.3 })),
    alone("negative alpha", () => w.elu({ alpha: -0.6 })),
    alone("alpha 0", () => w.elu({ alpha: 0 })),
  ],
  gelu: [alone(undefined, () => w.gelu()), alone("tanh", () => w.gelu({ approximate: "tanh" }))],
  hardSigmoid: [
    alone(undefined, () => w.hardSigmoid()),
    alone("slope", () => w.hardSigmoid({ slope: 0.7 })),
    alone("slope and offset", () => w.hardSigmoid({ slope: 0.3, offset: 0.2 })),
  ],
  hardSwish: [alone(undefined, () => w.hardSwish())],
  leakyRelu: [alone(undefined, () => w.leakyRelu()), alone("slope", () => w.leakyRelu({ slope: 0.4 }))],
  logSoftmax: [alone(undefined, () => w.logSoftmax()), alone("steps", () => w.logSoftmax(), [3, 4])],
  mish: [alone(undefined, () => w.mish())],
  relu: [alone(undefined, () => w.relu()), alone("image", () => w.relu(), [2, 3, 2])],
  relu6: [
    alone(undefined, () => w.chain(w.dense(4, { kernelInitializer: w.uniform({ low: -4, high: 4 }) }), w.relu6())),
  ],
  selu: [
    alone(undefined, () => w.selu()),
    alone("alpha and scale", () => w.selu({ alpha: 2, scale: 0.7 })),
    alone("negative scale", () => w.selu({ alpha: 0.5, scale: -1.5 })),
  ],
  shrink: [
    alone(undefined, () => w.shrink({ threshold: 0.2 })),
    alone("bias", () => w.shrink({ threshold: 0.1, bias: 0.3 })),
  ],
  sigmoid: [alone(undefined, () => w.sigmoid())],
  silu: [alone(undefined, () => w.silu())],
  softmax: [
    alone(undefined, () => w.softmax()),
    alone("steps", () => w.softmax(), [3, 4]),
    alone("image", () => w.chain(w.conv2d(3, { kernelSize: 2 }), w.softmax()), [4, 3, 2]),
  ],
  softplus: [alone(undefined, () => w.softplus())],
  softsign: [alone(undefined, () => w.softsign())],
  tanh: [alone(undefined, () => w.tanh())],
  thresholdedRelu: [
    alone(undefined, () => w.thresholdedRelu({ threshold: 0.3 })),
    alone("negative threshold", () => w.thresholdedRelu({ threshold: -0.5 })),
  ],
};
