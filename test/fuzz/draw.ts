// Draws at random, by a seed: what a fuzzer makes its inputs of.
import { generator } from "../support/seeded.ts";

/** Draws numbers, members of lists and bytes; of one seed always the same. */
export class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = generator(seed);
  }

  /** An integer from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** An integer from `least` to `most`. */
  from(least: number, most: number): number {
    return least + this.int(most - least + 1);
  }

  /** True in this share of all cases. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!;
  }

  /** One of several functions, called. */
  call<T>(list: readonly (() => T)[]): T {
    return this.pick(list)();
  }

  /** As many as the count, each made by the function. */
  list<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.int(256));
  }

  /** A number that programs get wrong: at the edge of a type, negative, broken, or no number. */
  number(): number {
    return this.call([
      () => this.from(-3, 9),
      () => this.pick([0, -0, 1, -1, 0.5, 1.5, 7, 8, 16, 31, 32, 33, 64, 255, 256, 1000]),
      () =>
        this.pick([
          2 ** 15,
          2 ** 16,
          2 ** 24 + 1,
          2 ** 30,
          2 ** 31 - 1,
          2 ** 31,
          2 ** 32,
          2 ** 40,
          2 ** 53 - 1,
          2 ** 53,
          2 ** 53 + 2,
        ]),
      () =>
        this.pick([
          NaN,
          Infinity,
          -Infinity,
          1e-45,
          1e-38,
          1e-300,
          3.4028235e38,
          3.5e38,
          1e300,
          -1e300,
          Number.MAX_VALUE,
        ]),
      () => (this.#next() - 0.5) * 10 ** this.from(-6, 6),
    ]);
  }

  /** A text that programs get wrong: empty, long, a name of JavaScript's own, control characters, half a character. */
  text(): string {
    return this.call([
      () => this.pick(["", " ", "a", "0", "-1", "1e3", "relu", "dense", "dense1", "weight", "input"]),
      () =>
        this.pick(["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "then", "length"]),
      () =>
        this.pick([
          "\0",
          "\u001b[2J",
          "\u202etxt",
          "\ud800",
          "é",
          "漢字",
          "🙂",
          "a\nb",
          "\ufeff",
          '"',
          "\\",
          "%s%n",
          "${x}",
          "../x",
        ]),
      () => this.pick(["null", "undefined", "NaN", "true", "[]", "{}", "function", "text ".repeat(200)]),
      () => String.fromCharCode(...this.list(this.from(1, 6), () => this.from(32, 126))),
    ]);
  }
}
