// The other way out of XOR: similarity to examples instead of position. A support vector machine.
import { XOR } from "../../lessons/gates.ts";
import { kernelMachine } from "../../lessons/kernel.ts";
import { bad, chart, dim, good, number, table } from "../draw.ts";
import type { Voice } from "../text.ts";
import { drawRegions } from "./drawRegions.ts";

const GAMMA = 2;
const COST = 10;
const UPDATES = 600;

/** The lesson `kernel`. */
export async function kernel(v: Voice): Promise<void> {
  const centres = XOR.x;
  const m = centres.length;
  const machine = await kernelMachine(XOR, { gamma: GAMMA, cost: COST, updates: UPDATES });
  const { model, K, lambda, losses, alpha, b, z, said, targets, right } = machine;
  v.head({ en: "XOR with a kernel: a support vector machine", zh: "用核函数解决 XOR：支持向量机" });
  v.say({
    en: `One line can't separate the rows of XOR by their position. So the input is described anew: by how similar it is to each of
the ${m} training rows c1 ... c${m}. What follows is one neuron as before, with a weight alpha for each row in place of w.

  K(x, c) = e^(-gamma |x - c|^2)        1 at c, near 0 far from it; gamma = ${GAMMA}
  z = alpha1 K(x, c1) + ... + alpha${m} K(x, c${m}) + b
  L = mean of max(0, 1 - t z) + lambda / 2 alpha^T K alpha        t is 1 or -1; lambda = ${lambda}

The first part of the loss asks for z of 1 or more on the right side (the margin); the second keeps the function flat.`,
    zh: `按位置看，一条直线分不开 XOR 的四行。于是换一种方式描述输入：看它与 ${m} 个训练样本 c1 ... c${m} 各有多相似。
后面仍是一个神经元，只是每个样本有一个权重 alpha，代替原来的 w。

  K(x, c) = e^(-gamma |x - c|^2)        在 c 处为 1，离得远则接近 0；gamma = ${GAMMA}
  z = alpha1 K(x, c1) + ... + alpha${m} K(x, c${m}) + b
  L = max(0, 1 - t z) 的平均 + lambda / 2 alpha^T K alpha        t 为 1 或 -1；lambda = ${lambda}

损失的第一部分要求 z 在正确的一侧达到 1 以上（间隔），第二部分让函数保持平缓。`,
  });

  const rows = centres.map((row) => row.join(" "));
  v.head({ en: "How similar the rows are to one another: K", zh: "各行之间有多相似：K" });
  v.show(
    table(
      ["x", ...rows.map((row, j) => `c${j + 1} = ${row}`)],
      rows.map((row, r) => [row, ...K[r]!.map((value) => number(value, 4))]),
    ),
  );
  v.say({
    en: `Each row is like itself, a little like its neighbours (e^-${GAMMA}), and hardly like the row across (e^-${2 * GAMMA}). With two inputs the rows
lay crosswise; with these ${m} they lie so that one cut is enough.`,
    zh: `每一行与自己最像，与相邻的略像（e^-${GAMMA}），与对角的几乎不像（e^-${2 * GAMMA}）。原来两个输入时四行是交叉的；
换成这 ${m} 个输入，切一刀就够了。`,
  });

  v.head({
    en: `Gradient descent on alpha and b, ${UPDATES} updates, the rate falling from 0.5`,
    zh: `对 alpha 和 b 做梯度下降，更新 ${UPDATES} 次，学习率从 0.5 递减`,
  });
  v.show(
    chart([losses.slice(0, 100)], {
      height: 8,
      names: [v.of({ en: "loss by update", zh: "损失随更新次数的变化" })],
    }),
  );
  v.show(
    table(
      ["x", "t", "alpha", "z", ""],
      rows.map((row, r) => [
        row,
        String(targets[r]),
        alpha[r]!.toFixed(4),
        z[r]!.toFixed(4),
        said[r] === targets[r] ? good("✓") : bad("✗"),
      ]),
    ),
  );
  drawRegions(v, XOR, (grid) => model.predict(grid).map((value) => (value + 1) / 2), -0.5, 1.5);
  if (right !== m) throw new Error(`kernel: only ${right} of ${m} rows are right`);
  const near = 1 - K[0]![1]!;
  const exact = 1 / (near * near);
  const most = alpha.reduce((worst, value) => Math.max(worst, Math.abs(Math.abs(value) - exact)), 0);
  if (most > 2e-3) throw new Error(`kernel: alpha is ${alpha.join(", ")}, not ${exact}`);
  v.say({
    en: `All four rows are right, and all at the margin: z is t. The rows that hold the margin are the support vectors; here all four
do. By symmetry every alpha is t a, with a (1 - 2 e^-${GAMMA} + e^-${2 * GAMMA}) = 1, so

  a = 1 / (1 - e^-${GAMMA})^2 = ${exact.toFixed(4)}; b = ${number(Math.abs(b), 3)}.

It is the machine that a quadratic program finds for the cost C = 1 / (lambda m) = ${COST}.

The price: a weight and a similarity for every training row. That is ${m} here; 60,000 for MNIST's digits, compared with
everything that is ever to be read. A hidden layer finds for itself, in a few units, what is worth comparing with.`,
    zh: `四行全部正确，而且都恰好在间隔上：z 等于 t。撑住间隔的样本叫支持向量，这里四行都是。
由对称性，每个 alpha 都是 t a，且 a (1 - 2 e^-${GAMMA} + e^-${2 * GAMMA}) = 1，所以

  a = 1 / (1 - e^-${GAMMA})^2 = ${exact.toFixed(4)}；b = ${number(Math.abs(b), 3)}。

这正是代价 C = 1 / (lambda m) = ${COST} 时用二次规划求出的支持向量机。

代价是：每个训练样本都要一个权重、一次相似度计算。这里是 ${m} 个；对 MNIST 的数字就是 60,000 个，每读一个新数字都要全部比一遍。
隐藏层则自己找出值得比较的东西，只用少数几个单元。`,
  });
  v.say({ en: dim("Next: wasmgrad lesson xor"), zh: dim("接下来：wasmgrad lesson xor") });
}
