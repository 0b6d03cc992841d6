// `gradCheck`: compares gradients of the backward pass with differences of the loss.
import { checkKeys, checkPositive, checkWhole } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Trainer } from "../training/trainer.ts";
import { lossOf, withTracing } from "./trace.ts";

/** One number of a parameter's gradient. */
export interface GradientCheck {
  /** `dense1.weight` */
  readonly parameter: string;
  /** Index in the parameter, row by row. */
  readonly index: number;
  /** From the backward pass. */
  readonly analytic: number;
  /** From differences of the loss. */
  readonly numeric: number;
  /**
   * |analytic - numeric|, less what float32 hides of the loss, as a share of the larger of the two, but at least of 1 % of the
   * parameter's largest gradient.
   */
  readonly error: number;
}

/** How far the gradients are from the differences; `String(result)` has a few lines to print. */
export interface GradCheckResult {
  /** True if no error is above the tolerance. */
  readonly ok: boolean;
  /** The largest error. */
  readonly worst: number;
  /** Numbers compared, `kinks` not counted. */
  readonly checked: number;
  /**
   * Numbers left out because a kink lies so near, as relu has at 0 and max pooling where two values are equal, that differences
   * don't tell the gradient: it is between the slopes on the sides, or agrees as well as float32 shows so near. A gradient that no side
   * has is no kink, but wrong.
   */
  readonly kinks: number;
  /** The worst of each parameter, worst first. */
  readonly parameters: readonly GradientCheck[];
  /** The worst of all, worst first. */
  readonly offenders: readonly GradientCheck[];
}

/** What `gradCheck` compares, and how exactly. */
export interface GradCheckOptions {
  /** Largest error that is still right; default 0.005. What float32 leaves of a difference is no error. */
  readonly tolerance?: number;
  /** At most this many numbers of each parameter, evenly spread; default all. */
  readonly limit?: number;
  /** How many offenders are listed; default 5. */
  readonly offenders?: number;
}

type Difference = (lossAt: (distance: number) => number, h: number) => number;

