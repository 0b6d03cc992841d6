// The ways through the weights of the neuron among points: the one that it takes, and gradient descent's beside Newton's method.
import { html, type TemplateResult } from "lit";
import type { Landscape, Path, Place } from "../../elements/orbit.ts";
import type { Curve } from "../../elements/sparkline.ts";
import { landscape } from "../../lessons/landscape.ts";
import type { Learner } from "../../lessons/learner.ts";
import { Series } from "../../lessons/series.ts";
import { loss as lossText } from "../../look/numbers.ts";
import { T } from "../../shell/text.ts";
import type { Place as Step } from "../../../../lessons/neuron.ts";

/** Steps of Newton's method after which it pauses: more are hardly ever of use. */
export const NEWTON_STEPS = 8;
/** Updates of gradient descent whose losses are drawn beside Newton's. */
const BESIDE = 40;

const DESCENT = { en: "gradient descent", zh: "梯度下降" };
const NEWTON = { en: "Newton's method", zh: "牛顿法" };

export class Ways {
  readonly #walked = new Series<Place>();
  /** The loss before each step, of the first ones. */
  #losses: number[] = [];
  /** Gradient descent from the same start, where Newton's method is taken. */
  #beside: { readonly places: readonly Place[]; readonly losses: readonly number[] } | undefined;
  #landscape: { readonly key: string; readonly it: Landscape } | undefined;

  /** From this place on, and beside it as gradient descent would go. */
  start(place: Place, beside?: readonly Step[]): void {
    this.#walked.clear();
    this.#walked.add(0, place);
    this.#losses = [];
    this.#beside = beside && {
      places: beside.map(({ w }) => [w[0]!, w[1]!]),
      losses: beside.map(({ loss }) => loss),
    };
  }

  /** The place after so many updates, and the loss before the last of them. */
  add(updates: number, place: Place, loss: number): void {
    this.#walked.add(updates, place);
    if (this.#losses.length < NEWTON_STEPS + 1) this.#losses.push(loss);
  }

  get paths(): Path[] {
    const walked = { places: this.#walked.values, updates: this.#walked.updates.at(-1) ?? 0 };
    if (!this.#beside) return [{ name: T(DESCENT), ...walked }];
    const { places } = this.#beside;
    return [
      { name: T(DESCENT), places, updates: places.length - 1 },
      { name: T(NEWTON), ...walked, dashed: true },
    ];
  }

  /** The losses of each way. */
  curves({ updates, values }: Series<number>): Curve[] {
    if (!this.#beside) return [{ name: T(DESCENT), updates, losses: values }];
    const losses = this.#beside.losses.slice(0, BESIDE + 1);
    return [
      { name: T(DESCENT), updates: losses.map((_, t) => t), losses },
      { name: T(NEWTON), updates, losses: values, dashed: true },
    ];
  }

  /** The losses around the ways; made anew where the bias, the points or the size of the picture has changed. */
  landscape({ examples, weights }: Pick<Learner<object>, "examples" | "weights">): Landscape | undefined {
    if (examples.x.length === 0) return undefined;
    const most = [...this.#walked.values, ...(this.#beside?.places ?? [])].reduce(
      (size, [w1, w2]) => Math.max(size, Math.abs(w1), Math.abs(w2)),
      2,
    );
    let reach = 3;
    while (reach < most * 1.1 && reach < 1e6) reach *= 1.5;
    const about = Math.round(weights[2]! * 5) / 5;
    const key = [reach, about, ...examples.x.flat(), ...examples.y].join();
    if (this.#landscape?.key !== key) this.#landscape = { key, it: landscape(examples, about, reach) };
    return this.#landscape.it;
  }

  /** The losses of both ways, step by step. */
  table({ updates, seen }: Pick<Learner<object>, "updates" | "seen">): TemplateResult {
    const newton = [...this.#losses.slice(0, updates), seen.loss];
    const beside = this.#beside?.losses ?? [];
    return html`<table class="data" data-newton style="margin-top:8px">
      <thead>
        <tr>
          <th scope="col">${T({ en: "step", zh: "步" })}</th>
          <th scope="col">${T(DESCENT)}</th>
          <th scope="col">${T({ en: "Newton", zh: "牛顿法" })}</th>
        </tr>
      </thead>
      <tbody>
        ${newton.slice(0, NEWTON_STEPS + 1).map(
          (loss, t) =>
            html`<tr>
              <td>${t}</td>
              <td>${beside[t] === undefined ? "–" : lossText(beside[t])}</td>
              <td>${lossText(loss)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }
}
