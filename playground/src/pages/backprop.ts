// The heart: one training step, arrow by arrow. What is chosen is in the URL.
import { html, render } from "lit";
import { type StepsElement, type Trained } from "../elements/steps.ts";
import "../elements/steps.ts";
import { readPoints, readWeights, writeWeights } from "../shell/codec.ts";
import { onKeys } from "../shell/keys.ts";
import { copyText, failedWith, ready, showFingerprint, startShell, useState, view } from "../shell/shell.ts";
import { choice, flag, numeric, type Setting, State, tooManyUpdates } from "../shell/state.ts";
import { T, type Text } from "../shell/text.ts";
import { nodeProgram } from "../steps/code.ts";
import {
  ACTIVATIONS,
  type ActivationLetter,
  DATA,
  type DataName,
  firstRuns,
  type Hidden,
  LOSSES,
  type LossName,
  MOST_LAYERS,
  MOST_UNITS,
  MOST_UPDATES,
  OPTIMIZERS,
  type OptimizerName,
  type Plan,
  rateAfter,
  readHidden,
  readRuns,
  type RowsChoice,
  sizesOf,
  USUAL,
  usualRate,
  writeHidden,
  writeRuns,
} from "../steps/nets.ts";

/** Weights that a link holds, at most. */
const MOST_WEIGHTS = 200;

const text = (initial: string, pattern: RegExp): Setting<string> => ({
  initial,
  read: (given) => (pattern.test(given) ? given : undefined),
  write: String,
});

const hidden: Setting<readonly Hidden[]> = { initial: USUAL.hidden, read: readHidden, write: writeHidden, step: true };

/** None: random ones by the seed. */
const NONE = new Float32Array(0);
const TOO_MANY: Text = {
  en: `An address has room for ${MOST_WEIGHTS} weights, and this network has more: those that were typed are in this open page alone, and end with it.`,
  zh: `网址最多放得下 ${MOST_WEIGHTS} 个权重，而这个网络更多：输入的权重只在这个打开的页面里，页面关闭或重新加载后就没有了。`,
};
const weights: Setting<Float32Array> = {
  initial: NONE,
  read: (given) => readWeights(given),
  write: (numbers) => (numbers.length > 0 && numbers.length <= MOST_WEIGHTS ? writeWeights(numbers) : ""),
  lacks: (numbers) => (numbers.length > MOST_WEIGHTS ? TOO_MANY : undefined),
};
const tooMany = tooManyUpdates(MOST_UPDATES);
/** The updates that an address asks for, of those that were made. */
const asked = (made: string): string => writeRuns(firstRuns(readRuns(made, Infinity)!, MOST_UPDATES));

startShell();

