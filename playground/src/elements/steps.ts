// One training step, arrow by arrow: the map, the matrices of the arrow, its formula with values, the network, the gradient check.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { controls, tokens } from "../look/sheets.ts";
import type { Key } from "../shell/keys.ts";
import { isPolicy } from "../shell/policy.ts";
import { quoted } from "../shell/text.ts";
import { nameText } from "../steps/names.ts";
import { cellOf, indexOf, shownOf } from "../steps/shown.ts";
import "./chain.ts";
import { sentenceOf } from "./formula.ts";
import { define } from "./glass.ts";
import { bar } from "./steps/bar.ts";
import { checkCard } from "./steps/check.ts";
import { lossCard } from "./steps/loss.ts";
import { sampleCard, sampleOf } from "./steps/sample.ts";
import type { Scene } from "./steps/scene.ts";
import { stage, type StageActions } from "./steps/stage.ts";
import { styles } from "./steps/styles.ts";
import { made, TEXTS } from "./steps/texts.ts";
import { Walker } from "./steps/walker.ts";

export type { Trained } from "./steps/walker.ts";

/** Only the last of fast presses is spoken. */
const SPEAK_AFTER = 300;

/**
 * One training step to be walked through. By attributes (`data="xor" hidden="3-2" seed="5" lr="1"`), or with a trainer of one's own:
 * `steps.trainer = trainer; steps.x = x; steps.y = y`. Sends `step`, `cell` and `update`.
 */
export class StepsElement extends Walker {
  static override styles = [tokens, controls, styles];

  #speech: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  // --- keys

  /** What the keys do: a page adds them to its own; elsewhere they work while the focus is in the element. */
  readonly keys: readonly Key[] = [
    { key: "ArrowRight", says: TEXTS.next, press: () => this.next() },
    { key: "ArrowLeft", says: TEXTS.back, press: () => this.back() },
    { key: "PageDown", says: TEXTS.next, press: () => this.next() },
    { key: "PageUp", says: TEXTS.back, press: () => this.back() },
    { key: " ", says: { en: "play, pause", zh: "播放，暂停" }, press: () => this.togglePlay() },
    { key: "Home", says: TEXTS.first, press: () => this.go(0) },
    { key: "End", says: TEXTS.last, press: () => this.go(Infinity) },
    { key: "Shift+ArrowRight", says: { en: "next sample", zh: "下一个样本" }, press: () => this.nextRows(1) },
    { key: "Shift+ArrowLeft", says: { en: "sample before", zh: "上一个样本" }, press: () => this.nextRows(-1) },
    {
      key: "b",
      says: { en: "batch or one sample", zh: "整批或一个样本" },
      press: () => this.show(this.choice === "all" ? "0" : "all"),
    },
    { key: "u", says: TEXTS.one, press: () => this.train(1) },
    { key: "Shift+U", says: { en: "100 updates", zh: "更新 100 步" }, press: () => this.train(100) },
    { key: "z", says: TEXTS.undo, press: () => this.undo() },
    { key: "Backspace", says: { en: "back to where one came from", zh: "回到来处" }, press: () => this.#return() },
  ];

  #key(event: KeyboardEvent): void {
    // in a page of the site, the page has them
    if (this.fixed || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const [from] = event.composedPath();
    if (!(from instanceof Element) || from.closest("input, select, textarea, [role=grid], [role=application]")) return;
    if ((event.key === " " || event.key === "Enter") && from.closest("button, summary, label")) return;
    const name = event.shiftKey ? `Shift+${event.key.length === 1 ? event.key.toUpperCase() : event.key}` : event.key;
    const found = this.keys.find(({ key }) => key === name);
    if (!found) return;
    event.preventDefault();
    found.press();
  }

  // --- what cells do

  #cell(name: string, at: number): void {
    const part = this.arrow?.steps.findIndex((step) => step.name === name) ?? -1;
    const step = this.arrow?.steps[part];
    if (!step) return;
    this.attention.part = part;
    const index = indexOf(step, at, this.columnwise);
    this.attention.choose(name, index);
    this.pointed = undefined;
    this.how = false;
    this.requestUpdate();
    this.tell("cell", { name, index, value: step.value(index), cell: index.map((i) => i + 1).join(".") });
  }

