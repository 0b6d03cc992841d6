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

/** How far the gradients are from the differences. */
export interface GradCheckResult {
  /** True if no error is above the tolerance. */
  readonly ok: boolean;
  /** The largest error. */
  readonly worst: number;
  /** Numbers compared. */
  readonly checked: number;
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
  const { tolerance = 0.01, limit = Infinity, offenders = 5 } = options;
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
    model.run.parameters.forEach((parameter, p) => {
      const gradient = analytic[p]!;
      const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
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
        all.push(best!);
      }
    });
    const sorted = all.toSorted((a, b) => b.error - a.error);
    const firstOf = new Set<string>();
    return {
      ok: sorted.every((c) => c.error <= tolerance),
      worst: sorted[0]?.error ?? 0,
      checked: all.length,
      parameters: sorted.filter((c) => !firstOf.has(c.parameter) && firstOf.add(c.parameter)),
      offenders: sorted.slice(0, offenders),
    };
  });
}
