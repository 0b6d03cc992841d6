// `gradCheck`: compares gradients of the backward pass with differences of the loss.
import { checkKeys, checkKind, checkPositive, checkWhole } from "../util/check.ts";
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Trainer } from "../training/trainer.ts";
import { isAtJump, isAtKinks, isBiased, judge, type Kink, type Moved, NOISES, ROUNDING } from "./kinks.ts";
import { type AllocatedRecord, penaltyOf } from "../runtime/program.ts";
import { INPUT, type ModelNode, type Value } from "../graph/layer.ts";
import type { TrainingProgram } from "../training/trainingProgram.ts";
import { sizeOf } from "../util/shape.ts";
import { unknownText } from "../util/suggest.ts";
import { lossOf, withTracing } from "./trace.ts";

/** A step that is traced. */
interface Traced {
  readonly step: TrainingProgram;
  readonly rows: number;
  readonly records: readonly AllocatedRecord[];
}

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
  const isList = Array.isArray(values) && values.every((name) => typeof name === "string");
  checkKind(isList || typeof values === "boolean", "gradCheck", "values", "true, false or an array of strings", values);
  const check = (traced: Traced): GradCheckResult => {
    const { step, rows, records } = traced;
    const { model } = trainer;
    const { arena } = model.core;
    const { program, manual } = step;
    const chosen = values === false ? [] : chooseValues(trainer, traced, values === true ? undefined : values);
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
    const vary = (name: string, address: number, gradient: number, size: number, first: number): Varied => ({
      name,
      address,
      gradient: arena.read(gradient, size),
      lossNow: () => lossFrom(first),
      gradientNow: (index) => {
        program.run({ first, last: manual.last }, rows);
        return arena.f32[gradient / 4 + index]!;
      },
    });
    const varied = [
      ...model.run.parameters.map(({ name, address, size }) =>
        vary(name, address, address + offset, size, manual.first),
      ),
      ...chosen.map(({ name, address, gradient, size, next }) => vary(name, address, gradient, size * rows, next)),
    ];
    for (const { name, gradient } of varied) {
      const bad = gradient.find((g) => !Number.isFinite(g));
      if (bad !== undefined)
        throw new RangeError(
          `gradCheck: a gradient of ${name} is ${bad}: too large for float32 numbers; scale x and y`,
        );
    }

    const here = lossFrom(manual.first);
    if (!Number.isFinite(here))
      throw new RangeError(`gradCheck: the loss is ${here}: too large for float32 numbers; scale x and y`);
    const noise = noiseOfLoss(model.run.parameters, arena.f32, here, () => lossFrom(manual.first));
    const hidden = (NOISES * noise) / TRIES[0]![1];
    const all: GradientCheck[] = [];
    const kinks: NearKink[] = [];
    let untold = 0; // at kinks or jumps that say nothing of a bias
    const searches = tolerance >= LEAST_TOLERANCE;
    for (const { name, address, gradient, lossNow, gradientNow } of varied) {
      lossFrom(manual.first); // what moved values have left behind is computed again
      const floor = 0.01 * gradient.reduce((top, g) => Math.max(top, Math.abs(g)), 1e-5);
      const near: NearKink[] = [];
      const stride = Math.max(1, Math.ceil(gradient.length / limit));
      for (let index = 0; index < gradient.length; index += stride) {
        const at = address / 4 + index;
        const value = arena.f32[at]!;
        const moved = (look: () => number, distance: number): number => {
          arena.f32[at] = value + distance;
          try {
            return look();
          } finally {
            arena.f32[at] = value; // custom layers and losses may throw
          }
        };
        const lossAt = (distance: number): number => moved(lossNow, distance);
        const both: Moved = { lossAt, gradientAt: (distance) => moved(() => gradientNow(index), distance) };
        let best: GradientCheck | undefined;
        for (const [difference, relative] of TRIES) {
          if (best && best.error <= (difference === central ? tolerance / 10 : tolerance)) break;
          const h = Math.fround(value + relative * Math.max(1, Math.abs(value))) - value;
          const numeric = difference(lossAt, h);
          const size = Math.max(Math.abs(gradient[index]!), Math.abs(numeric), floor);
          const error = Math.max(0, Math.abs(gradient[index]! - numeric) - hidden) / size;
          // a step that leaves a function's domain, as a logarithm's, tells nothing: any other is better
          if (!best || error < best.error || Number.isNaN(best.error))
            best = { parameter: name, index, analytic: gradient[index]!, numeric, error };
        }
        if (searches && best!.error > tolerance) {
          const size = Math.max(Math.abs(best!.analytic), floor);
          const { kink, numeric, excess, fair } = judge(
            lossAt,
            value,
            best!.analytic,
            tolerance * size,
            3 * floor,
            noise,
          );
          if (kink) {
            near.push({ check: best!, analytic: best!.analytic, fair });
            continue;
          }
          const error = excess / Math.max(Math.abs(numeric), size);
          if (
            !(error <= tolerance) &&
            (isAtJump(both, value, best!.analytic) || isAtKinks(both, value, best!.analytic, tolerance, floor, noise))
          ) {
            untold++;
            continue;
          }
          if (error < best!.error) best = { ...best!, numeric, error };
        }
        all.push(best!);
      }
      if (isBiased(near, tolerance)) all.push(...near.map(({ check: left }) => left));
      else kinks.push(...near);
    }
    if (isBiased(kinks, tolerance)) all.push(...kinks.splice(0).map(({ check: left }) => left));
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
  };
  return withTracing("gradCheck", trainer, x, y, undefined, check, values === false ? "trace" : "check");
}

