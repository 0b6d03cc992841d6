// What one neuron can learn, and what it can't: AND, OR, NOT, and XOR.
import type { Model, Trainer } from "../src/index.ts";
import { countRight, descend, type Examples, gradientDescent, neuron, type Weights, weightsOf } from "./neuron.ts";

const PAIRS = [[0, 0], [0, 1], [1, 0], [1, 1]] as const; // prettier-ignore

/** The gates that one neuron can learn. */
export const GATES: readonly { readonly name: string; readonly examples: Examples }[] = [
  { name: "AND", examples: { x: PAIRS, y: [0, 0, 0, 1] } },
  { name: "OR", examples: { x: PAIRS, y: [0, 1, 1, 1] } },
  { name: "NOT", examples: { x: [[0], [1]], y: [1, 0] } },
];

/** The four rows of XOR. */
export const XOR: Examples = { x: PAIRS, y: [0, 1, 1, 0] };

/** A neuron that has learned, or tried to. */
export interface Learned extends Weights {
  readonly model: Model;
  /** The loss before each update. */
  readonly losses: readonly number[];
  /** Its output for each row. */
  readonly outputs: readonly number[];
  /** Rows that are right. */
  readonly right: number;
}

/** Gradient descent on all rows at once. */
export async function learn(examples: Examples, options: { updates: number; rate: number }): Promise<Learned> {
  const model = await neuron(examples.x[0]!.length);
  const losses = await descend(gradientDescent(model, options.rate), examples, options.updates);
  const outputs = [...model.predict(examples.x)];
  return { model, losses, outputs, right: countRight(model, examples), ...weightsOf(model) };
}

/** The weights after an update on one row. */
export interface Move extends Weights {
  /** The row. */
  readonly row: number;
  /** Rows that are right now. */
  readonly right: number;
}

/** Updates sample by sample, in the order of the rows, for as long as it is asked. */
export function* sampleBySample(trainer: Trainer, examples: Examples): Generator<Move, never> {
  for (;;) {
    for (const [row, x] of examples.x.entries()) {
      trainer.step([x], [examples.y[row]!]);
      yield { row, right: countRight(trainer.model, examples), ...weightsOf(trainer.model) };
    }
  }
}

/** Finds out whether weights come back, to the last bit: it is told them at the beginning of each round of the rows. */
export class Rounds {
  readonly #seen = new Map<string, number>();

  /** The earlier round, counted from 0, at whose beginning the weights had the same bits; undefined if there is none. */
  same({ w, b }: Weights): number | undefined {
    const bits = new Uint32Array(Float32Array.of(...w, b).buffer).join();
    const before = this.#seen.get(bits);
    if (before === undefined) this.#seen.set(bits, this.#seen.size);
    return before;
  }

  /** Rounds so far that were unlike any before. */
  get count(): number {
    return this.#seen.size;
  }
}

/** How XOR fares when the weights move after every sample. */
export interface Cycle {
  /** Updates after which the weights have the same bits again; they then repeat for ever. */
  readonly length: number;
  /** The update at which the cycle had begun. */
  readonly from: number;
  /** The weights after each update of the cycle. */
  readonly moves: readonly Move[];
}

/** The rate at which `xorCycle` goes. */
export const CYCLE_RATE = 8;

const MOST_ROUNDS = 20_000;

/**
 * XOR sample by sample, in the order of the table, until the weights come back, bit by bit.
 *
 * @throws {Error} if they don't in 20,000 rounds
 */
export async function xorCycle(): Promise<Cycle> {
  const model = await neuron(2);
  const trainer = gradientDescent(model, CYCLE_RATE);
  const rows = XOR.x.length;
  const rounds = new Rounds();
  while (rounds.count < MOST_ROUNDS) {
    const state = model.fingerprint();
    const before = rounds.same(weightsOf(model));
    if (before === undefined) {
      XOR.x.forEach((row, r) => void trainer.step([row], [XOR.y[r]!]));
      continue;
    }
    const length = (rounds.count - before) * rows;
    const way = sampleBySample(trainer, XOR);
    const moves = Array.from({ length }, () => way.next().value);
    if (model.fingerprint() !== state) throw new Error("gates: the weights did not come back");
    return { length, from: before * rows, moves };
  }
  throw new Error(`gates: no cycle in ${MOST_ROUNDS} rounds`);
}
