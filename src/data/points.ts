// Small data sets in the plane, by a seed: what one looks at while a network learns. Float64, by operations that IEEE 754 fixes, then
// float32: the same bits in every engine.
import type { TrainingData } from "./dataset.ts";
import { cos, permutation, randomNormal, randomUniform, sin } from "./random.ts";
import {
  checkFraction,
  checkKeys,
  checkNotNegative,
  checkNumber,
  checkOneOf,
  checkPositive,
  checkWhole,
  valueText,
} from "../util/check.ts";

/** The streams of random numbers, apart from those of models. */
const STREAM_NOISE = 0x40000;
const STREAM_PLACE = 0x50000;
const STREAM_ORDER = 0x60000;

/** Points at most, more than a page can show. */
const MOST_ROWS = 2 ** 20;
/** Noise at most: its largest numbers are 6.8 times that, and still float32. */
const MOST_NOISE = 1e37;
/** So many random places in a row on the wrong side of a curve: there is no room on the other. */
const MOST_TRIES = 1000;

const TURN = 6.283185307179586;

/** What all sets of points have options for. */
export interface PointsOptions {
  /** How many points, those in `test` included; default 200. */
  readonly rows?: number;
  /** Standard deviation of the normal numbers that are added to the coordinates; 0: none. Default: a few hundredths, see each set. */
  readonly noise?: number;
  /** Decides the noise, the places and the order of the rows; an integer, default 0. */
  readonly seed?: number;
  /** Points that are kept apart in `test`: a share of all below 1, or how many; default 0. */
  readonly test?: number;
}

/**
 * Points and their classes or values. `fit` and `evaluate` take it as it is. Only x and y are enumerable, so that `{ ...points }` is
 * data to train on, too.
 */
export interface Points extends TrainingData {
  /** Coordinates, row by row. */
  readonly x: Float32Array;
  /** For each row its class, from 0 up, or its value (`curve`). */
  readonly y: Float32Array;
  /** Number of rows. */
  readonly rows: number;
  /** Numbers in a row of x: 2; for `curve` and NOT 1. */
  readonly inputs: number;
  /** Number of classes; undefined for `curve`. */
  readonly classes: number | undefined;
  /** The rows that were kept apart, by the option `test`. */
  readonly test: Points | undefined;
}

/** Points of these coordinates, row by row. */
export function pointsOf(
  x: Float32Array,
  y: Float32Array,
  inputs: number,
  classes: number | undefined,
  test?: Points,
): Points {
  const more = { rows: y.length, inputs, classes, test };
  const hidden = Object.entries(more).map(([name, value]) => [name, { value }] as const);
  return Object.freeze(Object.defineProperties({ x, y }, Object.fromEntries(hidden))) as Points;
}

/** Where a point is without noise: of a class, as which of how many. */
type Place = (label: number, index: number, count: number, random: () => number) => readonly [x: number, y: number];

/** Validates the options that all share. */
function settings(
  where: string,
  options: PointsOptions,
  own: readonly string[],
  usualNoise: number,
  classes = 1,
): Required<PointsOptions> {
  checkKeys(where, options, ["rows", "noise", "seed", "test", ...own]);
  if (own.includes("classes")) checkWhole(where, "classes", classes, 2, MOST_ROWS);
  const { rows = 200, noise = usualNoise, seed = 0, test = 0 } = options;
  checkWhole(where, "rows", rows, classes, MOST_ROWS);
  checkNotNegative(where, "noise", noise);
  if (noise > MOST_NOISE) throw new RangeError(`${where}: noise must be at most ${MOST_NOISE}, got ${noise}`);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`${where}: seed must be a whole number from 0 to 2^53 - 1, got ${valueText(seed)}`);
  }
  checkNotNegative(where, "test", test);
  const share = test > 0 && test < 1;
  const count = share ? Math.max(1, Math.round(test * rows)) : test;
  checkWhole(where, "test, unless it is a share below 1,", count, 0, MOST_ROWS);
  if (count >= rows) {
    throw new RangeError(`${where}: test must leave rows to train on, but ${count} of ${rows} were to be kept apart`);
  }
  return { rows, noise, seed, test: count };
}

/** Points of several classes, as many of each (but for a remainder), in an order by the seed. */
function classed({ rows, noise, seed, test }: Required<PointsOptions>, classes: number, place: Place): Points {
  const random = randomUniform(seed, STREAM_PLACE);
  const normal = randomNormal(seed, STREAM_NOISE);
  const all = Array.from({ length: rows }, (_, row) => {
    const label = row % classes;
    const index = (row - label) / classes;
    const [x, y] = place(label, index, sizeOfClass(rows, classes, label), random);
    return [x + noise * normal(), y + noise * normal(), label] as const;
  });
  // the first points of each class in the shuffled order are those to test with
  const left = Array.from({ length: classes }, (_, label) => sizeOfClass(test, classes, label));
  const order = Array.from(permutation(rows, seed, STREAM_ORDER), (row) => all[row]!);
  const tested = order.map(([, , label]) => left[label]!-- > 0);
  const take = (which: boolean, apart?: Points): Points => {
    const some = order.filter((_, i) => tested[i] === which);
    const x = Float32Array.from(some.flatMap(([first, second]) => [first, second]));
    return pointsOf(
      x,
      Float32Array.from(some, ([, , label]) => label),
      2,
      classes,
      apart,
    );
  };
  return take(false, test > 0 ? take(true) : undefined);
}

