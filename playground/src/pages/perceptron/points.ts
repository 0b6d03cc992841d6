// The perceptron among points: by hand, by gradient descent, by Newton's method.
import "../../elements/neuron.ts";
import "../../elements/orbit.ts";
import "../../elements/sparkline.ts";
import type { Model } from "wasmgrad";
import { html, nothing, render, type TemplateResult } from "lit";
import type { Moved } from "../../elements/neuron.ts";
import type { Place } from "../../elements/orbit.ts";
import type { Point } from "../../elements/plane.ts";
import { descent, type Examples, gradientDescent, neuron, type Place as Step } from "../../../../lessons/neuron.ts";
import type { newtonDescent } from "../../../../lessons/newton.ts";
import { clouds } from "../../../../lessons/perceptron.ts";
import { halted, Learner, type Method } from "../../lessons/learner.ts";
import { settle } from "../../shell/codec.ts";
import { showFingerprint } from "../../shell/shell.ts";
import { T } from "../../shell/text.ts";
import { toast } from "../../shell/toast.ts";
import { bar, choices, haltedCard, inputs, numberField, RATES, SEEDS, standing, tenth } from "../lesson.ts";
import type { Page, Part } from "./state.ts";
import { jumpedCard, pointsStory } from "./story.ts";
import { NEWTON_STEPS, Ways } from "./ways.ts";

/** As many as the command makes; training pauses there. */
const ENOUGH = 300;
const PER_SECOND = 60;
const NEWTON_PER_SECOND = 1.5;
/** Half the side of the plane that is shown. */
const REACH = 4;

