// `gradCheck`: compares gradients of the backward pass with differences of the loss.
import { checkKeys, checkKind, checkPositive, checkWhole } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Trainer } from "../training/trainer.ts";
import { isAtJump, isAtKinks, isBiased, judge, type Kink, type Moved, NOISES } from "./kinks.ts";
import { noiseOfLoss } from "./lossNoise.ts";
import { placedValues, type Traced } from "./placedValues.ts";
import type { Arena } from "../runtime/arena.ts";
import { penaltyOf } from "../runtime/program.ts";
import { lossOf, withTracing } from "./trace.ts";

/** One number of a gradient: of a parameter's, or of a value's. */
export interface GradientCheck {
  /** `dense1.weight`; with the option `values` also `dZ1`, `da1`, `dx`. */
  readonly parameter: string;
  /** Index in the parameter, or in the values of all rows, row by row. */
  readonly index: number;
  /** From the backward pass. */
  readonly analytic: number;
  /** From differences of the loss. */
  readonly numeric: number;
  /**
   * |analytic - numeric|, less what float32 hides of the loss, as a share of the larger of the two, but at least of 1 % of the
   * parameter's or value's largest gradient.
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
   * has is no kink, but wrong, unless several units are at theirs together, and the gradients beside the place are right. Nor do
   * differences tell the gradient where the loss jumps, as at an output of 1 that should be 0.
   */
  readonly kinks: number;
  /** The worst of each parameter, and of each value that was asked for; worst first. */
  readonly parameters: readonly GradientCheck[];
  /** The worst of all, worst first. */
  readonly offenders: readonly GradientCheck[];
}

