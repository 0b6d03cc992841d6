// A network learns too few rows by heart, and what helps.
import {
  alwaysTheMean,
  carryOut,
  divide,
  type Errors,
  type Outcome,
  type Plan,
  RATE,
  ROWS,
} from "../../lessons/overfitting.ts";
import type { Table } from "../../src/data.ts";
import { chart, dim, table } from "../draw.ts";
import { lessonRows } from "../lessonRows.ts";
import type { Text, Voice } from "../text.ts";
import { thousands } from "./figures.ts";

const EPOCHS = 500;
const FEW = ROWS[0];
const MOST = ROWS.at(-1)!;
const WIDE: Plan = { rows: FEW, hidden: [64, 64], epochs: EPOCHS };
const LINE: Plan = { rows: FEW, hidden: [], epochs: EPOCHS };

/** Settings of the cures, chosen by the validation error. */
const SMALL = 3;
const LAMBDA = 3;
const DROPOUT = 0.5;
const PATIENCE = 100;

/** Other draws of the few rows. */
const OTHERS = [1, 2, 3, 5];

const fixed = (error: number): string => error.toFixed(2);

const TRAIN: Text = { en: "training error", zh: "训练误差" };
const VALIDATION: Text = { en: "validation error", zh: "验证误差" };

/** The lesson `overfitting`. */
export async function overfitting(v: Voice): Promise<void> {
  const concrete = await lessonRows("concrete");
  const mixtures = divide(concrete);
  const mean = alwaysTheMean(mixtures, FEW);
  const [validation, test] = [mixtures.validation.rows, mixtures.test.rows];
  v.head({ en: "Overfitting: learned by heart", zh: "过拟合：死记硬背" });
  v.say({
    en: `${thousands(concrete.rows)} samples of concrete, really mixed and crushed (I-C. Yeh, 1998). The inputs x are the mixture (cement, slag,
fly ash, water, superplasticizer, coarse and fine aggregate) and its age; the target y is its strength, in megapascals (MPa).

The rows are divided once. ${MOST} are the training set, from which the model learns; ${validation} are the validation set, by which
we choose; ${test} are the test set, looked at once, at the end. The error is the root mean squared error (RMSE), in MPa:

  RMSE = sqrt(sum of (y - a)^2 / m)        a: what the model says; m: rows

Always saying the mean of the training rows gives an error of ${fixed(mean.validation)} on the validation set. A model must do better.`,
    zh: `${thousands(concrete.rows)} 份混凝土，都是真正拌好、压碎测过的（I-C. Yeh，1998）。输入 x 是配合比（水泥、矿渣、粉煤灰、水、减水剂、粗骨料、细骨料）
和龄期；目标 y 是抗压强度，单位兆帕（MPa）。

数据只划分一次：${MOST} 行是训练集，模型从中学习；${validation} 行是验证集，用来做选择；${test} 行是测试集，只在最后看一次。
误差用均方根误差（RMSE），单位也是 MPa：

  RMSE = sqrt((y - a)^2 之和 / m)        a：模型的输出；m：行数

如果总是回答训练集的平均值，在验证集上的误差是 ${fixed(mean.validation)}。模型必须比这更好。`,
  });
  const wide = await byHeart(v, mixtures, concrete);
  const byRows = await moreRows(v, mixtures, wide);
  await cures(v, mixtures, { mean, wide, ...byRows });
  v.say({ en: dim("Next: wasmgrad lesson evaluation"), zh: dim("接下来：wasmgrad lesson evaluation") });
}

type Mixtures = ReturnType<typeof divide>;

