// Every function of assembly/numeric/elementary.ts over the whole float32 range, against float64. The bounds are those that the doc
// comments there state. The kernels under test are test/assembly/numeric/elementary.kernels.ts, compiled by test/support/setup.ts.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { erf, erfc, normalCdf } from "../../support/erf.ts";

type Kernel = (x: number, y: number, count: number) => void;

const binary = readFileSync(new URL("../../../build/test/elementary.wasm", import.meta.url));
const CHUNK = 1 << 16;
const X = 1 << 16;
const Y = X + CHUNK * 4;
const memory = new WebAssembly.Memory({ initial: (Y + CHUNK * 4) >> 16, maximum: 65536 });
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
const kernels = exports as unknown as Readonly<Record<string, Kernel>>;
const x = new Float32Array(memory.buffer, X, CHUNK);
const xBits = new Uint32Array(memory.buffer, X, CHUNK);
const y = new Float32Array(memory.buffer, Y, CHUNK);
const yBits = new Uint32Array(memory.buffer, Y, CHUNK);

const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;

/** A prime, so that all low bits of the patterns take turns. */
const STRIDE = 1021;
/** Bit patterns on either side of a place where branches meet. */
const DENSE = 1500;

/** Where the functions change their formula, their rounding step or their nature. */
const MEETINGS = [
  0, // and the smallest subnormal numbers
  2 ** -126, // the smallest normal number
  0.625, // tanh: polynomial, then by e^(2x)
  0.75,
  Math.SQRT1_2, // ln: the exponent's step
  1, // erf: polynomial, then by e^(-x^2)
  Math.SQRT2, // normalCdf: the same
  Math.SQRT2 * 4096,
  9, // tanh and erf round to 1
  20, // e^(-x^2/2) is cut
  25, // e^x - 1 rounds to -1
  88.72284, // e^x overflows
  103.97208, // e^x rounds to 0
  104,
  2 ** 23,
  Infinity, // the largest numbers below, NaNs above
  ...Array.from({ length: 64 }, (_, k) => ((2 * k + 1) * Math.LN2) / 2), // n of e^x = 2^n e^r steps
];

/** Every STRIDE-th of all bit patterns, and a dense run around each meeting, on both sides of 0. */
const PATTERNS = (() => {
  const patterns = new Uint32Array(Math.ceil(2 ** 32 / STRIDE) + MEETINGS.length * 2 * (2 * DENSE + 1));
  let count = 0;
  for (let bits = 0; bits < 2 ** 32; bits += STRIDE) patterns[count++] = bits;
  for (const place of MEETINGS) {
    const centre = bitsOf(place);
    for (const sign of [0, 0x80000000]) {
      for (let bits = Math.max(0, centre - DENSE); bits <= centre + DENSE; bits++) patterns[count++] = bits | sign;
    }
  }
  return patterns.subarray(0, count);
})();
const INPUTS = new Float32Array(PATTERNS.buffer, 0, PATTERNS.length);

const doubleView = new Float64Array(1);
const halves = new Uint32Array(doubleView.buffer);

/** Distance of a float32 from the exact value in units of the exact value's last place, infinity counting as 2^128. */
function ulps(actual: number, exact: number): number {
  if (actual === exact) return 0;
  const limited = Math.max(-(2 ** 128), Math.min(2 ** 128, exact));
  const given = Math.max(-(2 ** 128), Math.min(2 ** 128, actual));
  doubleView[0] = limited;
  const exponent = Math.min(127, ((halves[1]! >>> 20) & 0x7ff) - 1023);
  return Math.abs(given - limited) / 2 ** (Math.max(exponent, -126) - 23);
}

interface Worst {
  ulps: number;
  x: number;
  y: number;
  exact: number;
  inputs: number;
}

/** The largest error over all patterns that belong to the domain; `also` looks at every input and result. */
function worstOf(
  kernel: Kernel,
  reference: (value: number) => number,
  inDomain: (value: number) => boolean,
  also: (at: number) => void,
): Worst {
  const worst: Worst = { ulps: 0, x: 0, y: 0, exact: 0, inputs: 0 };
  let filled = 0;
  const runChunk = (): void => {
    kernel(X, Y, Math.ceil(filled / 4) * 4);
    for (let i = 0; i < filled; i++) {
      const exact = reference(x[i]!);
      const error = Number.isNaN(exact) ? (Number.isNaN(y[i]!) ? 0 : Infinity) : ulps(y[i]!, exact);
      also(i);
      if (error <= worst.ulps) continue; // a NaN where there should be a number is kept as the worst
      Object.assign(worst, { ulps: error, x: x[i]!, y: y[i]!, exact });
      if (Number.isNaN(error)) break;
    }
    worst.inputs += filled;
    filled = 0;
  };
  for (let i = 0; i < PATTERNS.length && !Number.isNaN(worst.ulps); i++) {
    if (!inDomain(INPUTS[i]!)) continue;
    xBits[filled++] = PATTERNS[i]!;
    if (filled === CHUNK) runChunk();
  }
  runChunk();
  return worst;
}

function one(kernel: Kernel, value: number): number {
  x.fill(value, 0, 4);
  kernel(X, Y, 4);
  return y[0]!;
}

