// Random numbers for tests: the same ones in every run.

export interface Seeded {
  readonly seed: number;
}

/**
 * Numbers in [0, 1), 32 bits each: mulberry32.
 *
 * @see github.com/bryc/code, jshash/PRNGs.md (public domain)
 */
export function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** float32 numbers, uniform in [low, high). */
export function uniform(
  count: number,
  { seed, low = -1, high = 1 }: Seeded & { low?: number; high?: number },
): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
}

/** float32 numbers, normal with mean 0 (Box and Muller). */
export function normal(count: number, { seed, deviation = 1 }: Seeded & { deviation?: number }): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return deviation * radius * Math.cos(2 * Math.PI * next());
  });
}

/** Integers from 0 to `below` - 1. */
export function wholes(count: number, { seed, below }: Seeded & { below: number }): Int32Array {
  const next = generator(seed);
  return Int32Array.from({ length: count }, () => Math.floor(below * next()));
}