// links of the chapter say `hidden`, as the element's attribute does
if (/[#&]hidden=/.test(location.hash)) history.replaceState(null, "", location.hash.replace(/([#&])hidden=/, "$1net="));

const state = new State({
  data: choice(DATA, USUAL.data, true),
  pts: {
    initial: "",
    read: (given) => (readPoints(given) ? given : undefined),
    write: String,
    step: true,
  } satisfies Setting<string>,
  net: hidden,
  loss: choice(LOSSES, USUAL.loss, true),
  opt: choice(OPTIMIZERS, USUAL.optimizer, true),
  lr: numeric(USUAL.rate, { least: 1e-6, most: 1e6 }),
  seed: numeric(USUAL.seed, { least: 0, most: Number.MAX_SAFE_INTEGER, integer: true }),
  w: weights,
  step: numeric(0, { least: 0, most: 999, integer: true }),
  cell: text("", /^(\d+(\.\d+)*)?$/),
  rows: text("all", /^(all|b?(\d{1,4}|turn))$/),
  trained: {
    initial: "0",
    read: (given) => (readRuns(given) ? asked(given) : undefined),
    write: asked,
    lacks: (made) => (asked(made) === made ? undefined : tooMany),
  } satisfies Setting<string>,
  columns: flag(false),
  hide: flag(false),
});
useState(state);

const NAMES: Readonly<Record<string, Text>> = {
  xor: { en: "XOR", zh: "异或 XOR" },
  and: { en: "AND", zh: "与 AND" },
  or: { en: "OR", zh: "或 OR" },
  not: { en: "NOT", zh: "非 NOT" },
  nand: { en: "NAND", zh: "与非 NAND" },
  nor: { en: "NOR", zh: "或非 NOR" },
  circles: { en: "circles", zh: "圆环" },
  moons: { en: "moons", zh: "双月" },
  spirals: { en: "spirals", zh: "螺旋" },
  gaussians: { en: "Gaussians", zh: "高斯团" },
  mine: { en: "own points", zh: "自己的点" },
  bce: { en: "binary cross-entropy", zh: "二元交叉熵" },
  mse: { en: "mean squared error", zh: "均方误差" },
  ce: { en: "softmax cross-entropy", zh: "softmax 交叉熵" },
  mae: { en: "mean absolute error", zh: "平均绝对误差" },
  huber: { en: "Huber", zh: "Huber 损失" },
  hinge: { en: "hinge", zh: "合页损失" },
  sgd: { en: "SGD", zh: "梯度下降 SGD" },
  momentum: { en: "momentum", zh: "动量" },
  nesterov: { en: "Nesterov momentum", zh: "Nesterov 动量" },
  adam: { en: "Adam", zh: "Adam" },
  adamw: { en: "AdamW", zh: "AdamW" },
  amsgrad: { en: "AMSGrad", zh: "AMSGrad" },
  adadelta: { en: "Adadelta", zh: "Adadelta" },
  rmsprop: { en: "RMSProp", zh: "RMSProp" },
  adagrad: { en: "Adagrad", zh: "Adagrad" },
};
const named = (word: string): string => T(NAMES[word] ?? { en: word, zh: word });

const TEXTS = {
  network: { en: "The network and its data", zh: "网络与数据" },
  data: { en: "Data", zh: "数据" },
  hidden: { en: "Hidden layers", zh: "隐藏层" },
  layer: { en: "layer", zh: "层" },
  units: { en: "units", zh: "单元数" },
  activation: { en: "activation", zh: "激活函数" },
  add: { en: "Add a layer", zh: "添加一层" },
  remove: { en: "Remove the last layer", zh: "去掉最后一层" },
  loss: { en: "Loss", zh: "损失" },
  optimizer: { en: "Optimizer", zh: "优化器" },
  rate: { en: "Learning rate η", zh: "学习率 η" },
  seed: { en: "Seed", zh: "种子" },
  code: { en: "Copy as code", zh: "复制为代码" },
  copied: {
    en: "Copied: node prints the same fingerprint (npm install wasmgrad).",
    zh: "已复制：用 node 运行会打印同样的指纹（npm install wasmgrad）。",
  },
  rows: { en: "rows are samples", zh: "每行一个样本" },
  columns: { en: "columns are samples", zh: "每列一个样本" },
  range: {
    en: "A whole number from 1 to 64; the last good one is used.",
    zh: "请输入 1 到 64 的整数；目前仍用上一个有效值。",
  },
  rateRange: {
    en: "A number above 0; the last good one is used.",
    zh: "请输入大于 0 的数；目前仍用上一个有效值。",
  },
  seedRange: {
    en: "A whole number from 0 up; the last good one is used.",
    zh: "请输入不小于 0 的整数；目前仍用上一个有效值。",
  },
} as const satisfies Record<string, Text>;

const plan = (): Plan => ({
  data: state.get("data"),
  hidden: state.get("net"),
  loss: state.get("loss"),
  optimizer: state.get("opt"),
  rate: state.get("lr"),
  seed: state.get("seed"),
  points: readPoints(state.get("pts")),
});

const holder = document.createElement("div");
const settings = document.createElement("details");
settings.className = "card settings";
const steps = document.createElement("wasmgrad-steps") as StepsElement;
steps.fixed = true;
holder.append(settings, steps);

let wrong: Text | undefined;

/** What belongs to another network is forgotten with it. */
function change(patch: Parameters<typeof state.set>[0]): void {
  wrong = undefined;
  state.set({ w: NONE, trained: "0", cell: "", ...patch });
  show();
}

const refuse = (why: Text, input: HTMLInputElement): void => {
  wrong = why;
  input.setAttribute("aria-invalid", "true");
  show();
};

function changeLayer(k: number, patch: Partial<Hidden>): void {
  change({ net: state.get("net").map((layer, i) => (i === k ? { ...layer, ...patch } : layer)) });
}

const select = <W extends string>(label: Text, words: readonly W[], value: W, set: (word: W) => void) =>
  html`<label class="field"
    >${T(label)}<select @change=${(event: Event) => set((event.target as HTMLSelectElement).value as W)}>
      ${words.map((word) => html`<option value=${word} ?selected=${word === value}>${named(word)}</option>`)}
    </select></label
  >`;

function show(): void {
  const now = plan();
  const letters = Object.keys(ACTIVATIONS) as ActivationLetter[];
  render(
    html`<summary>
        <b>${sizesOf(now).join("-")}</b> · ${named(now.data)} ·
        ${now.hidden.map(({ activation }) => ACTIVATIONS[activation].name).join(", ") || "–"} · ${named(now.loss)} ·
        ${named(now.optimizer)}, η = ${now.rate} · ${T({ en: "seed", zh: "种子" })} ${now.seed} ·
        ${T(state.get("columns") ? TEXTS.columns : TEXTS.rows)}
      </summary>
      <div class="within">
        <div class="row" role="group" aria-label=${T(TEXTS.network)}>
          ${select<DataName>(
            TEXTS.data,
            DATA.filter((data) => data !== "mine" || now.data === "mine"),
            now.data,
            (data) => change({ data, rows: "all" }),
          )}
          ${now.hidden.map(
            ({ units, activation }, k) =>
              html`<label class="field"
                  >${T(TEXTS.layer)} ${k + 1}: ${T(TEXTS.units)}<input
                    type="number"
                    min="1"
                    max=${MOST_UNITS}
                    name="units${k + 1}"
                    .value=${String(units)}
                    @change=${(event: Event) => {
                      const input = event.target as HTMLInputElement;
                      const many = Number(input.value);
                      if (Number.isInteger(many) && many >= 1 && many <= MOST_UNITS) {
                        input.removeAttribute("aria-invalid");
                        changeLayer(k, { units: many });
                      } else refuse(TEXTS.range, input);
                    }}
                /></label>
                <label class="field"
                  >${T(TEXTS.activation)}<select
                    name="activation${k + 1}"
                    @change=${(event: Event) =>
                      changeLayer(k, { activation: (event.target as HTMLSelectElement).value as ActivationLetter })}
                  >
                    ${letters.map((letter) => html`<option value=${letter} ?selected=${letter === activation}>${ACTIVATIONS[letter].name}</option>`)}
                  </select></label
                >`,
          )}
          <div class="btns">
            <button
              class="btn"
              data-do="add"
              ?disabled=${now.hidden.length >= MOST_LAYERS}
              @click=${() => change({ net: [...now.hidden, { units: 2, activation: now.hidden.at(-1)?.activation ?? "s" }] })}
            >
              ${T(TEXTS.add)}
            </button>
            <button
              class="btn"
              data-do="remove"
              ?disabled=${now.hidden.length === 0}
              aria-label=${T(TEXTS.remove)}
              @click=${() => change({ net: now.hidden.slice(0, -1) })}
            >
              −
            </button>
          </div>
          ${select<LossName>(TEXTS.loss, LOSSES, now.loss, (loss) => change({ loss }))}
          ${select<OptimizerName>(TEXTS.optimizer, OPTIMIZERS, now.optimizer, (opt) => change({ opt, lr: rateAfter(now.rate, now.optimizer, opt, usualRate) }))}
          ${(
            [
              ["lr", TEXTS.rate, TEXTS.rateRange, now.rate],
              ["seed", TEXTS.seed, TEXTS.seedRange, now.seed],
            ] as const
          ).map(
            ([key, label, why, value]) =>
              html`<label class="field"
                >${T(label)}<input
                  name=${key}
                  inputmode="decimal"
                  size="7"
                  .value=${String(value)}
                  @change=${(event: Event) => {
                    const input = event.target as HTMLInputElement;
                    const number = input.value.trim() === "" ? NaN : Number(input.value);
                    const fits =
                      key === "lr" ? number >= 1e-6 && number <= 1e6 : Number.isSafeInteger(number) && number >= 0;
                    if (!fits) return refuse(why, input);
                    input.removeAttribute("aria-invalid");
                    change({ [key]: number });
                  }}
              /></label>`,
          )}
          <button
            class="btn"
            data-do="code"
            @click=${() => void copyText(nodeProgram(plan(), state.get("trained"), steps.weights), TEXTS.copied)}
          >
            ${T(TEXTS.code)}
          </button>
        </div>
        ${wrong ? html`<p class="small" role="alert" style="color: var(--bad)">${T(wrong)}</p>` : ""}
      </div>`,
    settings,
  );
}

/** The element shows what the state says. */
function follow(): void {
  const { data, hidden: layers, loss, optimizer, rate, seed } = plan();
  Object.assign(steps, {
    data,
    pts: state.get("pts"),
    net: writeHidden(layers),
    loss,
    opt: optimizer,
    lr: rate,
    seed,
    weights: state.get("w").length > 0 ? state.get("w") : undefined,
    trained: state.get("trained"),
    step: state.get("step"),
    cell: state.get("cell"),
    rows: state.get("rows") as RowsChoice,
    columnwise: state.get("columns"),
    veiled: state.get("hide"),
  });
  show();
}

const told = ({ detail }: CustomEvent<Trained>): void => {
  state.set({ trained: detail.trained, w: detail.weights ?? NONE });
  showFingerprint(detail.fingerprint);
};
const on = <D>(name: string, heard: (event: CustomEvent<D>) => void): void =>
  steps.addEventListener(name, heard as (event: Event) => void);

on<{ at: number; cell: string }>("step", ({ detail }) => state.set({ step: detail.at, cell: "" }));
on<{ cell: string }>("cell", ({ detail }) => state.set({ cell: detail.cell }));
on<{ rows: string }>("rows", ({ detail }) => state.set({ rows: detail.rows }));
on<{ columns?: boolean; veiled?: boolean }>("view", ({ detail }) => {
  if (detail.columns !== undefined) state.set({ columns: detail.columns });
  if (detail.veiled !== undefined) state.set({ hide: detail.veiled });
  show();
});
on<Trained>("update", told);
on<Trained>("ready", (event) => {
  if (event.detail) told(event);
  else failedWith(view, new Error(steps.broken));
  ready();
});
// Back, and links within the page; what an address has no room for stays, where it says the same as before
addEventListener("hashchange", () => {
  const { weights: typed = NONE, trained } = steps;
  const isSame = asked(trained) === state.get("trained") && weights.write(typed) === weights.write(state.get("w"));
  if (isSame) state.set({ w: typed, trained });
  follow();
});
state.on(["data", "pts", "net", "loss", "opt", "lr", "seed"], follow);

onKeys(steps.keys);
const project = (): void => {
  steps.projector = document.documentElement.dataset["projector"] !== undefined;
};
addEventListener("resize", project);
project();

follow();
view.replaceChildren(holder);
document.body.classList.add("has-bar");