/** How many of so many rows are of a class. */
const sizeOfClass = (rows: number, classes: number, label: number): number =>
  Math.floor(rows / classes) + Number(label < rows % classes);

/**
 * A circle within another: no line parts them. Class 0 is the outer one, with radius 0.8, class 1 the inner one.
 *
 * @param options.factor the inner radius as a share of the outer one, below 1; default 0.5
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of what is added to each coordinate; default 0.05
 * @param options.seed decides the noise and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x in the square from -1 to 1 (but for noise), y 0 or 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's make_circles
 * @example const { x, y, rows } = circles({ rows: 100, noise: 0, seed: 1 });
 */
export function circles(options: PointsOptions & { readonly factor?: number } = {}): Points {
  const where = "circles";
  const common = settings(where, options, ["factor"], 0.05, 2);
  const { factor = 0.5 } = options;
  checkFraction(where, "factor", factor);
  return classed(common, 2, (label, index, count) => {
    const radius = label === 0 ? 0.8 : 0.8 * factor;
    const angle = (TURN * index) / count;
    return [radius * cos(angle), radius * sin(angle)];
  });
}

/**
 * Two half circles, each with an end within the other. Class 0 opens downwards, class 1 upwards; radius 0.6.
 *
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of what is added to each coordinate; default 0.05
 * @param options.seed decides the noise and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x in the square from -1 to 1 (but for noise), y 0 or 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's make_moons, whose moons have radius 1 and are centred at (0.5, 0.25)
 * @example
 * const points = moons({ rows: 300, noise: 0.1, seed: 1, test: 100 });
 * const net = await sequential({ input: points.inputs }, dense(8), tanh(), dense(1));
 * const learner = new Trainer(net, { loss: binaryCrossEntropyWithLogits(), optimizer: adam() });
 * await learner.fit(points, { epochs: 10, validationData: points.test });
 */
export function moons(options: PointsOptions = {}): Points {
  const common = settings("moons", options, [], 0.05, 2);
  return classed(common, 2, (label, index, count) => {
    const angle = (TURN * index) / (2 * Math.max(1, count - 1)); // both ends are points
    const [x, y] = [cos(angle), sin(angle)];
    return label === 0 ? [0.6 * (x - 0.5), 0.6 * (y - 0.25)] : [0.6 * (0.5 - x), 0.6 * (0.25 - y)];
  });
}

/**
 * Arms that wind around each other from the middle out to 0.9: radius 0.9 t at the angle 2 pi (turns t + class / classes), t from 0 to 1.
 *
 * @param options.classes how many arms; default 2
 * @param options.turns how often each goes around, above 0 and at most 100; default 1.75
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of what is added to each coordinate; default 0.02
 * @param options.seed decides the noise and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x in the square from -1 to 1 (but for noise), y from 0 to classes - 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Lang, Witbrock, "Learning to tell two spirals apart", 1988; the turns are those of TensorFlow's playground
 * @example const { x, y } = spirals({ rows: 400, classes: 3, seed: 1 });
 */
export function spirals(options: PointsOptions & { readonly classes?: number; readonly turns?: number } = {}): Points {
  const where = "spirals";
  const { classes = 2, turns = 1.75 } = options ?? {};
  const common = settings(where, options, ["classes", "turns"], 0.02, classes);
  checkPositive(where, "turns", turns);
  if (turns > 100) throw new RangeError(`${where}: turns must be at most 100, got ${turns}`);
  return classed(common, classes, (label, index, count) => {
    const t = (index + 1) / count; // none in the middle, which belongs to all arms
    const angle = TURN * (turns * t + label / classes);
    return [0.9 * t * cos(angle), 0.9 * t * sin(angle)];
  });
}

/**
 * Round clusters of normal numbers, one a class: their centres are on a circle of radius 0.5, the first one at the upper right, the others
 * counterclockwise. `noise` is their spread.
 *
 * @param options.classes how many clusters; default 2
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of the points about their centre; default 0.15
 * @param options.seed decides the points and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x mostly in the square from -1 to 1, y from 0 to classes - 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's make_blobs
 * @example const { x, y, classes } = gaussians({ classes: 3, seed: 1 });
 */
