// `gradCheck`: compares gradients of the backward pass with differences of the loss.
import { checkKeys, checkPositive, checkWhole } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Trainer } from "../training/trainer.ts";
import { isBiased, judge, type Kink } from "./kinks.ts";
import { penaltyOf } from "../runtime/program.ts";
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

/** What is left out, unless such gradients are wrong as a whole. */
type NearKink = Kink & { readonly check: GradientCheck };

/** Below this, what is asked for is more than differences of float32 numbers can tell: errors are given as they are. */
const LEAST_TOLERANCE = 1e-4;

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
      penaltyOf(program)[0] = 0;
      program.run({ first: manual.first, last: forwardEnd }, rows);
      for (const { address, end } of penalties) program.run({ first: address, last: end }, rows);
      return lossOf(step);
    };
    const hidden = 2.4e-6 * Math.abs(lossNow()); // four roundings of the loss, over the largest step
    const all: GradientCheck[] = [];
    const kinks: NearKink[] = [];
    const searches = tolerance >= LEAST_TOLERANCE;
    model.run.parameters.forEach((parameter, p) => {
      const gradient = analytic[p]!;
      const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
      const near: NearKink[] = [];
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
            near.push({ check: best!, analytic: best!.analytic, fair });
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
