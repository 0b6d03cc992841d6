// Numbers of 16 and 8 bits with a fraction, as float32 and back.

/** A format of numbers: a sign, an exponent, and the digits behind the leading 1. */
export interface SmallFloat {
  /** Bits of a number, 8 or 16. */
  readonly bits: number;
  /** Bits of the digits. */
  readonly digits: number;
  /** The exponent of a number is the written one less this. */
  readonly bias: number;
  /** How infinity is written; what is larger is no number. */
  readonly infinity: number;
  /** The largest number. */
  readonly largest: number;
  /** It has no infinity: that is no number, either. */
  readonly finite?: boolean;
}

export const FLOAT16: SmallFloat = { bits: 16, digits: 10, bias: 15, infinity: 0x7c00, largest: 65504 };
export const BFLOAT16: SmallFloat = {
  bits: 16,
  digits: 7,
  bias: 127,
  infinity: 0x7f80,
  largest: 3.3895313892515355e38,
};
export const FLOAT8_E5M2: SmallFloat = { bits: 8, digits: 2, bias: 15, infinity: 0x7c, largest: 57344 };
export const FLOAT8_E4M3: SmallFloat = { bits: 8, digits: 3, bias: 7, infinity: 0x7f, largest: 448, finite: true };

const INFINITE = 0x7f800000;
/** Of all that is no number: engines differ in its other bits. */
const NAN = 0x7fc00000;

/** A power of 2 that a float64 has. */
const power = (exponent: number): number => {
  const words = new Uint32Array([0, (1023 + exponent) << 20]);
  return new Float64Array(words.buffer)[0]!;
};

/** As float32: all are exact, and what is no number keeps its bits. */
export function widen(given: ArrayLike<number>, format: SmallFloat): Float32Array<ArrayBuffer> {
  const { bits, digits, bias, infinity, finite } = format;
  const numbers = new Float32Array(given.length);
  const words = new Uint32Array(numbers.buffer);
  const sign = 1 << (bits - 1);
  const up = 23 - digits;
  const scale = power(127 - bias);
  for (let i = 0; i < words.length; i++) {
    const size = given[i]! & (sign - 1);
    words[i] = size << up;
    // also of those without a leading 1, which float32 has, too
    if (bias !== 127) numbers[i]! *= scale;
    if (size >= infinity) words[i] = finite ? NAN : INFINITE | ((size - infinity) << up);
    if ((given[i]! & sign) !== 0) words[i]! |= 0x80000000;
  }
  return numbers;
}

/**
 * float32 as the nearest number of a format, of two that are as near the even one. What is no number is always the same one.
 *
 * @param beyond is told of the first finite number that would be infinite, or none
 */
export function narrow(
  numbers: Float32Array,
  format: SmallFloat,
  beyond?: (i: number) => void,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const { bits, digits, bias, infinity } = format;
  const out = bits === 8 ? new Uint8Array(numbers.length) : new Uint16Array(numbers.length);
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const up = 23 - digits;
  const least = (128 - bias) << 23;
  /** Its sum with what is smaller than the smallest number that has a leading 1 has the steps of those, and is rounded as it must be. */
  const steps = power(24 - bias - digits);
  const scale = power(bias - 1 + digits);
  /** Half a step, less a little where the digit before is even; a carry is the next exponent's. */
  const half = (1 << (up - 1)) - 1;
  for (let i = 0; i < out.length; i++) {
    const word = words[i]!;
    const size = word & 0x7fffffff;
    if (size > INFINITE) {
      out[i] = infinity | (1 << (digits - 1));
      continue;
    }
    let value: number;
    if (size < least) value = (Math.fround(Math.abs(numbers[i]!) + steps) - steps) * scale;
    else value = Math.min(infinity, (size - least + (1 << 23) + half + ((size >>> up) & 1)) >>> up);
    if (value === infinity && size < INFINITE && beyond) {
      beyond(i);
      beyond = undefined;
    }
    out[i] = ((word >>> 31) << (bits - 1)) | value;
  }
  return out;
}