/** What `gradCheck` compares, and how exactly. */
export interface GradCheckOptions {
  /** Largest error that is still right; default 0.005. What float32 leaves of a difference is no error. */
  readonly tolerance?: number;
  /** At most this many numbers of each parameter and value, evenly spread; default all. */
  readonly limit?: number;
  /**
   * True: the gradients of what the layers compute (Z1, a1, ...) and of x are compared, too, under the names that `trace` has for them:
   * `dZ1`, `da1`, `dx`. Or a list of such names. Default false.
   */
  readonly values?: boolean | readonly string[];
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

/** What an error is measured by. */
interface Limits {
  /** The largest that is still right. */
  readonly tolerance: number;
  /** Gradients below it are as good as 0: they are measured as if they were as large. */
  readonly floor: number;
  /** What roundings leave of the loss. */
  readonly noise: number;
}

/** Numbers that are moved, one at a time, and their gradient by the backward pass. */
interface Varied {
  readonly name: string;
  readonly address: number;
  readonly gradient: Float32Array;
  /** The loss, once a number is moved. */
  lossNow(this: void): number;
  /** One of the numbers of the gradient, once a number is moved. */
  gradientNow(this: void, index: number): number;
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
 * With `values` it also compares what the backward pass hands from layer to layer: a number of Z1 is moved where it is stored, and the loss
 * computed from there on. So a backward pass of your own that is wrong in its dx alone is found by its name.
 *
 * @throws {TypeError | RangeError} if x, y or an option can't be used; if there is no value of a name, with those that there are
 * @example
 * const { ok, worst, offenders } = gradCheck(trainer, x, y);
 * const { parameters } = gradCheck(trainer, x, y, { values: ["dZ1", "da1"] });
 * console.log(parameters.find(({ parameter }) => parameter === "dZ1")!.error);
 */
export function gradCheck(trainer: Trainer, x: Input, y: Target, options: GradCheckOptions = {}): GradCheckResult {
  checkKeys("gradCheck", options, ["tolerance", "limit", "offenders", "values"]);
  const { tolerance = 0.005, limit = Infinity, offenders = 5, values = false } = options;
  checkPositive("gradCheck", "tolerance", tolerance);
  if (limit !== Infinity) checkWhole("gradCheck", "limit", limit);
  checkWhole("gradCheck", "offenders", offenders, 0);
  const isList = Array.isArray(values) && [...values].every((name: unknown) => typeof name === "string");
  checkKind(isList || typeof values === "boolean", "gradCheck", "values", "true, false or an array of strings", values);
  const names = typeof values === "boolean" ? undefined : values;
  return withTracing(
    "gradCheck",
    trainer,
    x,
    y,
    undefined,
    (traced) => compare(trainer, traced, values === false ? [] : names, { tolerance, limit, offenders }),
    values === false ? "trace" : "check",
  );
}

/** Compares the gradients of a traced step. `names`: of the values besides the parameters, all if it is undefined. */
function compare(
  trainer: Trainer,
  traced: Traced,
  names: readonly string[] | undefined,
  { tolerance, limit, offenders }: Required<Pick<GradCheckOptions, "tolerance" | "limit" | "offenders">>,
): GradCheckResult {
  const { core, run } = trainer.model;
  const { varied, lossNow } = variedOf(trainer, traced, names);
  const here = lossNow();
  if (!Number.isFinite(here))
    throw new RangeError(`gradCheck: the loss is ${here}: too large for float32 numbers; scale x and y`);
  const noise = noiseOfLoss(run.parameters, core.arena.f32, here, lossNow);
  const all: GradientCheck[] = [];
  const kinks: NearKink[] = [];
  let untold = 0; // at kinks or jumps that say nothing of a bias
  for (const numbers of varied) {
    lossNow(); // what moved values have left behind is computed again
    const { name, gradient } = numbers;
    const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
    const limits: Limits = { tolerance, floor, noise };
    const near: NearKink[] = [];
    const stride = Math.max(1, Math.ceil(gradient.length / limit));
    for (let index = 0; index < gradient.length; index += stride) {
      const value = core.arena.f32[numbers.address / 4 + index]!;
      const moved = movedFrom(value, core.arena, numbers, index);
      const best = bestDifference(moved, value, { parameter: name, index, analytic: gradient[index]! }, limits);
      const found =
        tolerance >= LEAST_TOLERANCE && best.error > tolerance ? lookCloser(moved, value, best, limits) : best;
      if (found === "untold") untold++;
      else if ("fair" in found) near.push(found);
      else all.push(found);
    }
    if (isBiased(near, tolerance)) all.push(...near.map(({ check }) => check));
    else kinks.push(...near);
  }
  if (isBiased(kinks, tolerance)) all.push(...kinks.splice(0).map(({ check }) => check));
  const sorted = all.toSorted((a, b) => b.error - a.error);
  const firstOf = new Set<string>();
  return new Result({
    ok: sorted.every((c) => c.error <= tolerance),
    worst: sorted[0]?.error ?? 0,
    checked: all.length,
    kinks: kinks.length + untold,
    parameters: sorted.filter((c) => !firstOf.has(c.parameter) && firstOf.add(c.parameter)),
    offenders: sorted.slice(0, offenders),
  });
}

/** What is moved: parameters and the values of these names; and the loss, all of it computed again. */
function variedOf(
  { model }: Trainer,
  traced: Traced,
  names: readonly string[] | undefined,
): { readonly varied: readonly Varied[]; lossNow(this: void): number } {
  const { step, rows, records } = traced;
  const { program, manual } = step;
  const { arena } = model.core;
  const chosen = placedValues(model, traced, names);
  program.run(manual, rows);
  const offset = model.gradientOffset();
  // the loss alone: every record up to the loss, and the penalties after the backward pass
  const forwardEnd = records.findLast((r) => r.kernel.endsWith("Loss"))!.end;
  const penalties = records.filter((r) => r.kernel.endsWith("Penalty"));
  const lossFrom = (first: number): number => {
    penaltyOf(program)[0] = 0;
    program.run({ first, last: forwardEnd }, rows);
    for (const { address, end } of penalties) program.run({ first: address, last: end }, rows);
    return lossOf(step);
  };
  const vary = (name: string, address: number, from: number, size: number, first: number): Varied => {
    const gradient = arena.read(from, size);
    const bad = gradient.find((g) => !Number.isFinite(g));
    if (bad !== undefined)
      throw new RangeError(`gradCheck: a gradient of ${name} is ${bad}: too large for float32 numbers; scale x and y`);
    return {
      name,
      address,
      gradient,
      lossNow: () => lossFrom(first),
      gradientNow(index) {
        program.run({ first, last: manual.last }, rows);
        return arena.f32[from / 4 + index]!;
      },
    };
  };
  const varied = [
    ...model.run.parameters.map(({ name, address, slot, size }) =>
      vary(name, address, slot + offset, size, manual.first),
    ),
    ...chosen.map(({ name, address, gradient, size, next }) => vary(name, address, gradient, size * rows, next)),
  ];
  return { varied, lossNow: () => lossFrom(manual.first) };
}

/** The loss and the gradient when one number is moved, after which it has its value again. */
function movedFrom(value: number, arena: Arena, { address, lossNow, gradientNow }: Varied, index: number): Moved {
  const at = address / 4 + index;
  const moved = (look: () => number, distance: number): number => {
    arena.f32[at] = value + distance;
    try {
      return look();
    } finally {
      arena.f32[at] = value; // custom layers and losses may throw
    }
  };
  return {
    lossAt: (distance) => moved(lossNow, distance),
    gradientAt: (distance) => moved(() => gradientNow(index), distance),
  };
}

/** The difference that agrees best with a number of the gradient. */
function bestDifference(
  { lossAt }: Moved,
  value: number,
  number: Pick<GradientCheck, "parameter" | "index" | "analytic">,
  { tolerance, floor, noise }: Limits,
): GradientCheck {
  const { analytic } = number;
  const hidden = (NOISES * noise) / TRIES[0]![1];
  let best: GradientCheck | undefined;
  for (const [difference, relative] of TRIES) {
    if (best && best.error <= (difference === central ? tolerance / 10 : tolerance)) break;
    const h = Math.fround(value + relative * Math.max(1, Math.abs(value))) - value;
    const numeric = difference(lossAt, h);
    const size = Math.max(Math.abs(analytic), Math.abs(numeric), floor);
    const error = Math.max(0, Math.abs(analytic - numeric) - hidden) / size;
    // a step that leaves a function's domain, as a logarithm's, tells nothing: any other is better
    if (!best || error < best.error || Number.isNaN(best.error)) best = { ...number, numeric, error };
  }
  return best!;
}

/** Is a number that no difference agrees with wrong, next to a kink, or where differences tell nothing? */
function lookCloser(
  moved: Moved,
  value: number,
  best: GradientCheck,
  { tolerance, floor, noise }: Limits,
): GradientCheck | NearKink | "untold" {
  const { analytic } = best;
  const size = Math.max(Math.abs(analytic), floor);
  const { kink, numeric, excess, fair } = judge(moved.lossAt, value, analytic, tolerance * size, 3 * floor, noise);
  if (kink) return { check: best, analytic, fair };
  const error = excess / Math.max(Math.abs(numeric), size);
  const tells =
    error <= tolerance ||
    !(isAtJump(moved, value, analytic) || isAtKinks(moved, value, analytic, tolerance, floor, noise));
  if (!tells) return "untold";
  return error < best.error ? { ...best, numeric, error } : best;
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
