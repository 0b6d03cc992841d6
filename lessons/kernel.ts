// The other way out of XOR: similarity to examples instead of position. A support vector machine.
import {
  dense,
  exponentialDecay,
  hinge,
  type Model,
  rbf,
  rbfNorm,
  sequential,
  sgd,
  Trainer,
  zeros,
} from "../src/index.ts";
import { countRight, descend, type Examples } from "./neuron.ts";

/** A trained kernel machine: z = alpha1 K(x, c1) + ... + b. */
export interface KernelMachine {
  readonly model: Model;
  /** How similar the rows are to one another: a row of the matrix for each. */
  readonly K: readonly (readonly number[])[];
  /** What the penalty on the size of the function counts: 1 / (cost rows). */
  readonly lambda: number;
  /** The loss before each update. */
  readonly losses: readonly number[];
  /** A weight for each row. */
  readonly alpha: readonly number[];
  readonly b: number;
  /** What the machine gives for each row; at the margin that is 1 or -1. */
  readonly z: readonly number[];
  /** The rows' labels as the machine says them, 1 or -1, and as they should be. */
  readonly said: readonly number[];
  readonly targets: readonly number[];
  /** Rows that hold the margin: alpha isn't 0. */
  readonly supportVectors: readonly number[];
  /** Rows that are right. */
  readonly right: number;
}

/** A kernel machine before it has learned anything: every alpha is 0. */
export interface KernelMachineParts extends Pick<KernelMachine, "model" | "K" | "lambda"> {
  readonly trainer: Trainer;
  /** The rows, with 1 or -1 as their labels. */
  readonly examples: Examples;
}

/** What there is before training: the similarities, and a trainer of alpha and b, whose rate falls from 0.5. */
export async function kernelMachineParts(
  { x, y }: Examples,
  options: { gamma: number; cost: number },
): Promise<KernelMachineParts> {
  const { gamma, cost } = options;
  const m = x.length;
  const lambda = 1 / (cost * m);
  const similarity = rbf({ centres: x, gamma });
  const likeness = await sequential({ input: x[0]!.length }, similarity);
  const all = likeness.predict(x);
  const penalty = rbfNorm({ centres: x, gamma, lambda });
  const weights = dense(1, { kernelInitializer: zeros(), kernelRegularizer: penalty });
  const model = await sequential({ input: x[0]!.length, core: likeness.core }, similarity, weights);
  const schedule = exponentialDecay({ gamma: 0.98, per: "update" });
  const trainer = new Trainer(model, { loss: hinge(), optimizer: sgd({ learningRate: 0.5 }), schedule });
  const targets = y.map((label) => (label === 1 ? 1 : -1));
  return {
    model,
    K: x.map((_, r) => [...all.subarray(r * m, (r + 1) * m)]),
    lambda,
    trainer,
    examples: { x, y: targets },
  };
}

/** What has been learned so far. */
export function standing({
  model,
  examples: { x, y },
}: Pick<KernelMachineParts, "model" | "examples">): Pick<
  KernelMachine,
  "alpha" | "b" | "z" | "said" | "supportVectors" | "right"
> {
  const [, alphas, bias] = model.parameters();
  const alpha = [...alphas!.get()];
  return {
    alpha,
    b: bias!.get()[0]!,
    z: [...model.predict(x)],
    said: [...model.classify(x)],
    supportVectors: alpha.flatMap((value, i) => (Math.abs(value) > 1e-3 ? [i] : [])),
    right: countRight(model, { x, y }),
  };
}

/** Gradient descent on alpha and b. */
export async function kernelMachine(
  examples: Examples,
  options: { gamma: number; cost: number; updates: number },
): Promise<KernelMachine> {
  const parts = await kernelMachineParts(examples, options);
  const { model, K, lambda, trainer } = parts;
  const losses = await descend(trainer, parts.examples, options.updates);
  return { model, K, lambda, losses, targets: parts.examples.y, ...standing(parts) };
}
