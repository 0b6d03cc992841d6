// The activations' formulas: z the input, a the output, da the output's gradient; what works row by row takes the last axis as a row.
import type { StepText } from "../terms.ts";

/** What an activation computes, and its gradient. */
export interface ActivationFormula {
  readonly forward: string;
  readonly backward: string;
  /** Parts with a name of their own. */
  readonly named?: Readonly<Record<string, string>>;
  /** What symbols stand for, besides the options. */
  readonly symbols?: Readonly<Record<string, number>>;
  readonly says: StepText;
}

const NO_BEND: StepText = {
  en: "Negative numbers become 0, the others stay. Without a bend, two layers would be no more than one.",
  zh: "负数变成 0，其余不变。没有这一弯，两层等于一层。",
};
const SMOOTH: StepText = {
  en: "Large numbers nearly stay as they are, very negative ones nearly become 0, and between them the curve is smooth.",
  zh: "大的数几乎不变，很负的数几乎变成 0，中间是一条光滑的曲线。",
};

/** By type; of one that has a variant, by type and the option that names it. */
export const ACTIVATIONS: Readonly<Record<string, ActivationFormula>> = {
  sigmoid: {
    forward: "sigmoid(z)",
    backward: "da * a * (1 - a)",
    says: {
      en: "Each number is bent into one between 0 and 1. Without a bend, two layers would be no more than one.",
      zh: "每个数被弯成 0 到 1 之间的数。没有这一弯，两层等于一层。",
    },
  },
  tanh: {
    forward: "tanh(z)",
    backward: "da * (1 - a^2)",
    says: {
      en: "Each number is bent into one between -1 and 1. Without a bend, two layers would be no more than one.",
      zh: "每个数被弯成 -1 到 1 之间的数。没有这一弯，两层等于一层。",
    },
  },
  relu: { forward: "z > 0 ? z : 0", backward: "a > 0 ? da : 0", says: NO_BEND },
  relu6: {
    forward: "z > 6 ? 6 : z > 0 ? z : 0",
    backward: "a > 0 & a < 6 ? da : 0",
    says: {
      en: "Negative numbers become 0, those above 6 become 6, the others stay.",
      zh: "负数变成 0，大于 6 的变成 6，其余不变。",
    },
  },
  clip: {
    forward: "z > high ? high : z > low ? z : low",
    backward: "z > low & z < high ? da : 0",
    says: {
      en: "Numbers below the lower bound become it, those above the upper one that, the others stay.",
      zh: "小于下界的数变成下界，大于上界的变成上界，其余不变。",
    },
  },
  "clip low": {
    forward: "z > low ? z : low",
    backward: "z > low ? da : 0",
    says: { en: "Numbers below the bound become it, the others stay.", zh: "小于下界的数变成下界，其余不变。" },
  },
  "clip high": {
    forward: "z < high ? z : high",
    backward: "z < high ? da : 0",
    says: { en: "Numbers above the bound become it, the others stay.", zh: "大于上界的数变成上界，其余不变。" },
  },
  thresholdedRelu: {
    forward: "z > threshold ? z : 0",
    backward: "z > threshold ? da : 0",
    says: {
      en: "Numbers above the threshold stay, the others become 0.",
      zh: "大于阈值的数不变，其余变成 0。",
    },
  },
  shrink: {
    forward: "z > threshold ? z - bias : z < -threshold ? z + bias : 0",
    backward: "z > threshold ? da : z < -threshold ? da : 0",
    says: {
      en: "Numbers near 0 become 0, the others come nearer to it by the bias.",
      zh: "接近 0 的数变成 0，其余按偏移量向 0 靠近。",
    },
  },
  leakyRelu: {
    forward: "z > 0 ? z : slope * z",
    backward: "z > 0 ? da : slope * da",
    says: {
      en: "Positive numbers stay, negative ones are made smaller: unlike with relu, a little still gets through.",
      zh: "正数不变，负数缩小：与 relu 不同，仍有一点能通过。",
    },
  },
  elu: {
    forward: "z > 0 ? z : alpha * (exp(z) - 1)",
    backward: "z > 0 ? da : da * (a + alpha)",
    says: {
      en: "Positive numbers stay, negative ones are bent towards -α.",
      zh: "正数不变，负数被弯向 -α。",
    },
  },
  selu: {
    forward: "z > 0 ? scale * z : scale * alpha * (exp(z) - 1)",
    backward: "z > 0 ? scale * da : da * (a + scale * alpha)",
    says: {
      en: "Positive numbers grow by the factor λ, negative ones are bent: chosen so that layers keep mean 0 and variance 1.",
      zh: "正数乘以 λ，负数被弯：这样选取常数，使各层保持均值 0、方差 1。",
    },
  },
  celu: {
    forward: "z > 0 ? z : alpha * (exp(z / alpha) - 1)",
    backward: "z > 0 ? da : da * (a + alpha) / alpha",
    says: {
      en: "Positive numbers stay, negative ones are bent towards -α, without a corner at 0.",
      zh: "正数不变，负数被弯向 -α，在 0 处没有折角。",
    },
  },
  silu: {
    forward: "z * sigmoid(z)",
    backward: "da * sigmoid(z) * (1 + z * (1 - sigmoid(z)))",
    says: SMOOTH,
  },
  mish: {
    forward: "z * t",
    backward: "da * (t + z * (1 - t^2) * sigmoid(z))",
    named: { t: "tanh(log(1 + exp(z)))" },
    says: SMOOTH,
  },
  gelu: {
    forward: "z * P",
    backward: "da * (P + z * p)",
    named: { P: "(1 + erf(z / sqrt(2))) / 2", p: "exp(-z^2 / 2) / sqrt(2 * π)" },
    symbols: { π: Math.PI },
    says: SMOOTH,
  },
  "gelu tanh": {
    forward: "z / 2 * (1 + t)",
    backward: "da * ((1 + t) / 2 + z / 2 * (1 - t^2) * sqrt(2 / π) * (1 + 3 * 0.044715 * z^2))",
    named: { t: "tanh(sqrt(2 / π) * (z + 0.044715 * z^3))" },
    symbols: { π: Math.PI },
    says: SMOOTH,
  },
  softplus: {
    forward: "log(1 + exp(z))",
    backward: "da * sigmoid(z)",
    says: {
      en: "A smooth relu: always above 0, and for large numbers nearly the number itself.",
      zh: "光滑的 relu：总大于 0，数很大时几乎就是它本身。",
    },
  },
  softsign: {
    forward: "z / (1 + abs(z))",
    backward: "da * (1 - abs(a))^2",
    says: {
      en: "Each number is bent into one between -1 and 1, more slowly than by tanh.",
      zh: "每个数被弯成 -1 到 1 之间的数，比 tanh 弯得慢。",
    },
  },
  hardSigmoid: {
    forward: "max(0, min(1, slope * z + offset))",
    backward: "a > 0 & a < 1 ? slope * da : 0",
    says: {
      en: "A sigmoid of three straight pieces: 0, a line, 1.",
      zh: "由三段直线拼成的 sigmoid：0、一段斜线、1。",
    },
  },
  hardSwish: {
    forward: "z * max(0, min(1, z / 6 + 1 / 2))",
    backward: "z > -3 & z < 3 ? da * (z / 3 + 1 / 2) : z > 0 ? da : 0",
    says: {
      en: "Numbers above 3 stay, those below -3 become 0, and between them runs a parabola.",
      zh: "大于 3 的数不变，小于 -3 的变成 0，两者之间是一段抛物线。",
    },
  },
  softmax: {
    forward: "exp(z) / sumColumns(exp(z))",
    backward: "a * (da - sumColumns(da * a))",
    says: {
      en: "Each row becomes shares that are above 0 and sum to 1: probabilities of the classes.",
      zh: "每一行变成大于 0、总和为 1 的份额：各类别的概率。",
    },
  },
  logSoftmax: {
    forward: "z - log(sumColumns(exp(z)))",
    backward: "da - exp(a) * sumColumns(da)",
    says: {
      en: "Each row becomes the logarithms of shares that sum to 1.",
      zh: "每一行变成份额的对数，这些份额总和为 1。",
    },
  },
};
