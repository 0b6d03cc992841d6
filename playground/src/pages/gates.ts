// Gates: one neuron learns AND, OR and NOT.
import "../elements/neuron.ts";
import "../elements/sparkline.ts";
import type { Model } from "wasmgrad";
import { html, nothing, render, type TemplateResult } from "lit";
import type { Moved } from "../elements/neuron.ts";
import { value } from "../look/numbers.ts";
import { icons } from "../look/icons.ts";
import { GATES } from "../../../lessons/gates.ts";
import { descent, type Examples, gradientDescent, neuron, type Place } from "../../../lessons/neuron.ts";
import { Learner, type Method } from "../lessons/learner.ts";
import { Training } from "../lessons/training.ts";
import { onKeys } from "../shell/keys.ts";
import { explainMarks } from "../shell/marks.ts";
import { showFingerprint, showPage, startShell, useState, view } from "../shell/shell.ts";
import { choice, numeric, State, updatesMade } from "../shell/state.ts";
import { T } from "../shell/text.ts";
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
  verdict,
} from "./lesson.ts";
import { neuronMarks } from "./marks.ts";

type Gate = "and" | "or" | "not";
const NAMES: readonly Gate[] = ["and", "or", "not"];
/** As many as the command makes; at the last of them training pauses. */
const ENOUGH = 1000;
const PER_SECOND = 120;

startShell();
explainMarks({
  ...neuronMarks,
  switch: { en: "The inputs of the gate: off is 0, on is 1.", zh: "门的输入：关是 0，开是 1。" },
  lamp: {
    en: "What the neuron answers to these inputs: above 1/2 it is a yes.",
    zh: "神经元对这些输入的回答：大于 1/2 就是“是”。",
  },
});

const state = new State({
  gate: choice(NAMES, "and", true),
  rate: numeric(1, RATES),
  seed: numeric(1, SEEDS),
  w: typedWeights([2, 3]),
  trained: updatesMade(0, 100_000),
});
useState(state);
// by a button, by Back, or by another address: the tables differ in length
state.on(["gate"], () => (chosen = 0));

const learners = new Map<Gate, Learner<Place>>();
/** A row of the gate's table. */
let chosen = 0;
let moved = false;
const learner = (): Learner<Place> => learners.get(state.get("gate"))!;
const training = new Training({ state, learner, update: () => void learner().step(), draw });
onKeys(keysOf(training, () => ({ train, step, reset })));

function method(model: Model, examples: Examples): Method<Place> {
  const trainer = gradientDescent(model, state.get("rate"));
  return { trainer, way: () => descent(trainer, examples) };
}

const learned = (gate: Gate): boolean => {
  const its = learners.get(gate);
  return its !== undefined && its.seen.right === its.examples.x.length;
};

/** A neuron for each gate. */
const make = (): Promise<Learner<Place>[]> =>
  Promise.all(
    GATES.map(async ({ examples }) => {
      const model = await neuron(examples.x[0]!.length, { seed: state.get("seed") });
      return Learner.make(model, examples, method(model, examples));
    }),
  );

const begin = (): Promise<void> =>
  training.begin(make, (made) => {
    for (const [i, gate] of NAMES.entries()) learners.set(gate, made[i]!);
    const typed = state.get("w");
    if (typed?.length === learner().weights.length) learner().start(typed);
  });

const train = (): void => training.train(PER_SECOND, () => learner().updates % ENOUGH !== 0);
const step = (): void => training.step();

function reset(): void {
  state.set({ w: null, trained: 0 });
  start();
}

/** From now on the weights are these. */
function put(weights: Float32Array): void {
  state.set({ w: weights, trained: 0 });
  start(weights);
}

function start(weights?: Float32Array): void {
  training.stop();
  training.error = undefined;
  learner().start(weights);
  void training.look();
}

function setRate(rate: number): void {
  state.set({ rate });
  training.error = undefined;
  for (const one of learners.values()) one.method = method(one.model, one.examples);
  if (learner().updates > 0) put(learner().weights);
  else draw();
}

function choose(gate: Gate): void {
  training.stop();
  training.error = undefined;
  state.set({ gate });
  state.set({ w: null, trained: learner().updates });
  void training.look();
}

function flip(input: 0 | 1): void {
  chosen = learner().examples.x.length === 2 ? 1 - chosen : chosen ^ (input === 0 ? 2 : 1);
  draw();
}

