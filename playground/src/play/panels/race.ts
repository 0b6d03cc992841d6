// Two runs side by side, each in a worker of its own: same points, same seed, one difference. They go on in step, epoch by epoch.
import { css, html, type TemplateResult } from "lit";
import "../../elements/boundary.ts";
import type { BoundaryElement } from "../../elements/boundary.ts";
import "../../elements/losses.ts";
import type { LossesElement } from "../../elements/losses.ts";
import { onTheme, themeOf } from "../../look/colour.ts";
import { icons } from "../../look/icons.ts";
import { count, loss, percent } from "../../look/numbers.ts";
import { controls, tokens } from "../../look/sheets.ts";
import { librarySays } from "../../shell/librarySays.ts";
import { explainMarks } from "../../shell/marks.ts";
import { T, type Text } from "../../shell/text.ts";
import { Tool } from "../bench.ts";
import type { Frame, MadeData } from "../protocol.ts";
import { Run } from "../run.ts";
import { type Difference, RACED, SETTINGS, setupOf } from "../settings.ts";
import { INITIALIZERS, OPTIMIZERS, SCHEDULES, taskOf } from "../setup.ts";

explainMarks({
  race: {
    en: "Two runs of the same points and the same seed that differ in one setting, side by side after as many epochs.",
    zh: "两次训练用同样的点和同样的种子，只有一项设置不同；并排显示相同轮数之后的结果。",
  },
});

type Key = Difference["key"];

const NAMES: Record<Key, Text> = {
  opt: { en: "optimizer", zh: "优化器" },
  lr: { en: "learning rate", zh: "学习率" },
  net: { en: "layers", zh: "各层" },
  batch: { en: "batch size", zh: "批量" },
  sched: { en: "schedule", zh: "学习率计划" },
  init: { en: "initial weights", zh: "初始权重" },
  seed: { en: "seed", zh: "种子" },
  l2: { en: "L2 penalty", zh: "L2 惩罚" },
  l1: { en: "L1 penalty", zh: "L1 惩罚" },
  drop: { en: "dropout", zh: "丢弃率" },
  mom: { en: "momentum", zh: "动量" },
};

/** Settings that are one of a few words. */
const WORDS: Partial<Record<Key, readonly string[]>> = {
  opt: OPTIMIZERS,
  init: INITIALIZERS,
  sched: SCHEDULES.map((name) => (name === "none" ? name : `${name}-1000`)),
};

/** What is tried first where a key is chosen: not what the run has. */
const FIRST: Record<Key, readonly [string, string]> = {
  opt: ["sgd", "adam"],
  lr: ["0.1", "0.01"],
  net: ["8r-8r-8r", "8t-8t-8t"],
  batch: ["4", "32"],
  sched: ["cosine-1000", "none"],
  init: ["heNormal", "zeros"],
  seed: ["1", "2"],
  l2: ["0.01", "0"],
  l1: ["0.01", "0"],
  drop: ["0.2", "0"],
  mom: ["0.5", "0.9"],
};

/** One of the two. */
interface Lane {
  run: Run;
  data: MadeData | undefined;
  frame: Pick<Frame, "updates" | "train" | "test" | "right"> | undefined;
  message: string | undefined;
  /** Called with the frame at which it stands still. */
  arrived: (() => void) | undefined;
  updates: number;
  ready: boolean;
}

/** What both had after so many epochs. */
interface Moment {
  readonly epochs: number;
  readonly updates: readonly [number, number];
  readonly train: readonly [number, number];
  readonly right: readonly [number, number];
}

class Race extends Tool {
  static override styles = [
    tokens,
    controls,
    css`
      .all {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 1fr);
        gap: var(--s4);
        margin-top: var(--s3);
      }
      .lanes {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: var(--s4);
      }
      @media (max-width: 900px) {
        .all {
          grid-template-columns: minmax(0, 1fr);
        }
        .lanes {
          gap: var(--s2);
        }
      }
      .lane h3 {
        display: flex;
        gap: 8px;
        align-items: baseline;
        flex-wrap: wrap;
        margin-bottom: var(--s2);
      }
      mark {
        background: var(--accent-wash);
        color: var(--accent);
        border-radius: 5px;
        padding: 1px 6px;
        overflow-wrap: anywhere;
      }
      .numbers {
        font-family: var(--mono);
        font-size: 0.8125rem;
        margin-top: 4px;
      }
      input[type="range"] {
        width: 100%;
        height: 40px;
        margin: 0;
      }
      .way {
        display: block;
      }
    `,
  ];