  /** To the arrow that made a number. */
  #origin(name: string, index: readonly number[]): void {
    const look = this.look!;
    const to = look.madeBy.get(name);
    const now = this.now;
    if (to === undefined || !now || to === this.step) return;
    this.attention.leave(this.step, now.name);
    this.attention.choose(name, index);
    this.go(to);
    const part = this.arrow?.steps.findIndex((step) => step.name === name) ?? -1;
    if (part > 0) this.attention.part = part;
    void this.#focusOn(name);
  }

  #return(): void {
    const from = this.attention.comeBack();
    if (!from) return;
    this.go(from.at);
    void this.#focusOn(from.name);
  }

  async #focusOn(name: string): Promise<void> {
    await this.updateComplete;
    const matrix = this.renderRoot.querySelector<HTMLElement & { updateComplete: Promise<boolean> }>(
      `wasmgrad-matrix[grid][data-name="${name}"]`,
    );
    await matrix?.updateComplete;
    matrix?.focus();
  }

  #edit(name: string, at: number, value: number): void {
    if (this.making) return;
    const session = this.session!;
    const tensor = this.look!.tensors.get(name)!;
    const flat = cellOf(tensor, indexOf(tensor, at, this.columnwise), false);
    let from = 0;
    for (const parameter of this.look!.parameters) {
      if (parameter.name === name) break;
      from += parameter.values.length;
    }
    const weights = session.weights();
    weights[from + flat] = value;
    session.begin(weights, new Set([...session.edited, `${name}:${flat}`]));
    this.halted = undefined;
    this.again();
    this.told();
  }

  // --- what is seen

  #scene(): Scene | undefined {
    const { session, look, now: step, attention, columnwise, veiled } = this;
    if (!session || !look) return undefined;
    return {
      session,
      look,
      at: this.step,
      arrow: this.arrow,
      step,
      rows: this.rowsNow(),
      choice: this.choice,
      attention,
      columnwise,
      veiled,
      hidden: veiled && !attention.isUnveiled(step, columnwise),
      pointed: this.pointed,
      note: this.note,
      t: (text) => this.t(text),
    };
  }

  readonly #stageActions: StageActions = {
    choose: (name, at) => this.#cell(name, at),
    chooseGiven: (name, index) => {
      this.attention.choose(name, index);
      this.requestUpdate();
    },
    edit: (name, at, value) => this.#edit(name, at, value),
    unveil: (name, at) => {
      this.attention.unveil(name, at);
      this.requestUpdate();
    },
    origin: (name, index) => this.#origin(name, index),
    point: (place) => {
      this.pointed = place;
    },
    view: (view) => {
      if ("columns" in view) this.columnwise = view.columns;
      else this.veiled = view.veiled;
      this.tell("view", view);
    },
  };

  protected override render(): TemplateResult {
    if (this.broken !== undefined)
      return html`<section class="card notice" role="alert">
        <h2>${this.t(TEXTS.broken)}</h2>
        ${isPolicy(this.broken) ? html`<p>${this.t(TEXTS.brokenSays)}</p>` : nothing}
        <p class="small soft mono">${this.broken}</p>
      </section>`;
    const scene = this.#scene();
    // what is shown belongs to the network before
    if (!scene || this.replaying)
      return html`<div class="card" .style=${"min-height: 60vh"} aria-busy="true">
        ${this.replaying ? html`<p class="soft" role="status">${this.t(TEXTS.replaying)}</p>` : nothing}
      </div>`;
    const { trainer } = scene.session;
    this.sample = sampleOf(scene) ?? this.sample;
    return html`<div class="body" part="body">
        <div class="card map">
          <wasmgrad-chain
            .look=${scene.look}
            .at=${this.step}
            .columnwise=${this.columnwise}
            .veiled=${scene.hidden}
            @go=${(event: CustomEvent<{ at: number; name: string }>) => this.go(event.detail.at)}
          ></wasmgrad-chain>
        </div>
        ${
          this.halted
            ? html`<section class="card notice" role="alert" .style=${"margin-top: 16px"}>
                <h2>${this.t(TEXTS.halted)}</h2>
                <p>${this.t(TEXTS.haltedSays)}</p>
                <p class="small soft mono">${quoted(this.halted.message, this.language)}</p>
                <div class="btns" .style=${"margin-top: 8px"}>
                  <button class="btn" @click=${() => this.undo()}>${this.t(TEXTS.undo)}</button>
                </div>
              </section>`
            : nothing
        }
        <div class="grid">
          <section class="card stage" aria-labelledby="title">${stage(scene, this.#stageActions)}</section>
          <div class="side">
            ${sampleCard(scene, this.sample)} ${checkCard(scene, this.check, this.how, (how) => (this.how = how))}
            ${lossCard(scene)}
          </div>
        </div>
        <p class="end">
          <span data-part="made">${this.t(made(scene.session))}</span>
          <span data-mark="fingerprint" class="print">${this.t(TEXTS.fingerprint)} ${trainer.model.fingerprint()}</span>
        </p>
      </div>
      ${bar(scene, this)}
      <div class="vh" aria-live="polite"></div>`;
  }

  // --- what is heard

  protected override updated(changed: PropertyValues<this>): void {
    if (!this.look || changed.size === 0) return;
    if (changed.has("step") && this.fixed) requestAnimationFrame(() => this.#reveal());
    clearTimeout(this.#speech);
    this.#speech = setTimeout(() => {
      const live = this.renderRoot.querySelector("[aria-live]");
      if (live) live.textContent = this.#sentence();
    }, SPEAK_AFTER);
  }

  /** The formula isn't left under the bar, where the window has room for it and its matrices; on a phone one scrolls oneself. */
  #reveal(): void {
    const [step, formula, foot] = [".stage", "wasmgrad-formula", ".bar"].map((part) =>
      this.renderRoot.querySelector(part)?.getBoundingClientRect(),
    );
    if (!step || !formula || !foot || innerWidth <= 720) return;
    const by = Math.min(formula.bottom + 8 - foot.top, step.top - 8);
    if (by > 0) scrollBy({ top: by, behavior: "instant" });
  }

  #sentence(): string {
    const step = this.now;
    const look = this.look!;
    if (!step) return `${this.t(TEXTS.given)}.`;
    const [k, n] = [this.step, look.arrows.length];
    const shown = shownOf(step.tensor, this.columnwise);
    const where = this.t(TEXTS.stepOf).replace("{}", String(k)).replace("{}", String(n));
    const size = `${nameText(step.name)}, ${shown.rows} ${this.t(TEXTS.by)} ${shown.columns}.`;
    if (this.veiled && !this.attention.isUnveiled(step, this.columnwise)) return `${where} ${size}`;
    const at = cellOf(step, this.attention.indexIn(step), this.columnwise);
    return `${where} ${size} ${step.expression ? sentenceOf(step, at, this.columnwise, this) : this.t(step.says)}${this.language === "zh" ? "。" : "."}`;
  }
}

define("wasmgrad-steps", StepsElement);
