// Learning-rate schedules: how the optimizer's rate changes while training. Integers, +, -, *, / and the core's own cos and
// pow give the same rates in every engine. Formulas as in PyTorch's torch.optim.lr_scheduler.
import type { Core } from "../../runtime/core.ts";
import { extraFunction } from "../../runtime/extraFunction.ts";
import { modeOf, monitoredKey } from "../metrics/metric.ts";
import {
  checkFraction,
  checkKeys,
  checkKind,
  checkNotNegative,
  checkOneOf,
  checkPositive,
  checkWhole,
} from "../../util/check.ts";
import { parts, type Schedule, type ScheduleOptions } from "./schedule.ts";

function schedule(
  type: string,
  options: ScheduleOptions & object,
  ownKeys: readonly string[],
): Omit<Schedule, "start"> {
  checkKeys(type, options, [...ownKeys, "per"]);
  const { per = "update" } = options;
  checkOneOf(type, "per", per, ["update", "epoch"]);
  return parts(type, per, options);
}

/**
 * base gamma^floor(t / stepSize).
 *
 * @param options.stepSize updates or epochs with the same rate, 1 or more
 * @param options.gamma above 0; default 0.1
 * @throws {TypeError | RangeError} if an option can't be used
 * @example
 * const schedule = stepDecay({ stepSize: 10, per: "epoch" });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function stepDecay(options: { stepSize: number; gamma?: number } & ScheduleOptions): Schedule {
  const common = schedule("stepDecay", options, ["stepSize", "gamma"]);
  const { stepSize, gamma = 0.1 } = options;
  checkWhole("stepDecay", "stepSize", stepSize);
  checkPositive("stepDecay", "gamma", gamma);
  return {
    ...common,
    start: (base, core) => ({ rate: (t) => base * core.exports.mathPow(gamma, Math.floor(t / stepSize)) }),
  };
}

/**
 * base gamma^t.
 *
 * @param options.gamma above 0
 * @throws {TypeError | RangeError} if an option can't be used
 * @example
 * const schedule = exponentialDecay({ gamma: 0.95, per: "epoch" });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function exponentialDecay(options: { gamma: number } & ScheduleOptions): Schedule {
  const common = schedule("exponentialDecay", options, ["gamma"]);
  const { gamma } = options;
  checkPositive("exponentialDecay", "gamma", gamma);
  return { ...common, start: (base, core) => ({ rate: (t) => base * core.exports.mathPow(gamma, t) }) };
}

/** (1 + cos(pi part)) / 2; the core's cosine takes angles up to 10^5, and thousands of turns are whole ones. */
const halfCosine = (core: Core, part: number): number =>
  (1 + extraFunction(core, "mathCos")(Math.PI * (part > 2 ** 14 ? part % 2 : part))) / 2;

