// A network that learns XOR again and again: what a visitor sees first.
import { css, html, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { binaryCrossEntropyWithLogits, dense, type Model, sequential, sgd, tanh, Trainer } from "wasmgrad";
import { calm } from "../look/motion.ts";
import { onTheme, pixels, themeOf } from "../look/colour.ts";
import { count, loss } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { explainMarks } from "../shell/marks.ts";
import type { Text } from "../shell/text.ts";
import { define, Glass } from "./glass.ts";
import "./net.ts";

explainMarks({
  field: {
    en: "The plane of the two inputs, in the colour of the network's answer: blue is yes, orange is no, grey is undecided.",
    zh: "两个输入的平面，颜色是网络的回答：蓝色为是，橙色为否，灰色为未定。",
  },
  corner: {
    en: "The four rows of XOR: a circle where the answer should be yes, a square where it should be no.",
    zh: "异或的四行：圆点处应答“是”，方块处应答“否”。",
  },
});

const TEXTS = {
  field: { en: "What the network answers, for every point of the plane", zh: "网络对平面上每个点的回答" },
  updates: { en: "updates", zh: "次更新" },
  loss: { en: "loss", zh: "损失" },
  right: { en: "right", zh: "正确" },
  pause: { en: "Pause", zh: "暂停" },
  go: { en: "Go on", zh: "继续" },
} as const satisfies Record<string, Text>;

const X = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const Y = [0, 1, 1, 0];
/** Pixels of a side of the field. */
const SIDE = 48;
/** What is around the four points, of their distance. */
const MARGIN = 0.35;
/** How long one life lasts. */
const LIFE = 12_000;
/** Updates of a drawing, ten of which are made in a second. */
const UPDATES = 3;
const PAUSE = 100;

/** A 2-4-1 network that learns XOR in twelve seconds, and begins again with other weights. */
export class GlimpseElement extends Glass {
  static override properties = { model: { state: true }, paused: { state: true }, sample: { state: true } };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
      }
      .pair {
        display: grid;
        grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr);
        gap: var(--s5);
        align-items: center;
      }
      .field {
        position: relative;
        aspect-ratio: 1;
      }
      canvas,
      .field svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        border-radius: var(--r);
      }
      .one,
      .zero {
        stroke: var(--card);
        stroke-width: 0.9;
      }
      .one {
        fill: var(--pos);
      }
      .zero {
        fill: var(--neg);
      }
      .row {
        justify-content: space-between;
        margin-top: var(--s3);
      }
      @media (max-width: 560px) {
        .pair {
          grid-template-columns: 1fr;
        }
        .field {
          max-width: 260px;
          width: 100%;
          justify-self: center;
        }
      }
    `,
  ];

  declare model: Model | undefined;
  declare paused: boolean;
  declare sample: number;
  declare lossNow: number;
  #trainer: Trainer | undefined;
  #seed = 1;
  #born = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endTheme: (() => void) | undefined;
  readonly #grid = new Float32Array(2 * SIDE * SIDE);
  readonly #pixels = new ImageData(SIDE, SIDE);

  constructor() {
    super();
    this.lossNow = Number.NaN;
    this.sample = 1;
    this.paused = calm();
    const at = (i: number): number => ((i + 0.5) / SIDE) * (1 + 2 * MARGIN) - MARGIN;
    for (let i = 0; i < SIDE * SIDE; i++) this.#grid.set([at(i % SIDE), at(SIDE - 1 - Math.floor(i / SIDE))], 2 * i);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endTheme = onTheme(() => this.#draw());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endTheme?.();
    clearTimeout(this.#timer);
  }

  /** Makes the network and begins; throws where there can be none. */
  async begin(): Promise<void> {
    await this.#restart();
    // who doesn't want motion sees what it comes to
    if (this.paused) for (let i = 0; i < 300; i++) this.lossNow = this.#trainer!.step(X, Y).loss;
    await this.updateComplete;
    this.#draw();
    this.#tick();
  }

  async #restart(): Promise<void> {
    const core = this.model?.core;
    this.model = await sequential(
      { input: 2, seed: this.#seed++, ...(core ? { core } : {}) },
      dense(4),
      tanh(),
      dense(1),
    );
    this.#trainer = new Trainer(this.model, {
      loss: binaryCrossEntropyWithLogits(),
      optimizer: sgd({ learningRate: 0.5 }),
    });
    this.#born = performance.now();
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.isConnected || this.paused) return;
      if (document.hidden) return this.#tick();
      for (let i = 0; i < UPDATES; i++) this.lossNow = this.#trainer!.step(X, Y).loss;
      this.sample = Math.floor(performance.now() / 2000) % 4;
      this.#draw();
      if (performance.now() - this.#born > LIFE) void this.#restart().then(() => this.#tick());
      else this.#tick();
    }, PAUSE);
  }

  #draw(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (!canvas || !this.model) return;
    const answers = this.model.predict(this.#grid);
    const table = pixels(themeOf(this));
    const out = new Uint32Array(this.#pixels.data.buffer);
    // the answer between -1 and 1, at two thirds of the scale, so that the points stand out
    answers.forEach((z, i) => (out[i] = table[127 + Math.round((z / (1 + Math.abs(z))) * 84)]!));
    canvas.getContext("2d")!.putImageData(this.#pixels, 0, 0);
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { model } = this;
    const right = model ? [...model.classify(X)].filter((answer, i) => answer === Y[i]).length : 0;
    const updates = this.#trainer?.updates ?? 0;
    const scale = 100 / (1 + 2 * MARGIN);
    const place = (v: number): number => (v + MARGIN) * scale;
    return html`
      <div class="pair">
        <wasmgrad-net .model=${model} .x=${X[this.sample]} data-mark="net"></wasmgrad-net>
        <div class="field" role="img" aria-label=${this.t(TEXTS.field)} data-mark="field">
          <canvas width=${SIDE} height=${SIDE}></canvas>
          <svg viewBox="0 0 100 100" aria-hidden="true" data-mark="corner">
            ${X.map(([a, b], i) => corner(place(a!), 100 - place(b!), Y[i] === 1))}
          </svg>
        </div>
      </div>
      <div class="row">
        <span class="num small soft">
          ${count(updates)} ${this.t(TEXTS.updates)} · ${this.t(TEXTS.loss)}
          ${Number.isNaN(this.lossNow) ? "–" : loss(this.lossNow)} · ${right}/4 ${this.t(TEXTS.right)}
        </span>
        <button
          class="btn"
          @click=${() => {
            this.paused = !this.paused;
            this.#tick();
          }}
        >
          ${this.t(this.paused ? TEXTS.go : TEXTS.pause)}
        </button>
      </div>
    `;
  }
}

const corner = (x: number, y: number, one: boolean): SVGTemplateResult =>
  one
    ? svg`<circle class="one" cx=${x} cy=${y} r="3.4" />`
    : svg`<rect class="zero" x=${x - 3} y=${y - 3} width="6" height="6" rx="0.8" />`;

define("wasmgrad-glimpse", GlimpseElement);
