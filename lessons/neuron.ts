// What several lessons share: one sigmoid neuron, how it learns, and how often it is right. Nothing here prints or draws: the command
// and the web pages show what these functions give.
import { binaryCrossEntropy, dense, type Model, sequential, sgd, sigmoid, Trainer, zeros } from "../src/index.ts";

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

/** Where a neuron stands. */
export interface Weights {
  readonly w: readonly number[];
  readonly b: number;
}

/** A place on the way down: the weights and, at them, the loss. */
export interface Place extends Weights {
  readonly loss: number;
}

/** The weights and the bias of a single neuron. */
export function weightsOf(model: Model): Weights {
  const [weight, bias] = model.parameters();
  return { w: [...weight!.get()], b: bias!.get()[0]! };
}

/**
 * The way of gradient descent on all rows at once, a place at a time: where it stands before each update. It goes on for as long as it
 * is asked.
 */
export function* descent(trainer: Trainer, { x, y }: Examples): Generator<Place, never> {
  for (;;) {
    const weights = weightsOf(trainer.model);
    yield { ...weights, loss: trainer.step(x, y)["loss"]! };
  }
}

/** Examples on whose right side the output is. */
export function countRight(model: Model, { x, y }: Examples): number {
  return model.classify(x).reduce((right, label, r) => right + (label === y[r] ? 1 : 0), 0);
}
