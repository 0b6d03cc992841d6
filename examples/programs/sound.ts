// What the programs that listen have in common: sound as a picture of which pitches are heard when.
/* oxlint-disable no-restricted-properties -- data are prepared here, before the core gets them */

/** Sound: numbers from -1 to 1, so many a second. */
export interface Sound {
  readonly samples: Float32Array;
  readonly rate: number;
}

/** The discrete Fourier transform in place, of a power of two of complex numbers; `cos` and `sin` are those of a whole turn in as many steps. */
function fourier(re: Float64Array, im: Float64Array, cos: Float64Array, sin: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j]] = [re[j]!, re[i]!]; // im is 0
  }
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const c = cos[(k * n) / (2 * half)]!;
      const s = -sin[(k * n) / (2 * half)]!;
      for (let a = k; a < n; a += 2 * half) {
        const b = a + half;
        const x = re[b]! * c - im[b]! * s;
        const y = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}

const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const toHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/**
 * A log-mel spectrogram, for sounds of one rate: every 10 ms, how loud each of `bands` pitches is in the 20 ms around, from 60 Hz to
 * `highest`, evenly on the scale of pitches as people hear them. From -1 to 1, 50 decibels, where 1 is the loudest; always `frames` rows,
 * beginning where it is louder than -0.4, and the last ones silence.
 */
export function logMel(rate: number, frames: number, bands: number, highest: number) {
  const length = Math.round(0.02 * rate);
  const size = 2 ** Math.ceil(Math.log2(length));
  const turn = (f: (angle: number) => number) => Float64Array.from({ length: size }, (_, i) => f((2 * Math.PI * i) / size)); // prettier-ignore
  const [cos, sin] = [turn(Math.cos), turn(Math.sin)];
  const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length));
  // each band rises from its lower neighbour's middle to its own, and falls to that of its upper neighbour
  const [low, high] = [toMel(60), toMel(highest)];
  const middle = (band: number): number => (size * toHertz(low + ((high - low) * (band + 1)) / (bands + 1))) / rate;
  const filters = Array.from({ length: bands }, (_, band) => {
    const [from, at, to] = [middle(band - 1), middle(band), middle(band + 1)];
    const first = Math.floor(from);
    const weights = Array.from({ length: Math.ceil(to) - first + 1 }, (__, i) =>
      Math.max(0.01, Math.min((first + i - from) / (at - from), (to - first - i) / (to - at))),
    );
    const sum = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
  return ({ samples }: Sound): Float32Array => {
    const heard = Array.from({ length: Math.ceil(samples.length / (0.01 * rate)) }, (_, frame) => {
      const [re, im] = [new Float64Array(size), new Float64Array(size)];
      const begin = Math.round(0.01 * rate * frame) - (length >> 1);
      for (let i = 0; i < length; i++) re[i] = window[i]! * (samples[begin + i] ?? 0);
      fourier(re, im, cos, sin);
      return filters.map(({ first, weights }) =>
        weights.reduce((sum, weight, i) => sum + weight * (re[first + i]! ** 2 + im[first + i]! ** 2), 0),
      );
    });
    const loudest = Math.max(1e-9, ...heard.map((powers) => Math.max(...powers)));
    const decibels = heard.map((powers) => powers.map((power) => 1 + (2 * Math.log10(1e-5 + power / loudest)) / 5));
    const start = decibels.findIndex((levels) => Math.max(...levels) > -0.4);
    const out = new Float32Array(frames * bands).fill(-1);
    out.set(decibels.slice(start, start + frames).flat());
    return out;
  };
}

/** Numbers of equal length, one after another. */
export function joined(rows: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(rows.length * rows[0]!.length);
  for (const [row, values] of rows.entries()) out.set(values, row * values.length);
  return out;
}
