// What several lessons share: one sigmoid neuron, and how often it is right.
import { binaryCrossEntropy, dense, type Model, sequential, sgd, sigmoid, Trainer, zeros } from "../../src/index.ts";
import { indent, regions } from "../draw.ts";
import type { Voice } from "../text.ts";

/** Rows of inputs with their yes or no. */
export interface Examples {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/** y = sigmoid(w x + b), starting at w = 0, b = 0 or at random weights. */
export async function neuron(inputs: number, options: { seed?: number; fromZero?: boolean } = {}): Promise<Model> {
  const { seed = 1, fromZero = false } = options;
  const start = fromZero ? { kernelInitializer: zeros() } : {};
  return sequential({ input: inputs, seed }, dense(1, start), sigmoid());
}

/** A trainer without momentum, with the binary cross-entropy as its loss. */
export function gradientDescent(model: Model, learningRate: number): Trainer {
  return new Trainer(model, { loss: binaryCrossEntropy(), optimizer: sgd({ learningRate }) });
}

/** Full-batch gradient descent; the loss before each update. */
export async function descend(trainer: Trainer, { x, y }: Examples, updates: number): Promise<number[]> {
  const { loss } = await trainer.fit(
    { x, y },
    { epochs: updates, batchSize: x.length, shuffle: false, progress: false },
  );
  return loss;
}

/** Examples on whose right side the output is. */
export function countRight(model: Model, { x, y }: Examples): number {
  return model.classify(x).reduce((right, label, r) => right + (label === y[r] ? 1 : 0), 0);
}

/** What the model says between `from` and `to` on both axes, as the output of a yes, and the examples as points. */
export function drawRegions(
  v: Voice,
  { x, y }: Examples,
  yes: (grid: [number, number][]) => ArrayLike<number>,
  from: number,
  to: number,
): void {
  const points = x.map((row, r) => ({ x: row[0]!, y: row[1]!, label: y[r] as 0 | 1 }));
  v.show(indent(regions(yes, points, from, to)));
}

/** The weights and the bias of a single neuron. */
export function weightsOf(model: Model): { w: number[]; b: number } {
  const [weight, bias] = model.parameters();
  return { w: [...weight!.get()], b: bias!.get()[0]! };
}
