// XOR: one neuron fails at it, in two ways.
import "../elements/neuron.ts";
import "../elements/orbit.ts";
import "../elements/sparkline.ts";
import type { Model } from "wasmgrad";
import { html, nothing, render, type TemplateResult } from "lit";
import type { Moved } from "../elements/neuron.ts";
import { icons } from "../look/icons.ts";
import { count, loss as lossText, value } from "../look/numbers.ts";
import { type Move, sampleBySample, XOR } from "../../../lessons/gates.ts";
import { countRight, descent, gradientDescent, neuron, type Place, weightsOf } from "../../../lessons/neuron.ts";
import { Learner, type Method } from "../lessons/learner.ts";
import { Repetition } from "../lessons/repetition.ts";
import { Training } from "../lessons/training.ts";
import { onKeys } from "../shell/keys.ts";
import { explainMarks } from "../shell/marks.ts";
import { pagePath, toRoot } from "../shell/routes.ts";
import { showFingerprint, showPage, startShell, useState, view } from "../shell/shell.ts";
import { choice, numeric, State, updatesMade } from "../shell/state.ts";
import { language, T } from "../shell/text.ts";
import {
  bar,
  choices,
  haltedCard,
  keysOf,
  lossCurve,
  numberField,
  RATES,
  SEEDS,
  standing,
  story,
  tenth,
  typedWeights,
  truthTable,
} from "./lesson.ts";
import { neuronMarks, orbitMarks } from "./marks.ts";

const SPEEDS = { slow: 5, normal: 60, fast: Infinity } as const;
type Speed = keyof typeof SPEEDS;
/** A link retrains at most so far, and so far the page looks for a repetition. */
const FAR = 200_000;

startShell();
explainMarks({
  ...neuronMarks,
  ...orbitMarks,
  best: {
    en: "The most rows that were right at once, of all updates so far.",
    zh: "到目前为止，同时答对的行数最多是多少。",
  },
});

const state = new State({
  rows: choice(["each", "all"] as const, "each", true),
  rate: numeric(8, RATES),
  rateall: numeric(1, RATES),
  seed: numeric(1, SEEDS),
  speed: choice(["slow", "normal", "fast"] as const, "slow"),
  w: typedWeights([3]),
  trained: updatesMade(0, FAR),
});
useState(state);

const repetition = new Repetition();
let learner: Learner<Move | Place>;
let best = 0;
let chosen = 0;
let searching = false;
const tried = new Set<"each" | "all">();
const training = new Training({ state, learner: () => learner, update, draw });
onKeys(keysOf(training, () => ({ train, step, reset })));

const rate = (): number => (state.get("rows") === "each" ? state.get("rate") : state.get("rateall"));

function method(model: Model): Method<Move | Place> {
  const trainer = gradientDescent(model, rate());
  return { trainer, way: () => (state.get("rows") === "each" ? sampleBySample(trainer, XOR) : descent(trainer, XOR)) };
}

const begin = (): Promise<void> =>
  training.begin(
    async () => {
      const model = await neuron(2, { seed: state.get("seed") });
      return Learner.make(model, XOR, method(model));
    },
    (made) => {
      learner = made;
      start(state.get("w"));
    },
  );

/** Puts the neuron where it begins, or where it was put by hand. */
function start(weights: Float32Array | null): void {
  training.stop();
  training.error = undefined;
  learner.start(weights ?? undefined);
  repetition.start(weightsOf(learner.model));
  best = countRight(learner.model, XOR);
}

/** One update, and what it shows. */
function update(): void {
  const said = learner.step();
  if (state.get("rows") === "each" && state.get("speed") === "slow") chosen = (learner.updates - 1) % XOR.x.length;
  if ("right" in said) best = Math.max(best, said.right);
  repetition.add(weightsOf(learner.model), learner.updates, state.get("rows") === "all" ? 1 : XOR.x.length);
}

const notFar = (): boolean => learner.updates < FAR;
const train = (): void => training.train(SPEEDS[state.get("speed")], notFar);
const step = (): void => training.step();

/** As fast as it goes, until the weights have come back. */
async function search(): Promise<void> {
  searching = true;
  await training.run(Infinity, () => !repetition.repeat && notFar());
  searching = false;
  draw();
}

function reset(): void {
  state.set({ w: null, trained: 0 });
  start(null);
  void training.look();
}

