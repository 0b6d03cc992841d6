// Integers of 64 bits as numbers.

/** As float64; as they are if one is 2^53 or more, where numbers aren't exact. */
export function exactNumbers<T extends BigInt64Array | BigUint64Array>(
  integers: T,
  signed: boolean,
): Float64Array<ArrayBuffer> | T {
  const words = new Int32Array(integers.buffer, integers.byteOffset, 2 * integers.length);
  const numbers = new Float64Array(integers.length);
  for (let i = 0; i < numbers.length; i++) {
    const high = words[2 * i + 1]!;
    if (high >= 2 ** 21 || high < (signed ? -(2 ** 21) : 0)) return integers;
    numbers[i] = high * 2 ** 32 + (words[2 * i]! >>> 0);
  }
  return numbers;
}
