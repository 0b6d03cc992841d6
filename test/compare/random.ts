// Random choices for programs.
import { generator } from "../support/seeded.ts";

/** Random choices, all of one seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = generator(seed);
    for (let i = 0; i < 3; i++) this.#next();
  }

  /** An integer from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** A number in [low, high) with two digits. */
  number(low: number, high: number): number {
    return Number((low + this.#next() * (high - low)).toPrecision(2));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }
}
