// Numbers of 16 and 8 bits with a fraction, as float32 and back.

/** A format of numbers: a sign, an exponent, and digits behind the leading 1. */
export interface SmallFloat {
  /** Bits of the digits. */
  readonly digits: number;
  /** The exponent of a number is the written one less this. */
  readonly bias: number;
}

export const FLOAT16: SmallFloat = { digits: 10, bias: 15 };
export const BFLOAT16: SmallFloat = { digits: 7, bias: 127 };
export const FLOAT8_E5M2: SmallFloat = { digits: 2, bias: 15 };
/** Has no infinity: the largest exponent is one of numbers, but for one that is none. */
export const FLOAT8_E4M3: SmallFloat = { digits: 3, bias: 7 };

const INFINITE = 0x7f800000;

/** What both ways need to know. */
const partsOf = ({ digits, bias }: SmallFloat) => ({
  sign: digits < 7 ? 0x80 : 0x8000,
  /** How infinity is written; what is larger is no number. */
  infinity: digits === 3 ? 0x7f : (2 * bias + 1) << digits,
  /** From the digits to those of float32. */
  up: 23 - digits,
  /** From the exponent to that of float32, whose range is that of bfloat16. */
  rebias: (127 - bias) << 23,
  /** Steps of the smallest numbers in 1, which have no leading 1. */
  steps: 1 << (bias - 1 + digits),
});

/** As float32: all are exact, and what is no number keeps its bits. */
export function widen(given: ArrayLike<number>, format: SmallFloat): Float32Array<ArrayBuffer> {
  const { sign, infinity, up, rebias, steps } = partsOf(format);
  const numbers = new Float32Array(given.length);
  const words = new Uint32Array(numbers.buffer);
  for (let i = 0; i < words.length; i++) {
    const size = given[i]! & (sign - 1);
    if (size >= infinity) words[i] = infinity === 0x7f ? 0x7fc00000 : INFINITE | ((size - infinity) << up);
    else if (rebias !== 0 && size < 1 << (23 - up)) numbers[i] = size / steps;
    else words[i] = (size << up) + rebias;
    if ((given[i]! & sign) !== 0) words[i]! |= 0x80000000;
  }
  return numbers;
}

/** The largest number of a format. */
export const largestOf = (format: SmallFloat): number => widen([partsOf(format).infinity - 1], format)[0]!;

/**
 * float32 as the nearest number of a format, of two that are as near the even one. What is no number is always the same one.
 *
 * @param beyond is told of each finite number that would be infinite, or none
 */
export function narrow(
  numbers: Float32Array,
  format: SmallFloat,
  beyond?: (i: number) => void,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const { sign, infinity, up, rebias, steps } = partsOf(format);
  const out = new (sign === 0x80 ? Uint8Array : Uint16Array)(numbers.length);
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  /** Its sum with what is smaller than the smallest number with a leading 1 has the steps of those, and is rounded as it must be. */
  const added = 2 ** 23 / steps;
  /** Half a step, less a little where the digit before is even; a carry is the next exponent's. */
  const half = (1 << (up - 1)) - 1;
  for (let i = 0; i < out.length; i++) {
    const word = words[i]!;
    const size = word & 0x7fffffff;
    if (size > INFINITE) {
      out[i] = infinity | (1 << (22 - up));
      continue;
    }
    const small = rebias !== 0 && size < rebias + (1 << 23);
    const value = small
      ? (Math.fround(Math.abs(numbers[i]!) + added) - added) * steps
      : Math.min(infinity, (size - rebias + half + ((size >>> up) & 1)) >>> up);
    if (value === infinity && size < INFINITE) beyond?.(i);
    out[i] = word >>> 31 ? sign | value : value;
  }
  return out;
}
