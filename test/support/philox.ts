// The core's random numbers in plain TypeScript: Philox4x32-10 as its paper describes it, and what is computed from its
// numbers. see: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011

type Four = [number, number, number, number];

/** The low and the high half of a product of two 32-bit numbers. */
function multiply(a: number, b: number): [low: number, high: number] {
  const product = BigInt(a) * BigInt(b);
  return [Number(product & 0xffffffffn), Number(product >> 32n)];
}

/** A block of four 32-bit numbers. */
export function philox([c0, c1, c2, c3]: Readonly<Four>, [key0, key1]: readonly [number, number]): Four {
  for (let round = 0; round < 10; round++) {
    const [low0, high0] = multiply(c0, 0xd2511f53);
    const [low1, high1] = multiply(c2, 0xcd9e8d57);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ key0) >>> 0, low1, (high0 ^ c3 ^ key1) >>> 0, low0];
    key0 = (key0 + 0x9e3779b9) >>> 0;
    key1 = (key1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** What chooses the numbers: the seed's halves, the stream and the sequence, which has up to 53 bits. */
export type Choice = readonly [seedLow: number, seedHigh: number, stream: number, sequence: number];

/** Numbers 0 to count - 1. */
export function bitsOf(count: number, [seedLow, seedHigh, stream, sequence]: Choice): number[] {
  const blocks = Array.from({ length: Math.ceil(count / 4) }, (_, block) =>
    philox([block, sequence % 2 ** 32, stream, Math.floor(sequence / 2 ** 32)], [seedLow, seedHigh]),
  );
  return blocks.flat().slice(0, count);
}

/** Fisher and Yates from the last position down: position i is exchanged with position floor(number i (i + 1) / 2^32). */
export function permutationOf(count: number, choice: Choice): number[] {
  const numbers = bitsOf(count, choice);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor((numbers[i]! * (i + 1)) / 2 ** 32); // below 2^53 for every count that a test can afford
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