const central: Difference = (f, h) => (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
const oneSided: Difference = (f, h) => (4 * f(h) - 3 * f(0) - f(2 * h)) / (2 * h);

/**
 * What is tried in turn; the one that agrees best counts. Large steps have less noise, small ones stay clear of kinks; where
 * a kink is on one side, the other side tells.
 */
const TRIES: readonly (readonly [Difference, number])[] = [
  [central, 0.1],
  [central, 0.02],
  [central, 0.004],
  [central, 0.0008],
  [oneSided, 0.02],
  [oneSided, -0.02],
  [oneSided, 0.004],
  [oneSided, -0.004],
];

/** Steps of the search for kinks: the longest, and how many, each half of the one before. */
const LONGEST = 0.2;
const HALVINGS = 12;
/** Steps from which on the gradient may be between the slopes of a kink's sides; longer ones see too much of the curve. */
const NEAR = 0.0125;
/** Below this, what is asked for is more than differences of float32 numbers can tell: errors are given as they are. */
const LEAST_TOLERANCE = 1e-4;
/** So many times what slopes differ by is the most that kinks explain. */
const JUMPS = 2;
/** So many times the loss's noise, over the step, is the most that float32 leaves of a difference. */
const NOISES = 8;

/** A place beside a parameter's value, and the loss there. */
type Place = readonly [distance: number, loss: number];

/** A number next to a kink, and what differences say on average. */
type Kink = Pick<Judgement, "fair"> & { readonly check: GradientCheck };

/** What a search for kinks finds. */
interface Judgement {
  readonly kink: boolean;
  readonly numeric: number;
  /** What is left of |analytic - numeric| after noise. */
  readonly excess: number;
  /** What steps of middle length say on average, whatever the analytic gradient is. */
  readonly fair: number;
}

/**
 * Is a gradient that no difference agrees with wrong, or is there a kink? The slopes of both sides and the central one agree where the
 * loss is smooth, so steps are halved until they do: there the gradient must be theirs. A curve's disagreement gets four times smaller
 * with each half, and one that doesn't is a kink's. With kinks about, slopes may agree by chance: the gradient is wrong only
 * if shorter steps, as long as noise allows, don't have it either, and it is between no step's slopes.
 *
 * @param allowed how far it may be from what differences say, besides their noise
 * @param floor noise that hides as much tells nothing any more
 */
function judge(
  lossAt: (distance: number) => number,
  value: number,
  analytic: number,
  allowed: number,
  floor: number,
): Judgement {
  const unit = Math.max(1, Math.abs(value));
  const at = (distance: number): Place => {
    const moved = Math.fround(value + distance) - value;
    return [moved, lossAt(moved)];
  };
  const here = lossAt(0);
  const noise = noiseOf([-3, -2, -1, 0, 1, 2, 3].map((n) => at(n * 1e-5 * unit)));
  let [farRight, farLeft] = [at(LONGEST * unit), at(-LONGEST * unit)];
  let kink = false;
  let between = false;
  let before = Infinity;
  let agreed = 0; // steps in a row
  let sides: readonly number[] = [];
  let [fair, fairSteps] = [0, 0];
  let jump = 0; // the most that slopes differ by, and so about the most that kinks can move a difference
  let wrong: Omit<Judgement, "fair"> | undefined;
  const explains = (): boolean => Math.abs(analytic - fair) <= JUMPS * jump + allowed;
  for (let n = 1; n <= HALVINGS; n++) {
    const h = (LONGEST * unit) / (1 << n);
    const hidden = (NOISES * noise) / h;
    if (kink && hidden > floor) break;
    const [right, left] = [at(h), at(-h)];
    const numeric = centralOf(left, right, farLeft, farRight);
    const slopes = [slopeOf(here, right, farRight), slopeOf(here, left, farLeft), numeric];
    [farRight, farLeft] = [right, left];
    const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
    const spread = most - least;
    if (h <= 0.05 * unit && (h >= 0.003 * unit || fairSteps === 0)) fair += (numeric - fair) / ++fairSteps;
    if (spread <= hidden + allowed / 2) {
      const excess = Math.max(0, Math.abs(analytic - numeric) - hidden);
      if (excess <= allowed && (!kink || explains())) return { kink, numeric, excess, fair };
      wrong ??= { kink: false, numeric, excess };
      if (++agreed > 1 && !kink) break;
      continue;
    }
    agreed = 0;
    if (spread - hidden > before / 2.5) kink = true;
    before = spread;
    if (h <= 0.05 * unit) jump = Math.max(jump, spread - hidden);
    const reach = hidden + allowed;
    // at a kink each side has a slope of its own, whatever the step: the gradient is one of them
    const steady = slopes.slice(0, 2).every((slope, side) => Math.abs(slope - sides[side]!) <= reach);
    sides = slopes;
    if (steady) {
      const excess = Math.min(...slopes.slice(0, 2).map((slope) => Math.abs(analytic - slope)));
      if (excess <= reach) between = true;
    } else if (h <= NEAR * unit && analytic >= least - reach && analytic <= most + reach) between = true;
  }
  if (kink && between && explains()) return { kink, numeric: fair, excess: 0, fair };
  return { ...(wrong ?? { kink: false, numeric: fair, excess: Math.abs(analytic - fair) }), fair };
}

/**
 * Are gradients next to kinks too large or too small as a whole? Kinks move differences to either side of the gradient, and a
 * backward pass that is a little off moves all to one side.
 */
function isBiased(kinks: readonly Kink[], tolerance: number): boolean {
  const n = kinks.length;
  if (n < 8) return false;
  const sum = (of: (kink: Kink) => number): number => kinks.reduce((total, kink) => total + of(kink), 0);
  const squares = sum(({ fair }) => fair * fair);
  const factor = sum(({ check, fair }) => check.analytic * fair) / squares;
  const deviation = Math.sqrt(sum(({ check, fair }) => square(check.analytic - factor * fair)) / ((n - 1) * squares));
  // a few large ones are no sample
  const independent = (squares * squares) / sum(({ fair }) => square(fair * fair));
  return independent > 6 && Math.abs(factor - 1) > Math.max(5 * deviation, tolerance / 2);
}

/** x^2: engines needn't agree about the power operator. */
const square = (x: number): number => x * x;

/** How far the loss is from a line through it at places so near that it is one: what roundings leave. */
function noiseOf(places: readonly Place[]): number {
  const n = places.length;
  const mean = (of: (place: Place) => number): number => places.reduce((sum, place) => sum + of(place), 0) / n;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => square(p[0] - x));
  const rest = mean((p) => square(p[1] - y - slope * (p[0] - x)));
  return Math.max(Math.sqrt((rest * n) / (n - 2)), Math.abs(y) / 2 ** 25);
}

