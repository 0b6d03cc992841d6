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

/** How far the gradients are from the differences. As a string: a few lines to print. */
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
  /** Largest error that is still right; default 0.01 (float32 forward passes leave noise of that order). */
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
/** So many times the loss's noise, over the step, is the most that float32 leaves of a difference. */
const NOISES = 8;

/** What a search for kinks finds. */
interface Judgement {
  readonly kink: boolean;
  readonly numeric: number;
  /** What is left of |analytic - numeric| after noise. */
  readonly excess: number;
  /** What the steps whose slopes differ least say, whatever the analytic gradient is. */
  readonly fair: number;
}

/**
 * Is a gradient that no difference agrees with wrong, or is there a kink? Both sides' slopes and the central one agree where the
 * loss is smooth, and shorter steps tell more of what is near. So steps are halved until they agree: there the gradient must
 * be theirs. Near a kink they disagree as steps get shorter, other than for a curve, whose differences get four times
 * smaller with each step; if they never agree, the gradient must be between the slopes.
 *
 * @param allowed how far it may be from what differences say, besides their noise
 */
function judge(lossAt: (distance: number) => number, value: number, analytic: number, allowed: number): Judgement {
  const unit = Math.max(1, Math.abs(value));
  const at = (distance: number): readonly [distance: number, loss: number] => {
    const moved = Math.fround(value + distance) - value;
    return [moved, lossAt(moved)];
  };
  const here = lossAt(0);
  const noise = noiseOf([-3, -2, -1, 0, 1, 2, 3].map((n) => at(n * 1e-5 * unit)));
  let [farRight, farLeft] = [at(LONGEST * unit), at(-LONGEST * unit)];
  let kink = false;
  let agreed = false;
  let before = Infinity;
  let nearest: Judgement | undefined;
  let fair = 0;
  let leastDoubt = Infinity;
  for (let n = 1; n <= HALVINGS; n++) {
    const h = (LONGEST * unit) / 2 ** n;
    const [right, left] = [at(h), at(-h)];
    const slopes = [slopeOf(here, right, farRight), slopeOf(here, left, farLeft), centralOf([left, right, farLeft, farRight])];
    [farRight, farLeft] = [right, left];
    const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
    const hidden = (NOISES * noise) / h;
    const spread = most - least;
    if (spread + hidden < leastDoubt) [leastDoubt, fair] = [spread + hidden, slopes[2]!];
    if (spread <= hidden + allowed / 2) {
      const numeric = slopes[2]!;
      const excess = Math.max(0, Math.abs(analytic - numeric) - hidden);
      const wrong = excess > allowed;
      // two steps in a row, as some kinks cancel out in one
      if (!wrong || agreed) return { kink: kink && !wrong, numeric, excess, fair };
      agreed = true;
    } else agreed = false;
    if (spread - hidden > before / 2.5) kink = true;
    before = spread;
    const numeric = Math.min(Math.max(analytic, least), most);
    const excess = Math.max(0, Math.abs(analytic - numeric) - hidden);
    if (!nearest || excess < nearest.excess) nearest = { kink: excess <= allowed, numeric, excess, fair };
  }
  return { ...nearest!, fair };
}

/**
 * Is a parameter's gradient too large or too small as a whole? Kinks move differences to either side of the gradient, and a
 * backward pass that is a little off moves all to one side.
 */
function isBiased(kinks: readonly { readonly analytic: number; readonly fair: number }[], tolerance: number): boolean {
  if (kinks.length < 8) return false;
  const sum = (of: (kink: (typeof kinks)[number]) => number): number => kinks.reduce((total, k) => total + of(k), 0);
  const squares = sum((k) => k.fair * k.fair);
  const factor = sum((k) => k.analytic * k.fair) / squares;
  const deviation = Math.sqrt(sum((k) => (k.analytic - factor * k.fair) ** 2) / ((kinks.length - 1) * squares));
  return Math.abs(factor - 1) > Math.max(5 * deviation, tolerance / 2);
}

/** How far the loss is from a line through it at places so near that it is one: what roundings leave. */
function noiseOf(points: readonly (readonly [distance: number, loss: number])[]): number {
  const n = points.length;
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => (p[0] - x) ** 2);
  const rest = mean((p) => (p[1] - y - slope * (p[0] - x)) ** 2);
  return Math.max(Math.sqrt((rest * n) / (n - 2)), 2 ** -25 * Math.abs(y));
}

/** The slope at 0 of the parabola through 0 and two places on one side. */
function slopeOf(here: number, [near, nearLoss]: readonly [number, number], [far, farLoss]: readonly [number, number]): number {
  const [a, b] = [(nearLoss - here) / near, (farLoss - here) / far];
  return (a * far - b * near) / (far - near);
}

/** The slope at 0 of the curve of fourth degree. */
function centralOf([left, right, farLeft, farRight]: readonly (readonly [number, number])[]): number {
  const near = (right![1] - left![1]) / (right![0] - left![0]);
  const far = (farRight![1] - farLeft![1]) / (farRight![0] - farLeft![0]);
  return (4 * near - far) / 3;
}

/**
 * Compares the gradient of every parameter with differences of the loss on one batch: central ones,
 * (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, and where these don't agree (a kink, as relu has at 0) one-sided ones,
 * (4 f(h) - 3 f(0) - f(2h)) / 2h. Nothing is changed. Dropout is active, with one mask throughout.
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
  const { model } = trainer;
  const { arena } = model.core;
  return withTracing("gradCheck", trainer, x, y, undefined, ({ step, rows, records }) => {
    const { program, manual } = step;
    program.run(manual, rows);
    const offset = model.gradientOffset();
    const analytic = model.run.parameters.map((p) => arena.read(p.address + offset, p.size));

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
    let kinks = 0;
    model.run.parameters.forEach((parameter, p) => {
      const gradient = analytic[p]!;
      const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
      const near: (GradientCheck & { readonly fair: number })[] = [];
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
        if (best!.error > tolerance) {
          const size = Math.max(Math.abs(best!.analytic), floor);
          const { kink, numeric, excess, fair } = judge(lossAt, value, best!.analytic, tolerance * size);
          if (kink) {
            near.push({ ...best!, fair });
            continue;
          }
          const error = excess / Math.max(Math.abs(numeric), size);
          if (error < best!.error) best = { ...best!, numeric, error };
        }
        all.push(best!);
      }
      if (isBiased(near, tolerance)) all.push(...near.map(({ fair: _, ...check }) => check));
      else kinks += near.length;
    });
    const sorted = all.toSorted((a, b) => b.error - a.error);
    const firstOf = new Set<string>();
    return {
      ok: sorted.every((c) => c.error <= tolerance),
      worst: sorted[0]?.error ?? 0,
      checked: all.length,
      kinks,
      parameters: sorted.filter((c) => !firstOf.has(c.parameter) && firstOf.add(c.parameter)),
      offenders: sorted.slice(0, offenders),
    };
  });
}
