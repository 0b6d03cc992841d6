// What is said of a step, besides its formula. `{layer}` is the layer's number, `{name}` the function's.
import type { StepText } from "../terms.ts";

/** A heading, and a sentence or two. */
export interface StepTexts {
  readonly title: StepText;
  readonly says: StepText;
}

export const TEXTS = {
  dense: {
    title: { en: "weighted sums", zh: "加权和" },
    says: {
      en: "Each unit of layer {layer} takes a weighted sum of what comes in, plus its bias: the numbers of one sample, each times its weight, added up.",
      zh: "第 {layer} 层的每个单元对输入加权求和，再加上偏置：一个样本的每个数乘以各自的权重，再相加。",
    },
  },
  denseWithoutBias: {
    title: { en: "weighted sums", zh: "加权和" },
    says: {
      en: "Each unit of layer {layer} takes a weighted sum of what comes in: the numbers of one sample, each times its weight, added up.",
      zh: "第 {layer} 层的每个单元对输入加权求和：一个样本的每个数乘以各自的权重，再相加。",
    },
  },
  activation: {
    title: { en: "through the {name}", zh: "经过 {name}" },
    says: { en: "", zh: "" }, // each activation has its own
  },
  answer: {
    title: { en: "the network's answer", zh: "网络的回答" },
    says: {
      en: "The last sum goes through the {name}: this is the network's answer for every row.",
      zh: "最后的加权和经过 {name}：这就是网络对每一行的回答。",
    },
  },
  loss: {
    title: { en: "how wrong it is", zh: "错得有多厉害" },
    says: {
      en: "One number for how wrong the answers are. The further an answer is from its target, the larger its term.",
      zh: "用一个数说明回答错了多少。回答离目标越远，它的那一项就越大。",
    },
  },
  lossGradient: {
    title: { en: "how the loss follows the answer", zh: "损失对回答的导数" },
    says: {
      en: "Now backwards. How much would the loss change if this answer were a little larger? Negative: a larger answer is better.",
      zh: "现在往回走。若这个回答再大一点，损失会变多少？负数表示：回答大一点更好。",
    },
  },
  activationGradient: {
    title: { en: "back through the {name}", zh: "往回穿过 {name}" },
    says: {
      en: "Back through the bend: times its slope at this point. Where the curve is flat, the slope is near 0 and little gets through.",
      zh: "穿过激活函数往回：乘以它在该点的斜率。曲线平坦处斜率接近 0，几乎传不过去。",
    },
  },
  weightGradient: {
    title: { en: "gradient of the weights", zh: "权重的梯度" },
    says: {
      en: "For each weight: what came in, times the gradient at its end, summed over the samples. The shape is that of the weights.",
      zh: "对每个权重：流入的值乘以末端的梯度，再对样本求和。形状与权重相同。",
    },
  },
  biasGradient: {
    title: { en: "gradient of the biases", zh: "偏置的梯度" },
    says: {
      en: "A bias is a weight whose input is always 1, so its gradient is the plain sum over the samples.",
      zh: "偏置就是输入恒为 1 的权重，所以它的梯度就是对样本直接求和。",
    },
  },
  inputGradient: {
    title: { en: "back to the layer before", zh: "传回前一层" },
    says: {
      en: "Passed on to the layer before: through the same weights, the other way round.",
      zh: "沿着同样的权重反方向，传给前一层。",
    },
  },
  update: {
    title: { en: "the update", zh: "更新" },
    says: { en: "", zh: "" }, // each optimizer has its own
  },
  state: {
    title: { en: "what the optimizer remembers", zh: "优化器记住的量" },
    says: {
      en: "The optimizer keeps this number for each parameter from update to update.",
      zh: "优化器为每个参数保存这个数，从一次更新带到下一次。",
    },
  },
  sum: {
    title: { en: "gradients that meet", zh: "汇合的梯度" },
    says: {
      en: "Several layers read this value: the gradients that come back from them are added.",
      zh: "有几层都读取这个值：从它们传回的梯度相加。",
    },
  },
  dropout: {
    title: { en: "some units are left out", zh: "丢弃一部分单元" },
    says: {
      en: "A random mask sets some numbers to 0; the others grow by 1 / (1 - rate), so that the expected value stays.",
      zh: "随机掩码把一些数置为 0；其余的乘以 1 / (1 - rate)，使期望值不变。",
    },
  },
  dropoutGradient: {
    title: { en: "back through the same mask", zh: "穿过同一个掩码往回" },
    says: {
      en: "What was left out on the way forward gets no gradient.",
      zh: "前向时被丢弃的单元得不到梯度。",
    },
  },
  add: {
    title: { en: "two branches are added", zh: "两个分支相加" },
    says: { en: "The outputs of two branches, number by number.", zh: "两个分支的输出逐个数相加。" },
  },
  addGradient: {
    title: { en: "back to a branch", zh: "传回一个分支" },
    says: {
      en: "A sum hands its gradient on to each branch as it is.",
      zh: "和把自己的梯度原样传给每个分支。",
    },
  },
} as const satisfies Readonly<Record<string, StepTexts>>;

/** Sentences that are said besides, where they hold. */
export const MORE = {
  labels: {
    en: "y names a class by its number, from 0; [y = j] is 1 for that class and 0 for the others.",
    zh: "y 是类别的编号，从 0 开始；[y = j] 对该类为 1，对其他类为 0。",
  },
  weights: {
    en: "Each sample counts by its weight; m is the sum of the weights.",
    zh: "每个样本按它的权重计入；m 是权重之和。",
  },
  penalty: {
    en: "The penalty on the weights, λ, adds a part of its own.",
    zh: "对权重的惩罚（系数 λ）另加一项。",
  },
  unwrittenPenalty: {
    en: "The penalty's formula is not written out yet.",
    zh: "惩罚项的公式尚未写出。",
  },
  constraint: {
    en: "Afterwards, what is below 0 becomes 0.",
    zh: "之后，小于 0 的变成 0。",
  },
  unwrittenConstraint: {
    en: "Afterwards the weights are kept to their constraint, whose formula is not written out yet.",
    zh: "之后权重还要满足约束，约束的公式尚未写出。",
  },
  clipped: {
    en: "The gradient is clipped first, so that no step gets too large.",
    zh: "梯度先被裁剪，使步子不会太大。",
  },
  decay: {
    en: "The optimizer adds its own penalty to the gradient: weights are drawn towards 0.",
    zh: "优化器在梯度上加了自己的惩罚：权重被拉向 0。",
  },
} as const satisfies Readonly<Record<string, StepText>>;

const UNKNOWN = {
  layer: {
    title: { en: "{name}", zh: "{name}" },
    says: { en: "This layer's formula is not written out yet.", zh: "这一层的公式尚未写出。" },
  },
  loss: {
    title: { en: "how wrong it is: {name}", zh: "错得有多厉害：{name}" },
    says: { en: "This loss's formula is not written out yet.", zh: "这个损失的公式尚未写出。" },
  },
  optimizer: {
    title: { en: "the update by {name}", zh: "{name} 的更新" },
    says: { en: "This optimizer's formula is not written out yet.", zh: "这个优化器的公式尚未写出。" },
  },
} as const;

/** What is said of a step whose formula isn't written out. */
export const unknown = (what: keyof typeof UNKNOWN): StepTexts => UNKNOWN[what];
