// The two-layer network's forward and backward chain, one step, with real numbers.
import { dense, explain, gradCheck, sequential, sigmoid, type Step, trace } from "../../src/index.ts";
import { bad, bold, dim, good, number, table } from "../draw.ts";
import { columns as terminalColumns } from "../layout.ts";
import type { Voice } from "../text.ts";
import { XOR } from "../../lessons/gates.ts";
import { gradientDescent } from "../../lessons/neuron.ts";

const RATE = 1;

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
  const steps = explain(trace(trainer, x, y));
  let part = "";
  for (const { name, part: now, formula, title, tensor } of steps) {
    if (now === "forward" ? part === "" : now === "backward" && part !== now) {
      v.head(
        now === "forward"
          ? { en: "Forward: x → Z1 → a1 → Z2 → a2 → loss", zh: "前向：x → Z1 → a1 → Z2 → a2 → 损失" }
          : {
              en: "Backward: da2 → dZ2 → dw2 → db2 → da1 → dZ1 → dw1 → db1",
              zh: "反向：da2 → dZ2 → dw2 → db2 → da1 → dZ1 → dw1 → db1",
            },
      );
    }
    part = now;
    v.show(`  ${bold(v.of(formula))}   ${dim(v.of(title))}\n${matrix(name, tensor.shape, tensor.values)}`);
  }
  oneNumber(v, steps[0]!);

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
  v.say({ en: dim("Next: wasmgrad lesson overfitting"), zh: dim("接下来：wasmgrad lesson overfitting") });
}

/** One entry of Z1 with its numbers filled in. */
function oneNumber(v: Voice, z1: Step): void {
  const index = [3, 1];
  const terms = z1.terms(index).map(({ text, value }) => (value === undefined ? text : number(value)));
  const sum = `Z1[${index.map((place) => place + 1).join(",")}] = ${terms.join("")} = ${number(z1.value(index))}`;
  v.say({ en: `One of these numbers by hand: ${sum}`, zh: `亲手算一个：${sum}` });
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
