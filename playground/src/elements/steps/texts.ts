// What <wasmgrad-steps> says.
import { explainMarks } from "../../shell/marks.ts";
import type { Text } from "../../shell/text.ts";
import { rowNumbers } from "../../steps/nets.ts";
import type { Session } from "../../steps/session.ts";

explainMarks({
  check: {
    en: "Each parameter, and each value on the way, is moved a little, and the loss is measured again: how much it changes must be what back-propagation says. The two numbers say how many gradients agree, and how many there are.",
    zh: "把每个参数和途中的每个值挪动一点，重新计算损失：损失的变化必须与反向传播所说的一致。这里是一致的梯度个数与总数。",
  },
  loss: {
    en: "The loss on the rows that are shown, and its course over the updates that were made.",
    zh: "在所示各行上的损失，以及它随更新的变化。",
  },
  controls: {
    en: "Next arrow, back, play; the slider goes to any arrow. Rows: all of them, one after the other, or one sample. Updates train the network, and can be undone.",
    zh: "下一个箭头、后退、播放；滑块可到任何箭头。行：整批、逐个，或一个样本。更新会训练网络，并可撤销。",
  },
});

export const TEXTS = {
  given: { en: "What is given", zh: "已知" },
  givenSays: {
    en: "The samples x, the answer y that is wanted for each, and a network with random weights. The earlier stops call what is wanted t; here y is wanted, and the last a is the answer. Every number from here on is computed by the library. Change a weight: choose its cell, type, press Enter.",
    zh: "样本 x、每个样本想要的答案 y，以及一个权重随机的网络。前面几站把想要的结果叫 t；这里 y 是目标，最后一层的 a 是网络的回答。以下每个数都由库算出。要改一个权重：选中格子，输入，按回车。",
  },
  start: { en: "start", zh: "开头" },
  from: { en: "from", zh: "由" },
  and: { en: "and", zh: "与" },
  unknown: {
    en: "This formula is not written out; its numbers are the library's.",
    zh: "这个公式尚未写出；数值由库算出。",
  },
  columns: { en: "Samples in columns", zh: "样本按列排" },
  hide: { en: "Hide the numbers", zh: "隐藏数值" },
  the: { en: "the number", zh: "这个数" },
  left: { en: "left operand", zh: "左操作数" },
  right: { en: "right operand", zh: "右操作数" },
  third: { en: "further operand", zh: "其他操作数" },
  lines: { en: "What the optimizer computes on the way", zh: "优化器途中计算的量" },
  sample: { en: "Sample", zh: "样本" },
  check: { en: "Gradient check", zh: "梯度检验" },
  checkSays: {
    en: "Each parameter, and each value on the way, is moved a little, and the loss is measured again. Back-propagation must say the same.",
    zh: "把每个参数和途中的每个值挪动一点，重新计算损失。反向传播必须给出同样的结果。",
  },
  checking: { en: "checking…", zh: "检验中…" },
  checkedOf: { en: "of", zh: "/" },
  analytic: { en: "back-propagation", zh: "反向传播" },
  numeric: { en: "nudge it, watch the loss", zh: "挪动它，看损失" },
  how: { en: "How?", zh: "怎样检验？" },
  howSays: {
    en: "The curve is the loss when only this parameter changes. The slope of the line through two points beside it is the numeric gradient; the tangent has the slope from back-propagation.",
    zh: "曲线是只改变这一个参数时的损失。过它两侧两点的直线斜率是数值梯度；切线的斜率来自反向传播。",
  },
  kinks: { en: "left out at a bend", zh: "个在折点处略去" },
  loss: { en: "Loss", zh: "损失" },
  lossTrain: { en: "Press “1 update” to train, and step through again.", zh: "按“更新 1 步”训练，然后再走一遍。" },
  controls: { en: "Controls", zh: "控制" },
  first: { en: "To the start", zh: "到开头" },
  last: { en: "To the end", zh: "到末尾" },
  back: { en: "Back", zh: "后退" },
  play: { en: "Play", zh: "播放" },
  pause: { en: "Pause", zh: "暂停" },
  next: { en: "Next arrow", zh: "下一个箭头" },
  nextShort: { en: "Next", zh: "下一个" },
  nextRest: { en: " arrow", zh: "箭头" },
  onward: { en: "Update, go on", zh: "更新并继续" },
  speed: { en: "Speed", zh: "速度" },
  step: { en: "Step", zh: "步" },
  rows: { en: "Rows", zh: "行" },
  batch: { en: "Batch", zh: "整批" },
  turn: { en: "In turn", zh: "逐个" },
  turnSays: {
    en: "One after the other: each update takes the next sample of the epoch.",
    zh: "一个接一个：每次更新取这一轮的下一个样本。",
  },
  batchTurn: { en: "Batches in turn", zh: "逐批" },
  part: { en: "Batch", zh: "批次" },
  one: { en: "1 update", zh: "更新 1 步" },
  many: { en: "100 updates", zh: "更新 100 步" },
  undo: { en: "Undo", zh: "撤销" },
  fingerprint: { en: "fingerprint", zh: "指纹" },
  backwards: { en: "Now backwards: press Next or Play.", zh: "现在往回走：按“下一个箭头”或播放。" },
  halted: { en: "Training halted", zh: "训练停止" },
  haltedSays: {
    en: "A number was no longer finite, so this update was not made and the weights are those before it. Undo, or choose a smaller rate.",
    zh: "有一个数不再是有限的，所以没有做这次更新，权重仍是之前的。请撤销，或选更小的学习率。",
  },
  replaying: {
    en: "Making the link's updates again … What you set meanwhile is taken at once.",
    zh: "正在按链接重新训练……此时所作的设置立即生效。",
  },
  broken: { en: "This view could not be shown.", zh: "这个视图无法显示。" },
  brokenSays: {
    en: "If this page may not run WebAssembly, its policy has to allow it: 'wasm-unsafe-eval' in script-src. Nothing of yours is lost.",
    zh: "如果本页不能运行 WebAssembly，需要页面策略允许：script-src 中加入 'wasm-unsafe-eval'。你的内容没有丢失。",
  },
  wrongWeights: {
    en: "The weights in this link are of another network; random ones are used.",
    zh: "链接中的权重属于另一个网络，改用随机权重。",
  },
  stepOf: { en: "Step {} of {}.", zh: "第 {} 步，共 {} 步。" },
  by: { en: "by", zh: "乘" },
} as const satisfies Record<string, Text>;

/** The updates that were made: how many epochs they are, or which sample alone they had. */
export function made({ trainer, epochs, only, count }: Session): Text {
  const { updates } = trainer;
  const en = `${updates} ${updates === 1 ? "update" : "updates"}`;
  const zh = `${updates} 次更新`;
  if (only !== undefined) {
    const numbers = rowNumbers(only, count).map((row) => row + 1);
    const [first, last] = [numbers[0]!, numbers.at(-1)!];
    return first === last
      ? { en: `${en} on sample ${first} alone`, zh: `只用样本 ${first} 的 ${zh}` }
      : { en: `${en} on samples ${first}–${last} alone`, zh: `只用样本 ${first}–${last} 的 ${zh}` };
  }
  if (epochs === undefined) return { en, zh };
  const figure = String(Number(epochs.toPrecision(3)));
  return { en: `${en} = ${figure} ${epochs === 1 ? "epoch" : "epochs"}`, zh: `${zh} = ${figure} 轮` };
}
