// The two-layer network's forward and backward chain, one step, with real numbers.
import { dense, gradCheck, sequential, sigmoid, trace } from "../../src/index.ts";
import { bad, bold, dim, good, number, table } from "../draw.ts";
import { columns as terminalColumns } from "../layout.ts";
import type { Text, Voice } from "../text.ts";
import { XOR } from "./gates.ts";
import { gradientDescent } from "./neuron.ts";

const RATE = 1;

/** The steps in textbook order, by textbook names: each one's formula, and what it says. */
const STEPS: Readonly<Record<string, { readonly formula: string; readonly says: Text }>> = {
  Z1: { formula: "Z1 = x w1 + b1", says: { en: "weighted sums of the hidden layer", zh: "隐藏层的加权和" } },
  a1: { formula: "a1 = sigmoid(Z1)", says: { en: "its outputs", zh: "隐藏层的输出" } },
  Z2: { formula: "Z2 = a1 w2 + b2", says: { en: "weighted sum of the output", zh: "输出层的加权和" } },
  a2: { formula: "a2 = sigmoid(Z2)", says: { en: "the network's answer", zh: "网络的回答" } },
  loss: { formula: "L = -mean(y log a2 + (1 - y) log(1 - a2))", says: { en: "how wrong it is", zh: "错得有多厉害" } },
  da2: {
    formula: "da2 = (-y / a2 + (1 - y) / (1 - a2)) / m",
    says: { en: "how the loss follows the answer", zh: "损失对回答的导数" },
  },
  dZ2: { formula: "dZ2 = da2 * a2 (1 - a2) = (a2 - y) / m", says: { en: "through the sigmoid", zh: "穿过 sigmoid" } },
  dw2: { formula: "dw2 = a1ᵀ dZ2", says: { en: "for the output's weights", zh: "输出层权重的梯度" } },
  db2: { formula: "db2 = sum of dZ2 over the samples", says: { en: "for its bias", zh: "输出层偏置的梯度" } },
  da1: { formula: "da1 = dZ2 w2ᵀ", says: { en: "back to the hidden layer", zh: "传回隐藏层" } },
  dZ1: { formula: "dZ1 = da1 * a1 (1 - a1)", says: { en: "through its sigmoid", zh: "穿过它的 sigmoid" } },
  dw1: { formula: "dw1 = xᵀ dZ1", says: { en: "for the hidden weights", zh: "隐藏层权重的梯度" } },
  db1: { formula: "db1 = sum of dZ1 over the samples", says: { en: "for their biases", zh: "隐藏层偏置的梯度" } },
};

