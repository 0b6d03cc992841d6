// The kernel machine: XOR by similarity to examples.
import "../elements/field.ts";
import "../elements/kernel.ts";
import "../elements/sparkline.ts";
import { html, render, type TemplateResult } from "lit";
import type { Point } from "../elements/plane.ts";
import { value } from "../look/numbers.ts";
import { gridOf } from "../lessons/bend.ts";
import { Learner, updatesOf } from "../lessons/learner.ts";
import { Training } from "../lessons/training.ts";
import { XOR } from "../../../lessons/gates.ts";
import { kernelMachineParts, type KernelMachineParts, standing as standingOf } from "../../../lessons/kernel.ts";
import { onKeys } from "../shell/keys.ts";
import { explainMarks } from "../shell/marks.ts";
import { showFingerprint, showPage, startShell, useState, view } from "../shell/shell.ts";
import { numeric, State, updatesMade } from "../shell/state.ts";
import { T } from "../shell/text.ts";
import { bar, keysOf, lossCurve, standing, story } from "./lesson.ts";
import { neuronMarks } from "./marks.ts";

/** As the command has it. */
const COST = 10;
const ENOUGH = 600;
const PER_SECOND = 60;
const SIDE = 50;
const GRID = gridOf(SIDE);
const POINTS = XOR.x.map((row, i): Point => ({ x1: row[0]!, x2: row[1]!, label: XOR.y[i] as 0 | 1 }));

startShell();
explainMarks({
  point: neuronMarks["point"]!,
  right: neuronMarks["right"]!,
  updates: neuronMarks["updates"]!,
  curve: neuronMarks["curve"]!,
  loss: {
    en: "The loss: what is missing to the margin, on average, and a price for large weights.",
    zh: "损失：平均离间隔还差多少，再加上权重过大的代价。",
  },
  field: {
    en: "The colours are z at each place: blue above 0, where it says 1, orange below.",
    zh: "颜色是各处的 z：蓝处大于 0，说 1；橙处小于 0。",
  },
  boundary: {
    en: "The line where z is 0. It is bent here, and straight among the similarities.",
    zh: "z 为 0 的线。在这里是弯的，在相似度的空间里是直的。",
  },
  margin: { en: "The dashed lines are the margin, where z is 1 or −1.", zh: "虚线是间隔，z 为 1 或 −1 的地方。" },
  support: {
    en: "A ring: this example holds the margin. It is a support vector.",
    zh: "圆圈：这个样例撑住间隔，是支持向量。",
  },
  distance: { en: "The distance that the chosen cell of K is made of.", zh: "K 中选中的格就由这个距离算出。" },
  K: {
    en: "K: a row and a column for each example; each cell says how similar two are, 1 for the same place, near 0 far away.",
    zh: "K：每个样例一行一列；每格说明两个样例有多相似，同一处为 1，离得远则接近 0。",
  },
  similarity: { en: "The chosen cell, with its numbers in it.", zh: "选中的格，代入了它的数。" },
  alpha: {
    en: "A weight for each example: to the right it speaks for 1, to the left for −1.",
    zh: "每个样例一个权重：向右支持 1，向左支持 −1。",
  },
  sum: {
    en: "The chosen point's z: each similarity times its example's weight.",
    zh: "选中点的 z：每个相似度乘以该样例的权重。",
  },
  gamma: { en: "How fast similarity falls with distance.", zh: "相似度随距离下降得多快。" },
});

/** The slider's places: powers of the square root of 2. */
const GAMMAS = Array.from({ length: 13 }, (_, i) => Number((0.125 * 2 ** (i / 2)).toPrecision(3)));
const state = new State({
  gamma: numeric(2, { least: 0.01, most: 100 }),
  trained: updatesMade(ENOUGH, 10_000),
});
useState(state);

let parts: KernelMachineParts;
let learner: Learner<{ readonly loss: number }>;
let chosen = 0;
let cell: readonly [number, number] = [0, 1];
let slid = false;
const training = new Training({ state, learner: () => learner, update: () => void learner.step(), draw });
onKeys(keysOf(training, () => ({ train, step, reset })));

const begin = (): Promise<void> =>
  training.begin(
    async () => {
      const made = await kernelMachineParts(XOR, { gamma: state.get("gamma"), cost: COST });
      const { model, trainer, examples } = made;
      return {
        parts: made,
        learner: await Learner.make(model, examples, { trainer, way: () => updatesOf(trainer, examples) }),
      };
    },
    (made) => {
      ({ parts, learner } = made);
    },
  );

const train = (): void => training.train(PER_SECOND, () => learner.updates % ENOUGH !== 0);
const step = (): void => training.step();

function reset(): void {
  state.set({ trained: 0 });
  void begin();
}

function setGamma(gamma: number): void {
  slid = true;
  state.set({ gamma, trained: state.get("trained") === 0 ? 0 : ENOUGH });
  void begin();
}

