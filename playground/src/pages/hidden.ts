// A hidden layer bends the plane, so that one line is enough for XOR.
import "../elements/bend.ts";
import "../elements/field.ts";
import "../elements/sparkline.ts";
import { activations, type Model } from "wasmgrad";
import { html, nothing, render, type TemplateResult } from "lit";
import type { Point } from "../elements/plane.ts";
import { icons } from "../look/icons.ts";
import { calm } from "../look/motion.ts";
import { cell, value } from "../look/numbers.ts";
import { bentView, gridOf } from "../lessons/bend.ts";
import { Learner, type Method, updatesOf } from "../lessons/learner.ts";
import { Training } from "../lessons/training.ts";
import { XOR } from "../../../lessons/gates.ts";
import { gradientDescent } from "../../../lessons/neuron.ts";
import { hiddenNet } from "../../../lessons/xor.ts";
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
  verdict,
} from "./lesson.ts";
import { neuronMarks } from "./marks.ts";

/** As many as the command makes. */
const ENOUGH = 4000;
const PER_SECOND = 600;
const MORPH = 600;
const SIDE = 41;
const GRID = gridOf(SIDE);
const POINTS = XOR.x.map((row, i): Point => ({ x1: row[0]!, x2: row[1]!, label: XOR.y[i] as 0 | 1 }));

startShell();
const { point, wrong, right, loss, updates, curve: curveMark, sides } = neuronMarks;
explainMarks({
  point: point!,
  wrong: wrong!,
  right: right!,
  loss: loss!,
  updates: updates!,
  curve: curveMark!,
  sides: sides!,
  field: {
    en: "The colours are the network's answer at each place: blue where it says 1, orange where it says 0.",
    zh: "颜色是网络在各处的回答：蓝处说 1，橙处说 0。",
  },
  boundary: { en: "The line where the network says ½. It may be bent.", zh: "网络说 ½ 的线，它可以是弯的。" },
  mesh: {
    en: "A grid over the plane of the inputs. In the right figure the same grid lies where the hidden layer puts it.",
    zh: "输入平面上的网格。右图中，同一张网格在隐藏层把它放到的位置。",
  },
  outline: {
    en: "The line of the last neuron: it is straight, as any neuron's.",
    zh: "最后一个神经元的直线：和任何神经元的一样直。",
  },
  floor: {
    en: "The dotted line: one neuron alone stops at this loss.",
    zh: "点线：单独一个神经元的损失停在这里。",
  },
  units: { en: "How many neurons the hidden layer has.", zh: "隐藏层有几个神经元。" },
});

const state = new State({
  units: choice(["1", "2", "3", "4"] as const, "2", true),
  rate: numeric(2, RATES),
  seed: numeric(3, SEEDS),
  trained: updatesMade(0, 100_000),
});
useState(state);

type Step = { readonly loss: number };
let learner: Learner<Step>;
let bent = 1;
let chosen = 0;
const tried = new Set<string>();
const training = new Training({ state, learner: () => learner, update: () => void learner.step(), draw });
onKeys(keysOf(training, () => ({ train, step, reset })));

const method = (model: Model): Method<Step> => {
  const trainer = gradientDescent(model, state.get("rate"));
  return { trainer, way: () => updatesOf(trainer, XOR) };
};

const begin = (): Promise<void> =>
  training.begin(
    async () => {
      const model = await hiddenNet({ units: Number(state.get("units")), seed: state.get("seed") });
      return Learner.make(model, XOR, method(model));
    },
    (made) => {
      learner = made;
    },
  );

const train = (): void => training.train(PER_SECOND, () => learner.updates % ENOUGH !== 0);
const step = (): void => training.step();

function reset(): void {
  state.set({ trained: 0 });
  void begin();
}

function anew(patch: { units?: "1" | "2" | "3" | "4"; seed?: number; rate?: number }): void {
  state.set({ ...patch, trained: 0 });
  void begin();
}

