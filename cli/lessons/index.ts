// The lessons by name, in the order in which they build on one another.
import type { Text, Voice } from "../text.ts";
import { backprop } from "./backprop.ts";
import { evaluation } from "./evaluation.ts";
import { gates } from "./gates.ts";
import { kernel } from "./kernel.ts";
import { overfitting } from "./overfitting.ts";
import { perceptron, type PerceptronOptions } from "./perceptron.ts";
import { xor } from "./xor.ts";

interface Lesson {
  readonly teaches: Text;
  readonly play: (voice: Voice, options: PerceptronOptions) => Promise<void>;
}

/** What each lesson teaches, and how it is played. */
export const lessons = {
  perceptron: {
    teaches: {
      en: "one neuron learns to tell two kinds of points apart: gradient descent, Newton's method, images",
      zh: "一个神经元学会区分两类点：梯度下降、牛顿法、图像",
    },
    play: perceptron,
  },
  gates: {
    teaches: {
      en: "one neuron learns AND, OR and NOT, and why it can't learn XOR",
      zh: "一个神经元学会 AND、OR 和 NOT，以及它为什么学不会 XOR",
    },
    play: gates,
  },
  kernel: {
    teaches: {
      en: "XOR by similarity to examples: a support vector machine",
      zh: "用与样例的相似程度解决 XOR：支持向量机",
    },
    play: kernel,
  },
  xor: {
    teaches: { en: "XOR by a hidden layer", zh: "用隐藏层解决 XOR" },
    play: xor,
  },
  backprop: {
    teaches: {
      en: "back-propagation step by step, with every number of one update",
      zh: "反向传播，一步一步，写出一次更新的每个数",
    },
    play: backprop,
  },
  overfitting: {
    teaches: {
      en: "a network learns few rows of concrete by heart, and what helps",
      zh: "网络把少量混凝土数据背了下来，以及有什么办法",
    },
    play: overfitting,
  },
  evaluation: {
    teaches: {
      en: "who repays a loan, and how good the answer is: accuracy, ROC, cost, leaks, folds",
      zh: "谁会按时还款，判断得有多好：准确率、ROC、代价、泄漏、交叉验证",
    },
    play: evaluation,
  },
} satisfies Record<string, Lesson>;