function draw(): void {
  const gamma = state.get("gamma");
  const { alpha, b, z, supportVectors } = standingOf(parts);
  const { seen } = learner;
  const field = parts.model.predict(GRID);
  showFingerprint(seen.fingerprint);
  const nearest = GAMMAS.reduce((best, g, i) => (Math.abs(g - gamma) < Math.abs(GAMMAS[best]! - gamma) ? i : best), 0);
  render(
    html`<div class="lesson">
        <div class="row tuning">
          <label class="field" data-mark="gamma"
            ><span>γ = <b class="mono" data-gamma>${value(gamma)}</b></span
            ><input
              type="range"
              min="0"
              max=${GAMMAS.length - 1}
              step="1"
              .value=${String(nearest)}
              aria-label=${T({ en: "gamma: how fast similarity falls", zh: "γ：相似度下降得多快" })}
              aria-valuetext=${value(gamma)}
              @input=${(event: Event) => setGamma(GAMMAS[Number((event.target as HTMLInputElement).value)]!)}
          /></label>
          <span class="key">${T({ en: "similarity = e^(−γ · distance²)", zh: "相似度 = e^(−γ · 距离²)" })}</span>
        </div>
        <section class="card first">
          ${standing({ right: seen.right, rows: 4, loss: seen.loss, updates: learner.updates })}
          <wasmgrad-field
            .values=${field}
            .side=${SIDE}
            .max=${1.5}
            .levels=${[{ at: 0 }, { at: 1, dashed: true }, { at: -1, dashed: true }]}
            .points=${POINTS}
            .outputs=${z}
            .rings=${{ kind: "support" as const, of: supportVectors }}
            .pair=${cell}
            .chosen=${chosen}
            @choose=${(event: CustomEvent<number>) => {
              chosen = event.detail;
              draw();
            }}
          ></wasmgrad-field>
          ${sum(alpha, b, z)}
        </section>
        <div class="stack">
          <section class="card">
            <h2>${T({ en: "Similarity to examples", zh: "与样例的相似程度" })}</h2>
            <wasmgrad-kernel
              .K=${parts.K}
              .centres=${XOR.x}
              .gamma=${gamma}
              .alpha=${alpha}
              .support=${supportVectors}
              .at=${cell}
              @cell=${(event: CustomEvent<[number, number]>) => {
                cell = event.detail;
                draw();
              }}
            ></wasmgrad-kernel>
          </section>
          <section class="card">
            <h2>${T({ en: "Loss", zh: "损失" })}</h2>
            <wasmgrad-sparkline .least=${1} .curves=${lossCurve(learner.curve)}></wasmgrad-sparkline>
          </section>
        </div>
        ${tell()}
      </div>
      ${bar({ running: training.running, train, step, reset })}`,
    view,
  );
}

/** The chosen point's z in numbers. */
function sum(alpha: readonly number[], b: number, z: readonly number[]): TemplateResult {
  const signed = (v: number): string => (v < 0 ? `(${value(v)})` : value(v));
  return html`<p class="mono sumline" data-mark="sum">
    z(${XOR.x[chosen]!.join(", ")}) = Σ α·K + b =
    ${parts.K[chosen]!.map((k, j) => `${j ? "+ " : ""}${signed(alpha[j]!)}·${value(k)} `)}+ ${signed(b)} =
    <b data-z>${value(z[chosen]!)}</b>
    <span class="soft"
      >${T({ en: "wanted:", zh: "应为：" })}
      ${XOR.y[chosen] === 1 ? T({ en: "1 or more", zh: "1 或更大" }) : T({ en: "−1 or less", zh: "−1 或更小" })}</span
    >
  </p>`;
}

function tell(): TemplateResult {
  return story([
    {
      says: T({
        en: "Don't ask where a point lies; ask how near it is to each of the four examples. Each answer is a similarity: 1 at the example itself, near 0 far away.",
        zh: "不问一个点在哪里，而问它离四个样例各有多近。每个回答是一个相似度：在样例处为 1，离得远则接近 0。",
      }),
    },
    {
      done: learner.updates > 0,
      says: T({
        en: "Then comes a neuron as before, only that its inputs are the four similarities. Its weights are called alpha. Among similarities one straight cut is enough.",
        zh: "后面还是原来那样的神经元，只是输入换成了四个相似度，权重叫作 alpha。在相似度的空间里，直直切一刀就够了。",
      }),
    },
    {
      says: T({
        en: "It wants a margin, too: z of 1 or more for circles, −1 or less for squares. The examples on or inside the dashed lines are the support vectors; here all four are. The loss has two parts: what is missing of the margin, and a penalty on the size of the weights; so it stays above 0.",
        zh: "它还要留出间隔：圆点处 z 至少为 1，方块处至多为 −1。在虚线上或虚线以内的样例叫支持向量，这里四个都是。损失有两部分：间隔还差多少，以及对权重大小的惩罚；所以它不会降到 0。",
      }),
    },
    {
      done: slid,
      says: T({
        en: "Move γ. Large: each example rules a small island. Small: all are alike; the weights would have to be huge to tell them apart, for which the penalty is too high, and the margin isn't reached.",
        zh: "移动 γ。大：每个样例只管自己的小岛。小：大家都差不多，要分开，权重就得很大，惩罚太高，于是达不到间隔。",
      }),
    },
    {
      says: html`${T({ en: "The price: ", zh: "代价：" })}<b data-price
          >${T({ en: "weights: 4; for MNIST 60\u202f000", zh: "权重：4 个；对 MNIST 是 60\u202f000 个" })}</b
        >${T({ en: ". ", zh: "。" })}
        ${T({
          en: "One for each example, and each new digit must be compared with all of them.",
          zh: "每个样例一个，而且每个新数字都要与全部样例相比。",
        })}`,
    },
  ]);
}

addEventListener("hashchange", () => void begin());
await showPage(begin);
