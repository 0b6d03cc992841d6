// The last places of two weights, and whether they have come back to where they were, to the last bit.
import type { Place } from "../elements/orbit.ts";
import { Rounds } from "../../../lessons/gates.ts";
import type { Weights } from "../../../lessons/neuron.ts";

/** Updates whose places are kept. */
const TRAIL = 200;

const placeOf = ({ w }: Weights): Place => [w[0]!, w[1]!];

export class Repetition {
  /** The last places, the present one last. */
  trail: readonly Place[] = [];
  /** Updates from one time to the next, and the one after which these weights were seen first. */
  repeat: { readonly length: number; readonly from: number } | undefined;
  /** The places that are gone round for ever. */
  cycle: readonly Place[] = [];
  #rounds = new Rounds();

  /** From these weights on. */
  start(weights: Weights): void {
    this.trail = [placeOf(weights)];
    this.repeat = undefined;
    this.cycle = [];
    this.#rounds = new Rounds();
    this.#rounds.same(weights);
  }

  /**
   * The weights after an update.
   *
   * @param updates since the start
   * @param round updates of one round of the rows: the weights are compared after each
   */
  add(weights: Weights, updates: number, round: number): void {
    this.trail = [...this.trail.slice(-TRAIL), placeOf(weights)];
    if (this.repeat || updates % round !== 0) return;
    const before = this.#rounds.same(weights);
    if (before === undefined) return;
    this.repeat = { length: (this.#rounds.count - before) * round, from: before * round };
    this.cycle = this.trail.slice(-this.repeat.length);
  }
}
