// What the marks of the lessons' figures mean.
import type { Text } from "../shell/text.ts";

/** Of the plane with a neuron's line, and what stands below it. */
export const neuronMarks: Readonly<Record<string, Text>> = {
  sides: {
    en: "The colours are the neuron's answer at each place: blue where it says 1, orange where it says 0, pale where it can't decide.",
    zh: "颜色是神经元在各处的回答：蓝处说 1，橙处说 0，颜色淡处拿不定主意。",
  },
  line: {
    en: "The line is where z = w·x + b is 0: there the neuron says 1/2.",
    zh: "直线是 z = w·x + b 等于 0 的地方：在那里神经元说 1/2。",
  },
  normal: {
    en: "The arrow across the line points to where the neuron says 1. It is the direction of the weights w.",
    zh: "垂直于直线的箭头指向神经元说 1 的一侧，也就是权重 w 的方向。",
  },
  move: { en: "This handle moves the line. With the keyboard: arrow keys.", zh: "这个把手移动直线。键盘：方向键。" },
  turn: { en: "This handle turns the line. With the keyboard: arrow keys.", zh: "这个把手转动直线。键盘：方向键。" },
  point: {
    en: "A point: a circle should get the answer 1, a square 0.",
    zh: "一个点：圆点应得到回答 1，方块应得到 0。",
  },
  wrong: { en: "A ring: this point is on the wrong side of the line.", zh: "圆圈：这个点在直线的错误一侧。" },
  chosen: {
    en: "The dashed lines lead from the chosen point to its inputs x1 and x2. Its sum is written out below.",
    zh: "虚线从选中的点引到它的输入 x1 和 x2。下面写出它的加权和。",
  },
  weight: {
    en: "A weight: how much its input counts for the answer 1. Type another number.",
    zh: "权重：它的输入对回答 1 有多大分量。可以输入别的数。",
  },
  bias: {
    en: "The bias b: what the sum begins with. It moves the line away from the origin.",
    zh: "偏置 b：加权和的起点。它把直线移离原点。",
  },
  sum: {
    en: "The chosen point's sum z with its numbers in it, and y = σ(z), which lies between 0 and 1.",
    zh: "选中点的加权和 z，代入了它的数；y = σ(z)，在 0 与 1 之间。",
  },
  right: { en: "How many points are on their right side.", zh: "有多少个点在正确的一侧。" },
  loss: {
    en: "The loss: one number for how wrong the answers are, 0 if all are right and sure.",
    zh: "损失：用一个数表示回答错得多厉害，全部正确而且确定时为 0。",
  },
  updates: { en: "How often the weights have been changed since the start.", zh: "从开始起权重改动了多少次。" },
  curve: { en: "How the loss went, update by update.", zh: "损失随每次更新的变化。" },
};

/** Of the plane of the weights. */
export const orbitMarks: Readonly<Record<string, Text>> = {
  orbit: {
    en: "The plane of the weights: each place is one pair w1, w2, so each place is one line in the other figure. The dot is now.",
    zh: "权重的平面：每个位置是一对 w1、w2，也就是左图中的一条直线。圆点是现在的位置。",
  },
  levels: {
    en: "Thin lines: along each the loss is the same, as height is on a map.",
    zh: "细线：沿每条线损失相同，就像地图上的等高线。",
  },
  path: { en: "The solid way is gradient descent's.", zh: "实线是梯度下降走的路。" },
  "path-dashed": { en: "The dashed way is Newton's method's.", zh: "虚线是牛顿法走的路。" },
  cycle: {
    en: "The ring of places that the weights visit again and again, found by comparing their bits.",
    zh: "权重一再经过的位置构成的圈，是逐位比较权重发现的。",
  },
  floor: { en: "The dotted line: lower the loss can't go on average.", zh: "点线：平均损失不可能更低。" },
};