/** The slope at 0 of the parabola through 0 and two places on one side. */
function slopeOf(here: number, [near, nearLoss]: Place, [far, farLoss]: Place): number {
  const [a, b] = [(nearLoss - here) / near, (farLoss - here) / far];
  return (a * far - b * near) / (far - near);
}

/** The slope at 0, without what a curve's third derivative adds. */
function centralOf(left: Place, right: Place, farLeft: Place, farRight: Place): number {
  const near = (right[1] - left[1]) / (right[0] - left[0]);
  const far = (farRight[1] - farLeft[1]) / (farRight[0] - farLeft[0]);
  return (4 * near - far) / 3;
}

/**
 * Compares the gradient of every parameter with differences of the loss on one batch: central ones,
 * (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, and where these don't agree (a kink, as relu has at 0) one-sided ones,
 * (4 f(h) - 3 f(0) - f(2h)) / 2h. Where none agrees, shorter and shorter steps tell a kink from a wrong gradient: the slopes
 * next to a kink contradict each other. Such numbers are left out and counted in `kinks`; with many rows there are many units, and some
 * are always next to theirs. A gradient that no side has is wrong, and so are gradients that are too large or too small
 * as a whole; a fault of a percent may hide among many kinks, so check a layer of your own next to smooth ones such as `tanh`, too.
 * Nothing is changed. Dropout is active, with one mask throughout.
 *
 * @throws {TypeError | RangeError} if x or y can't be used
 * @example const { ok, worst, offenders } = gradCheck(trainer, x, y);
 */