/**
 * minimum + (base - minimum) (1 + cos(pi t / period)) / 2.
 *
 * @param options.period updates or epochs until the minimum is reached, 1 or more
 * @param options.minimum 0 or more; default 0
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
 * @example
 * const schedule = cosineDecay({ period: 1000 });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function cosineDecay(options: { period: number; minimum?: number } & ScheduleOptions): Schedule {
  const common = schedule("cosineDecay", options, ["period", "minimum"]);
  const { period, minimum = 0 } = options;
  checkWhole("cosineDecay", "period", period);
  checkNotNegative("cosineDecay", "minimum", minimum);
  return {
    ...common,
    start: (base, core) => ({ rate: (t) => minimum + (base - minimum) * halfCosine(core, t / period) }),
  };
}

/**
 * `cosineDecay` that begins again after `period`, then after `period multiplier`, and so on.
 *
 * @param options.period updates or epochs of the first decay, 1 or more
 * @param options.multiplier 1 or more; default 1
 * @param options.minimum 0 or more; default 0
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
 * @example
 * const schedule = cosineWarmRestarts({ period: 100, multiplier: 2 });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function cosineWarmRestarts(
  options: { period: number; multiplier?: number; minimum?: number } & ScheduleOptions,
): Schedule {
  const common = schedule("cosineWarmRestarts", options, ["period", "multiplier", "minimum"]);
  const { period, multiplier = 1, minimum = 0 } = options;
  checkWhole("cosineWarmRestarts", "period", period);
  checkWhole("cosineWarmRestarts", "multiplier", multiplier);
  checkNotNegative("cosineWarmRestarts", "minimum", minimum);
  return {
    ...common,
    start: (base, core) => ({
      rate(t) {
        let length = period;
        let since = t;
        while (since >= length && multiplier > 1) {
          since -= length;
          length *= multiplier;
        }
        return minimum + (base - minimum) * halfCosine(core, (since % length) / length);
      },
    }),
  };
}

/**
 * base (start + (end - start) min(1, t / length)).
 *
 * @param options.length updates or epochs until the end is reached, 1 or more
 * @param options.start share of the base rate that it starts at; default 1 / 3
 * @param options.end share that it ends at; default 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Goyal and others, "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017
 * @example
 * const schedule = linearWarmup({ length: 500 });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function linearWarmup(options: { length: number; start?: number; end?: number } & ScheduleOptions): Schedule {
  const common = schedule("linearWarmup", options, ["length", "start", "end"]);
  const { length, start = 1 / 3, end = 1 } = options;
  checkWhole("linearWarmup", "length", length);
  checkNotNegative("linearWarmup", "start", start);
  checkNotNegative("linearWarmup", "end", end);
  return {
    ...common,
    start: (base) => ({ rate: (t) => base * (start + (end - start) * Math.min(1, t / length)) }),
  };
}

/**
 * From the base rate / divisor up to the base rate over the first `warmup` of `length`, then down to the start / finalDivisor.
 *
 * @param options.length updates or epochs in all, 2 or more
 * @param options.warmup share of the length in which the rate rises; default 0.3
 * @param options.divisor base rate / first rate; default 25
 * @param options.finalDivisor first rate / last rate; default 1e4
 * @param options.anneal "cosine" (default) or "linear"
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Smith, Topin, "Super-convergence", 2018
 * @example
 * const schedule = oneCycle({ length: 1000 });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function oneCycle(
  options: {
    length: number;
    warmup?: number;
    divisor?: number;
    finalDivisor?: number;
    anneal?: "cosine" | "linear";
  } & ScheduleOptions,
): Schedule {
  const common = schedule("oneCycle", options, ["length", "warmup", "divisor", "finalDivisor", "anneal"]);
  const { length, warmup = 0.3, divisor = 25, finalDivisor = 1e4, anneal = "cosine" } = options;
  checkWhole("oneCycle", "length", length, 2);
  checkFraction("oneCycle", "warmup", warmup);
  checkPositive("oneCycle", "divisor", divisor);
  checkPositive("oneCycle", "finalDivisor", finalDivisor);
  checkOneOf("oneCycle", "anneal", anneal, ["cosine", "linear"]);
  return {
    ...common,
    start: (base, core) => ({
      rate(t) {
        const up = warmup * length - 1;
        const first = base / divisor;
        const last = first / finalDivisor;
        const rising = t <= up;
        const part = rising ? (up > 0 ? t / up : 1) : Math.min(1, (t - up) / (length - 1 - up));
        const [from, to] = rising ? [first, base] : [base, last];
        return anneal === "linear" ? from + (to - from) * part : to + (from - to) * halfCosine(core, part);
      },
    }),
  };
}

/**
 * Multiplies the rate by `factor` once a monitored value has not become better for more than `patience` epochs; the next
 * `cooldown` epochs are then not counted. As in PyTorch.
 *
 * @param options.factor what the rate is multiplied by; default 0.1
 * @param options.patience epochs without improvement that are accepted; default 10
 * @param options.threshold how much better counts, as a share of the best's absolute value or an amount; default 1e-4
 * @param options.thresholdMode "relative" (default) or "absolute"
 * @param options.cooldown epochs after a change that are not counted; default 0
 * @param options.minimum the smallest rate; default 0
 * @param options.epsilon default 1e-8
 * @throws {TypeError | RangeError} if an option can't be used
 * @throws {Error} while training, if the history has no such value
 * @example
 * const schedule = reduceOnPlateau({ patience: 3 });
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function reduceOnPlateau(
  options: {
    /** Key of the history; default "validationLoss" if there is validation data, else "loss". */
    monitor?: string;
    /** "min" or "max"; default "max" for metrics of which more is better (accuracy, f1, ...), else "min". */
    mode?: "min" | "max";
    /** What the rate is multiplied by, from 0 up to but not including 1; default 0.1. */
    factor?: number;
    /** Epochs without an improvement that are borne; default 10. */
    patience?: number;
    /** How much better counts; default 1e-4. NaN never does. */
    threshold?: number;
    /** The threshold is a share of the best's absolute value ("relative", default) or an amount ("absolute"). */
    thresholdMode?: "relative" | "absolute";
    /** Epochs after a change that are not counted; default 0. */
    cooldown?: number;
    /** What the rate never falls below; default 0. */
    minimum?: number;
    /** Smaller changes of the rate are left out; default 1e-8. */
    epsilon?: number;
  } = {},
): Schedule {
  checkKeys("reduceOnPlateau", options, [
    "monitor",
    "mode",
    "factor",
    "patience",
    "threshold",
    "thresholdMode",
    "cooldown",
    "minimum",
    "epsilon",
  ]);
  const {
    monitor,
    mode = typeof monitor === "string" ? modeOf(monitor) : "min",
    factor = 0.1,
    patience = 10,
    threshold = 1e-4,
  } = options;
  const { thresholdMode = "relative", cooldown = 0, minimum = 0, epsilon = 1e-8 } = options;
  if (monitor !== undefined) {
    checkKind(typeof monitor === "string", "reduceOnPlateau", "monitor", "a key of the history", monitor);
  }
  checkOneOf("reduceOnPlateau", "mode", mode, ["min", "max"]);
  checkOneOf("reduceOnPlateau", "thresholdMode", thresholdMode, ["relative", "absolute"]);
  checkFraction("reduceOnPlateau", "factor", factor);
  checkWhole("reduceOnPlateau", "patience", patience, 0);
  checkWhole("reduceOnPlateau", "cooldown", cooldown, 0);
  checkNotNegative("reduceOnPlateau", "threshold", threshold);
  checkNotNegative("reduceOnPlateau", "minimum", minimum);
  checkNotNegative("reduceOnPlateau", "epsilon", epsilon);
  // NaN is never better; an infinite best has no share, so that any number on its right side is better
  const better = (value: number, best: number): boolean => {
    if (!Number.isFinite(best)) return mode === "min" ? value < best : value > best;
    if (thresholdMode === "absolute") return mode === "min" ? value < best - threshold : value > best + threshold;
    const share = Math.sign(best) * threshold; // of the best's absolute value: figures may be below 0
    return mode === "min" ? value < best * (1 - share) : value > best * (1 + share);
  };
  return {
    ...parts("reduceOnPlateau", "epoch", options),
    monitored: (logs) => logs[monitoredKey("reduceOnPlateau", monitor || undefined, logs)]!,
    start(base) {
      let rate = base;
      let best = mode === "min" ? Infinity : -Infinity;
      let bad = 0;
      let cooling = 0;
      return {
        rate: () => rate,
        observe(value) {
          if (better(value, best)) {
            best = value;
            bad = 0;
          } else bad++;
          if (cooling > 0) {
            cooling--;
            bad = 0;
          }
          if (bad > patience) {
            const next = Math.max(rate * factor, minimum);
            if (rate - next > epsilon) rate = next;
            cooling = cooldown;
            bad = 0;
          }
        },
        state: () => [rate, best, bad, cooling],
        restore(state) {
          [rate, best, bad, cooling] = state as [number, number, number, number];
        },
      };
    },
  };
}
