// What the Play page's settings are called, and what each field takes.
import { count, short } from "../../look/numbers.ts";
import type { SETTINGS } from "../../play/settings.ts";
import { type DataName, LIMITS, type LossName } from "../../play/setup.ts";
import type { Text } from "../../shell/text.ts";

export const DATA: Readonly<Record<DataName, Text>> = {
  and: { en: "AND", zh: "与" },
  or: { en: "OR", zh: "或" },
  xor: { en: "XOR", zh: "异或" },
  not: { en: "NOT", zh: "非" },
  circles: { en: "Circles", zh: "圆环" },
  moons: { en: "Moons", zh: "双月" },
  spirals: { en: "Spirals", zh: "螺旋" },
  gaussians: { en: "Gaussians", zh: "高斯团" },
  clusters: { en: "Clusters", zh: "四团" },
  sine: { en: "Above a sine", zh: "正弦之上" },
  cubic: { en: "Above a cubic", zh: "三次曲线之上" },
  abs: { en: "Above |x|", zh: "|x| 之上" },
  slope: { en: "Slope (a number)", zh: "斜坡（数值）" },
  hill: { en: "Hills (a number)", zh: "山丘（数值）" },
  mine: { en: "Own points", zh: "自己的点" },
};

export const LOSS_NAMES: Readonly<Record<LossName, Text>> = {
  auto: { en: "as the data needs", zh: "随数据而定" },
  bce: { en: "binary cross-entropy", zh: "二元交叉熵" },
  ce: { en: "softmax cross-entropy", zh: "softmax 交叉熵" },
  hinge: { en: "hinge", zh: "合页损失" },
  mse: { en: "mean squared error", zh: "均方误差" },
  mae: { en: "mean absolute error", zh: "平均绝对误差" },
  huber: { en: "Huber", zh: "Huber 损失" },
};

export const SPEEDS: readonly { readonly updates: number; readonly name: Text }[] = [
  { updates: Infinity, name: { en: "full", zh: "全速" } },
  { updates: 1000, name: { en: "1000 / s", zh: "每秒 1000 步" } },
  { updates: 100, name: { en: "100 / s", zh: "每秒 100 步" } },
  { updates: 10, name: { en: "10 / s", zh: "每秒 10 步" } },
  { updates: 1, name: { en: "1 / s", zh: "每秒 1 步" } },
];

/** What each field takes, where its text isn't understood. */
export const RULES: Partial<Record<keyof typeof SETTINGS, Text>> = {
  net: {
    en: `Layers are numbers of neurons such as 8-8-8: at most ${LIMITS.layers} layers, 1 to ${count(LIMITS.units)} neurons in each, and ${short(LIMITS.parameters)} weights in all; 0 means no hidden layer.`,
    zh: `层写成 8-8-8 这样的数：至多 ${LIMITS.layers} 层，每层 1 到 ${count(LIMITS.units)} 个神经元，权重总数至多 ${short(LIMITS.parameters)}；0 表示没有隐藏层。`,
  },
  lr: { en: "The rate is a number above 0, such as 0.01.", zh: "学习率是大于 0 的数，例如 0.01。" },
  batch: {
    en: `The batch is a whole number from 1 to ${LIMITS.rows}; 0 takes all rows.`,
    zh: `批量是 1 到 ${LIMITS.rows} 的整数；0 表示全部。`,
  },
  seed: { en: "The seed is a whole number from 0 on.", zh: "种子是不小于 0 的整数。" },
  dseed: { en: "The seed is a whole number from 0 on.", zh: "种子是不小于 0 的整数。" },
  n: {
    en: `The number of points is a whole number from 1 to ${LIMITS.rows}.`,
    zh: `点数是 1 到 ${LIMITS.rows} 的整数。`,
  },
  noise: { en: "Noise is a number from 0 to 2.", zh: "噪声是 0 到 2 的数。" },
  k: { en: "Classes are 2 to 6.", zh: "类别数是 2 到 6。" },
  drop: { en: "Dropout is a share from 0 to 0.95.", zh: "丢弃率是 0 到 0.95 的数。" },
};
export const ANY: Text = { en: "This number can't be used here.", zh: "这里不能用这个数。" };