/** The lesson `backprop`. */
export async function backprop(v: Voice): Promise<void> {
  v.head({ en: "Back-propagation, step by step", zh: "反向传播，一步一步" });
  v.say({
    en: "A 2-3-1 network on the four rows of XOR. Rows are samples (m = 4); a book that puts samples in columns has the transposes.",
    zh: "一个 2-3-1 网络，数据是 XOR 的四行。一行是一个样本（m = 4）；把样本放在列里的书，数值是这里的转置。",
  });
  const model = await sequential({ input: 2, seed: 5 }, dense(3), sigmoid(), dense(1), sigmoid());
  const trainer = gradientDescent(model, RATE);
  const { x, y } = XOR;
  const [w1, b1, w2, b2] = model.parameters();
  v.show(
    [
      matrix("x", [4, 2], x.flat()),
      matrix("y", [4, 1], y),
      matrix("w1", w1!.shape, w1!.get()),
      matrix("b1", b1!.shape, b1!.get()),
      matrix("w2", w2!.shape, w2!.get()),
      matrix("b2", b2!.shape, b2!.get()),
    ].join("\n"),
  );
  const steps = trace(trainer, x, y);
  let part = "";
  for (const { name, shape, values } of steps) {
    const now = name.startsWith("d") ? "backward" : "forward";
    if (now !== part) {
      part = now;
      v.head(
        now === "forward"
          ? { en: "Forward: x → Z1 → a1 → Z2 → a2 → loss", zh: "前向：x → Z1 → a1 → Z2 → a2 → 损失" }
          : {
              en: "Backward: da2 → dZ2 → dw2 → db2 → da1 → dZ1 → dw1 → db1",
              zh: "反向：da2 → dZ2 → dw2 → db2 → da1 → dZ1 → dw1 → db1",
            },
      );
    }
    const { formula, says } = STEPS[name]!;
    v.show(`  ${bold(formula)}   ${dim(v.of(says))}\n${matrix(name, shape, values)}`);
  }
  oneNumber(v, x, [...w1!.get()], [...b1!.get()], steps.get("Z1").values);

  v.head({ en: "Checked by differences", zh: "用数值差分检验" });
  v.say({
    en: "Each parameter is moved a little up and down; the change of the loss must be what its gradient says.",
    zh: "把每个参数上下挪动一点点，损失的变化必须与它的梯度相符。",
  });
  const checked = gradCheck(trainer, x, y, { offenders: 100 });
  v.show(
    table(
      [
        v.of({ en: "parameter", zh: "参数" }),
        v.of({ en: "back-propagation", zh: "反向传播" }),
        v.of({ en: "differences", zh: "数值差分" }),
        v.of({ en: "error", zh: "误差" }),
      ],
      checked.offenders
        .toSorted((a, b) => a.parameter.localeCompare(b.parameter) || a.index - b.index)
        .map((c) => [
          `${c.parameter}[${c.index}]`,
          number(c.analytic, 6),
          number(c.numeric, 6),
          c.error < 0.01 ? good(c.error.toExponential(0)) : bad(c.error.toExponential(0)),
        ]),
    ),
  );
  if (!checked.ok) throw new Error(`backprop: a gradient is wrong by ${checked.worst}`);
  const before = trainer.step(x, y)["loss"]!;
  const after = (await trainer.evaluate({ x, y }))["loss"]!;
  v.head({ en: `The update: w -= ${RATE} dw, b -= ${RATE} db`, zh: `更新：w -= ${RATE} dw，b -= ${RATE} db` });
  v.say({
    en: `All ${checked.checked} gradients agree. One step takes the loss from ${number(before, 6)} to ${number(after, 6)}.`,
    zh: `${checked.checked} 个梯度全部相符。走一步，损失从 ${number(before, 6)} 变为 ${number(after, 6)}。`,
  });
}

/** One entry of Z1 with its numbers filled in. */
function oneNumber(
  v: Voice,
  x: readonly (readonly number[])[],
  w1: readonly number[],
  b1: readonly number[],
  z1: Float32Array,
): void {
  const row = 3;
  const column = 1;
  const units = b1.length;
  const terms = x[row]!.map((value, i) => `${value} · ${number(w1[i * units + column]!)}`).join(" + ");
  v.say({
    en: `One of these numbers by hand: Z1[${row + 1},${column + 1}] = ${terms} + ${number(b1[column]!)} = ${number(z1[row * units + column]!)}`,
    zh: `亲手算一个：Z1[${row + 1},${column + 1}] = ${terms} + ${number(b1[column]!)} = ${number(z1[row * units + column]!)}`,
  });
}

/** A tensor with its shape, one line per row. */
function matrix(name: string, shape: readonly number[], values: ArrayLike<number>): string {
  const all = Array.from(values);
  if (shape.length === 0) return `    ${name} = ${number(all[0]!, 6)}`;
  const columns = shape.at(-1)!;
  const cells = all.map((value) => number(value));
  const width = Math.max(...cells.map((cell) => cell.length));
  const label = `${name} ${shape.length === 1 ? `(${columns})` : `(${shape.join(" x ")})`}`;
  // where a row has no room beside it, the label stands above
  const narrow = 4 + 12 + 3 + columns * (width + 2) > terminalColumns();
  const lines: string[] = narrow ? [`    ${label}`] : [];
  for (let at = 0; at < cells.length; at += columns) {
    const row = cells
      .slice(at, at + columns)
      .map((cell) => cell.padStart(width))
      .join("  ");
    const start = narrow ? "" : (at === 0 ? label : "").padEnd(13);
    lines.push(`    ${start}${dim("│")} ${row} ${dim("│")}`);
  }
  return lines.join("\n");
}
