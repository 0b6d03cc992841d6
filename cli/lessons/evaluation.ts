// How good a yes or no is: loans, most of which are repaid.
import { BAD, type Borrowers, countBad, divide, logistic, STATUS } from "../../lessons/evaluation.ts";
import {
  accuracy,
  area,
  calibration,
  count,
  f1,
  heightAt,
  pairs,
  precision,
  recall,
  roc,
  type Scored,
} from "../../lessons/scores.ts";
import { chart, dim, table } from "../draw.ts";
import { lessonRows } from "../lessonRows.ts";
import type { Voice } from "../text.ts";
import { costs } from "./costs.ts";
import { percent, thousands, three } from "./figures.ts";
import { leaks, unseen, varies } from "./trust.ts";

/** The lesson `evaluation`. */
export async function evaluation(v: Voice): Promise<void> {
  const credit = await lessonRows("credit_data");
  const borrowers = divide(credit);
  const { train, validation, test } = borrowers;
  const judge = await logistic(train);
  const scored = judge.score(test);
  const inputs = judge.numbers.features.length;
  v.head({ en: "Evaluation: how good is it?", zh: "模型评估：到底有多好？" });
  v.say({
    en: `${thousands(credit.rows)} people who were given a loan. The column ${STATUS} says whether they repaid it: good or ${BAD}. ${credit.columns.length - 1} others say what was
known of them on that day, such as income, debts, the kind of job, and the amount. The target is y = 1 for ${BAD}, which is what
we look for, and 0 for good.

The split is stratified: each part has its share of bad ones, ${percent(countBad(credit) / credit.rows)}. ${thousands(train.rows)} rows are the training set, ${validation.rows} the validation
set, ${thousands(test.rows)} the test set.

  a = sigmoid(w·x + b)        one neuron: logistic regression, ${inputs} inputs

Numbers are standardized, each word of a category is an input of its own, 0 or 1. The output a is the chance of ${BAD}; the model
says ${BAD} where it is above 1/2.`,
    zh: `${thousands(credit.rows)} 个借到了贷款的人。${STATUS} 一列说明是否按时还款：good（好）或 ${BAD}（坏）。另外 ${credit.columns.length - 1} 列是放款当天已知的情况，
如收入、负债、工作类型、贷款金额。目标 y：要找的 ${BAD} 记为 1，good 记为 0。

划分用分层抽样：每一部分坏客户的比例相同，都是 ${percent(countBad(credit) / credit.rows)}。训练集 ${thousands(train.rows)} 行，验证集 ${validation.rows} 行，测试集 ${thousands(test.rows)} 行。

  a = sigmoid(w·x + b)        一个神经元：逻辑回归，${inputs} 个输入

数值列做标准化；类别列的每个词各占一个输入，取 0 或 1。输出 a 是 ${BAD} 的概率，大于 1/2 时模型判为 ${BAD}。`,
  });
  deceived(v, borrowers, scored);
  confusion(v, scored);
  thresholds(v, scored);
  curve(v, scored);
  calibrated(v, scored);
  costs(v, judge.score(validation), scored);
  await unseen(v, borrowers, judge);
  await leaks(v, borrowers, scored);
  await varies(v, credit);
  v.say({
    en: dim("All lessons: wasmgrad lesson"),
    zh: dim("全部课程：wasmgrad lesson --lang zh"),
  });
}