/** From now on the weights are these. */
function put(weights: Float32Array): void {
  state.set({ w: weights, trained: 0 });
  start(weights);
  void training.look();
}

function setRate(to: number): void {
  state.set(state.get("rows") === "each" ? { rate: to } : { rateall: to });
  training.error = undefined;
  learner.method = method(learner.model);
  if (learner.updates > 0) put(learner.weights);
  else draw();
}

/** The other way of training goes on from the present weights. */
function setRows(rows: "each" | "all"): void {
  const goesOn = training.running;
  state.set({ rows });
  learner.method = method(learner.model);
  put(learner.weights);
  if (goesOn) train();
}

function setSpeed(speed: Speed): void {
  const goesOn = training.running && !training.retraining && !searching;
  state.set({ speed });
  if (goesOn) void training.run(SPEEDS[speed], notFar);
  else draw();
}

function draw(): void {
  const [w1, w2, b] = learner.weights as unknown as [number, number, number];
  const rows = state.get("rows");
  const { seen, updates } = learner;
  best = Math.max(best, seen.right);
  if (updates > 3) tried.add(rows);
  const points = XOR.x.map((row, i) => ({ x1: row[0]!, x2: row[1]!, label: XOR.y[i] as 0 | 1 }));
  showFingerprint(seen.fingerprint);
  render(
    html`${haltedCard(training, rate(), () => setRate(tenth(rate())), reset)}
      <div class="row over">
        ${choices(
          { en: "Rows of an update", zh: "每次更新所用的行" },
          [
            { word: "each", name: { en: "sample by sample", zh: "逐个样本" } },
            { word: "all", name: { en: "all rows at once", zh: "所有行一起" } },
          ],
          rows,
          setRows,
        )}
        <span class="key" data-mark="best" data-fact="best"
          >${T({ en: `best so far: ${best} of 4`, zh: `目前最好：4 行中 ${best} 行` })}</span
        >
        ${
          training.retraining || searching
            ? html`<span class="key" role="status"
                >${training.retraining ? T({ en: "retraining as the link says …", zh: "正在按链接重新训练……" }) : T({ en: "looking for a repetition …", zh: "正在寻找重复……" })}</span
              >`
            : nothing
        }
      </div>
      <div class="lesson">
        <div class="row tuning">
          ${choices(
            { en: "Speed", zh: "速度" },
            [
              { word: "slow", name: { en: "slow", zh: "慢" } },
              { word: "normal", name: { en: "quick", zh: "快" } },
              { word: "fast", name: { en: "at once", zh: "全速" } },
            ],
            state.get("speed"),
            setSpeed,
          )}
          ${numberField({ en: "rate", zh: "学习率" }, "rate", rate(), setRate, RATES)}
          ${numberField({ en: "seed", zh: "种子" }, "seed", state.get("seed"), reseed, SEEDS)}
        </div>
        <section class="card first">
          ${standing({ right: seen.right, rows: 4, loss: seen.loss, updates })}
          <wasmgrad-neuron
            .points=${points}
            .weights=${{ w1, w2, b }}
            .chosen=${chosen}
            @choose=${(event: CustomEvent<number>) => {
              chosen = event.detail;
              draw();
            }}
            @line=${(event: CustomEvent<Moved>) => put(Float32Array.from([event.detail.w1, event.detail.w2, event.detail.b]))}
          ></wasmgrad-neuron>
        </section>
        <div class="stack">
          <section class="card">
            <h2>${T({ en: "The path of the weights", zh: "权重走过的路" })}</h2>
            <wasmgrad-orbit .trail=${repetition.trail} .cycle=${repetition.cycle}></wasmgrad-orbit>
            ${found()}
          </section>
          <section class="card">
            <h2>${T({ en: "Loss of all four rows", zh: "四行的损失" })}</h2>
            <wasmgrad-sparkline
              .curves=${lossCurve(learner.curve)}
              .most=${4}
              .floor=${{ at: Math.LN2, name: `ln 2 = ${value(Math.LN2)}` }}
            ></wasmgrad-sparkline>
            ${truthTable(learner, chosen, (row) => {
              chosen = row;
              draw();
            })}
          </section>
        </div>
        ${tell()}
      </div>
      ${bar({
        running: training.running,
        train,
        step,
        reset,
      })}`,
    view,
  );
}

function reseed(seed: number): void {
  state.set({ seed, w: null, trained: 0 });
  void begin();
}

