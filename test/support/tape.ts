// Reverse-mode differentiation of float64 numbers, one at a time: slow, short, and written without looking at any kernel.

export class Num {
  readonly value: number;
  gradient = 0;
  readonly #parents: readonly (readonly [Num, number])[];

  constructor(value: number, parents: readonly (readonly [Num, number])[] = []) {
    this.value = value;
    this.#parents = parents;
    tape.push(this);
  }

  /** Passes the gradient on to what the number was computed from. */
  pass(): void {
    for (const [parent, slope] of this.#parents) parent.gradient += slope * this.gradient;
  }

  plus(other: Num): Num {
    return new Num(this.value + other.value, [
      [this, 1],
      [other, 1],
    ]);
  }

  times(other: Num): Num {
    return new Num(this.value * other.value, [
      [this, other.value],
      [other, this.value],
    ]);
  }

  tanh(): Num {
    const y = Math.tanh(this.value);
    return new Num(y, [[this, 1 - y * y]]);
  }

  sigmoid(): Num {
    const y = 1 / (1 + Math.exp(-this.value));
    return new Num(y, [[this, y * (1 - y)]]);
  }

  /** 1 - x */
  rest(): Num {
    return new Num(1 - this.value, [[this, -1]]);
  }
}

let tape: Num[] = [];

/** Numbers with a gradient each. */
export const nums = (values: ArrayLike<number>): Num[] => Array.from(values, (value) => new Num(value));

/** Gradients of the sum of dy y, from the last number made back to the first. Forgets all numbers. */
export function backpropagate(y: readonly Num[], dy: ArrayLike<number>): void {
  y.forEach((num, i) => (num.gradient += dy[i]!));
  for (const num of tape.toReversed()) num.pass();
  tape = [];
}