/** Shows how the plane is bent, or bent back. */
function play(): void {
  const to = bent > 0.5 ? 0 : 1;
  if (calm()) {
    bent = to;
    return draw();
  }
  const [from, start] = [bent, performance.now()];
  const frame = (): void => {
    const t = Math.min(1, (performance.now() - start) / MORPH);
    bent = from + (to - from) * (1 - (1 - t) ** 3);
    draw();
    if (t < 1) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function draw(): void {
  const { model, seen } = learner;
  const all = activations(model, GRID, ["a1", "a2"]);
  const rows = activations(model, XOR.x, ["a1"])["a1"]!;
  const [, b1, w2, b2] = model.parameters().map((p) => [...p.get()]);
  // of the network that is shown: until the one of another address is made, the state is ahead of it
  const units = b1!.length;
  if (learner.updates >= 1000) tried.add(String(units));
  const view2 = bentView(w2!, b2![0]!, rows);
  const flat = view2.at(rows);
  const places = XOR.x.map((_, i): [number, number] => [flat[2 * i]!, flat[2 * i + 1]!]);
  const off = XOR.x.flatMap((_, i) => (seen.outputs[i]! > 0.5 === (XOR.y[i] === 1) ? [] : [i]));
  const field = all["a2"]!.map((v) => 2 * v - 1);
  showFingerprint(seen.fingerprint);
  render(
    html`${haltedCard(training, state.get("rate"), () => anew({ rate: tenth(state.get("rate")) }), reset)}
      <div class="row over">
        <span class="row" data-mark="units"
          >${T({ en: "hidden units", zh: "隐藏单元" })}
          ${choices(
            { en: "Hidden units", zh: "隐藏单元" },
            (["1", "2", "3", "4"] as const).map((word) => ({ word, name: { en: word, zh: word } })),
            state.get("units"),
            (word) => anew({ units: word }),
          )}</span
        >
        ${
          learner.updates >= 1000 && !training.running
            ? off.length === 0
              ? html`<span class="ok" data-solved>${icons.tick}${T({ en: "XOR learned", zh: "学会了异或" })}</span>`
              : html`<span class="wrong" data-stuck
                  >${units === 1 ? T({ en: "one unit can't do it: the points stay in a row", zh: "一个单元做不到：四个点还排成一行" }) : T({ en: "stuck: a worse valley of the loss; try another seed", zh: "卡住了：落在损失较差的谷底；换个种子试试" })}</span
                >`
            : nothing
        }
      </div>
      <div class="lesson">
        <div class="row tuning">
          ${numberField({ en: "rate", zh: "学习率" }, "rate", state.get("rate"), (rate) => anew({ rate }), RATES)}
          ${numberField({ en: "seed", zh: "种子" }, "seed", state.get("seed"), (seed) => anew({ seed }), SEEDS)}
        </div>
        <section class="card first">
          ${standing({ right: seen.right, rows: 4, loss: seen.loss, updates: learner.updates })}
          <h2>${T({ en: "The plane of the inputs", zh: "输入的平面" })}</h2>
          <wasmgrad-field
            grid
            .values=${field}
            .side=${SIDE}
            .levels=${[{ at: 0 }]}
            .points=${POINTS}
            .outputs=${seen.outputs}
            .rings=${{ kind: "wrong" as const, of: off }}
            .chosen=${chosen}
            @choose=${(event: CustomEvent<number>) => {
              chosen = event.detail;
              draw();
            }}
          ></wasmgrad-field>
        </section>
        <div class="stack">
          <section class="card">
            <div class="row" style="justify-content:space-between;margin-bottom:6px">
              <h2>
                ${units > 2 ? T({ en: "The bent space, seen along the cut", zh: "弯曲后的空间，沿切面看去" }) : T({ en: "The bent plane", zh: "弯曲后的平面" })}
              </h2>
              <button class="btn" data-do="bend" @click=${play}>
                ${icons.play}${bent > 0.5 ? T({ en: "Bend it back", zh: "弯回去" }) : T({ en: "Bend it", zh: "弯曲" })}
              </button>
            </div>
            <wasmgrad-bend
              .mesh=${view2.at(all["a1"]!)}
              .side=${SIDE}
              .places=${places}
              .points=${POINTS}
              .weights=${view2.line}
              .middle=${view2.middle}
              .reach=${view2.reach}
              .names=${view2.names}
              .wrong=${off}
              .bent=${bent}
            ></wasmgrad-bend>
          </section>
          <section class="card">
            ${table(rows, units)}
            <h2 style="margin-top:12px">${T({ en: "Loss", zh: "损失" })}</h2>
            <wasmgrad-sparkline
              .curves=${lossCurve(learner.curve)}
              .floor=${units === 1 ? undefined : { at: Math.LN2, name: T({ en: `one neuron: ln 2 = ${value(Math.LN2)}`, zh: `一个神经元：ln 2 = ${value(Math.LN2)}` }) }}
            ></wasmgrad-sparkline>
          </section>
        </div>
        ${tell()}
      </div>
      ${bar({ running: training.running, train, step, reset })}`,
    view,
  );
}

function table(a1: ArrayLike<number>, units: number): TemplateResult {
  return html`<div class="scroll">
    <table class="data" data-truth>
      <thead>
        <tr>
          <th scope="col">x</th>
          ${Array.from({ length: units }, (_, k) => html`<th scope="col">a1[${k + 1}]</th>`)}
          <th scope="col">${T({ en: "wanted t", zh: "应为 t" })}</th>
          <th scope="col">a2</th>
          <th scope="col"><span class="vh">${T({ en: "right?", zh: "对吗" })}</span></th>
        </tr>
      </thead>
      <tbody>
        ${XOR.x.map(
          (row, i) =>
            html`<tr class=${i === chosen ? "at" : ""} data-row=${i}>
              <td>${row.join(" ")}</td>
              ${Array.from({ length: units }, (_, k) => html`<td>${cell(a1[i * units + k]!)}</td>`)}
              <td>${XOR.y[i]}</td>
              <td>${value(learner.seen.outputs[i]!)}</td>
              <td>${verdict(learner.seen.outputs[i]! > 0.5 === (XOR.y[i] === 1))}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function tell(): TemplateResult {
  const solved = learner.seen.right === 4 && learner.updates > 0;
  return story([
    {
      says: T({
        en: "Put a layer of neurons between the inputs and the last neuron. Each has a line of its own; their answers a1 are the last neuron's inputs.",
        zh: "在输入与最后一个神经元之间放一层神经元。每个都有自己的直线；它们的回答 a1 就是最后那个神经元的输入。",
      }),
    },
    {
      done: solved,
      says: T({
        en: "Press Train. On the left the boundary bends around the points. On the right you see what really happens: the points are moved to where one straight line is enough.",
        zh: "按“训练”。左图的边界绕着点弯曲；右图是真正发生的事：四个点被搬到了一条直线就够的地方。",
      }),
    },
    {
      done: bent === 0,
      says: T({
        en: "Bend it back and forth: the grid is the plane of the inputs, carried along by the hidden layer.",
        zh: "来回弯一弯：网格就是输入的平面，被隐藏层带着走。",
      }),
    },
    {
      done: tried.has("1"),
      says: html`${T({
        en: "Try it with 1 unit. It can only put the points in a row, and a row 0, 1, 0 can't be divided rightly by one cut.",
        zh: "试试 1 个单元。它只能把点排在一行上，而 0、1、0 这样的一行，只切一刀是分不开的。",
      })}`,
    },
    {
      says: T({
        en: "Nobody told the hidden units what to answer. What they hold can't be seen from outside: hence “black box”. Here you look inside.",
        zh: "没有人告诉隐藏单元该回答什么。从外面看不到它们的内容，所以叫“黑箱”。在这里你看得见里面。",
      }),
    },
  ]);
}

addEventListener("hashchange", () => void begin());
await showPage(begin);