export function gaussians(options: PointsOptions & { readonly classes?: number } = {}): Points {
  const where = "gaussians";
  const { classes = 2 } = options ?? {};
  const common = settings(where, options, ["classes"], 0.15, classes);
  return classed(common, classes, (label) => {
    const angle = TURN * (0.125 + label / classes);
    return [0.5 * cos(angle), 0.5 * sin(angle)];
  });
}

/**
 * Four clusters of normal numbers about (0.5, 0.5), (-0.5, -0.5), of class 0, and (0.5, -0.5), (-0.5, 0.5), of class 1: the exclusive
 * or of the signs. `noise` is their spread. The table itself is `gate("xor")`.
 *
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of the points about their centre; default 0.12
 * @param options.seed decides the points and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x mostly in the square from -1 to 1, y 0 or 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @example const { x, y } = xor({ rows: 100, seed: 1 });
 */
export function xor(options: PointsOptions = {}): Points {
  const common = settings("xor", options, [], 0.12, 2);
  return classed(common, 2, (label, index) => {
    const x = index % 2 === 0 ? 0.5 : -0.5;
    return [x, label === 0 ? x : -x];
  });
}

const CURVES = {
  sine: (x: number): number => 0.7 * sin((TURN / 2) * x),
  cubic: (x: number): number => 2 * x * x * x - x,
  abs: (x: number): number => Math.abs(x) - 0.5,
} as const;

/**
 * A curve y = f(x): "sine" is 0.7 sin(pi x), "cubic" 2x^3 - x, "abs" |x| - 0.5; or a function of your own. What a function of your own takes from
 * `Math` may differ between engines in the last bits.
 */
export type CurveFunction = keyof typeof CURVES | ((x: number) => number);

/** The function of a curve; what it gives is looked at. */
function curveOf(where: string, f: CurveFunction): (x: number) => number {
  if (typeof f !== "function") {
    checkOneOf(where, "the curve, if it isn't a function,", f, Object.keys(CURVES));
    return CURVES[f];
  }
  return (x) => {
    const y = f(x);
    checkNumber(Number.isFinite(Math.fround(y)), where, `f(${x})`, "a finite number", y);
    return y;
  };
}

/**
 * Points all over the square from -1 to 1, parted by a curve y = f(x): class 1 is above it, class 0 below. Noise is added when the
 * classes are known, so that near the curve they mix.
 *
 * @param f "sine" is 0.7 sin(pi x), "cubic" 2x^3 - x, "abs" |x| - 0.5; or a function of your own
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of what is added to each coordinate; default 0
 * @param options.seed decides the places, the noise and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x in the square from -1 to 1 (but for noise), y 0 or 1
 * @throws {TypeError | RangeError} if an option can't be used; if nothing of the square is on one side
 * @example const { x, y } = above("sine", { rows: 400, seed: 1 });
 */
export function above(f: CurveFunction, options: PointsOptions = {}): Points {
  const valueAt = curveOf("above", f);
  const common = settings("above", options, [], 0, 2);
  return classed(common, 2, (label, _index, _count, random) => {
    for (let i = 0; i < MOST_TRIES; i++) {
      const [x, y] = [2 * random() - 1, 2 * random() - 1];
      if (y > valueAt(x) === (label === 1)) return [x, y];
    }
    const side = label === 1 ? "above" : "below";
    throw new RangeError(`above: there is no room ${side} the curve in the square from -1 to 1; shift it`);
  });
}

/**
 * Values of a function with noise, for regression: y = f(x) + noise, x evenly from -1 to 1.
 *
 * @param f "sine" is 0.7 sin(pi x), "cubic" 2x^3 - x, "abs" |x| - 0.5; or a function of your own
 * @param options.rows how many points, those in `test` included; default 200
 * @param options.noise standard deviation of what is added to y; default 0.05
 * @param options.seed decides the noise and the order; default 0
 * @param options.test points that are kept apart in `test`: a share of all below 1, or how many; default 0
 * @returns x: rows of 1 number, y their values
 * @throws {TypeError | RangeError} if an option can't be used
 * @example const { x, y } = curve("sine", { rows: 50, noise: 0.1, seed: 1 });
 */
export function curve(f: CurveFunction, options: PointsOptions = {}): Points {
  const valueAt = curveOf("curve", f);
  const { rows, noise, seed, test } = settings("curve", options, [], 0.05);
  const normal = randomNormal(seed, STREAM_NOISE);
  const all = Array.from({ length: rows }, (_, i) => {
    const x = rows === 1 ? 0 : (2 * i) / (rows - 1) - 1;
    return [x, valueAt(x) + noise * normal()] as const;
  });
  const order = Array.from(permutation(rows, seed, STREAM_ORDER), (row) => all[row]!);
  const take = (some: typeof order, apart?: Points): Points =>
    pointsOf(
      Float32Array.from(some, ([x]) => x),
      Float32Array.from(some, ([, y]) => y),
      1,
      undefined,
      apart,
    );
  return take(order.slice(test), test > 0 ? take(order.slice(0, test)) : undefined);
}
