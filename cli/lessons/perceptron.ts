// One neuron learns: gradient descent, Newton's method, and images as inputs.
import { countRight, descend, type Examples, gradientDescent, neuron, weightsOf } from "../../lessons/neuron.ts";
import { newtonStep } from "../../lessons/newton.ts";
import { clouds, type Images, learnImages, zerosAndOnes } from "../../lessons/perceptron.ts";
import { mnist } from "../../src/datasets.ts";
import { init } from "../../src/matrix.ts";
import { beside, bold, chart, dim, image, number, signedImage, table } from "../draw.ts";
import type { Voice } from "../text.ts";
import { drawRegions } from "./drawRegions.ts";

/** Options of the lesson `perceptron`. */
export interface PerceptronOptions {
  readonly image: boolean;
  readonly algorithm: "gradient-descent" | "newton";
}

const RATE = 0.5;
const UPDATES = 300;

/** The lesson `perceptron`. */
export async function perceptron(v: Voice, options: PerceptronOptions): Promise<void> {
  v.head({ en: "The perceptron: one neuron", zh: "感知机：一个神经元" });
  v.say({
    en: "  z = w·x + b,  y = sigmoid(z) = 1 / (1 + e^-z)\n  loss L = -(t log y + (1 - t) log(1 - y)), averaged over the samples",
    zh: "  z = w·x + b，y = sigmoid(z) = 1 / (1 + e^-z)\n  损失 L = -(t log y + (1 - t) log(1 - y))，对样本取平均",
  });
  if (options.image) return digits(v);
  const model = await neuron(2, { fromZero: true });
  const examples = clouds(model);
  v.say({
    en: `${examples.x.length} points of two kinds, which overlap a little. The neuron starts at w = 0, b = 0 and says 1/2 everywhere.`,
    zh: `共 ${examples.x.length} 个点，分两类，略有重叠。神经元从 w = 0、b = 0 出发，处处输出 1/2。`,
  });
  if (options.algorithm === "newton") return newton(v, examples);

  const trainer = gradientDescent(model, RATE);
  const losses = await descend(trainer, examples, UPDATES);
  v.head({
    en: `Gradient descent: w -= ${RATE} dw, b -= ${RATE} db`,
    zh: `梯度下降：w -= ${RATE} dw，b -= ${RATE} db`,
  });
  v.show(chart([losses], { names: [v.of({ en: "loss by update", zh: "损失随更新次数的变化" })] }));
  const { w, b } = weightsOf(model);
  v.show(
    table(
      [v.of({ en: "update", zh: "更新次数" }), v.of({ en: "loss", zh: "损失" })],
      [0, 1, 2, 5, 10, 50, 100, UPDATES - 1].map((t) => [String(t), number(losses[t]!, 5)]),
    ),
  );
  drawRegions(v, examples, (grid) => model.predict(grid), -4, 4);
  v.say({
    en: `w = (${w.map((value) => number(value)).join(", ")}), b = ${number(b)}; ${countRight(model, examples)} of ${examples.x.length} points are on the right side of the line w·x + b = 0.`,
    zh: `w = (${w.map((value) => number(value)).join(", ")})，b = ${number(b)}；直线 w·x + b = 0 把 ${examples.x.length} 个点中的 ${countRight(model, examples)} 个分对了。`,
  });
  v.say({
    en: dim("Next: wasmgrad lesson perceptron --algorithm newton, or --image"),
    zh: dim("接下来：wasmgrad lesson perceptron --algorithm newton，或 --image"),
  });
}

const NEWTON_STEPS = 8;

