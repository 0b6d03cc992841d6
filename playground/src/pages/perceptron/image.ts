// The perceptron with an image as its input: each cell is an input, and has a weight.
import "../../elements/pixels.ts";
import "../../elements/sparkline.ts";
import { html, nothing, render, type TemplateResult } from "lit";
import type { Cell } from "../../elements/pixels.ts";
import { icons } from "../../look/icons.ts";
import { calm } from "../../look/motion.ts";
import { value } from "../../look/numbers.ts";
import { barAt, BARS, SIDE } from "../../lessons/bars.ts";
import { descent, gradientDescent, neuron, type Place } from "../../../../lessons/neuron.ts";
import { Learner } from "../../lessons/learner.ts";
import { Frames } from "../../lessons/training.ts";
import { showFingerprint } from "../../shell/shell.ts";
import { T, type Text } from "../../shell/text.ts";
import { bar, haltedCard, inputs, lossCurve, numberField, RATES, standing, story, tenth, verdict } from "../lesson.ts";
import type { Page, Part } from "./state.ts";

const ENOUGH = 200;
const PER_SECOND = 40;
/** Cells a second, when the sum is made in front of one's eyes. */
const SUMMING = 24;
const NAMES: readonly [Text, Text] = [
  { en: "lying", zh: "横" },
  { en: "standing", zh: "竖" },
];

export class ImagePart implements Part {
  learner!: Learner<Place>;
  readonly #page: Page;
  readonly #sum = new Frames();
  #lit = -1;
  /** Cells that have been added up so far; undefined: all. */
  #summed: number | undefined;
  #painted = false;
  #edge = false;

  constructor(page: Page) {
    this.#page = page;
  }

