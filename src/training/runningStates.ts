// What layers keep as state, such as running statistics, where the passes of an update are run apart: each begins with
// the state from before the update, and what they make of it is put together as if they had been run one after another.
import type { Model } from "../model/model.ts";

/** More than a float32 is rounded by, relative to it. */
const ROUNDING = 3e-7;

/**
 * A pass moves a state by a share s towards a value of its own. Its distance from the state before the update is then
 * (1 - s) times what it was before the pass, plus what the pass adds to it, d = new - old. So passes one after another
 * would have made old + sum of (1 - s)^(passes after it) d.
 */
export class RunningStates {
  readonly #model: Model;
  /** What is left of a distance after a pass, of each number. */
  readonly #left: Float64Array;

  constructor(model: Model) {
    this.#model = model;
    const { address, bytes } = model.run.state;
    this.#left = new Float64Array(bytes / 4).fill(1);
    // a shared layer moves its state each time that it is used
    for (const { parameters, specs } of model.nodes) {
      parameters.forEach((parameter, i) => {
        const { follows } = specs[i]!;
        if (specs[i]!.trained !== false || follows === undefined) return;
        const from = (parameter.address - address) / 4;
        for (let at = from; at < from + parameter.size; at++) this.#left[at]! *= 1 - Math.fround(follows);
      });
    }
  }

  /** How many numbers they are. */
  get length(): number {
    return this.#left.length;
  }

  /** The states as they are. */
  read(): Float32Array {
    return this.#model.core.arena.read(this.#model.run.state.address, this.length);
  }

  /** Sets the states, which are those from before the update, to what its passes make of them. */
  merge(made: readonly Float32Array[]): void {
    const { arena } = this.#model.core;
    const states = arena.floats(this.#model.run.state.address, this.length);
    for (let i = 0; i < states.length; i++) {
      const old = states[i]!;
      const left = this.#left[i]!;
      let moved = 0;
      let isNegative = old < 0;
      for (const state of made) {
        moved = left * moved + (state[i]! - old);
        isNegative ||= state[i]! - left * old < -ROUNDING * old;
      }
      const now = old + moved;
      // what only moves towards values that aren't below 0, such as a variance, isn't by a rounding error
      states[i] = isNegative ? now : Math.max(0, now);
    }
  }
}