/** What a model is right in that looks at nothing. */
function deceived(v: Voice, { test }: Borrowers, scored: Scored): void {
  const bad = countBad(test);
  const counts = count(scored, 0.5);
  const none = count({ a: new Float32Array(test.rows), y: scored.y }, 0.5);
  v.head({ en: "Accuracy deceives", zh: "准确率会骗人" });
  v.show(
    table(
      [
        v.of({ en: "on the test set", zh: "在测试集上" }),
        v.of({ en: "accuracy", zh: "准确率" }),
        v.of({ en: `found, of ${bad} bad`, zh: `找出的坏客户（共 ${bad}）` }),
      ],
      [
        [v.of({ en: 'always "good"', zh: "总说 good" }), percent(accuracy(none)), String(none.tp)],
        [v.of({ en: "logistic regression", zh: "逻辑回归" }), percent(accuracy(counts)), String(counts.tp)],
      ],
    ),
  );
  v.say({
    en: `Accuracy is the share of the rows that are right. To look at nothing and say good of everybody is right in ${percent(accuracy(none))} of the
rows, and useless; if only 5 % were bad, it would be right in 95 %. A figure says something only beside that of such a baseline.`,
    zh: `准确率是判断正确的比例。什么都不看、对谁都说 good，也有 ${percent(accuracy(none))} 正确，却毫无用处；如果坏客户只占 5 %，就是 95 %。
所以一个数字要和这样的基线放在一起看，才有意义。`,
  });
}

/** The four kinds of answers, and what is made of them. */
function confusion(v: Voice, scored: Scored): void {
  const counts = count(scored, 0.5);
  const { tp, fp, fn, tn } = counts;
  v.head({ en: "The confusion matrix", zh: "混淆矩阵" });
  v.show(
    table(
      ["", v.of({ en: "says bad", zh: "判为坏" }), v.of({ en: "says good", zh: "判为好" })],
      [
        [v.of({ en: `${tp + fn} are bad`, zh: `实际坏 ${tp + fn}` }), `TP ${tp}`, `FN ${fn}`],
        [v.of({ en: `${fp + tn} are good`, zh: `实际好 ${fp + tn}` }), `FP ${fp}`, `TN ${tn}`],
      ],
    ),
  );
  const figures = [accuracy, precision, recall, f1].map((measure) => three(measure(counts)));
  v.say({
    en: `${tp} bad loans are found: true positives, TP. ${fn} are missed: false negatives, FN. ${fp} good ones are refused: false positives,
FP. ${tn} are rightly granted: true negatives, TN. Of these m = ${thousands(tp + fp + fn + tn)} rows everything else is made:

  accuracy = (TP + TN) / m = ${figures[0]}
  precision = TP / (TP + FP) = ${figures[1]}        of those called bad, how many are
  recall = TP / (TP + FN) = ${figures[2]}        of the bad, how many are found
  F1 = 2 * precision * recall / (precision + recall) = ${figures[3]}

F1 is large only if both are. Always good has a recall and an F1 of 0.`,
    zh: `找出 ${tp} 笔坏账：真正例 TP。漏掉 ${fn} 笔：假负例 FN。误拒 ${fp} 笔好贷款：假正例 FP。正确放行 ${tn} 笔：真负例 TN。
其他指标都由这 m = ${thousands(tp + fp + fn + tn)} 行算出：

  准确率 = (TP + TN) / m = ${figures[0]}
  精确率 = TP / (TP + FP) = ${figures[1]}        判为坏的，有多少真坏
  召回率 = TP / (TP + FN) = ${figures[2]}        真坏的，找出了多少
  F1 = 2 * 精确率 * 召回率 / (精确率 + 召回率) = ${figures[3]}

两者都大，F1 才大。总说 good 的召回率和 F1 都是 0。`,
  });
}