function draw(): void {
  const now = learner();
  const { seen } = now;
  const gate = state.get("gate");
  /** What is done to a gate that is shown no more comes too late: another one has other rows, and other weights. */
  const inTime =
    <A extends unknown[]>(act: (...given: A) => void) =>
    (...given: A): void => {
      if (state.get("gate") === gate) act(...given);
    };
  const pick = inTime((row: number) => {
    chosen = row;
    draw();
  });
  const two = gate !== "not";
  const w = now.weights;
  const { x, y } = now.examples;
  const points = x.map((row, i) => ({ x1: row[0]!, x2: row[1] ?? 0, label: y[i] as 0 | 1 }));
  const weights = { w1: w[0]!, w2: two ? w[1]! : 0, b: w[w.length - 1]! };
  const all = NAMES.every(learned);
  showFingerprint(seen.fingerprint);
  render(
    html`${haltedCard(training, state.get("rate"), () => setRate(tenth(state.get("rate"))), reset)}
      <div class="row over">
        ${choices(
          { en: "Gate", zh: "逻辑门" },
          NAMES.map((word) => ({
            word,
            name: html`${T({ and: { en: "AND", zh: "与 AND" }, or: { en: "OR", zh: "或 OR" }, not: { en: "NOT", zh: "非 NOT" } }[word])}${learned(word) ? html` ${verdict(true)}` : nothing}`,
          })),
          gate,
          choose,
        )}
        <a class="btn" data-do="xor" href=${document.querySelector<HTMLAnchorElement>(".foot [rel=next]")!.href}
          >${T({ en: "XOR", zh: "异或 XOR" })}${icons.next}</a
        >
        ${all ? html`<span class="ok" data-all>${icons.tick}${T({ en: "all three gates learned", zh: "三个门都学会了" })}</span>` : nothing}
      </div>
      <div class="lesson">
        <div class="row tuning">
          ${numberField({ en: "rate", zh: "学习率" }, "rate", state.get("rate"), setRate, RATES)}
          ${numberField({ en: "seed", zh: "种子" }, "seed", state.get("seed"), reseed, SEEDS)}
        </div>
        <section class="card first">
          ${standing({ right: seen.right, rows: x.length, loss: seen.loss, updates: now.updates })}
          <wasmgrad-neuron
            .points=${points}
            .weights=${weights}
            .inputs=${two ? 2 : 1}
            .chosen=${chosen}
            @choose=${(event: CustomEvent<number>) => pick(event.detail)}
            @line=${inTime((event: CustomEvent<Moved>) => {
              moved = true;
              const { w1, w2, b } = event.detail;
              put(Float32Array.from(two ? [w1, w2, b] : [w1, b]));
            })}
          ></wasmgrad-neuron>
        </section>
        <div class="stack">
          <section class="card">
            <h2>${T({ en: "Truth table", zh: "真值表" })}</h2>
            ${truthTable(now, chosen, pick)}
            <div class="row" style="margin-top:14px" data-mark="switch">
              ${x[0]!.map(
                (_, k) =>
                  html`<button
                    class="switch"
                    role="switch"
                    aria-checked=${x[chosen]![k] === 1}
                    @click=${inTime(() => flip(k as 0 | 1))}
                  >
                    <i></i>x${k + 1} = ${x[chosen]![k]}
                  </button>`,
              )}
              <span data-mark="lamp" class=${seen.outputs[chosen]! > 0.5 ? "ok" : "key"} data-lamp
                >${T({ en: "it answers", zh: "回答" })} ${seen.outputs[chosen]! > 0.5 ? 1 : 0} (y =
                ${value(seen.outputs[chosen]!)})</span
              >
            </div>
          </section>
          <section class="card">
            <h2>${T({ en: "Loss", zh: "损失" })}</h2>
            <wasmgrad-sparkline .curves=${lossCurve(now.curve)}></wasmgrad-sparkline>
          </section>
        </div>
        ${tell(all)}
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

function tell(all: boolean): TemplateResult {
  const gate = state.get("gate");
  const next = NAMES.find((name) => !learned(name));
  return story([
    {
      done: learner().updates > 0,
      says: T({
        en: "A gate is a little machine: zeros and ones go in, a zero or a one comes out. The circles are the rows where the answer should be 1.",
        zh: "逻辑门是个小机器：输入若干 0 和 1，输出一个 0 或 1。圆点是应当回答 1 的行。",
      }),
    },
    {
      done: learned(gate),
      says: html`${T({
        en: "Press Train. After each look at the table the neuron moves its line a little, so that the loss falls.",
        zh: "按“训练”。每看一遍真值表，神经元就把直线挪动一点，使损失变小。",
      })}`,
    },
    {
      done: moved,
      says: T({
        en: "Or be the neuron yourself: drag the line, or type the weights, until no point has a ring.",
        zh: "也可以自己当神经元：拖动直线或输入权重，直到没有点被圈住。",
      }),
    },
    {
      done: all,
      says: html`${T({
        en: "Teach it all three gates. Nothing but the table differs: the neuron and its way of learning are the same.",
        zh: "把三个门都教给它。不同的只有真值表：神经元和学习方法都一样。",
      })}
      ${
        learned(gate) && next
          ? html`<p class="btns">
              <button class="btn" data-do="next-gate" @click=${() => choose(next)}>
                ${T({ en: "Now", zh: "接着学" })} ${next.toUpperCase()}${icons.next}
              </button>
            </p>`
          : nothing
      }`,
    },
    {
      says: T({
        en: "One gate is left, XOR: 1 if exactly one input is 1. Can a line do that?",
        zh: "还剩一个门，异或 XOR：恰有一个输入为 1 时输出 1。一条直线做得到吗？",
      }),
    },
  ]);
}

addEventListener("hashchange", () => void begin());
await showPage(begin);
