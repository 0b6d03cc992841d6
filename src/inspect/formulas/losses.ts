// The losses' formulas: a the output, y the target. `each` is one number's loss, or that of one row, and `slope` its derivative by a;
// the sum, the mean and the weights of samples are put around them.
import type { StepText } from "../terms.ts";

/** A loss and its derivative. */
export interface LossFormula {
  readonly each: string;
  readonly slope: string;
  /** The loss is the opposite of `each`: the minus stands in front of the sum. */
  readonly negative?: boolean;
  /** `each` is the loss of a row: there is no sum over its columns. */
  readonly perRow?: boolean;
  /** Parts with a name of their own. */
  readonly named?: Readonly<Record<string, string>>;
  /** What more there is to say, such as of a special case. */
  readonly says?: StepText;
}

/** What decides about the formula of a loss. */
export interface LossFacts {
  readonly options: Readonly<Record<string, unknown>>;
  /** y has one label per row. */
  readonly labels: boolean;
  /** There are weights of classes. */
  readonly weighted: boolean;
  /** The output's and the target's values. */
  readonly a: Float32Array;
  readonly y: Float32Array;
  /** Numbers of a row of the output. */
  readonly columns: number;
}

const SOFTMAX = { p: "exp(a) / sumColumns(exp(a))" };

const CUT: StepText = {
  en: "Some answers are so near 0 or 1 that the logarithm has no finite value; the library keeps it above -100, and the divisor above 1e-12.",
  zh: "有些回答太接近 0 或 1，对数不是有限的数；库把对数限制在 -100 以上，把除数限制在 1e-12 以上。",
};