/** Ways on which the loss's grain is looked for; the shortest and the longest move on them. */
const WAYS = 7;
const [SHORTEST, LONGEST] = [2 ** -26, 2 ** -7];

/**
 * What float32 leaves uncertain of the loss: a rounding of itself, and more where it is small because of numbers that aren't, as the
 * logarithm of an output near 1. All parameters move together, further and further, until the loss moves at all: that is its grain.
 */
function noiseOfLoss(
  parameters: readonly { readonly address: number; readonly size: number }[],
  f32: Float32Array,
  here: number,
  lossNow: () => number,
): number {
  const saved = parameters.map(({ address, size }) => f32.slice(address / 4, address / 4 + size));
  const grains: number[] = [];
  try {
    for (let way = 1; way <= WAYS; way++) {
      let grain = 0;
      for (let move = SHORTEST; grain === 0 && move <= LONGEST; move *= 2) {
        parameters.forEach(({ address, size }, k) => {
          for (let i = 0; i < size; i++) {
            const value = saved[k]![i]!;
            // any direction does, if it is another one each time
            const direction = 2 * ((way * (1 + i + 7 * k) * 0.618034) % 1) - 1;
            f32[address / 4 + i] = value + direction * move * Math.max(1, Math.abs(value));
          }
        });
        grain = Math.abs(lossNow() - here);
      }
      if (Number.isFinite(grain)) grains.push(grain);
    }
  } finally {
    parameters.forEach(({ address }, k) => f32.set(saved[k]!, address / 4));
  }
  grains.sort((a, b) => a - b);
  return Math.max(ROUNDING * Math.abs(here), (grains[grains.length >> 1] ?? 0) / 4);
}

/** A value of a step in memory. */
interface PlacedValue {
  /** Of its gradient: dZ1. */
  readonly name: string;
  readonly address: number;
  /** Address of the gradient. */
  readonly gradient: number;
  /** Numbers of a row. */
  readonly size: number;
  /** The record after the one that computes the value. */
  readonly next: number;
}

/** Where the address of dy stands in a record: after x, y and dx. */
const DY = 3;

/** The values whose gradients are computed, or those of them that are asked for. */
function chooseValues(
  { model }: Trainer,
  { step, records }: Traced,
  names: readonly string[] | undefined,
): PlacedValue[] {
  const { nodes, inputShape } = model;
  const whole = integersOf(nodes);
  const forward = new Map<number, AllocatedRecord>();
  const backward = new Map<number, AllocatedRecord>();
  for (const record of records) {
    const stem = nodes[record.layer]?.layer.kernel;
    // sums of gradients are made by add's kernel, later
    if (record.kernel === `${stem}Forward` && !forward.has(record.layer)) forward.set(record.layer, record);
    if (record.kernel === `${stem}Backward`) backward.set(record.layer, record);
  }
  const { input, inputGradient } = step.graph;
  const all: PlacedValue[] = [];
  if (!whole.has(INPUT)) {
    const { address } = input;
    all.push({ name: "dx", address, gradient: inputGradient, size: sizeOf(inputShape), next: step.manual.first });
  }
  // the book's names first, as everywhere
  const textbook = new Set(nodes.map((node) => (node.outputName === node.name ? "" : node.outputName)));
  for (const { index, name, outputName, output } of nodes) {
    const [writer, reader] = [forward.get(index), backward.get(index)];
    if (!writer || !reader || whole.has(index)) continue;
    const own = outputName === name && textbook.has(name) ? `d${name} (layer ${index + 1})` : `d${outputName}`;
    const { address } = writer.writes[0]!;
    all.push({ name: own, address, gradient: reader.words[DY]!, size: sizeOf(output), next: writer.end });
  }
  if (names === undefined) return all;
  const known = all.map(({ name }) => name);
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) throw new RangeError(`gradCheck: ${unknownText("value", other, known)}`);
  return all.filter(({ name }) => names.includes(name));
}

/** The values that are looked up or counted with, such as indices and lengths: they can't be moved a little. */
function integersOf(nodes: readonly ModelNode[]): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const { layer, from, others } of nodes) {
    const fixed = Object.keys(others).filter((slot) => layer.fixed?.includes(slot));
    const read = fixed.map((slot) => others[slot]!);
    if (layer.rules && Object.keys(others).length === 0 && layer.fixed === undefined) read.push(from);
    // through what only moves numbers
    for (let value of read) {
      for (;;) {
        found.add(value);
        const node = nodes[value];
        if (!node || (node.layer.kernel !== undefined && node.layer.offset === undefined)) break;
        value = node.from;
      }
    }
  }
  return found;
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
