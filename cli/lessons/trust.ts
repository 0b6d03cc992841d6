// How far figures can be trusted: parts of the lesson `evaluation`.
import { type Borrowers, folds, type Judge, leak, wideNetwork } from "../../lessons/evaluation.ts";
import { accuracy, count, pairs, recall, type Scored } from "../../lessons/scores.ts";
import type { Table } from "../../src/data.ts";
import { table } from "../draw.ts";
import type { Text, Voice } from "../text.ts";
import { percent, three } from "./figures.ts";

const auc = (scored: Scored): number => {
  const { all, right } = pairs(scored);
  return right / all;
};
const right = (scored: Scored): number => accuracy(count(scored, 0.5));
const found = (scored: Scored): number => recall(count(scored, 0.5));

const ACCURACY: Text = { en: "accuracy", zh: "准确率" };

/** On rows that were trained on, and on others. */
export async function unseen(v: Voice, { train, test }: Borrowers, simple: Judge): Promise<void> {
  const wide = await wideNetwork(train);
  const models: readonly (readonly [Text, Judge])[] = [
    [{ en: "logistic regression", zh: "逻辑回归" }, simple],
    [{ en: "wide network", zh: "宽的网络" }, wide],
  ];
  const seen = wide.score(train);
  v.head({ en: "Never on rows that it has seen", zh: "不要用见过的数据来评估" });
  v.show(
    table(
      ["AUC", v.of({ en: "training set", zh: "训练集" }), v.of({ en: "test set", zh: "测试集" })],
      models.map(([name, model]) => [v.of(name), three(auc(model.score(train))), three(auc(model.score(test)))]),
    ),
  );
  if (!(auc(wide.score(test)) < auc(simple.score(test)))) throw new Error("evaluation: the network did not overfit");
  v.say({
    en: `The wide network (two hidden layers of 64, trained long) knows its training set by heart, ${percent(right(seen))} right. Judged by
that set it is the better one; on new rows it is worse than a single neuron. Only rows that took no part in training or choosing say how good a model is.`,
    zh: `宽的网络（两个隐藏层，各 64 个单元，训练很久）把训练集背了下来，${percent(right(seen))} 正确。看训练集它最好；遇到新数据，却不如一个神经元。
只有既没参与训练、也没参与选择的数据，才能说明模型有多好。`,
  });
}

/** A column that knows the answer. */
export async function leaks(v: Voice, borrowers: Borrowers, without: Scored): Promise<void> {
  const { tested, used } = await leak(borrowers);
  v.head({ en: "Too good to be true: a leak", zh: "好得不像真的：数据泄漏" });
  v.say({
    en: `Now one more column, which we made up: whether a reminder was sent. Nine in ten bad borrowers got one, and one in fifty good ones.`,
    zh: `再加一列我们编造的数据：是否寄过催款信。坏客户十个有九个收到过，好客户五十个才有一个。`,
  });
  const rows: readonly (readonly [Text, Scored])[] = [
    [{ en: "without the column", zh: "没有这一列" }, without],
    [{ en: "with it, on the test set", zh: "有这一列，测试集" }, tested],
    [{ en: "with it, in use", zh: "有这一列，实际使用" }, used],
  ];
  v.show(
    table(
      [
        v.of({ en: "logistic regression", zh: "逻辑回归" }),
        v.of(ACCURACY),
        v.of({ en: "recall", zh: "召回率" }),
        "AUC",
      ],
      rows.map(([name, scored]) => [v.of(name), percent(right(scored)), three(found(scored)), three(auc(scored))]),
    ),
  );
  v.say({
    en: `The test set praises it, since there the column knows the answer, too. But on the day somebody asks for a loan no reminder has been
sent: the column is 0 for all, and hardly a bad one is found. Of every column ask whether it is known at the time of the
prediction, and be suspicious of figures that are too good.`,
    zh: `测试集对它赞不绝口，因为那里的这一列也知道答案。可是申请贷款那天还没有寄过任何催款信：这一列全是 0，坏客户几乎一个也找不出来。
对每一列都要问：预测的时候知道它吗？数字好得出奇，就要怀疑。`,
  });
}

/** How many parts the rows are divided into. */
const FOLDS = 5;

/** The same on other parts. */
export async function varies(v: Voice, credit: Table): Promise<void> {
  const scores = await folds(credit, FOLDS);
  const figures = scores.map((scored) => [right(scored), auc(scored)] as const);
  const column = (place: 0 | 1): number[] => figures.map((pair) => pair[place]);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]): number => {
    const middle = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) * (value - middle), 0) / (values.length - 1));
  };
  const line = (name: string, [share, a]: readonly [number, number]): string[] => [name, percent(share), three(a)];
  v.head({ en: "How much is chance? k-fold cross-validation", zh: "有多少是偶然？k 折交叉验证" });
  v.show(
    table(
      [v.of({ en: "fold", zh: "折" }), v.of(ACCURACY), "AUC"],
      [
        ...figures.map((pair, k) => line(String(k + 1), pair)),
        line(v.of({ en: "mean", zh: "平均" }), [mean(column(0)), mean(column(1))]),
        line(v.of({ en: "standard deviation", zh: "标准差" }), [deviation(column(0)), deviation(column(1))]),
      ],
    ),
  );
  v.say({
    en: `The rows are divided into k = ${FOLDS} parts; each is the test set once, and the other ${FOLDS - 1} train a model of its own. The figures differ by the
split alone. A model that is better by less than about one standard deviation may just have been lucky.`,
    zh: `数据分成 k = ${FOLDS} 份；每份轮流当一次测试集，其余 ${FOLDS - 1} 份重新训练一个模型。仅仅因为划分不同，数字就不同。
如果一个模型只好出不到一个标准差，可能只是运气。`,
  });
}