const everywhere = (): boolean => true;
/** NaN belongs to the domain of every function. */
const within =
  (low: number, high: number) =>
  (value: number): boolean =>
    !(value < low || value > high);

interface Case {
  readonly name: string;
  /** At most so many units in the last place, as assembly/numeric/elementary.ts states. */
  readonly bound: number;
  readonly reference: (value: number) => number;
  readonly domain?: (value: number) => boolean;
  /** Exact values at places where there is one. */
  readonly exact: readonly (readonly [x: number, y: number])[];
  readonly keepsSign?: boolean;
}

const sigmoid = (value: number): number =>
  value < 0 ? Math.exp(value) / (1 + Math.exp(value)) : 1 / (1 + Math.exp(-value));
const softplus = (value: number): number => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));

const CASES: readonly Case[] = [
  {
    name: "exp",
    bound: 1,
    reference: Math.exp,
    exact: [[0, 1], [-0, 1], [-Infinity, 0], [Infinity, Infinity], [-104, 0], [89, Infinity], [-1e30, 0], [1e30, Infinity]],
  },
  {
    name: "expm1Negative",
    bound: 1,
    reference: Math.expm1,
    domain: within(-Infinity, 0),
    exact: [[0, 0], [-Infinity, -1], [-25, -1], [-1e30, -1]],
  },
  {
    name: "ln",
    bound: 1,
    reference: Math.log,
    exact: [[1, 0], [0, -Infinity], [-0, -Infinity], [Infinity, Infinity], [-1, NaN], [-1e-45, NaN], [-Infinity, NaN]],
  },
  { name: "log1p", bound: 2, reference: Math.log1p, domain: within(0, 1), exact: [[0, 0]] },
  {
    name: "sigmoid",
    bound: 2,
    reference: sigmoid,
    exact: [[0, 0.5], [-0, 0.5], [-Infinity, 0], [Infinity, 1], [-1e30, 0], [1e30, 1]],
  },
  {
    name: "softplus",
    bound: 3,
    reference: softplus,
    exact: [[-Infinity, 0], [Infinity, Infinity], [-1e30, 0], [1e30, Math.fround(1e30)]],
  },
  {
    name: "tanh",
    bound: 1.5,
    reference: Math.tanh,
    exact: [[0, 0], [-0, -0], [Infinity, 1], [-Infinity, -1], [1e30, 1], [-1e30, -1]],
    keepsSign: true,
  },
  {
    name: "erf",
    bound: 1.5,
    reference: erf,
    exact: [[0, 0], [-0, -0], [Infinity, 1], [-Infinity, -1], [1e30, 1], [-1e30, -1]],
    keepsSign: true,
  },
  {
    name: "normalCdf",
    bound: 7,
    reference: normalCdf,
    exact: [[0, 0.5], [-0, 0.5], [Infinity, 1], [-Infinity, 0], [1e30, 1], [-1e30, 0]],
  },
]; // prettier-ignore

test("the references for erf and normalCdf give the published values", () => {
  // as Abramowitz and Stegun's tables 7.1 and 26.1 have them, here with all digits of a float64
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erf(1.5)).toBeCloseTo(0.9661051464753108, 15);
  expect(erfc(2) / 4.677734981047266e-3).toBeCloseTo(1, 14);
  expect(erfc(5) / 1.5374597944280349e-12).toBeCloseTo(1, 13);
  expect(normalCdf(-1.96) / 0.024997895148220435).toBeCloseTo(1, 13);
  expect(normalCdf(-8) / 6.220960574271785e-16).toBeCloseTo(1, 13);
});

test("the test binary needs nothing but memory", () => {
  expect(WebAssembly.Module.imports(new WebAssembly.Module(binary)).map(({ name }) => name)).toEqual(["memory"]);
});

describe.each(CASES)("$name", ({ name, bound, reference, domain = everywhere, exact, keepsSign }) => {
  const kernel = kernels[name]!;

  test(`${name}: at most ${bound} ulp from float64, over the whole range`, () => {
    let signsLost = 0;
    const worst = worstOf(kernel, reference, domain, (i) => {
      if (keepsSign && !Number.isNaN(x[i]!)) signsLost += (xBits[i]! ^ yBits[i]!) >>> 31;
    });
    expect(worst.inputs).toBeGreaterThan(1_000_000);
    const message = `${name}(${worst.x}) is ${worst.exact}, got ${worst.y}: ${worst.ulps} ulp`;
    expect(worst.ulps <= bound, message).toBe(true);
    expect(signsLost, "results without the sign of x").toBe(0);
  });

  test(`${name}: exact values`, () => {
    for (const [at, value] of exact) expect(one(kernel, at), `${name}(${at})`).toBe(value);
    expect(one(kernel, NaN), `${name}(NaN)`).toBeNaN();
  });

  test(`${name}: each lane by itself`, () => {
    const inputs = [-0.1, -3, -0.0001, -0.6].map((value) => (domain(value) ? value : -value));
    const alone = inputs.map((value) => one(kernel, value));
    x.set(inputs);
    kernel(X, Y, 4);
    expect([...y.subarray(0, 4)]).toEqual(alone);
  });
});
