// What the pages of the lessons have in common: the story, the figures in numbers, the bar of controls, and the card when training halts.
import "../look/lesson.css";
import { html, nothing, type TemplateResult } from "lit";
import type { Curve } from "../elements/sparkline.ts";
import { halted, type Learner } from "../lessons/learner.ts";
import type { Series } from "../lessons/series.ts";
import type { Training } from "../lessons/training.ts";
import { icons } from "../look/icons.ts";
import { count, loss as lossText, readNumber, value } from "../look/numbers.ts";
import type { Key } from "../shell/keys.ts";
import type { Setting } from "../shell/state.ts";
import { T, type Text } from "../shell/text.ts";
import { readWeights, writeWeights } from "../shell/codec.ts";
import { toast } from "../shell/toast.ts";

/** A sentence of the story. */
export interface Sentence {
  readonly says: TemplateResult | string;
  /** The reader has done it, or seen it. */
  readonly done?: boolean;
}

/** The story beside the figures. */
export const story = (sentences: readonly Sentence[]): TemplateResult =>
  html`<section class="card story" aria-label=${T({ en: "The story", zh: "讲解" })}>
    <ol>
      ${sentences.map(({ says, done }) => html`<li class=${done ? "done" : ""}><div>${says}</div></li>`)}
    </ol>
  </section>`;

/** Figures in large numbers, by name. */
export const facts = (figures: readonly { name: Text; shows: string; key: string }[]): TemplateResult =>
  html`<dl class="facts">
    ${figures.map(
      ({ name, shows, key }) =>
        html`<div data-mark=${key}>
          <dt>${T(name)}</dt>
          <dd data-fact=${key}>${shows}</dd>
        </div>`,
    )}
  </dl>`;

/** Right rows, loss and updates. */
export const standing = (of: { right: number; rows: number; loss: number; updates: number }): TemplateResult =>
  facts([
    { key: "right", name: { en: "right", zh: "答对" }, shows: `${of.right} / ${of.rows}` },
    { key: "loss", name: { en: "loss", zh: "损失" }, shows: Number.isNaN(of.loss) ? "–" : lossText(of.loss) },
    { key: "updates", name: { en: "updates", zh: "更新次数" }, shows: count(of.updates) },
  ]);

/** Right or wrong, as a mark with a word. */
export const verdict = (right: boolean): TemplateResult =>
  html`<span
    class=${right ? "tick" : "miss"}
    role="img"
    aria-label=${right ? T({ en: "right", zh: "对" }) : T({ en: "wrong", zh: "错" })}
    >${right ? icons.tick : icons.cross}</span
  >`;

/** A table of rows of inputs, what is wanted, and what the neuron answers. A row is chosen by a click. */
export const truthTable = (
  { examples: { x, y }, seen: { outputs } }: Pick<Learner<object>, "examples" | "seen">,
  chosen: number,
  choose: (row: number) => void,
): TemplateResult =>
  html`<table class="data" data-truth>
    <thead>
      <tr>
        ${x[0]!.map((_, k) => html`<th scope="col">x${k + 1}</th>`)}
        <th scope="col">${T({ en: "wanted t", zh: "应为 t" })}</th>
        <th scope="col">${T({ en: "answer y", zh: "回答 y" })}</th>
        <th scope="col"><span class="vh">${T({ en: "right?", zh: "对吗" })}</span></th>
      </tr>
    </thead>
    <tbody>
      ${x.map(
        (row, i) =>
          html`<tr class=${i === chosen ? "at" : ""} data-row=${i} @click=${() => choose(i)}>
            ${row.map((v) => html`<td>${v}</td>`)}
            <td>${y[i]}</td>
            <td>${value(outputs[i]!)}</td>
            <td>${verdict(outputs[i]! > 0.5 === (y[i] === 1))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** The loss, to be drawn as a curve. */
export const lossCurve = ({ updates, values }: Series<number>): Curve[] => [
  { name: T({ en: "loss", zh: "损失" }), updates, losses: values },
];

/** Buttons of which one is chosen. */
export const choices = <W extends string>(
  label: Text,
  words: readonly { readonly word: W; readonly name: Text | TemplateResult }[],
  now: W,
  choose: (word: W) => void,
): TemplateResult =>
  html`<div class="seg" role="group" aria-label=${T(label)}>
    ${words.map(
      ({ word, name }) =>
        html`<button data-word=${word} aria-pressed=${word === now} @click=${() => choose(word)}>
          ${"en" in name ? T(name) : name}
        </button>`,
    )}
  </div>`;

/** A field for a number: what isn't one within the limits is marked and said, and the last good one stays in use. */
export function numberField(
  name: Text,
  key: string,
  now: number,
  set: (number: number) => void,
  { least, most, integer = false }: { least: number; most: number; integer?: boolean },
): TemplateResult {
  const changed = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const number = readNumber(input.value);
    const good = number >= least && number <= most && (!integer || Number.isInteger(number));
    input.setAttribute("aria-invalid", String(!good));
    if (good) return set(number);
    toast({
      en: `${name.en}: ${input.value || "nothing"} can't be used; it must be ${integer ? "a whole number" : "a number"} from ${least} to ${most}. ${now} stays in use.`,
      zh: `${name.zh}：${input.value || "空"} 不能用；应为 ${least} 到 ${most} 之间的${integer ? "整数" : "数"}。仍使用 ${now}。`,
    });
  };
  return html`<label class="field"
    >${T(name)}<input
      class="number"
      name=${key}
      inputmode=${integer ? "numeric" : "decimal"}
      autocomplete="off"
      .value=${String(now)}
      @change=${changed}
  /></label>`;
}