/** Few rows, many weights, long training. */
async function byHeart(v: Voice, mixtures: Mixtures, concrete: Table): Promise<Outcome> {
  const wide = await carryOut(mixtures, { ...WIDE, watch: true });
  const { curve, best, parameters } = wide;
  const [least, last] = [curve.validation[best]!, curve.validation.at(-1)!];
  v.head({ en: `A wide network learns ${FEW} rows`, zh: `宽的网络学 ${FEW} 行` });
  v.say({
    en: `${FEW} of the training rows, and two hidden layers of ${WIDE.hidden[0]} units (tanh): ${thousands(parameters)} parameters, ${Math.round(parameters / FEW)} for each row. Inputs and
target are standardized, (x - mean) / standard deviation. AdamW on the full batch, rate ${RATE}, ${EPOCHS} epochs.`,
    zh: `从训练集中取 ${FEW} 行，网络有两个隐藏层，各 ${WIDE.hidden[0]} 个单元（tanh）：共 ${thousands(parameters)} 个参数，每行数据摊到 ${Math.round(parameters / FEW)} 个。
输入和目标都做标准化：(x - 均值) / 标准差。全批量 AdamW，学习率 ${RATE}，训练 ${EPOCHS} 轮（epoch）。`,
  });
  v.show(
    chart([curve.train, curve.validation], {
      height: 14,
      names: [
        v.of({ en: "training error by epoch", zh: "训练误差随轮数的变化" }),
        v.of({ en: "validation error by epoch", zh: "验证误差随轮数的变化" }),
      ],
    }),
  );
  v.show(
    table(
      [v.of({ en: "epoch", zh: "轮数" }), v.of(TRAIN), v.of(VALIDATION)],
      [0, 10, best, 100, 200, EPOCHS - 1].map((t) => [
        String(t + 1),
        fixed(curve.train[t]!),
        fixed(curve.validation[t]!),
      ]),
    ),
  );
  const ends: number[] = [];
  const leasts: number[] = [];
  for (const draw of OTHERS) {
    const other = await carryOut(divide(concrete, draw), { ...WIDE, watch: true });
    ends.push(other.curve.validation.at(-1)!);
    leasts.push(other.curve.validation[other.best]!);
  }
  const range = (errors: readonly number[], to: string): string =>
    `${fixed(Math.min(...errors))} ${to} ${fixed(Math.max(...errors))}`;
  if (!(wide.train < 0.5 && last > 1.2 * least)) throw new Error("overfitting: the network did not overfit");
  v.say({
    en: `The training error (the lower curve) falls to ${fixed(wide.train)}: the network knows the ${FEW} strengths by heart. The validation error
falls, too, to ${fixed(least)} in epoch ${best + 1}; then it rises to ${fixed(last)}. What the network learns from there on is true of these ${FEW} rows only. This is
overfitting, and the training error alone doesn't show it.

How bad it gets depends on the rows. These show it clearly; with ${OTHERS.length} other draws of ${FEW} the validation error is ${range(leasts, "to")} at
its least, and ${range(ends, "to")} at the end.`,
    zh: `训练误差（下面的曲线）降到 ${fixed(wide.train)}：这 ${FEW} 行的强度，网络已经背下来了。验证误差起初也下降，第 ${best + 1} 轮到 ${fixed(least)}，然后升到 ${fixed(last)}。
从那以后学到的，只对这 ${FEW} 行成立。这就是过拟合，单看训练误差是看不出来的。

有多严重，要看抽到哪些行。这 ${FEW} 行比较明显；另抽 ${OTHERS.length} 次，每次 ${FEW} 行，验证误差最低为 ${range(leasts, "到")}，结束时为 ${range(ends, "到")}。`,
  });
  return wide;
}

interface ByRows {
  /** The network that learned from all rows. */
  readonly all: Outcome;
  /** The straight line, by the few rows and by all. */
  readonly line: Outcome;
  readonly lineOfAll: Outcome;
}

/** The learning curve, of the network and of the straight line. */
async function moreRows(v: Voice, mixtures: Mixtures, wide: Outcome): Promise<ByRows> {
  const networks: Outcome[] = [];
  const lines: Outcome[] = [];
  for (const rows of ROWS) {
    networks.push(rows === FEW ? wide : await carryOut(mixtures, { ...WIDE, rows }));
    lines.push(await carryOut(mixtures, { ...LINE, rows }));
  }
  const [all, line, lineOfAll] = [networks.at(-1)!, lines[0]!, lines.at(-1)!];
  v.head({
    en: "More rows, and the other extreme: a straight line",
    zh: "更多的数据，以及另一个极端：直线",
  });
  v.show(
    table(
      [
        v.of({ en: "rows", zh: "行数" }),
        v.of({ en: "network: training", zh: "网络 训练" }),
        v.of({ en: "validation", zh: "验证" }),
        v.of({ en: "line: training", zh: "直线 训练" }),
        v.of({ en: "validation", zh: "验证" }),
      ],
      ROWS.map((rows, i) => [
        String(rows),
        ...[networks[i]!, lines[i]!].flatMap((found) => [fixed(found.train), fixed(found.validation)]),
      ]),
    ),
  );
  v.say({
    en: `The more rows, the less of them can be learned by heart: the training error of the network rises, its validation error falls, and
the gap closes. Such a table is a learning curve. As long as the gap is wide, more rows help.

The line, a = w·x + b with ${line.parameters} parameters, hardly has a gap at ${MOST} rows, but both errors are large: it is wrong by ${fixed(lineOfAll.train)} even
on what it has seen, and more rows don't change that. It is too simple. This is underfitting.`,
    zh: `数据越多，越难背下来：网络的训练误差上升，验证误差下降，差距缩小。这样的表叫学习曲线。只要差距还大，增加数据就有用。

直线 a = w·x + b 只有 ${line.parameters} 个参数，用 ${MOST} 行时几乎没有差距，但两个误差都大：见过的数据也差 ${fixed(lineOfAll.train)}，
再多的数据也改变不了。它太简单了，这叫欠拟合。`,
  });
  return { all, line, lineOfAll };
}

