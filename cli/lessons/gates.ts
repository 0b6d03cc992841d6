// What one neuron can learn, and what it can't: AND, OR, NOT, and XOR.
import { CYCLE_RATE, GATES, learn, XOR, xorCycle } from "../../lessons/gates.ts";
import { bad, chart, dim, good, number, table } from "../draw.ts";
import type { Text, Voice } from "../text.ts";

const UPDATES = 1000;

/** The lesson `gates`. */
export async function gates(v: Voice): Promise<void> {
  v.head({ en: "Gates by one neuron", zh: "用一个神经元实现逻辑门" });
  v.say({
    en: `y = sigmoid(w·x + b), gradient descent on all rows at once, rate 1, ${UPDATES} updates.`,
    zh: `y = sigmoid(w·x + b)，每次用全部样本做梯度下降，学习率 1，更新 ${UPDATES} 次。`,
  });
  for (const { name, examples } of GATES) {
    const { w, b, outputs, right } = await learn(examples, { updates: UPDATES, rate: 1 });
    const verdict = right === examples.x.length;
    v.show(
      `  ${name}   w = (${w.map((value) => number(value, 3)).join(", ")})  b = ${number(b, 3)}   ${verdict ? good("✓") : bad("✗")}\n` +
        table(
          ["x", "t", "y"],
          examples.x.map((row, r) => [row.join(" "), String(examples.y[r]), number(outputs[r]!, 3)]),
        ),
    );
    if (!verdict) throw new Error(`gates: ${name} was not learned`);
  }
  await sampleBySample(v);
  await fullBatch(v);
  v.head({ en: "Why", zh: "为什么" });
  v.say(WHY);
  v.say({
    en: dim("Next: wasmgrad lesson kernel, or wasmgrad lesson xor"),
    zh: dim("接下来：wasmgrad lesson kernel，或 wasmgrad lesson xor"),
  });
}

async function sampleBySample(v: Voice): Promise<void> {
  const cycle = await xorCycle();
  const best = Math.max(...cycle.moves.map(({ right }) => right));
  if (best !== 3) throw new Error(`gates: at best 3 of 4 rows of XOR can be right, got ${best}`);
  v.head({
    en: `XOR by the same neuron, sample by sample, rate ${CYCLE_RATE}`,
    zh: `同一个神经元学 XOR：逐个样本更新，学习率 ${CYCLE_RATE}`,
  });
  const order = XOR.x.map((row) => row.join(" "));
  v.show(
    table(
      [v.of({ en: "after sample", zh: "更新所用样本" }), "w1", "w2", "b", v.of({ en: "right", zh: "正确" })],
      cycle.moves.map(({ w, b, row, right }) => [
        `${order[row]} → ${XOR.y[row]}`,
        ...[w[0]!, w[1]!, b].map((value) => number(value, 4)),
        `${right} / 4`,
      ]),
    ),
  );
  v.say({
    en: `From update ${cycle.from.toLocaleString("en-US")} on the weights repeat, to the last bit, every ${cycle.length} updates: each sample pulls them where the next one\npulls them away again. They will never settle. At best ${best} of 4 rows are right.`,
    zh: `从第 ${cycle.from.toLocaleString("en-US")} 次更新起，权重每 ${cycle.length} 次更新就一个比特不差地重复一遍：每个样本把它们拉过去，下一个又拉回来，\n永远不会停下。最好时 4 行中有 ${best} 行正确。`,
  });
}

async function fullBatch(v: Voice): Promise<void> {
  const { w, b, losses, right } = await learn(XOR, { updates: 3000, rate: 1 });
  v.head({ en: "XOR by the same neuron, on the full batch", zh: "同一个神经元学 XOR：全批量更新" });
  v.show(
    chart([losses.slice(0, 200)], { height: 8, names: [v.of({ en: "loss by update", zh: "损失随更新次数的变化" })] }),
  );
  const settled = [...w, b].every((value) => Math.abs(value) < 1e-3);
  if (!settled || Math.abs(losses.at(-1)! - Math.LN2) > 1e-6) throw new Error("gates: XOR did not settle at w = 0");
  v.say({
    en: `w = (${w.map((value) => number(value, 3)).join(", ")}), b = ${number(b, 3)}: the four pulls cancel, and the neuron settles\u00a0at\u00a0w = 0,\u00a0b = 0. It says 1/2 to\neverything; the\u00a0loss\u00a0is\u00a0${number(losses.at(-1)!, 7)} = ln\u00a02 (${number(Math.LN2, 7)}), that of a coin. ${right} of 4 rows are right.`,
    zh: `w = (${w.map((value) => number(value, 3)).join(", ")})，b = ${number(b, 3)}：四个拉力互相抵消，神经元停在 w = 0、b = 0，对一切都输出 1/2；\n损失是 ${number(losses.at(-1)!, 7)} = ln 2（${number(Math.LN2, 7)}），和抛硬币一样。4 行中有 ${right} 行正确。`,
  });
}

const WHY: Text = {
  en: `A neuron cuts the plane with one straight line, w·x + b = 0, and says 1 on one side. The rows of AND, OR and NOT can be cut so.
Those of XOR can't: (0,0) and (1,1) must be on one side, (0,1) and (1,0) on the other, but the two pairs cross in the same
middle, (1/2, 1/2), which would have to lie on both sides.

Sample by sample there is always one row on the wrong side or too near the line, so there is always a pull, of a size that
does not shrink, and the weights go round. On the full batch the pulls are added first; at w = 0 they cancel exactly. The mean
loss is convex, so this one resting place is its minimum: no rate and no patience leads anywhere better.

Two ways out: measure similarity to examples instead of position (the kernel machine), or bend the plane first with a hidden
layer.`,
  zh: `一个神经元用一条直线 w·x + b = 0 把平面切开，在一侧输出 1。AND、OR、NOT 的各行可以这样切开。
XOR 不行：(0,0) 与 (1,1) 要在一侧，(0,1) 与 (1,0) 要在另一侧，可两对点的中点同是 (1/2, 1/2)，它得同时在两侧。

逐个样本更新时，总有一行在错误的一侧或离直线太近，所以总有一个拉力，而且不会变小，权重便绕圈不停。
全批量更新时，先把拉力相加；在 w = 0 处它们恰好抵消。平均损失是凸函数，这个唯一的停留点就是它的最小值：
换任何学习率、等多久都不会更好。

出路有两条：不看位置而看与样例的相似程度（核方法），或者先用隐藏层把平面弯一弯。`,
};
