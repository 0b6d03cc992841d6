// One neuron: its line among points, and an image as its input.
import { showPage, startShell, useState, view } from "../shell/shell.ts";
import { Training } from "../lessons/training.ts";
import { explainMarks } from "../shell/marks.ts";
import { onKeys } from "../shell/keys.ts";
import { State } from "../shell/state.ts";
import { keysOf } from "./lesson.ts";
import { neuronMarks, orbitMarks } from "./marks.ts";
import { PointsPart } from "./perceptron/points.ts";
import { type Page, type Part, perceptronSettings, type PerceptronState } from "./perceptron/state.ts";

startShell();
explainMarks({
  ...neuronMarks,
  ...orbitMarks,
  image: { en: "The image: each cell is one input, 1 where there is ink.", zh: "图像：每格是一个输入，有墨处为 1。" },
  weights: {
    en: "The weights in the places of their cells: ink on blue speaks for standing, ink on orange for lying.",
    zh: "权重画在各自格子的位置：蓝格上有墨支持“竖”，橙格上有墨支持“横”。",
  },
  products: {
    en: "Each cell times its weight. All of them and the bias added up are z.",
    zh: "每格乘以它的权重。全部加起来再加偏置就是 z。",
  },
  examples: {
    en: "What the neuron learns from, and whether it is right on each.",
    zh: "神经元学习的样例，以及每个答得对不对。",
  },
});

const state: PerceptronState = new State(perceptronSettings);
useState(state);

let shown: Part;
let points: Part | undefined;
let image: Part | undefined;
const training = new Training({
  state,
  learner: () => shown.learner,
  update: () => shown.update(),
  draw: () => shown.draw(),
  refused: (error) => shown.refused?.(error),
});
onKeys(keysOf(training, () => shown));

const page: Page = { state, view, training, begin: () => void begin(), go };

/** The half that the state names. The one with images comes when it is wanted: most visitors see points first. */
const half = async (): Promise<Part> =>
  state.get("input") === "points"
    ? (points ??= new PointsPart(page))
    : (image ??= new (await import("./perceptron/image.ts")).ImagePart(page));

const begin = (): Promise<void> =>
  training.begin(
    async () => {
      const part = await half();
      return { part, learner: await part.make() };
    },
    ({ part, learner }) => {
      shown?.leave?.();
      shown = part;
      part.take(learner);
    },
  );

function go(input: "points" | "image"): void {
  state.set({ input, trained: 0, w: null });
  void begin();
}

addEventListener("hashchange", () => void begin());
await showPage(begin);