export function gradCheck(trainer: Trainer, x: Input, y: Target, options: GradCheckOptions = {}): GradCheckResult {
  checkKeys("gradCheck", options, ["tolerance", "limit", "offenders"]);
  const { tolerance = 0.005, limit = Infinity, offenders = 5 } = options;
  checkPositive("gradCheck", "tolerance", tolerance);
  if (limit !== Infinity) checkWhole("gradCheck", "limit", limit);
  checkWhole("gradCheck", "offenders", offenders, 0);
  return withTracing("gradCheck", trainer, x, y, undefined, ({ step, rows, records }) => {
    const { model } = trainer;
    const { arena } = model.core;
    const { program, manual } = step;
    program.run(manual, rows);
    const offset = model.gradientOffset();
    const analytic = model.run.parameters.map((p) => arena.read(p.address + offset, p.size));
    model.run.parameters.forEach(({ name }, i) => {
      const bad = analytic[i]!.find((g) => !Number.isFinite(g));
      if (bad !== undefined)
        throw new RangeError(
          `gradCheck: a gradient of ${name} is ${bad}: too large for float32 numbers; scale x and y`,
        );
    });

    // the loss alone: every record up to the loss, and the penalties after the backward pass
    const forwardEnd = records.findLast((r) => r.kernel.endsWith("Loss"))!.end;
    const penalties = records.filter((r) => r.kernel.endsWith("Penalty"));
    const lossNow = (): number => {
      program.penalty = 0;
      program.run({ first: manual.first, last: forwardEnd }, rows);
      for (const { address, end } of penalties) program.run({ first: address, last: end }, rows);
      return lossOf(step);
    };
    const hidden = 2.4e-6 * Math.abs(lossNow()); // four roundings of the loss, over the largest step
    const all: GradientCheck[] = [];
    const kinks: Kink[] = [];
    const searches = tolerance >= LEAST_TOLERANCE;
    model.run.parameters.forEach((parameter, p) => {
      const gradient = analytic[p]!;
      const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
      const near: Kink[] = [];
      const stride = Math.max(1, Math.ceil(parameter.size / limit));
      for (let index = 0; index < parameter.size; index += stride) {
        const at = parameter.address / 4 + index;
        const value = arena.f32[at]!;
        const lossAt = (distance: number): number => {
          arena.f32[at] = value + distance;
          try {
            return lossNow();
          } finally {
            arena.f32[at] = value; // custom layers and losses may throw
          }
        };
        let best: GradientCheck | undefined;
        for (const [difference, relative] of TRIES) {
          if (best && best.error <= (difference === central ? tolerance / 10 : tolerance)) break;
          const h = Math.fround(value + relative * Math.max(1, Math.abs(value))) - value;
          const numeric = difference(lossAt, h);
          const size = Math.max(Math.abs(gradient[index]!), Math.abs(numeric), floor);
          const error = Math.max(0, Math.abs(gradient[index]! - numeric) - hidden) / size;
          if (!best || error < best.error)
            best = { parameter: parameter.name, index, analytic: gradient[index]!, numeric, error };
        }
        if (searches && best!.error > tolerance) {
          const size = Math.max(Math.abs(best!.analytic), floor);
          const { kink, numeric, excess, fair } = judge(lossAt, value, best!.analytic, tolerance * size, 3 * floor);
          if (kink) {
            near.push({ check: best!, fair });
            continue;
          }
          const error = excess / Math.max(Math.abs(numeric), size);
          if (error < best!.error) best = { ...best!, numeric, error };
        }
        all.push(best!);
      }
      if (isBiased(near, tolerance)) all.push(...near.map(({ check }) => check));
      else kinks.push(...near);
    });
    if (isBiased(kinks, tolerance)) all.push(...kinks.splice(0).map(({ check }) => check));
    const sorted = all.toSorted((a, b) => b.error - a.error);
    const firstOf = new Set<string>();
    return new Result({
      ok: sorted.every((c) => c.error <= tolerance),
      worst: sorted[0]?.error ?? 0,
      checked: all.length,
      kinks: kinks.length,
      parameters: sorted.filter((c) => !firstOf.has(c.parameter) && firstOf.add(c.parameter)),
      offenders: sorted.slice(0, offenders),
    });
  });
}

/** The figures, which print as text. */
class Result implements GradCheckResult {
  declare readonly ok: boolean;
  declare readonly worst: number;
  declare readonly checked: number;
  declare readonly kinks: number;
  declare readonly parameters: readonly GradientCheck[];
  declare readonly offenders: readonly GradientCheck[];

  constructor(figures: Pick<GradCheckResult, keyof GradCheckResult>) {
    Object.assign(this, figures);
  }

  toString(): string {
    const { ok, worst, checked, kinks, offenders } = this;
    const lines = offenders.map(
      ({ parameter, index, analytic, numeric, error }) =>
        `  ${parameter}[${index}]: backward ${analytic.toPrecision(6)}, differences ${numeric.toPrecision(6)}, error ${error.toPrecision(3)}`,
    );
    const left = kinks > 0 ? `; ${kinks} next to a kink left out (kinks)` : "";
    return [
      `gradients ${ok ? "right" : "wrong"}: ${checked} compared, worst error ${worst.toPrecision(3)}${left}`,
      ...lines,
    ].join("\n");
  }
}