  #lanes: readonly [Lane, Lane] | undefined;
  #racing = false;
  /** The two whose turns go on. */
  #looping: unknown;
  #moments: Moment[] = [];
  /** Place in `moments` that is looked back at; undefined: now. */
  #at: number | undefined;
  #misread = "";
  #endTheme: (() => void) | undefined;
  /** The setup of the first lane as it was made: another one ends the race. */
  #raced: unknown;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endTheme = onTheme(() => this.#lanes?.forEach(({ run }) => run.theme(themeOf(this))));
    // as both begin: no empty first picture
    void this.#race(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endTheme?.();
    this.#end();
  }

  protected override changed(): void {
    // another setup of the page: what was raced is past
    if (this.#raced !== this.bench.setup) this.#end();
    if (!this.#lanes) void this.#race(true);
    this.requestUpdate();
  }

  get #difference(): Difference {
    const chosen = this.bench.state.get("b");
    return chosen && chosen.text !== this.#text(chosen.key) ? chosen : this.#first(chosen?.key ?? "opt");
  }

  /** A setting of the page as the URL has it. */
  #text(key: Key): string {
    return (SETTINGS[key].write as (value: unknown) => string)(this.bench.state.get(key));
  }

  #first(key: Key): Difference {
    const now = this.#text(key);
    return { key, text: FIRST[key].find((text) => text !== now)! };
  }

  #choose(key: Key, text: string): void {
    const value = SETTINGS[key].read(text);
    this.#misread = value === undefined ? text : "";
    if (value !== undefined) {
      this.#end();
      this.bench.state.set({ b: { key, text } });
      void this.#race(true);
    }
    this.requestUpdate();
  }

  #end(): void {
    this.#racing = false;
    this.#lanes?.forEach(({ run, arrived }) => {
      run.end();
      arrived?.();
    });
    this.#lanes = undefined;
    this.#moments = [];
    this.#at = undefined;
    this.renderRoot?.querySelector<LossesElement>("wasmgrad-losses")?.clear();
    this.requestUpdate();
  }

  #again(): void {
    this.#end();
    void this.#race(true);
  }

  #lane(place: 0 | 1, differs: Difference | undefined): Lane {
    const lane: Partial<Lane> & { updates: number; ready: boolean } = { updates: 0, ready: false };
    const stop = (message: string): void => {
      lane.message = message;
      lane.arrived?.();
      this.requestUpdate();
    };
    lane.run = new Run(themeOf(this), {
      made: ({ data }) => {
        lane.data = data;
        this.requestUpdate();
      },
      draw: (frame) => {
        this.#field(place)?.draw(frame.buffer, 0, frame.grid);
        if (frame.shown) return;
        const { updates, train, test, right } = frame;
        lane.frame = { updates, train, test, right };
        if (!frame.running && updates === lane.updates) {
          lane.ready = true;
          lane.arrived?.();
        }
      },
      halted: ({ message }) => stop(message),
      failed: stop,
      lost: stop,
    });
    lane.run.make(setupOf(this.bench.state, differs), { run: false });
    return lane as Lane;
  }

  #field(place: 0 | 1): BoundaryElement | undefined {
    return this.renderRoot.querySelectorAll<BoundaryElement>("wasmgrad-boundary")[place];
  }

  /** Trains both to an update, and waits until they are there. */
  async #together(lanes: readonly [Lane, Lane], updates: readonly [number, number]): Promise<void> {
    await Promise.all(
      lanes.map(
        (lane, i) =>
          new Promise<void>((resolve) => {
            lane.updates = updates[i]!;
            lane.arrived = () => {
              lane.arrived = undefined;
              resolve();
            };
            if (lane.message !== undefined || (lane.ready && lane.frame?.updates === lane.updates)) lane.arrived();
            else if (lane.updates > 0) lane.run.train(lane.updates);
          }),
      ),
    );
  }

  /** Trains both in step, until it is paused; or shows them as they begin. */
  async #race(first = false): Promise<void> {
    const { data } = this.bench;
    // made anew: changed() comes
    if (!data || data.y.length === 0) return;
    // two at a time are enough for a machine
    if (!first) this.bench.train(false);
    if (this.#at !== undefined) this.#look(undefined);
    if (!this.#lanes) {
      this.#lanes = [this.#lane(0, undefined), this.#lane(1, this.#difference)];
      this.#raced = this.bench.setup;
    }
    const lanes = this.#lanes;
    this.#racing = !first;
    this.requestUpdate();
    if (this.#looping === lanes) return;
    this.#looping = lanes;
    await this.updateComplete;
    while (lanes === this.#lanes && (this.#racing || this.#moments.length === 0)) {
      const last = this.#moments.at(-1)?.epochs;
      // more and more of them between two looks
      const epochs = last === undefined ? 0 : last + Math.max(1, Math.floor(last / 25));
      await this.#together(lanes, lanes.map((lane, i) => epochs * this.#batches(lane, i === 1)) as [number, number]);
      if (lanes !== this.#lanes) return;
      this.#note(lanes, epochs);
      if (lanes.every(({ message }) => message !== undefined)) break;
    }
    this.#looping = undefined;
    this.#racing = false;
    this.requestUpdate();
  }

  /** Updates of an epoch. */
  #batches({ data }: Lane, second: boolean): number {
    const rows = data?.y.length ?? 0;
    const { batch } = setupOf(this.bench.state, second ? this.#difference : undefined);
    return rows === 0 ? 0 : Math.ceil(rows / (batch === 0 ? rows : Math.min(batch, rows)));
  }

  #note(lanes: readonly [Lane, Lane], epochs: number): void {
    const both = (key: "updates" | "train" | "right"): [number, number] =>
      lanes.map(({ frame, message }) => (message === undefined ? (frame?.[key] ?? Number.NaN) : Number.NaN)) as [
        number,
        number,
      ];
    this.#moments.push({ epochs, updates: both("updates"), train: both("train"), right: both("right") });
    const [first, second] = both("train");
    this.renderRoot.querySelector<LossesElement>("wasmgrad-losses")?.add(epochs, first, second);
    this.requestUpdate();
  }

  /** One slider for both: a moment of the race; undefined: its last. */
  #look(place: number | undefined): void {
    this.#at = place;
    const moment = place === undefined ? undefined : this.#moments[place];
    this.#lanes?.forEach(({ run }, i) => run.seek(moment?.updates[i]));
    this.renderRoot.querySelector<LossesElement>("wasmgrad-losses")?.mark(moment?.epochs);
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { key, text } = this.#difference;
    const words = WORDS[key];
    const last = this.#moments.length - 1;
    const at = this.#at ?? Math.max(0, last);
    const moment = this.#moments[at];
    const choose = (event: Event): void => this.#choose(key, (event.target as HTMLInputElement).value.trim());
    return html`<div class="row">
        <label class="field"
          >${T({ en: "What the second run has otherwise", zh: "第二次训练的不同之处" })}
          <select
            data-choose="key"
            @change=${(event: Event) => {
              const { key: other, text: first } = this.#first((event.target as HTMLSelectElement).value as Key);
              this.#choose(other, first);
            }}
          >
            ${RACED.map((name) => html`<option value=${name} ?selected=${name === key}>${T(NAMES[name])}</option>`)}
          </select>
        </label>
        <label class="field"
          >${T({ en: "its value", zh: "取值" })}
          ${
            words
              ? html`<select data-choose="text" @change=${choose}>
                  ${words.map((word) => html`<option value=${word} ?selected=${word === text} ?disabled=${word === this.#text(key)}>${word}</option>`)}
                </select>`
              : html`<input data-choose="text" .value=${text} aria-invalid=${this.#misread !== ""} @change=${choose} />`
          }
        </label>
        <button class="btn pri" data-do="race" @click=${() => (this.#racing ? this.#pause() : void this.#race())}>
          ${this.#racing ? icons.pause : icons.play}${
            this.#racing
              ? T({ en: "Pause", zh: "暂停" })
              : last > 0
                ? T({ en: "Go on", zh: "继续" })
                : T({ en: "Race", zh: "开始比赛" })
          }
        </button>
        ${last > 0 ? html`<button class="btn" data-do="again" @click=${() => this.#again()}>${icons.reset}${T({ en: "Again", zh: "重来" })}</button>` : ""}
      </div>
      ${
        this.#misread
          ? html`<p class="wrong" role="alert">
              ${T({ en: `“${this.#misread}” was not understood; ${text} stays`, zh: `看不懂“${this.#misread}”；仍为 ${text}` })}
            </p>`
          : ""
      }
      ${
        this.bench.data?.y.length === 0
          ? html`<p class="soft">
              ${T({ en: "There are no points yet: a race needs some.", zh: "还没有点：比赛需要有点。" })}
            </p>`
          : ""
      }
      <div class="all">
        <div class="lanes" data-mark="race">
          ${this.#column(0, this.#text(key), key, moment)}${this.#column(1, text, key, moment)}
        </div>
        <div>
          <wasmgrad-losses
            .names=${[
              { en: `A, ${this.#text(key)}`, zh: `A，${this.#text(key)}` },
              { en: `B, ${text}`, zh: `B，${text}` },
            ]}
          ></wasmgrad-losses>
          <label class="way"
            ><span class="small soft"
              >${T({ en: "Training losses, both after", zh: "训练损失，两者经过" })}
              <b class="mono">${count(moment?.epochs ?? 0)}</b> ${T({ en: "epochs", zh: "轮" })}</span
            ><input
              type="range"
              min="0"
              max=${Math.max(1, last)}
              ?disabled=${last < 1}
              .value=${String(at)}
              aria-valuetext=${T({ en: `${moment?.epochs ?? 0} epochs`, zh: `${moment?.epochs ?? 0} 轮` })}
              @input=${(event: Event) => {
                this.#pause();
                const place = Number((event.target as HTMLInputElement).value);
                this.#look(place === last ? undefined : place);
              }}
          /></label>
          <p class="small soft">
            ${T({
              en: "Both have the same points, the same seed, and the same number of rows; the horizontal axis counts epochs.",
              zh: "两者用同样的点、同样的种子，看过同样多的样本；横轴是轮数。",
            })}
          </p>
        </div>
      </div>`;
  }

  #pause(): void {
    this.#racing = false;
    this.requestUpdate();
  }

  #column(place: 0 | 1, text: string, key: Key, moment: Moment | undefined): TemplateResult {
    const lane = this.#lanes?.[place];
    const data = lane?.data ?? this.bench.data;
    const { setup } = this.bench;
    const train = moment?.train[place] ?? Number.NaN;
    const right = moment?.right[place] ?? Number.NaN;
    const name = place === 0 ? "A" : "B";
    const { rate } = setupOf(this.bench.state, place === 0 ? undefined : this.#difference);
    return html`<section class="lane" aria-label=${name}>
      <h3>${name} <mark>${T(NAMES[key])} ${text}${key === "opt" ? `, ${T(NAMES.lr)} ${rate}` : ""}</mark></h3>
      <wasmgrad-boundary
        .box=${data?.box ?? { left: -1, bottom: -1, size: 2 }}
        .points=${data ? { x: data.x, y: data.y } : { x: new Float32Array(0), y: new Float32Array(0) }}
        .numbers=${taskOf(setup) === "number"}
        label=${T({ en: `What run ${name} says of the plane`, zh: `训练 ${name} 对平面的回答` })}
      ></wasmgrad-boundary>
      <p class="numbers" data-lane=${name}>
        ${
          moment
            ? html`${T({ en: "loss", zh: "损失" })}
              ${Number.isFinite(train) ? loss(train) : "–"}${
                Number.isFinite(right) ? html` · ${percent(right)} ${T({ en: "right", zh: "正确" })}` : ""
              }
              · ${count(moment.updates[place] || 0)} ${T({ en: "updates", zh: "次更新" })}`
            : T({ en: "not begun", zh: "尚未开始" })
        }
      </p>
      ${
        lane?.message
          ? html`<p class="card notice small" role="status">
              ${T({ en: "It stopped: ", zh: "它停下了：" })}<span class="mono">${librarySays(lane.message)}</span>
            </p>`
          : ""
      }
    </section>`;
  }
}
customElements.define("play-race", Race);
