// The threshold by what mistakes cost.
import { count, type Scored } from "../../lessons/scores.ts";
import { table } from "../draw.ts";
import type { Voice } from "../text.ts";
import { thousands } from "./figures.ts";

/** What a bad loan costs, if a good one that is refused costs 1. */
const PRICE = 5;

/** The thresholds that are compared. */
const THRESHOLDS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

const costAt = (scored: Scored, threshold: number): number => {
  const { fn, fp } = count(scored, threshold);
  return PRICE * fn + fp;
};

/** Part of the lesson `evaluation`: which threshold costs least, by the validation set, and what it then costs on the test set. */
export function costs(v: Voice, validation: Scored, test: Scored): void {
  const best = THRESHOLDS.reduce((least, each) =>
    costAt(validation, each) < costAt(validation, least) ? each : least,
  );
  const rational = 1 / (1 + PRICE);
  v.head({ en: "The threshold by cost", zh: "按代价选阈值" });
  v.say({
    en: `Say a bad loan that is granted costs ${PRICE} times what a good one that is refused does:

  cost = ${PRICE} FN + FP

With chance a the loan is bad and costs ${PRICE} if it is granted; with chance 1 - a it is good and costs 1 if it is refused. So it should
be refused where ${PRICE} a\u00a0>\u00a01\u00a0-\u00a0a, which is a\u00a0>\u00a01/${PRICE + 1}. That holds if a is calibrated. Tried on the validation set, in steps of 0.05, the
threshold ${best} costs least.`,
    zh: `假设放出一笔坏账的代价是误拒一笔好贷款的 ${PRICE} 倍：

  代价 = ${PRICE} FN + FP

贷款以概率 a 是坏的，放出则代价为 ${PRICE}；以概率 1 - a 是好的，拒绝则代价为 1。所以当 ${PRICE} a\u00a0>\u00a01\u00a0-\u00a0a，即 a\u00a0>\u00a01/${PRICE + 1} 时应当拒绝，
前提是 a 经过校准。在验证集上每隔 0.05 试一次，阈值 ${best} 代价最小。`,
  });
  const tried: readonly (readonly [string, number])[] = [
    [v.of({ en: "refuse all", zh: "全部拒绝" }), -1],
    [`1/${PRICE + 1}`, rational],
    [String(best), best],
    ["0.5", 0.5],
    [v.of({ en: "grant all", zh: "全部放行" }), 1],
  ];
  v.show(
    table(
      [
        v.of({ en: "threshold", zh: "阈值" }),
        v.of({ en: "cost on the validation set", zh: "验证集代价" }),
        v.of({ en: "on the test set", zh: "测试集代价" }),
      ],
      tried.map(([name, threshold]) => [
        name,
        thousands(costAt(validation, threshold)),
        thousands(costAt(test, threshold)),
      ]),
    ),
  );
  const [half, least] = [costAt(test, 0.5), costAt(test, best)];
  const [refused, reasoned] = [costAt(test, -1), costAt(test, rational)];
  if (!(half > refused && least < refused && reasoned < least)) {
    throw new Error("evaluation: the costs are not what the text says");
  }
  v.say({
    en: `At 1/2 this model, right in most cases, costs more than refusing everybody. At ${best} it costs a third less. That on the test set 1/${PRICE + 1} is
better still shows how little ${thousands(validation.y.length)} rows say about small differences.`,
    zh: `阈值取 1/2 时，这个多数时候判断正确的模型，代价竟比全部拒绝还大。取 ${best} 时少三分之一。而测试集上 1/${PRICE + 1} 还要更好，
可见 ${thousands(validation.y.length)} 行数据不足以分辨微小的差别。`,
  });
}