/** What was found out by comparing the weights' bits. */
function found(): TemplateResult {
  if (!repetition.repeat) {
    return html`<p class="small soft row" style="margin-top:8px">
      <button class="btn" data-do="search" ?disabled=${searching} @click=${() => void search()}>
        ${icons.last}${T({ en: "On, until it repeats", zh: "一直训练到重复" })}
      </button>
      <span
        >${T({ en: "The page compares the weights' bits after every round.", zh: "每一轮之后，本页逐位比较权重。" })}</span
      >
    </p>`;
  }
  const { from, length } = repetition.repeat;
  return html`<p style="margin-top:8px" data-found=${length} role="status">
    ${
      length === 1
        ? T({
            en: `From update ${count(from)} on the weights stand still, bit by bit.`,
            zh: `从第 ${count(from)} 次更新起，权重一个比特也不再变。`,
          })
        : T({
            en: `From update ${count(from)} on the weights repeat, bit by bit: it repeats every ${length} updates, for ever.`,
            zh: `从第 ${count(from)} 次更新起，权重一个比特不差地重复：每 ${length} 次更新重复一遍，永远如此。`,
          })
    }
  </p>`;
}

function tell(): TemplateResult {
  const rows = state.get("rows");
  const stop = (path: string): string => `${toRoot("xor", language)}${pagePath(path, language)}index.html`;
  return story([
    {
      done: tried.has("each"),
      says: T({
        en: "Press Train. Row after row pulls the line to its own side: watch it swing, and the weights go round. Three rows can be right, never four.",
        zh: "按“训练”。四行轮流把直线拉向自己：看它摆来摆去，权重绕着圈走。最多能对三行，永远对不了四行。",
      }),
    },
    {
      done: repetition.repeat !== undefined && rows === "each",
      says: T({
        en: "Does it settle some day? Let it run on until the weights come back to the very same bits: from then on everything repeats.",
        zh: "它总有一天会停下吗？让它一直训练，直到权重逐位回到原来的值：此后一切都会重复。",
      }),
    },
    {
      done: tried.has("all"),
      says: html`${T({
        en: `Now take all rows at once: the pulls are added before the line moves. The weights go to 0, and the loss stops at ln\u00a02\u00a0=\u00a0${value(Math.LN2)}.`,
        zh: `再试试所有行一起：先把四个拉力相加，再移动直线。权重走向 0，损失停在 ln\u00a02\u00a0=\u00a0${value(Math.LN2)}。`,
      })}
      ${rows === "all" && learner.updates > 0 ? html` <b>${T({ en: "Now: ", zh: "现在：" })}${lossText(learner.seen.loss)}.</b>` : nothing}`,
    },
    {
      says: html`<details open>
        <summary>${T({ en: "Why?", zh: "为什么？" })}</summary>
        <p data-why="each">
          ${T({
            en: "Sample by sample: the two squares and the two circles have the same middle (½, ½), which would have to lie on both sides of the line; so one row is always wrong or too near, it pulls the line over, and the next row pulls it back.",
            zh: "逐个样本：两个方块与两个圆点的中点同是 (½, ½)，它得同时在直线两侧；所以总有一行是错的或离线太近，它把直线拉过去，下一行又拉回来。",
          })}
        </p>
        <p data-why="all" style="margin-top:6px">
          ${T({
            en: "All at once: at w = 0, b = 0 the four pulls cancel exactly, and as the loss is a bowl with one lowest place, no rate and no patience leads anywhere better than saying ½ to everything, as a coin would.",
            zh: "所有行一起：在 w = 0、b = 0 处四个拉力恰好抵消；损失像一个只有一处最低点的碗，所以无论学习率多大，无论训练多久，都不会比处处说 ½ 更好，就像抛硬币一样。",
          })}
        </p>
      </details>`,
    },
    {
      says: html`${T({ en: "Two doors lead out:", zh: "有两条出路：" })}
        <p class="btns">
          <a class="btn" data-door="kernel" href=${stop("kernel")}
            >${T({ en: "compare with examples: kernel", zh: "与样例比较：核方法" })}${icons.next}</a
          >
          <a class="btn" data-door="hidden" href=${stop("hidden")}
            >${T({ en: "bend the plane: hidden layer", zh: "弯曲平面：隐藏层" })}${icons.next}</a
          >
        </p>`,
    },
  ]);
}

addEventListener("hashchange", () => void begin());
await showPage(begin);
