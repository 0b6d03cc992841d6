// One hidden layer solves what one neuron can't.
import { dense, type Model, sequential, sigmoid } from "../src/index.ts";
import { XOR } from "./gates.ts";
import { countRight, descend, gradientDescent } from "./neuron.ts";

/** A network that has learned XOR, and what its hidden layer makes of the rows. */
export interface Solved {
  readonly model: Model;
  /** The loss before each update. */
  readonly losses: readonly number[];
  /** For each row the outputs of the hidden units. */
  readonly hidden: readonly (readonly number[])[];
  /** For each row the network's output. */
  readonly outputs: readonly number[];
  /** Rows that are right. */
  readonly right: number;
}

/** A 2-n-1 network of sigmoids. */
export const hiddenNet = ({ units, seed }: { units: number; seed: number }): Promise<Model> =>
  sequential({ input: 2, seed }, dense(units), sigmoid(), dense(1), sigmoid());

/** A 2-n-1 network of sigmoids learns the four rows at once. */
export async function solveXor(options: {
  units: number;
  updates: number;
  rate: number;
  seed: number;
}): Promise<Solved> {
  const { units, updates, rate, seed } = options;
  const model = await hiddenNet({ units, seed });
  const losses = await descend(gradientDescent(model, rate), XOR, updates);
  const hidden = await hiddenOutputs(model, units, XOR.x);
  return { model, losses, hidden, outputs: [...model.predict(XOR.x)], right: countRight(model, XOR) };
}

/** The outputs of the hidden units for rows of x. */
export async function hiddenOutputs(
  model: Model,
  units: number,
  x: readonly (readonly number[])[],
): Promise<readonly (readonly number[])[]> {
  const first = await sequential({ input: 2, core: model.core }, dense(units), sigmoid());
  first.parameters().forEach((p, i) => p.set(model.parameters()[i]!.get()));
  const outputs = first.predict(x);
  return x.map((_, r) => Array.from(outputs.subarray(r * units, (r + 1) * units)));
}