/** What the rate may be: large ones break training, which is worth seeing. */
export const RATES = { least: 1e-6, most: 1e38 };
export const SEEDS = { least: 0, most: 999_999, integer: true } as const;

/** A tenth of a rate, without the rounding errors of decimals. */
export const tenth = (rate: number): number => Number((rate / 10).toPrecision(12));

/** The bar at the foot of the window. */
export interface Bar {
  readonly running: boolean;
  readonly train: () => void;
  readonly step: () => void;
  readonly reset: () => void;
  readonly name?: Text;
  readonly more?: TemplateResult;
}

const TRAIN: Text = { en: "Train", zh: "训练" };

export const bar = ({ running, train, step, reset, name = TRAIN, more }: Bar): TemplateResult =>
  html`<section class="bar" aria-label=${T({ en: "Controls", zh: "控制" })}>
    <div>
      <button class="btn" data-do="reset" @click=${reset}>${icons.reset}${T({ en: "Reset", zh: "重置" })}</button>
      <button class="btn" data-do="step" @click=${step}>${icons.next}${T({ en: "1 step", zh: "1 步" })}</button>
      <button class="btn pri" data-do="train" @click=${train}>
        ${running ? icons.pause : icons.play}${running ? T({ en: "Pause", zh: "暂停" }) : T(name)}
      </button>
      ${more ?? nothing}
    </div>
  </section>`;

type Act = "train" | "step" | "reset";

/** The keys of such a page. While what the address names is still being made, there is nothing that they could act on. */
export function keysOf(training: Training, does: () => Pick<Bar, Act>): Key[] {
  const press = (act: Act) => (): void => {
    if (!training.making) does()[act]();
  };
  return [
    { key: " ", says: { en: "train, pause", zh: "训练、暂停" }, press: press("train") },
    { key: ".", says: { en: "one step", zh: "1 步" }, press: press("step") },
    { key: "r", says: { en: "reset", zh: "重置" }, press: press("reset") },
  ];
}

/** A card where training halted before weights that are no numbers were written. */
export function haltedCard(
  training: Training,
  rate: number,
  slower: () => void,
  reset: () => void,
): TemplateResult | typeof nothing {
  const error = halted(training.error);
  if (!error) return nothing;
  return html`<section class="card notice over" role="alert" data-halted>
    <h2>
      ${T({ en: `Update ${error.step} was not made: a number grew beyond all bounds`, zh: `第 ${error.step} 次更新没有进行：有个数大得超出了范围` })}
    </h2>
    <p>
      ${T({
        en: `The rate is ${value(rate)}; the first such number is in ${error.tensor}. The weights are those before it. Take a smaller rate, or begin again.`,
        zh: `学习率是 ${value(rate)}；第一个这样的数在 ${error.tensor} 中。权重仍是更新之前的。请用较小的学习率，或者重新开始。`,
      })}
    </p>
    <p class="btns" style="margin-top:10px">
      <button class="btn pri" data-do="slower" @click=${slower}>${T({ en: "rate / 10", zh: "学习率 / 10" })}</button>
      <button class="btn" @click=${reset}>${T({ en: "Begin again", zh: "重新开始" })}</button>
    </p>
  </section>`;
}

/** Weights that were set by hand, in the URL: so many, or none. */
export const typedWeights = (counts: readonly number[]): Setting<Float32Array | null> => ({
  initial: null,
  read: (text) => {
    const weights = readWeights(text);
    return weights && counts.includes(weights.length) ? weights : undefined;
  },
  write: (weights) => (weights ? writeWeights(weights) : ""),
});

/** The perceptron's two kinds of input; `go` is called with the other one. */
export function inputs(shown: "points" | "image", go: (input: "points" | "image") => void): TemplateResult {
  return choices(
    { en: "Input", zh: "输入" },
    [
      { word: "points", name: { en: "points", zh: "点" } },
      { word: "image", name: { en: "an image", zh: "图像" } },
    ],
    shown,
    (input) => input !== shown && go(input),
  );
}
