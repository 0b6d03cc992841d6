// The pages of the site: one HTML file a route and language, so that each has a title and a link of its own and loads only what it needs.
import type { Language, Text } from "./text.ts";

export interface Route {
  /** Path from the site's root, "" for the doorway; `zh/` stands in front of the Chinese one. */
  readonly path: string;
  /** Module in `src/pages`. */
  readonly module: string;
  /** In the header, for the stops of the path; for others, in the footer. */
  readonly pill?: Text;
  readonly title: Text;
  /** A sentence under the title; the description for search engines, too. */
  readonly lede: Text;
  /** The question at the foot of the stop, which the next one answers. */
  readonly question?: Text;
}

/** The stops of the chapter, in its order. */
export const STOPS = [
  {
    path: "perceptron",
    module: "perceptron",
    pill: { en: "Perceptron", zh: "感知机" },
    title: { en: "One neuron", zh: "一个神经元" },
    lede: {
      en: "A weighted sum, a sigmoid, and a line that learns where to lie.",
      zh: "先加权求和，再经过 sigmoid 函数：一条直线，自己学会该摆在哪里。",
    },
    question: {
      en: "If one neuron can learn a line, can it learn to reason?",
      zh: "一个神经元能学会一条直线，那它能学会推理吗？",
    },
  },
  {
    path: "gates",
    module: "gates",
    pill: { en: "Gates", zh: "逻辑门" },
    title: { en: "AND, OR, NOT: a neuron as a gate", zh: "与、或、非：神经元就是逻辑门" },
    lede: {
      en: "Each gate is one straight line between the corners of a square. The neuron finds it by itself.",
      zh: "每个逻辑门都是把正方形的四个角分成两边的一条直线，神经元自己会找到它。",
    },
    question: { en: "Is there a gate for which no line will do?", zh: "有没有哪个逻辑门，任何直线都不行？" },
  },
  {
    path: "xor",
    module: "xor",
    pill: { en: "XOR fails", zh: "异或难题" },
    title: { en: "XOR: one line is not enough", zh: "异或：一条直线不够" },
    lede: {
      en: "The weights go round and round, or settle at nothing. Both ways of training fail, and you can see why.",
      zh: "权重转来转去，或者停在零。两种训练方式都失败，而且看得出原因。",
    },
    question: {
      en: "What if we compare with examples instead of drawing a line?",
      zh: "如果不画直线，而是与样例相比较呢？",
    },
  },
  {
    path: "kernel",
    module: "kernel",
    pill: { en: "Kernel", zh: "核方法" },
    title: { en: "One way out: similarity to examples", zh: "出路之一：与样例的相似程度" },
    lede: {
      en: "A support vector machine asks how near a point is to each example. Its line lies in another space.",
      zh: "支持向量机看一个点离每个样例有多近。它的直线在另一个空间里。",
    },
    question: {
      en: "It needs a weight for each example. Is there a way that learns its own features?",
      zh: "每个样例都要一个权重。有没有能自己学出特征的办法？",
    },
  },
  {
    path: "hidden",
    module: "hidden",
    pill: { en: "Hidden layer", zh: "隐藏层" },
    title: { en: "The other way out: a hidden layer bends the plane", zh: "出路之二：隐藏层把平面弄弯" },
    lede: {
      en: "The hidden units move the four points to where one line is enough.",
      zh: "隐藏单元把四个点搬到一条直线就够的地方。",
    },
    question: {
      en: "How does a hidden unit know what it should have done?",
      zh: "隐藏单元怎么知道自己本该怎样做？",
    },
  },
  {
    path: "backprop",
    module: "backprop",
    pill: { en: "Back-propagation", zh: "反向传播" },
    title: { en: "One training step, arrow by arrow", zh: "一个训练步，逐个箭头地看" },
    lede: {
      en: "Top row forward, bottom row backward: every gradient lies under the thing it belongs to.",
      zh: "上排前向，下排反向：每个梯度都画在它所属的量的下方。",
    },
    question: { en: "Does this work for any shape, any depth?", zh: "任何形状、任何深度都行得通吗？" },
  },
  {
    path: "play",
    module: "play",
    pill: { en: "Play", zh: "游乐场" },
    title: { en: "Play", zh: "游乐场" },
    lede: {
      en: "Each square is one neuron's view of the plane, live. Lines are weights: blue positive, orange negative.",
      zh: "每个方块是一个神经元眼中的平面，实时更新。线是权重：蓝正橙负。",
    },
    question: { en: "And with something real?", zh: "那么真实的数据呢？" },
  },
  {
    path: "digits",
    module: "digits",
    pill: { en: "Digits", zh: "手写数字" },
    title: { en: "Handwritten digits", zh: "手写数字" },
    lede: {
      en: "Real images, trained in this page in seconds. Draw one, and see what the network looks at.",
      zh: "真实图像，几秒钟内就在本页训练完成。画一个数字，看看网络在看哪里。",
    },
  },
] as const satisfies readonly Route[];

const HOME = {
  path: "",
  module: "home",
  title: { en: "Look inside a neural network while it learns", zh: "神经网络学习时，里面发生了什么" },
  lede: {
    en: "Every number of a training step, in your browser, computed by a real library. Nothing leaves this page.",
    zh: "训练步骤中的每个数，都由真正的库在你的浏览器里算出。没有任何数据离开本页。",
  },
} satisfies Route;

export const EMBED = {
  path: "embed",
  module: "embed",
  pill: { en: "For your own page", zh: "放进你的网页" },
  title: { en: "One view alone", zh: "单独一个视图" },
  lede: {
    en: "A single element of the glass box, for your own page.",
    zh: "玻璃盒中的一个元素，可以放进你自己的网页。",
  },
} satisfies Route;

export const ABOUT = {
  path: "about",
  module: "about",
  pill: { en: "How it is built", zh: "它是怎样做成的" },
  title: { en: "How it is built", zh: "它是怎样做成的" },
  lede: {
    en: "What runs here, whose work it stands on, and what it knows of you: nothing.",
    zh: "这里运行着什么，用了谁的成果，以及它了解你多少：一无所知。",
  },
} satisfies Route;

/** All of them. */
export const ROUTES: readonly Route[] = [HOME, ...STOPS, EMBED, ABOUT];

/** Path of a route's page in a language, from the site's root: `zh/xor/`. */
export const pagePath = (path: string, language: Language): string =>
  `${language === "zh" ? "zh/" : ""}${path === "" ? "" : `${path}/`}`;

/** How to get to the site's root from a page: `../../`. */
export const toRoot = (path: string, language: Language): string =>
  "../".repeat(pagePath(path, language).split("/").length - 1) || "./";