/** What moving the threshold does. */
function thresholds(v: Voice, scored: Scored): void {
  v.head({ en: "The threshold moved", zh: "移动阈值" });
  v.show(
    table(
      [
        v.of({ en: "bad above", zh: "阈值" }),
        v.of({ en: "refused", zh: "拒绝" }),
        v.of({ en: "accuracy", zh: "准确率" }),
        v.of({ en: "precision", zh: "精确率" }),
        v.of({ en: "recall", zh: "召回率" }),
        "F1",
      ],
      [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((threshold) => {
        const counts = count(scored, threshold);
        const figures = [accuracy, precision, recall, f1].map((measure) => three(measure(counts)));
        return [String(threshold), String(counts.tp + counts.fp), ...figures];
      }),
    ),
  );
  v.say({
    en: `The model gives a chance; 1/2 is only one place to cut. A lower threshold finds more of the bad ones and refuses more of the good:
recall rises, precision falls. Which is better is not for the model to say: it depends on what mistakes cost.`,
    zh: `模型给出的是概率，1/2 只是其中一个分界。阈值降低，找出的坏客户更多，误拒的好客户也更多：召回率升，精确率降。
哪个更好，模型说了不算，要看犯错的代价。`,
  });
}

/** All thresholds at once. */
function curve(v: Voice, scored: Scored): void {
  const points = roc(scored);
  const auc = area(points);
  const { all, right } = pairs(scored);
  if (Math.abs(auc - right / all) > 1e-9) throw new Error(`evaluation: the area is ${auc}, by pairs ${right / all}`);
  const places = Array.from({ length: 1001 }, (_, i) => i / 1000);
  v.head({ en: "All thresholds at once: the ROC curve", zh: "所有阈值放在一起：ROC 曲线" });
  v.show(
    chart([places.map((x) => heightAt(points, x)), places], {
      to: 100,
      names: [
        v.of({ en: "recall, by the % of the good ones refused", zh: "召回率，横轴：误拒的好客户（%）" }),
        v.of({ en: "by chance", zh: "随机猜" }),
      ],
    }),
  );
  v.say({
    en: `Each threshold is a point: upwards the share of the bad ones that are found, TP / (TP + FN); to the right that of the good ones that
are refused, FP / (FP + TN). The further up to the left, the better. Guessing stays on the diagonal.

The area under the curve (AUC) is ${auc.toFixed(4)}; 1 is perfect, 1/2 is guessing. It is the chance that a bad borrower gets a larger
output than a good one. Counted: of all ${thousands(all)} pairs of the two, ${thousands(right)} are so, ${(right / all).toFixed(4)}. AUC needs no threshold, and the
share of bad ones doesn't change it.`,
    zh: `每个阈值是一个点：纵轴是坏客户被找出的比例 TP / (TP + FN)，横轴是好客户被误拒的比例 FP / (FP + TN)。
越靠左上越好，随机猜则落在对角线上。

曲线下面积（AUC）是 ${auc.toFixed(4)}；1 是完美，1/2 等于瞎猜。它就是一个坏客户的输出大于一个好客户的概率。数一数：
两者共 ${thousands(all)} 对，其中 ${thousands(right)} 对如此，即 ${(right / all).toFixed(4)}。AUC 不需要阈值，也不随坏客户的比例而变。`,
  });
}

/** Whether the chances are chances. */
function calibrated(v: Voice, scored: Scored): void {
  const bins = calibration(scored, [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1]);
  v.head({ en: "Is 30 % really 30 %?", zh: "说 30 %，真的是 30 % 吗？" });
  v.show(
    table(
      [
        v.of({ en: "output a", zh: "输出 a" }),
        v.of({ en: "rows", zh: "行数" }),
        v.of({ en: "mean of a", zh: "a 的平均" }),
        v.of({ en: "really bad", zh: "实际坏" }),
      ],
      bins.map(({ from, to, rows, said, observed }) => [
        `${from} - ${to}`,
        String(rows),
        percent(said),
        percent(observed),
      ]),
    ),
  );
  const middle = bins[3]!;
  const [said, observed] = [percent(middle.said), percent(middle.observed)];
  v.say({
    en: `Where the model says ${said} on average, ${observed} are bad; the other lines agree as well, within a few percent. It is well calibrated: its
output may be taken for a chance. AUC doesn't show this: if all outputs were halved, it would be the same.`,
    zh: `模型平均说 ${said} 的那些人，实际有 ${observed} 是坏客户；其余各行也只差几个百分点。这叫校准得好：输出可以当作概率来用。
AUC 看不出这一点：把所有输出减半，AUC 不变。`,
  });
}