export class PointsPart implements Part {
  learner!: Learner<Step>;
  readonly #page: Page;
  readonly #ways = new Ways();
  #clouds: Examples = { x: [], y: [] };
  #chosen = 0;
  #adding: 0 | 1 | undefined;
  #moved = false;
  #trained = false;
  #newtonDescent: typeof newtonDescent | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  get #newton(): boolean {
    return this.#page.state.get("algorithm") === "newton";
  }

  get #examples(): Examples {
    const { x, y } = this.#page.state.get("pts");
    const own = Array.from(y, (_, i) => [x[2 * i]!, x[2 * i + 1]!]);
    const from = this.#page.state.get("data") === "clouds" ? this.#clouds : { x: [], y: [] };
    return { x: [...from.x, ...own], y: [...from.y, ...y] };
  }

  async make(): Promise<Learner<Step>> {
    const { state } = this.#page;
    if (this.#newton) await this.#loadNewton();
    const model = await neuron(2, { seed: state.get("seed"), fromZero: state.get("start") === "zero" });
    if (this.#clouds.x.length === 0) this.#clouds = clouds(model);
    return Learner.make(model, this.#examples, this.#method(model));
  }

  take(learner: Learner<Step>): void {
    this.learner = learner;
    this.#start(this.#page.state.get("w"));
    if (learner.examples.x.length === 0) this.#page.state.set({ trained: 0 });
  }

  /** What solves systems of equations comes when it is wanted. */
  async #loadNewton(): Promise<void> {
    const [lesson, { init }] = await Promise.all([import("../../../../lessons/newton.ts"), import("wasmgrad/matrix")]);
    await init();
    this.#newtonDescent = lesson.newtonDescent;
  }

  #method(model: Model, newton = this.#newton): Method<Step> {
    const trainer = gradientDescent(model, this.#page.state.get("rate"));
    return {
      trainer,
      way: () => (newton ? this.#newtonDescent!(model, this.#examples) : descent(trainer, this.#examples)),
    };
  }

  #start(weights: Float32Array | null): void {
    const { learner } = this;
    const { training } = this.#page;
    training.stop();
    training.error = undefined;
    learner.examples = this.#examples;
    learner.start(weights ?? undefined);
    this.#ways.start(this.#place(), this.#newton && learner.examples.x.length > 0 ? this.#descended() : undefined);
  }

  /** Gradient descent from the same start, for the comparison. */
  #descended(): Step[] {
    const { learner } = this;
    const from = learner.weights;
    const places: Step[] = [];
    try {
      const way = this.#method(learner.model, false).way();
      for (let t = 0; t < ENOUGH; t++) places.push(way.next().value);
    } catch (error) {
      if (!halted(error)) throw error;
    }
    learner.put(from);
    return places;
  }

  #place(): Place {
    const [w1, w2] = this.learner.weights;
    return [w1!, w2!];
  }

  update(): void {
    const { loss } = this.learner.step();
    this.#ways.add(this.learner.updates, this.#place(), loss);
  }

  /** Newton's method can jump to where no numbers are. */
  refused(error: unknown): Error | undefined {
    return this.#newton ? (error as Error) : undefined;
  }

  train(): void {
    const { learner } = this;
    if (!this.#hasPoints()) return;
    let before = learner.weights;
    const goes = (): boolean => {
      if (!this.#newton) return learner.updates % ENOUGH !== 0;
      const stays = learner.weights.every((v, i) => v === before[i]);
      before = learner.weights;
      return learner.updates % NEWTON_STEPS !== 0 && !stays;
    };
    this.#page.training.train(this.#newton ? NEWTON_PER_SECOND : PER_SECOND, goes);
  }

  step(): void {
    if (this.#hasPoints()) this.#page.training.step();
  }

  #hasPoints(): boolean {
    const has = this.learner.examples.x.length > 0;
    if (!has)
      toast({
        en: "There are no points to learn from. Put some on the plane, or take the two clouds.",
        zh: "没有可学的点。请在平面上放一些点，或者选用两团点。",
      });
    return has;
  }

  reset(): void {
    this.#page.state.set({ w: null, trained: 0 });
    this.#start(null);
    void this.#page.training.look();
  }

  /** From now on the weights are these. */
  #put(weights: Float32Array): void {
    this.#page.state.set({ w: weights, trained: 0 });
    this.#start(weights);
    void this.#page.training.look();
  }

  #setRate = (rate: number): void => {
    this.#page.state.set({ rate });
    this.#page.training.error = undefined;
    this.learner.method = this.#method(this.learner.model);
    if (this.learner.updates > 0 || this.#newton) this.#put(this.learner.weights);
    else this.draw();
  };

  /** Begins again, from the weights that these settings begin with. */
  #anew(
    patch: { algorithm?: "descent" | "newton"; seed?: number; start?: "random" | "zero" },
    w: Float32Array | null = null,
  ): void {
    this.#page.state.set({ ...patch, w, trained: 0 });
    this.#page.begin();
  }

  /** Other points: the line stays where it is. */
  #setPoints(points: readonly Point[], data = this.#page.state.get("data")): void {
    this.#page.state.set({
      data,
      pts: {
        x: Float32Array.from(points.flatMap(({ x1, x2 }) => [x1, x2])),
        y: Float32Array.from(points, (p) => p.label),
      },
    });
    this.#chosen = Math.max(0, this.#examples.x.length - 1);
    this.#put(this.learner.weights);
  }

  get #own(): Point[] {
    const { x, y } = this.#page.state.get("pts");
    return Array.from(y, (label, i) => ({ x1: x[2 * i]!, x2: x[2 * i + 1]!, label: label as 0 | 1 }));
  }

  #take(index: number): void {
    const first = this.#examples.x.length - this.#own.length;
    if (index >= first) return this.#setPoints(this.#own.filter((_, i) => i !== index - first));
    toast({ en: "Only points of your own can be taken away.", zh: "只能删除你自己放的点。" });
  }

  draw(): void {
    const { state, training } = this.#page;
    const { learner } = this;
    const { seen, updates } = learner;
    const { x, y } = learner.examples;
    const [w1, w2, b] = learner.weights as unknown as [number, number, number];
    this.#trained ||= updates > 1;
    const points = x.map((row, i): Point => ({ x1: row[0]!, x2: row[1]!, label: y[i] as 0 | 1 }));
    showFingerprint(seen.fingerprint);
    render(
      html`${this.#card()}
        <div class="row over">${inputs("points", this.#page.go)}</div>
        <div class="lesson">
          <div class="row tuning">
            ${choices(
              { en: "Algorithm", zh: "算法" },
              [
                { word: "descent", name: { en: "gradient descent", zh: "梯度下降" } },
                { word: "newton", name: { en: "Newton's method", zh: "牛顿法" } },
              ],
              state.get("algorithm"),
              (algorithm) => this.#anew({ algorithm }, state.get("w")),
            )}
            ${choices(
              { en: "Start", zh: "起点" },
              [
                { word: "random", name: { en: "random line", zh: "随机直线" } },
                { word: "zero", name: { en: "w = 0", zh: "w = 0" } },
              ],
              state.get("start"),
              (start) => this.#anew({ start }),
            )}
            ${numberField({ en: "rate", zh: "学习率" }, "rate", state.get("rate"), this.#setRate, RATES)}
            ${numberField({ en: "seed", zh: "种子" }, "seed", state.get("seed"), (seed) => this.#anew({ seed }), SEEDS)}
          </div>
          <section class="card first">
            ${standing({ right: seen.right, rows: x.length, loss: seen.loss, updates })}
            <wasmgrad-neuron
              .points=${points}
              .weights=${{ w1, w2, b }}
              .from=${-REACH}
              .to=${REACH}
              .chosen=${this.#chosen}
              .adding=${this.#adding}
              .editable=${this.#own.length > 0}
              @choose=${(event: CustomEvent<number>) => {
                this.#chosen = event.detail;
                this.draw();
              }}
              @line=${(event: CustomEvent<Moved>) => {
                this.#moved = true;
                this.#put(Float32Array.from([event.detail.w1, event.detail.w2, event.detail.b]));
              }}
              @put=${(event: CustomEvent<Point>) => {
                const { x1, x2, label } = event.detail;
                this.#setPoints([...this.#own, { x1: settle(x1), x2: settle(x2), label }]);
              }}
              @take=${(event: CustomEvent<number>) => this.#take(event.detail)}
            ></wasmgrad-neuron>
            <div class="row" style="margin-top:12px">
              ${choices(
                { en: "A click on the plane", zh: "点击平面" },
                [
                  { word: "none", name: { en: "move the line", zh: "移动直线" } },
                  { word: "1", name: { en: "+ circle", zh: "+ 圆点" } },
                  { word: "0", name: { en: "+ square", zh: "+ 方块" } },
                ],
                this.#adding === undefined ? "none" : (String(this.#adding) as "0" | "1"),
                (word) => {
                  this.#adding = word === "none" ? undefined : (Number(word) as 0 | 1);
                  this.draw();
                },
              )}
              ${
                state.get("data") === "clouds" || this.#own.length > 0
                  ? html`<button class="btn" data-do="own" @click=${() => this.#setPoints([], "own")}>
                      ${T({ en: "Clear the plane", zh: "清空平面" })}
                    </button>`
                  : nothing
              }
              ${
                state.get("data") === "clouds"
                  ? nothing
                  : html`<button class="btn" data-do="clouds" @click=${() => this.#setPoints([], "clouds")}>
                      ${T({ en: "Two clouds again", zh: "恢复两团点" })}
                    </button>`
              }
            </div>
          </section>
          <div class="stack">
            <section class="card">
              <h2>${T({ en: "The path of the weights over the loss", zh: "权重走过的路，以及各处的损失" })}</h2>
              <wasmgrad-orbit
                .trail=${[[w1, w2]]}
                .paths=${this.#ways.paths}
                .landscape=${this.#ways.landscape(learner)}
              ></wasmgrad-orbit>
            </section>
            <section class="card">
              <h2>${T({ en: "Loss", zh: "损失" })}</h2>
              <wasmgrad-sparkline .curves=${this.#ways.curves(learner.curve)}></wasmgrad-sparkline>
              ${this.#newton ? this.#ways.table(learner) : nothing}
            </section>
          </div>
          ${pointsStory({
            moved: this.#moved,
            trained: this.#trained,
            jumped: this.#newton && updates > 3,
            running: training.running,
            learn: () => this.train(),
            toImage: () => this.#page.go("image"),
          })}
        </div>
        ${bar({
          running: training.running,
          train: () => this.train(),
          step: () => this.step(),
          reset: () => this.reset(),
          name: { en: "Let it learn", zh: "让它学" },
        })}`,
      this.#page.view,
    );
  }

  #card(): TemplateResult | typeof nothing {
    const { state, training } = this.#page;
    if (training.error && !halted(training.error)) return jumpedCard(() => this.#anew({ start: "zero" }));
    return haltedCard(
      training,
      state.get("rate"),
      () => this.#setRate(tenth(state.get("rate"))),
      () => this.reset(),
    );
  }
}
