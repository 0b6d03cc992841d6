// One hidden layer solves what one neuron can't.
import { XOR } from "../../lessons/gates.ts";
import { solveXor } from "../../lessons/xor.ts";
import { bad, chart, dim, good, number, table } from "../draw.ts";
import type { Voice } from "../text.ts";
import { drawRegions } from "./drawRegions.ts";

const UPDATES = 4000;
const HIDDEN = 4;

/** The lesson `xor`. */
export async function xor(v: Voice): Promise<void> {
  v.head({ en: "XOR with a hidden layer", zh: "用隐藏层解决 XOR" });
  v.say({
    en: `  Z1 = x w1 + b1, a1 = sigmoid(Z1)      ${HIDDEN} hidden units\n  Z2 = a1 w2 + b2, a2 = sigmoid(Z2)     1 output\n\nGradient descent on the four rows at once, rate 2, ${UPDATES} updates.`,
    zh: `  Z1 = x w1 + b1，a1 = sigmoid(Z1)      ${HIDDEN} 个隐藏单元\n  Z2 = a1 w2 + b2，a2 = sigmoid(Z2)     1 个输出\n\n每次用全部四行做梯度下降，学习率 2，更新 ${UPDATES} 次。`,
  });
  const solved = await solveXor({ units: HIDDEN, updates: UPDATES, rate: 2, seed: 3 });
  const { model, losses, hidden, outputs, right } = solved;
  v.show(chart([losses], { names: [v.of({ en: "loss by update", zh: "损失随更新次数的变化" })] }));
  v.show(
    table(
      ["x", "t", "a1", "a2", ""],
      XOR.x.map((row, r) => [
        row.join(" "),
        String(XOR.y[r]),
        hidden[r]!.map((value) => number(value, 2)).join("  "),
        number(outputs[r]!, 4),
        outputs[r]! > 0.5 === (XOR.y[r] === 1) ? good("✓") : bad("✗"),
      ]),
    ),
  );
  drawRegions(v, XOR, (grid) => model.predict(grid), -0.5, 1.5);
  if (right !== 4) throw new Error(`xor: only ${right} of 4 rows are right`);
  v.say({
    en: `All four rows are right, loss ${number(losses.at(-1)!)}. The hidden units are ${HIDDEN} lines of their own; in their outputs a1 the four rows lie so that\none line can separate them: the last neuron's.`,
    zh: `四行全部正确，损失 ${number(losses.at(-1)!)}。隐藏单元各有一条直线；在它们的输出 a1 里，四行的位置变得可以用一条直线分开，\n那就是最后一个神经元的直线。`,
  });
  v.say({ en: dim("Next: wasmgrad lesson backprop"), zh: dim("接下来：wasmgrad lesson backprop") });
}