async function newton(v: Voice, examples: Examples): Promise<void> {
  await init();
  const slow = await neuron(2, { fromZero: true });
  const losses = await descend(gradientDescent(slow, RATE), examples, UPDATES);
  const model = await neuron(2, { fromZero: true });
  const newtonLosses = Array.from({ length: NEWTON_STEPS }, () => newtonStep(model, examples));
  v.head({ en: "Newton's method beside gradient descent", zh: "牛顿法与梯度下降" });
  v.say({
    en: "Gradient descent takes a step against the gradient g, of a size that someone has to choose. Newton's method also looks at\nthe curvature H, the second derivatives, and steps to where the parabola with that slope and curvature is lowest:\n\n  p -= H^-1 g,   g = Xt (y - t) / m,   H = Xt diag(y (1 - y)) X / m",
    zh: "梯度下降沿梯度 g 的反方向走一步，步长要由人来选。牛顿法还看曲率 H（二阶导数），\n直接走到具有该斜率与曲率的抛物面的最低点：\n\n  p -= H^-1 g，  g = Xt (y - t) / m，  H = Xt diag(y (1 - y)) X / m",
  });
  const best = newtonLosses.at(-1)!;
  const rows = newtonLosses.map((loss, t) => {
    const same = losses.findIndex((value) => value <= loss + 1e-7);
    const needed = same < 0 ? `> ${UPDATES}` : String(same);
    return [String(t), number(losses[t]!, 7), number(loss, 7), needed];
  });
  v.show(
    table(
      [
        v.of({ en: "step", zh: "步" }),
        v.of({ en: "gradient descent", zh: "梯度下降" }),
        v.of({ en: "Newton", zh: "牛顿法" }),
        v.of({ en: "gradient steps to the same loss", zh: "梯度下降达到同样损失所需步数" }),
      ],
      rows,
    ),
  );
  const shown = 40;
  const held = Array.from({ length: shown }, (_, t) => newtonLosses[Math.min(t, NEWTON_STEPS - 1)]!);
  const names = [v.of({ en: "gradient descent", zh: "梯度下降" }), v.of({ en: "Newton's method", zh: "牛顿法" })];
  v.show(chart([losses.slice(0, shown), held], { names }));
  v.say({
    en: `After ${NEWTON_STEPS - 1} steps Newton's method stands at ${number(best, 7)}; gradient descent is at ${number(losses.at(-1)!, 7)} after ${UPDATES - 1}. Each of Newton's steps solves a system\nwith as many equations as there are parameters: 3 here, but 101,770 for a small digit recogniser. That is why networks are\ntrained by gradient descent.`,
    zh: `${NEWTON_STEPS - 1} 步之后牛顿法的损失是 ${number(best, 7)}；梯度下降走 ${UPDATES - 1} 步后是 ${number(losses.at(-1)!, 7)}。但牛顿法的每一步都要解一个方程组，\n方程数等于参数个数：这里是 3 个，而一个小小的数字识别网络就有 101,770 个。所以神经网络用梯度下降来训练。`,
  });
}

/** MNIST's 0 against 1: every pixel is an input. */
async function digits(v: Voice): Promise<void> {
  const { train, test } = await mnist();
  const only = ({ x, y }: typeof train): Images => zerosAndOnes(x.data, y);
  const [learned, fresh] = [only(train), only(test)];
  v.say({
    en: `The input is an image: each of its 28 x 28 pixels is an input of the neuron. MNIST's ${learned.y.length.toLocaleString("en-US")} zeros\u00a0and\u00a0ones to learn from,\n${fresh.y.length.toLocaleString("en-US")} to test with.`,
    zh: `输入是一幅图像：28 x 28 个像素，每个像素都是神经元的一个输入。用 MNIST 的 ${learned.y.length.toLocaleString("en-US")} 个 0 和 1 来学习，\n${fresh.y.length.toLocaleString("en-US")} 个来测试。`,
  });
  const { model, losses, accuracy } = await learnImages(learned, fresh);
  v.show(
    chart([losses], { names: [v.of({ en: "loss by update, batches of 32", zh: "每次更新（32 个样本一批）的损失" })] }),
  );
  const zero = learned.y.indexOf(0);
  const one = learned.y.indexOf(1);
  const picture = (r: number): string[] => image(learned.x.subarray(r * 784, (r + 1) * 784), 28);
  v.show(beside(picture(zero), picture(one), signedImage(model.parameters()[0]!.get(), 28)));
  v.say({
    en: `A zero, a one, and the 784 weights as an image: where a weight is positive (blue, or +), ink speaks for\n1; where it is negative (red, or -), for 0. Right\u00a0on ${bold(`${number(accuracy * 100)} %`)} of the test images.`,
    zh: `一个 0、一个 1，以及画成图像的 784 个权重：权重为正处（蓝或 +），有墨迹支持 1；\n为负处（红或 -），支持 0。测试图像的正确率为 ${bold(`${number(accuracy * 100)} %`)}。`,
  });
}
