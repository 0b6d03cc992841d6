// The core's random numbers in JavaScript, for data sets that are there before any memory: the same bits, by the operations of
// assembly/runtime/random.ts and assembly/numeric/math.ts in their order. Only +, -, *, / and square roots, which IEEE 754 fixes.

const WORD = 2 ** 32;

/** The low and the high half of a product of two 32-bit numbers. */
function multiply(a: number, b: number): [low: number, high: number] {
  const [a0, a1, b0, b1] = [a % 65536, Math.floor(a / 65536), b % 65536, Math.floor(b / 65536)];
  const first = a0 * b0;
  const middle = a1 * b0 + Math.floor(first / 65536);
  const other = a0 * b1 + (middle % 65536);
  return [Math.imul(a, b) >>> 0, a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536)];
}

/**
 * The numbers of a stream, from 0 up, as 32-bit integers: number i is word i mod 4 of block floor(i / 4). Philox4x32-10.
 *
 * @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 */
export function randomBits(seed: number, stream: number): () => number {
  let block = 0;
  let words: readonly number[] = [];
  let next = 4;
  return () => {
    if (next === 4) {
      words = philox(block++, stream, seed % WORD, Math.floor(seed / WORD));
      next = 0;
    }
    return words[next++]!;
  };
}

function philox(block: number, stream: number, key0: number, key1: number): readonly number[] {
  let [c0, c1, c2, c3] = [block, 0, stream, 0];
  for (let round = 0; round < 10; round++) {
    const [low0, high0] = multiply(c0, 0xd2511f53);
    const [low1, high1] = multiply(c2, 0xcd9e8d57);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ key0) >>> 0, low1, (high0 ^ c3 ^ key1) >>> 0, low0];
    key0 = (key0 + 0x9e3779b9) % WORD;
    key1 = (key1 + 0xbb67ae85) % WORD;
  }
  return [c0, c1, c2, c3];
}

/** Numbers in [0, 1), of 32 bits. */
export function randomUniform(seed: number, stream: number): () => number {
  const bits = randomBits(seed, stream);
  return () => bits() / WORD;
}

/** Normal numbers with mean 0 and standard deviation 1 (Box and Muller): sqrt(-2 ln u) cos(2 pi v), float64. */
export function randomNormal(seed: number, stream: number): () => number {
  const bits = randomBits(seed, stream);
  return () => {
    const radius = Math.sqrt(-2 * ln((bits() + 0.5) * 2.3283064365386963e-10));
    return radius * cos(bits() * 1.4629180792671596e-9); // 2 pi / 2^32
  };
}

/** A permutation of 0 to count - 1 (Fisher and Yates, from the last place down), count at most 2^20. */
export function permutation(count: number, seed: number, stream: number): Uint32Array {
  const numbers = Array.from({ length: count }, randomBits(seed, stream));
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor((numbers[i]! * (i + 1)) / WORD);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}

/** ln x for x from 2^-33 to 1: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
function ln(x: number): number {
  let [m, e] = [x, 0];
  for (; m < Math.sqrt(0.5); m *= 2) e--;
  const s = (m - 1) / (m + 1);
  const u = s * s;
  let p = 0;
  for (let k = 23; k >= 3; k -= 2) p = p * u + 1 / k;
  const rest = 2 * s * u * p + e * 1.9082149292705877e-10;
  return e * 0.6931471803691238 + (2 * s + rest);
}

/** cos x for |x| up to 10^5. */
export function cos(x: number): number {
  const size = Math.abs(x);
  const n = size * 0.6366197723675814 + 6755399441055744 - 6755399441055744; // the nearest quarter turn: 3 * 2^51 leaves no bits below 1
  const r = size - n * 1.5707963267341256 - n * 6.077100506303966e-11 - n * 2.0222662487959506e-21;
  const quarter = n % 4;
  const u = r * r;
  let p = 1;
  const odd = quarter % 2;
  for (let k = 18 + odd; k >= 2 + odd; k -= 2) p = 1 - (u / (k * (k - 1))) * p;
  if (odd) p *= r;
  return quarter === 1 || quarter === 2 ? -p : p;
}

/** sin x for |x| up to 10^5. */
export const sin = (x: number): number => cos(x - 1.5707963267948966);