/** By type: what a loss computes, given the facts; undefined where that isn't written out. */
export const LOSSES: Readonly<Record<string, (facts: LossFacts) => LossFormula | undefined>> = {
  binaryCrossEntropy({ options: { clamp }, a }) {
    const textbook: LossFormula = {
      each: "live(y * log(a) + (1 - y) * log(1 - a))",
      slope: "-y / a + (1 - y) / (1 - a)",
      negative: true,
    };
    if (clamp === "none") return textbook;
    if (clamp === "log") {
      if (a.every((p) => p * (1 - p) >= 1e-12)) return textbook;
      return {
        each: "live(y * max(log(a), -100) + (1 - y) * max(log(1 - a), -100))",
        slope: "(a - y) / max(a * (1 - a), 1e-12)",
        negative: true,
        says: CUT,
      };
    }
    const [low, high] = (clamp as [number, number]).map(Math.fround) as [number, number];
    if (a.every((p) => p >= low && p <= high)) return textbook;
    return {
      each: "live(y * log(p) + (1 - y) * log(1 - p))",
      slope: "a < low ? 0 : a > high ? 0 : -y / a + (1 - y) / (1 - a)",
      negative: true,
      named: { p: "max(low, min(high, a))" },
    };
  },
  binaryCrossEntropyWithLogits: ({ options: { positiveWeight } }) =>
    positiveWeight === 1
      ? {
          each: "live(y * log(1 + exp(-a)) + (1 - y) * log(1 + exp(a)))",
          slope: "sigmoid(a) - y",
        }
      : {
          each: "live(positiveWeight * y * log(1 + exp(-a)) + (1 - y) * log(1 + exp(a)))",
          slope: "(1 - y) * sigmoid(a) - positiveWeight * y * (1 - sigmoid(a))",
        },
  meanSquaredError: () => ({ each: "(a - y)^2", slope: "2 * (a - y)" }),
  meanAbsoluteError: () => ({ each: "abs(a - y)", slope: "sign(a - y)" }),
  huber: () => ({
    each: "abs(a - y) <= delta ? (a - y)^2 / 2 : delta * (abs(a - y) - delta / 2)",
    slope: "max(-delta, min(delta, a - y))",
  }),
  hinge: () => ({ each: "max(0, margin - a * y)", slope: "margin - a * y > 0 ? -y : 0" }),
  klDivergence: () => ({ each: "y > 0 ? y * (log(y) - a) : 0", slope: "-y" }),
  poisson: ({ options: { logInput } }) =>
    logInput === true
      ? { each: "exp(a) - y * a", slope: "exp(a) - y" }
      : { each: "a - y * log(a + 1e-8)", slope: "1 - y / (a + 1e-8)" },
  quantile: ({ options }) =>
    typeof options["quantile"] === "number"
      ? {
          each: "max(quantile * (y - a), (quantile - 1) * (y - a))",
          slope: "y - a > 0 ? -quantile : y - a < 0 ? 1 - quantile : 0",
        }
      : undefined,
  focal({ options: { alpha } }) {
    const weight = alpha === undefined ? "" : "(alpha * y + (1 - alpha) * (1 - y)) * ";
    return {
      each: `${weight}q^gamma * h`,
      slope: `${weight}q^gamma * (p - y + gamma * h * (1 - 2 * y) * p * (1 - p) / q)`,
      named: {
        p: "sigmoid(a)",
        q: "p * (1 - y) + (1 - p) * y",
        h: "y * log(1 + exp(-a)) + (1 - y) * log(1 + exp(a))",
      },
    };
  },
  cosineSimilarity: () => ({
    each: "1 - r",
    slope: "r * a / A - y / sqrt(A * Y)",
    perRow: true,
    named: { A: "sumColumns(a^2) + 1e-12", Y: "sumColumns(y^2) + 1e-12", r: "sumColumns(a * y) / sqrt(A * Y)" },
  }),
  dice: () => ({
    each: "1 - r",
    slope: "(r - 2 * y) / D",
    perRow: true,
    named: { D: "sumColumns(a + y) + smooth", r: "(2 * sumColumns(a * y) + smooth) / D" },
  }),
  negativeLogLikelihood: ({ weighted }) => ({
    each: weighted ? "pick(c, y) * pick(a, y)" : "pick(a, y)",
    slope: weighted ? "-pick(c, y) * is(y, j)" : "-is(y, j)",
    negative: true,
    perRow: true,
  }),
  softmaxCrossEntropy({ options: { labelSmoothing }, labels, weighted, y, columns }) {
    const smooth = labelSmoothing !== 0;
    if (labels && !smooth && !weighted) {
      return { each: "log(sumColumns(exp(a))) - pick(a, y)", slope: "p - is(y, j)", perRow: true, named: SOFTMAX };
    }
    if (!labels && !smooth && !weighted) {
      const each = "y * (log(sumColumns(exp(a))) - a)";
      return { each, slope: areShares(y, columns) ? "p - y" : "p * sumColumns(y) - y", named: SOFTMAX };
    }
    const target = labels ? "is(y, j)" : "y";
    const smoothed = smooth ? `(${target} * (1 - labelSmoothing) + labelSmoothing / n)` : target;
    const named = { ...SOFTMAX, t: weighted ? `c * ${smoothed}` : smoothed };
    return { each: "t * (log(sumColumns(exp(a))) - a)", slope: "p * sumColumns(t) - t", named };
  },
  sequenceCrossEntropy({ options: { labelSmoothing }, weighted }) {
    const plain = labelSmoothing === 0 && !weighted;
    const smoothed = labelSmoothing === 0 ? "is(y, j)" : "(is(y, j) * (1 - labelSmoothing) + labelSmoothing / n)";
    const t = weighted ? `c * ${smoothed}` : smoothed;
    return {
      each: plain ? "is(y, j) * (log(sumColumns(exp(a))) - a)" : "y < 0 ? 0 : t * (log(sumColumns(exp(a))) - a)",
      slope: plain ? "y < 0 ? 0 : p - is(y, j)" : "y < 0 ? 0 : p * sumColumns(t) - t",
      named: plain ? SOFTMAX : { ...SOFTMAX, t },
      says: {
        en: "m counts the steps; one whose label is -1 counts nothing.",
        zh: "m 是计入的步数；标签为 -1 的步不计入。",
      },
    };
  },
};

/** Does each row sum to 1, as float32 can tell? */
function areShares(values: Float32Array, columns: number): boolean {
  for (let at = 0; at < values.length; at += columns) {
    const sum = values.subarray(at, at + columns).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-7) return false;
  }
  return true;
}