/** One after another, each by itself. */
async function cures(
  v: Voice,
  mixtures: Mixtures,
  { mean, wide, all, line, lineOfAll }: ByRows & { mean: Errors; wide: Outcome },
): Promise<void> {
  const small = await carryOut(mixtures, { ...WIDE, hidden: [SMALL] });
  const decayed = await carryOut(mixtures, { ...WIDE, weightDecay: LAMBDA });
  const dropped = await carryOut(mixtures, { ...WIDE, dropout: DROPOUT });
  const stopped = await carryOut(mixtures, { ...WIDE, patience: PATIENCE });
  v.head({ en: `With ${FEW} rows: what helps`, zh: `只有 ${FEW} 行时：有什么办法` });
  v.say({
    en: `A smaller network can hold less: one hidden layer of ${SMALL} units, ${small.parameters} parameters.

Weight decay makes every weight a little smaller in each update, lambda = ${LAMBDA}. Functions of small weights are smooth:

  w -= rate * lambda * w        besides the step against the gradient

Dropout leaves out each hidden unit with probability p = ${DROPOUT}, drawn anew in every update, so that none can rely on another.
While predicting all are there:

  a1 = a1 * mask / (1 - p)        mask is 0 or 1

Early stopping keeps the weights of the epoch with the least validation error, and stops when ${PATIENCE} epochs brought no better
one: here after ${stopped.epochs}, with the weights of epoch ${stopped.best + 1}.`,
    zh: `更小的网络，能记住的就少：一个隐藏层，${SMALL} 个单元，${small.parameters} 个参数。

权重衰减：每次更新让每个权重缩小一点，lambda = ${LAMBDA}。权重小，函数就平滑：

  w -= 学习率 * lambda * w        在沿梯度反方向走一步之外

丢弃法（dropout）：每次更新时，每个隐藏单元以概率 p = ${DROPOUT} 被随机去掉，谁也不能依赖谁。预测时全部参加：

  a1 = a1 * mask / (1 - p)        mask 为 0 或 1

早停：保留验证误差最小那一轮的权重；连续 ${PATIENCE} 轮没有更好的就停下。这里训练了 ${stopped.epochs} 轮，用的是第 ${stopped.best + 1} 轮的权重。`,
  });
  const outcomes: readonly (readonly [Text, Errors])[] = [
    [{ en: "always the mean", zh: "总答平均值" }, mean],
    [{ en: "straight line", zh: "直线" }, line],
    [{ en: "wide network", zh: "宽的网络" }, wide],
    [{ en: "smaller network", zh: "更小的网络" }, small],
    [{ en: "weight decay", zh: "权重衰减" }, decayed],
    [{ en: "dropout", zh: "丢弃法" }, dropped],
    [{ en: "early stopping", zh: "早停" }, stopped],
    [{ en: `straight line, ${MOST} rows`, zh: `直线，${MOST} 行` }, lineOfAll],
    [{ en: `wide network, ${MOST} rows`, zh: `宽的网络，${MOST} 行` }, all],
  ];
  v.head({ en: "All of it, and for the first time the test set", zh: "汇总，测试集第一次出场" });
  v.show(
    table(
      [
        v.of({ en: "RMSE in MPa", zh: "RMSE（MPa）" }),
        ...[
          { en: "training", zh: "训练" },
          { en: "validation", zh: "验证" },
          { en: "test", zh: "测试" },
        ].map(v.of),
      ],
      outcomes.map(([name, errors]) => [v.of(name), fixed(errors.train), fixed(errors.validation), fixed(errors.test)]),
    ),
  );
  const helped = [small, decayed, dropped, stopped];
  if (helped.some(({ test, validation }) => test > wide.test || validation > wide.validation)) {
    throw new Error("overfitting: a cure did not help");
  }
  v.say({
    en: `Every one of them helps: the test error falls from ${fixed(wide.test)} to between ${fixed(Math.min(...helped.map(({ test }) => test)))} and ${fixed(Math.max(...helped.map(({ test }) => test)))}. Ten times as many rows help most, ${fixed(all.test)}, as
long as the model can use them: the line can't.

Units, lambda, p and the epoch were chosen by the validation error, so that it is a little too good. The test set has chosen nothing;
its figures are what to expect of further samples like these.`,
    zh: `每种办法都有用：测试误差从 ${fixed(wide.test)} 降到 ${fixed(Math.min(...helped.map(({ test }) => test)))} 到 ${fixed(Math.max(...helped.map(({ test }) => test)))} 之间。最有用的是十倍的数据（${fixed(all.test)}），前提是模型用得上：直线就用不上。

单元数、lambda、p 和停在第几轮，都是按验证误差选的，所以验证误差会偏好一点。测试集没有参与任何选择，
遇到同类的新样本，该预期的是它的数字。`,
  });
}