  get #image(): readonly number[] {
    return this.#page.state.get("image") ?? BARS.x[3]!;
  }

  async make(): Promise<Learner<Place>> {
    const model = await neuron(SIDE * SIDE, { fromZero: true });
    const trainer = gradientDescent(model, this.#page.state.get("rate"));
    return Learner.make(model, BARS, { trainer, way: () => descent(trainer, BARS) });
  }

  take(learner: Learner<Place>): void {
    this.learner = learner;
  }

  update(): void {
    this.learner.step();
  }

  /** The sum isn't made any more. */
  leave(): void {
    this.#sum.stop();
    this.#summed = undefined;
  }

  train(): void {
    this.leave();
    this.#page.training.train(PER_SECOND, () => this.learner.updates % ENOUGH !== 0);
  }

  step(): void {
    this.leave();
    this.#page.training.step();
  }

  reset(): void {
    this.#page.state.set({ trained: 0 });
    this.#page.begin();
  }

  #setRate = (rate: number): void => {
    this.#page.state.set({ rate });
    this.reset();
  };

  #paint(index: number, ink: number): void {
    this.#painted = true;
    this.#show(this.#image.map((v, i) => (i === index ? ink : v)));
  }

  #show(image: readonly number[]): void {
    this.leave();
    this.#page.state.set({ image: [...image] });
    this.draw();
  }

  /** The sum, cell by cell. */
  #addUp(): void {
    this.#page.training.stop();
    this.#summed = calm() ? undefined : 0;
    this.#lit = -1;
    if (this.#summed === 0)
      void this.#sum.start(
        SUMMING,
        () => {
          this.#summed!++;
          return this.#summed! < SIDE * SIDE;
        },
        (ended) => {
          this.#lit = ended ? -1 : this.#summed! - 1;
          if (ended) this.#summed = undefined;
          this.draw();
        },
      );
    this.draw();
  }

  draw(): void {
    const { learner } = this;
    const image = this.#image;
    const weights = learner.weights;
    const w = weights.subarray(0, SIDE * SIDE);
    const b = weights[SIDE * SIDE]!;
    const y = learner.model.predict([image as number[]])[0]!;
    const upTo = this.#summed ?? SIDE * SIDE;
    const products = image.map((v, i) => (i < upTo ? v * w[i]! : 0));
    const z = products.reduce((sum, v) => sum + v, b);
    const look = (event: CustomEvent<Cell>): void => {
      if (this.#sum.running) return;
      this.#lit = event.detail.index;
      this.draw();
    };
    showFingerprint(this.learner.seen.fingerprint);
    render(
      html`${haltedCard(
          this.#page.training,
          this.#page.state.get("rate"),
          () => this.#setRate(tenth(this.#page.state.get("rate"))),
          () => this.reset(),
        )}
        <div class="row over">${inputs("image", this.#page.go)}</div>
        <div class="lesson">
          <div class="row tuning">
            ${numberField({ en: "rate", zh: "学习率" }, "rate", this.#page.state.get("rate"), this.#setRate, RATES)}
          </div>
          <div class="stack wide first">
            <section class="card">
              <div class="product">
                <figure data-mark="image">
                  <figcaption>${T({ en: "image x: paint here", zh: "图像 x：在这里画" })}</figcaption>
                  <wasmgrad-pixels
                    ink
                    paintable
                    .values=${image}
                    .lit=${this.#lit}
                    .label=${T({ en: "The image: arrow keys move, Space paints", zh: "图像：方向键移动，空格涂抹" })}
                    @paint=${(event: CustomEvent<Cell>) => this.#paint(event.detail.index, event.detail.value)}
                    @look=${look}
                  ></wasmgrad-pixels>
                </figure>
                <b aria-hidden="true">·</b>
                <figure data-mark="weights">
                  <figcaption>${T({ en: "weights w", zh: "权重 w" })}</figcaption>
                  <wasmgrad-pixels
                    .values=${w}
                    .lit=${this.#lit}
                    .label=${T({ en: "The weights", zh: "权重" })}
                    @look=${look}
                  ></wasmgrad-pixels>
                </figure>
                <b aria-hidden="true">=</b>
                <figure data-mark="products">
                  <figcaption>${T({ en: "x · w, cell by cell", zh: "逐格 x · w" })}</figcaption>
                  <wasmgrad-pixels
                    .values=${products}
                    .lit=${this.#lit}
                    .label=${T({ en: "The products", zh: "乘积" })}
                    @look=${look}
                  ></wasmgrad-pixels>
                </figure>
              </div>
              ${this.#numbers(image, w, b, z, y)}
              <div class="btns" style="margin-top:12px">
                <button class="btn" data-do="sum" @click=${() => this.#addUp()}>
                  ${icons.play}${T({ en: "Add up, cell by cell", zh: "逐格相加" })}
                </button>
                <button class="btn" data-do="clear" @click=${() => this.#show(image.map(() => 0))}>
                  ${T({ en: "Empty image", zh: "清空图像" })}
                </button>
              </div>
            </section>
            <section class="card">
              ${standing({ right: this.learner.seen.right, rows: BARS.x.length, loss: this.learner.seen.loss, updates: learner.updates })}
              ${this.#examples()}
              <wasmgrad-sparkline
                style="max-width:520px;margin-top:12px"
                .curves=${lossCurve(learner.curve)}
              ></wasmgrad-sparkline>
            </section>
          </div>
          ${this.#tell()}
        </div>
        ${bar({
          running: this.#page.training.running,
          train: () => this.train(),
          step: () => this.step(),
          reset: () => this.reset(),
          name: { en: "Let it learn", zh: "让它学" },
        })}`,
      this.#page.view,
    );
  }

  #numbers(image: readonly number[], w: Float32Array, b: number, z: number, y: number): TemplateResult {
    const i = this.#lit;
    const place = `[${Math.floor(i / SIDE) + 1},${(i % SIDE) + 1}]`;
    const answer = y > 0.5 ? 1 : 0;
    const sure = y === 0.5;
    return html`<p class="mono sumline" data-mark="sum">
        ${
          i >= 0
            ? html`x${place}·w${place} = ${image[i]}·${value(w[i]!)} = ${value(image[i]! * w[i]!)}`
            : html`z = Σ x·w + b = ${value(z - b)} + ${b < 0 ? `(${value(b)})` : value(b)}`
        }
      </p>
      <p class="mono sumline">
        ${this.#summed === undefined ? "z" : T({ en: "z so far", zh: "目前的 z" })} = <b data-z>${value(z)}</b>${
          this.#summed === undefined
            ? html`, y = sigmoid(z) = <b data-y>${value(y)}</b> →
                <b class="answer" data-answer=${sure ? "" : answer}
                  >${sure ? T({ en: "can't say", zh: "说不准" }) : T(NAMES[answer])}</b
                >`
            : nothing
        }
      </p>`;
  }

  #examples(): TemplateResult {
    return html`<div
      class="samples"
      data-mark="examples"
      role="group"
      aria-label=${T({ en: "What it learns from", zh: "学习样例" })}
    >
      ${BARS.x.map((image, i) => {
        const label = BARS.y[i] as 0 | 1;
        const right = this.learner.seen.outputs[i]! > 0.5 === (label === 1);
        return html`<button
          class="sample"
          aria-label="${T(NAMES[label])}: ${right ? T({ en: "right", zh: "对" }) : T({ en: "wrong", zh: "错" })}"
          @click=${() => this.#show(image)}
        >
          <svg viewBox="0 0 8 8" aria-hidden="true">
            <path d=${image.map((v, p) => (v ? `M${p % SIDE} ${Math.floor(p / SIDE)}h1v1h-1z` : "")).join("")} />
          </svg>
          ${verdict(right)}
        </button>`;
      })}
    </div>`;
  }

  #tell(): TemplateResult {
    const learned = this.learner.seen.right === BARS.x.length;
    return story([
      {
        says: T({
          en: "Here the input is an image of 8 × 8 cells. Each cell is one input, 1 with ink and 0 without, and has a weight of its own: 64 weights and a bias.",
          zh: "这里的输入是 8 × 8 格的图像。每格是一个输入，有墨为 1，无墨为 0，各有自己的权重：共 64 个权重和一个偏置。",
        }),
      },
      {
        done: learned && this.learner.updates > 0,
        says: T({
          en: "Let it learn bars that lie and bars that stand. The weights start at 0; soon you see in them what the neuron looks for: ink on blue speaks for standing, on orange for lying.",
          zh: "让它学横条和竖条。权重从 0 开始，很快就能从中看出神经元在找什么：蓝格上的墨支持“竖”，橙格上的墨支持“横”。",
        }),
      },
      {
        done: this.#painted,
        says: T({
          en: "Paint an image of your own. The answer follows every stroke: z is the sum of the weights under the ink, and b.",
          zh: "自己画一幅图。每画一笔，回答都跟着变：z 就是有墨处权重之和，再加 b。",
        }),
      },
      {
        done: this.#edge,
        says: html`${T({
            en: "Now a lying bar at the very top. The neuron counts ink at fixed places; what a bar is, it doesn't know. And it can't: all eight lying bars together cover each cell once, and so do all eight standing ones, so the sums can't be below 0 for all the former and above for all the latter.",
            zh: "现在在最上面画一根横条。神经元只数固定位置上的墨，并不知道什么是条。它也不可能知道：八根横条合起来恰好盖住每格一次，八根竖条也一样，所以不可能前者的和都小于 0、后者的和都大于 0。",
          })}
          <p class="btns">
            <button
              class="btn"
              data-do="edge"
              @click=${() => {
                this.#edge = true;
                this.#show(barAt(false, 0, 1));
              }}
            >
              ${T({ en: "A bar at the top", zh: "最上面的横条" })}
            </button>
          </p>`,
      },
      {
        says: T({
          en: "At the stop Digits, layers of neurons look for the same thing in every place.",
          zh: "到“手写数字”一站，一层层神经元会在每个位置寻找同样的东西。",
        }),
      },
    ]);
  }
}
