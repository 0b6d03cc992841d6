// The settings of the Play page: fields that say what they take, chips of data, and the large buttons.
import { html, nothing, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import type { LayersChange } from "../../elements/maps.ts";
import type { Play } from "../../play/play.ts";
import { ownName, SETTINGS, type PlayState } from "../../play/settings.ts";
import {
  activationLetter,
  ACTIVATIONS,
  type ActivationName,
  DATA_NAMES,
  type DataName,
  INITIALIZERS,
  type HiddenLayer,
  lossFits,
  LOSSES,
  netText,
  OPTIMIZERS,
  rateAfter,
  SCHEDULES,
  taskOf,
  widthsOf,
} from "../../play/setup.ts";
import { T, type Text } from "../../shell/text.ts";
import { ANY, DATA, LOSS_NAMES, RULES, SPEEDS } from "./texts.ts";

export const ACTIVATION_NAMES = Object.values(ACTIVATIONS);

const large = matchMedia("(min-width: 721px)");

/** Is there room for all settings? Not on a phone, nor on a low projector, where the class looks at the network. */
const roomy = (): boolean =>
  large.matches && (document.documentElement.dataset["projector"] === undefined || innerHeight > 900);

export class Settings {
  readonly #play: Play;
  readonly #draw: () => void;
  readonly #openTable: () => void;
  /** Fields whose text wasn't understood: the last good value stays in use. */
  readonly #wrong = new Map<string, { readonly text: string; readonly rule: Text }>();

  constructor(play: Play, draw: () => void, openTable: () => void) {
    this.#play = play;
    this.#draw = draw;
    this.#openTable = openTable;
    addEventListener("resize", draw);
  }

  set(patch: Parameters<PlayState["set"]>[0]): void {
    for (const key of Object.keys(patch)) this.#wrong.delete(key);
    this.#play.state.set(patch);
  }

  /** Reads a field; what isn't understood is marked, and changes nothing. */
  #type<K extends keyof typeof SETTINGS>(key: K, text: string, typed = text): void {
    const read = SETTINGS[key].read(text.trim().replaceAll("−", "-"));
    if (read === undefined) {
      this.#wrong.set(key, { text: typed, rule: RULES[key] ?? ANY });
      this.#draw();
    } else {
      this.#wrong.delete(key);
      this.set({ [key]: read } as Parameters<PlayState["set"]>[0]);
      this.#draw();
    }
  }

  /** Layers as they are typed: 8-8-8; one without a letter keeps its activation, or has that of the last one. */
  #typeNet(text: string): void {
    const now = this.#layers;
    const parts = text.trim().split(/[-\s,]+/);
    const letters = parts.map((part, i) => {
      const { activation } = now[i] ?? now.at(-1) ?? { activation: "tanh" as const };
      return /^\d+$/.test(part) && part !== "0" ? part + activationLetter(activation) : part;
    });
    this.#type("net", letters.join("-"), text);
  }

  #field(key: keyof typeof SETTINGS, label: Text, wide = ""): TemplateResult {
    const bad = this.#wrong.get(key);
    const setting = SETTINGS[key] as unknown as { write(value: unknown): string };
    return html`<label class="field ${wide}"
      >${T(label)}<input
        class="mono"
        name=${key}
        autocomplete="off"
        spellcheck="false"
        inputmode=${key === "net" ? "text" : "decimal"}
        aria-invalid=${bad !== undefined}
        .value=${bad ? bad.text : key === "net" ? this.#unitsText() : key === "noise" ? String(this.#play.setup.noise) : setting.write(this.#play.state.get(key))}
        @change=${(event: Event) => {
          const { value: typed } = event.target as HTMLInputElement;
          if (key === "net") this.#typeNet(typed);
          else this.#type(key, typed);
        }}
    /></label>`;
  }

  #select<W extends string>(
    key: keyof typeof SETTINGS,
    label: Text,
    words: readonly W[],
    name: (word: W) => string,
    now: W,
    choose: (word: W) => void,
    wide = "mid",
  ): TemplateResult {
    return html`<label class="field ${wide}"
      >${T(label)}<select
        name=${key}
        @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as W)}
      >
        ${words.map((word) => html`<option value=${word} ?selected=${word === now} .selected=${word === now}>${name(word)}</option>`)}
      </select></label
    >`;
  }

  #complaints(): TemplateResult | typeof nothing {
    return this.#wrong.size === 0
      ? nothing
      : html`${[...this.#wrong].map(
          ([key, { text, rule }]) =>
            html`<p class="complaint" role="alert" data-field=${key}>
              ${T({ en: `"${text}" was not taken.`, zh: `“${text}”没有采用。` })} ${T(rule)}
            </p>`,
        )}`;
  }

  #chooseData(data: DataName): void {
    const fits = lossFits(
      this.#play.state.get("loss"),
      taskOf({ data, classes: this.#play.state.get("k"), points: this.#play.state.get("pts") }),
    );
    this.set({
      data,
      noise: SETTINGS.noise.initial,
      w: SETTINGS.w.initial,
      ...(fits ? {} : { loss: "auto" as const }),
    });
  }

  /** The hidden layers. */
  get #layers(): readonly HiddenLayer[] {
    return this.#play.state.get("net");
  }

  #unitsText(): string {
    return this.#layers.map(({ units }) => units).join("-") || "0";
  }

  changeLayers(detail: LayersChange): void {
    const now = [...this.#layers];
    if (detail.change === "add") now.push(now.at(-1) ?? { units: 4, activation: "tanh" });
    else if (detail.change === "remove") now.pop();
    else if (detail.change === "units") {
      const layer = now[detail.layer - 1]!;
      now[detail.layer - 1] = { ...layer, units: layer.units + detail.by };
    } else now[detail.layer - 1] = { ...now[detail.layer - 1]!, activation: detail.activation as ActivationName };
    // the same limits as in the field
    this.#type("net", netText(now));
  }

  #setActivation(activation: ActivationName): void {
    this.set({ net: this.#layers.map(({ units }) => ({ units, activation })), w: SETTINGS.w.initial });
  }

  #summary(): string {
    const { setup } = this.#play;
    const first = setup.layers[0]?.activation;
    const activations = new Set(setup.layers.map(({ activation }) => activation));
    return [
      ownName(this.#play.state.get("data")) ?? T(DATA[setup.data]),
      widthsOf(setup).join("-"),
      activations.size > 1 ? T({ en: "mixed", zh: "混合" }) : (first ?? ""),
      `${setup.optimizer} ${setup.rate}`,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  template(): TemplateResult {
    const { setup } = this.#play;
    const [first] = this.#layers;
    const mixed = this.#layers.some(({ activation }) => activation !== first?.activation);
    const task = taskOf(setup);
    const { optimizer } = setup;
    return html`<section class="card setbar" aria-label=${T({ en: "Settings", zh: "设置" })}>
      <details class="sets" ?open=${roomy()}>
        <summary>${this.#summary()}</summary>
        <div class="rows">
          ${this.#field("net", { en: "Layers", zh: "各层" }, this.#unitsText().length > 11 ? "long" : "mid")}
          ${this.#select(
            "net",
            { en: "Activation", zh: "激活函数" },
            mixed ? ["", ...ACTIVATION_NAMES] : ACTIVATION_NAMES,
            (name) => name || T({ en: "mixed", zh: "混合" }),
            mixed ? "" : (first?.activation ?? "tanh"),
            (name) => name && this.#setActivation(name as ActivationName),
          )}
          ${this.#select(
            "opt",
            { en: "Optimizer", zh: "优化器" },
            OPTIMIZERS,
            (name) => name,
            optimizer,
            (opt) => this.set({ opt, lr: rateAfter(setup.rate, optimizer, opt) }),
          )}
          ${this.#field("lr", { en: "Rate", zh: "学习率" })} ${this.#field("batch", { en: "Batch", zh: "批量" })}
          ${this.#field("seed", { en: "Seed", zh: "种子" })} ${this.#field("noise", { en: "Noise", zh: "噪声" })}
          <details class="more">
            <summary>${T({ en: "More settings", zh: "更多设置" })}</summary>
            <div class="rows">
              ${this.#select(
                "loss",
                { en: "Loss", zh: "损失" },
                LOSSES.filter((name) => lossFits(name, task)),
                (name) => T(LOSS_NAMES[name]),
                setup.loss,
                (loss) => this.set({ loss }),
                "long",
              )}
              ${
                optimizer === "momentum" || optimizer === "nesterov"
                  ? this.#field("mom", { en: "Momentum", zh: "动量" })
                  : nothing
              }
              ${
                optimizer.startsWith("a") && optimizer !== "adagrad" && optimizer !== "adadelta"
                  ? html`${this.#field("b1", { en: "beta 1", zh: "beta 1" })}${this.#field("b2", { en: "beta 2", zh: "beta 2" })}`
                  : nothing
              }
              ${this.#select(
                "sched",
                { en: "Schedule", zh: "学习率计划" },
                SCHEDULES,
                (name) => name,
                setup.schedule.name,
                (name) => this.set({ sched: { name, length: setup.schedule.length } }),
              )}
              ${
                setup.schedule.name === "none"
                  ? nothing
                  : html`<label class="field"
                      >${T({ en: "over updates", zh: "更新次数" })}<input
                        class="mono"
                        name="length"
                        inputmode="numeric"
                        .value=${String(setup.schedule.length)}
                        @change=${(event: Event) =>
                          this.#type("sched", `${setup.schedule.name}-${(event.target as HTMLInputElement).value}`)}
                    /></label>`
              }
              ${this.#field("l1", { en: "L1", zh: "L1" })} ${this.#field("l2", { en: "L2", zh: "L2" })}
              ${this.#field("drop", { en: "Dropout", zh: "丢弃率" })}
              ${this.#select(
                "init",
                { en: "Initial weights", zh: "初始权重" },
                INITIALIZERS,
                (name) => name,
                setup.initializer,
                (init) => this.set({ init }),
                "long",
              )}
              ${this.#field("n", { en: "Points", zh: "点数" })}
              ${this.#field("dseed", { en: "Data seed", zh: "数据种子" })}
              ${
                setup.data === "spirals" || setup.data === "gaussians"
                  ? this.#field("k", { en: "Classes", zh: "类别数" })
                  : nothing
              }
              <label class="check"
                ><input
                  type="checkbox"
                  name="norm"
                  .checked=${setup.normalise}
                  @change=${(event: Event) => this.set({ norm: (event.target as HTMLInputElement).checked })}
                />${T({ en: "normalise x", zh: "归一化 x" })}</label
              >
            </div>
          </details>
          ${this.#complaints()}
        </div>
      </details>
      <div class="big">
        <label class="field"
          >${T({ en: "Speed", zh: "速度" })}<select
            name="speed"
            @change=${(event: Event) => this.#play.run?.speed(Number((event.target as HTMLSelectElement).value))}
          >
            ${SPEEDS.map(({ updates, name }) => html`<option value=${updates}>${T(name)}</option>`)}
          </select></label
        >
        <button class="btn" data-do="reset" @click=${() => this.#play.reset()}>
          ${icons.reset}${T({ en: "Reset", zh: "重置" })}
        </button>
        <button class="btn" data-do="once" ?disabled=${this.#play.empty} @click=${() => this.#play.once()}>
          ${T({ en: "1 step", zh: "1 步" })}${icons.next}
        </button>
        <button
          class="btn pri"
          data-do="run"
          ?disabled=${this.#play.empty}
          @click=${() => this.#play.train(!this.#play.running)}
        >
          ${this.#play.running ? icons.pause : icons.play}${
            this.#play.running ? T({ en: "Pause", zh: "暂停" }) : T({ en: "Train", zh: "训练" })
          }
        </button>
      </div>

      <div class="rows chiprow">
        <div class="chips" role="group" aria-label=${T({ en: "Data", zh: "数据" })}>
          ${DATA_NAMES.map(
            (name) =>
              html`<button
                aria-pressed=${this.#play.state.get("data") === name}
                data-data=${name}
                @click=${() => this.#chooseData(name)}
              >
                ${T(DATA[name])}
              </button>`,
          )}
          ${
            ownName(this.#play.state.get("data")) === undefined
              ? nothing
              : html`<button aria-pressed="true" data-data="kept">${ownName(this.#play.state.get("data"))}</button>`
          }
          <button data-do="table" @click=${this.#openTable}>${T({ en: "Paste a table…", zh: "粘贴表格…" })}</button>
        </div>
      </div>
    </section>`;
  }
}
