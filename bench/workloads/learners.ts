// The networks of W2 to W5 with their initial weights and optimizers; also for the page in examples/bench.
import {
  adam,
  conv2d,
  dense,
  flatten,
  lstm,
  maxPool2d,
  type Model,
  type Optimizer,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
  Trainer,
} from "../../build/index.js";
import { type InitialNetwork, initialParameters } from "../data.ts";
import type { TrainingJob } from "../tasks.ts";

interface Network {
  readonly model: Model;
  readonly start: InitialNetwork;
  readonly optimizer: () => Optimizer;
}

interface Variant {
  readonly threads?: number;
}

const momentum = (): Optimizer => sgd({ learningRate: 0.1, momentum: 0.9 });

async function mlp(variant: Variant): Promise<Network> {
  const model = await sequential({ input: 784, ...variant }, dense(128), relu(), dense(10));
  return { model, start: "mlp", optimizer: momentum };
}

const NETWORKS: Readonly<Record<TrainingJob, (variant: Variant) => Promise<Network>>> = {
  W2: mlp,
  W2b16: mlp,
  W3: async (variant) => ({
    model: await sequential({ input: 784, ...variant }, dense(1024), relu(), dense(1024), relu(), dense(10)),
    start: "big",
    optimizer: momentum,
  }),
  W4: async (variant) => ({
    model: await sequential(
      { input: [28, 28, 1], ...variant },
      conv2d(8, { kernelSize: 5, padding: "same" }),
      relu(),
      maxPool2d(2),
      conv2d(16, { kernelSize: 5, padding: "same" }),
      relu(),
      maxPool2d(2),
      flatten(),
      dense(10),
    ),
    start: "cnn",
    optimizer: () => adam({ learningRate: 1e-3 }),
  }),
  W5: async (variant) => ({
    model: await sequential({ input: [28, 28], ...variant }, lstm(64), dense(10)),
    start: "lstm",
    optimizer: () => adam({ learningRate: 1e-3 }),
  }),
};

export interface Learner {
  readonly model: Model;
  /** A trainer that begins again with the initial weights. */
  fresh(): Trainer;
}

export async function learner(job: TrainingJob, variant: Variant = {}): Promise<Learner> {
  const { model, start, optimizer } = await NETWORKS[job](variant);
  const initial = initialParameters(start);
  return {
    model,
    fresh() {
      model.parameters().forEach((parameter, i) => parameter.set(initial[i]!.values));
      return new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: optimizer() });
    },
  };
}
