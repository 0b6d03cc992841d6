// The run's past: a slider over the updates that were kept; the maps are drawn as they were, and training goes on from there if wanted.
import { css, html, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { count, loss } from "../../look/numbers.ts";
import { controls, tokens } from "../../look/sheets.ts";
import { explainMarks } from "../../shell/marks.ts";
import { T } from "../../shell/text.ts";
import { Tool } from "../bench.ts";
import type { PastUpdate } from "../protocol.ts";

explainMarks({
  past: {
    en: "The run's past: drag to see the maps as they were. At most 240 moments are kept, evenly over the run.",
    zh: "这次训练的过去：拖动即可看到当时的图。最多保留 240 个时刻，均匀分布在整个过程中。",
  },
});

export class Time extends Tool {
  static override styles = [
    tokens,
    controls,
    css`
      input[type="range"] {
        width: 100%;
        height: 32px;
        margin: 0;
      }
      label {
        flex: 1 1 100%;
      }
      output {
        flex: 1 1 auto;
        font-family: var(--mono);
        font-size: 0.8125rem;
      }
      .bar > div {
        padding-block: 4px 10px;
        gap: 4px var(--s4);
      }
      /* above the page's own bar */
      @media (max-width: 720px) {
        .bar {
          bottom: 62px;
        }
      }
      p {
        max-width: 78ch;
      }
    `,
  ];

  #kept: readonly PastUpdate[] = [];
  /** The end of the other run. */
  #other: PastUpdate | undefined;
  /** Place in `kept` of what is looked at; undefined: now. */
  #at: number | undefined;
  #asks = false;
  #made: unknown;

  override connectedCallback(): void {
    super.connectedCallback();
    // room for the bar at the window's foot
    document.body.style.paddingBottom = "190px";
    void this.#ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.body.style.paddingBottom = "";
    if (this.#at !== undefined) this.#go(undefined);
  }

  protected override changed(): void {
    void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#asks) return;
    this.#asks = true;
    try {
      const { kept, shown, other } = await this.bench.run.ask("past");
      const before = this.#at === undefined ? undefined : this.#kept[this.#at]?.at;
      this.#kept = kept;
      this.#other = other;
      // another run has another past
      if (this.#made !== this.bench.data) {
        this.#made = this.bench.data;
        this.#at = undefined;
      } else if (before !== undefined) {
        const place = kept.findLastIndex(({ at }) => at <= (shown ?? before));
        this.#at = place < 0 ? undefined : place;
      }
      this.requestUpdate();
    } catch {
      // the run is made anew, and asked again then
    } finally {
      this.#asks = false;
    }
  }

  /** Looks at a place of the past; undefined: back to now. */
  #go(place: number | undefined): void {
    this.#at = place;
    const at = place === undefined ? undefined : this.#kept[place]?.at;
    this.bench.lookBack(at);
    this.requestUpdate();
  }

  /** Goes to the nearest kept moment of an update: a click into the curve. False: none is known yet. */
  seek(updates: number): boolean {
    const place = this.#kept.findLastIndex(({ at }) => at <= updates);
    if (place >= 0) this.#go(place);
    return place >= 0;
  }

  /** A second run from the moment that is looked at; or the other run goes on. */
  async #leave(to: PastUpdate | undefined): Promise<void> {
    this.bench.train(false);
    this.#at = undefined;
    await (to ? this.bench.branch(to.at) : this.bench.swap());
    await this.#ask();
  }

  override render(): TemplateResult {
    const last = this.#kept.length - 1;
    if (last < 1 && !this.#other) {
      return html`<p class="soft">
        ${T({ en: "There is no past yet: train a little.", zh: "还没有过去：先训练一会儿。" })}
      </p>`;
    }
    const at = this.#at ?? last + 1;
    const seen = this.#kept[at];
    const words = seen
      ? T({
          en: `update ${count(seen.at)} of ${count(this.bench.updates)}`,
          zh: `第 ${count(seen.at)} 次更新，共 ${count(this.bench.updates)} 次`,
        })
      : T({ en: `now: update ${count(this.bench.updates)}`, zh: `现在：第 ${count(this.bench.updates)} 次更新` });
    return html`<div class="bar" role="region" aria-label=${T({ en: "Time", zh: "时间" })}>
        <div>
          <label data-mark="past"
            ><span class="vh">${T({ en: "The run's past", zh: "训练的过去" })}</span>
            <input
              type="range"
              min="0"
              max=${last + 1}
              step="1"
              .value=${String(at)}
              aria-valuetext=${words}
              @input=${(event: Event) => {
                const place = Number((event.target as HTMLInputElement).value);
                this.#go(place > last ? undefined : place);
              }}
          /></label>
          <output
            >${words}${
              seen && Number.isFinite(seen.train)
                ? html`<span class="soft">
                    · ${T({ en: "training loss", zh: "训练损失" })}
                    ${loss(seen.train)}${
                      Number.isFinite(seen.test) ? html` · ${T({ en: "test", zh: "测试" })} ${loss(seen.test)}` : ""
                    }</span
                  >`
                : ""
            }</output
          >
          <span class="btns">
            <button
              class="btn"
              ?disabled=${at === 0}
              @click=${() => this.#go(at - 1)}
              aria-label=${T({ en: "One moment back", zh: "后退一个时刻" })}
            >
              ${icons.back}
            </button>
            <button
              class="btn"
              ?disabled=${!seen}
              @click=${() => this.#go(at + 1 > last ? undefined : at + 1)}
              aria-label=${T({ en: "One moment on", zh: "前进一个时刻" })}
            >
              ${icons.next}
            </button>
            <button class="btn" ?disabled=${!seen} data-do="now" @click=${() => this.#go(undefined)}>
              ${T({ en: "Now", zh: "现在" })}
            </button>
            <button class="btn" ?disabled=${!seen} data-do="branch" @click=${() => void this.#leave(seen)}>
              ${icons.reset}${T({ en: "Continue from here", zh: "从这里继续" })}
            </button>
            ${
              this.#other
                ? html`<button class="btn" data-do="swap" @click=${() => void this.#leave(undefined)}>
                    ${T({ en: "To the other run", zh: "转到另一次训练" })}
                  </button>`
                : ""
            }
          </span>
        </div>
      </div>
      ${
        this.#other
          ? html`<p data-other>
              ${T({
                en: `The other run is kept up to update ${count(this.#other.at)}: training loss ${loss(this.#other.train)}${tested(this.#other, "test")}. Its curve is the thin line.`,
                zh: `另一次训练保留到第 ${count(this.#other.at)} 次更新：训练损失 ${loss(this.#other.train)}${tested(this.#other, "测试")}。细线是它的曲线。`,
              })}
            </p>`
          : ""
      }
      <p class="soft">
        ${T({
          en: "The bar at the foot of the window goes back through this run: all maps, the plane and the curve's mark follow.",
          zh: "窗口底部的滑条可以回看这次训练：所有的图、平面和曲线上的标记都随之变化。",
        })}
      </p>
      <p class="small soft">
        ${T({
          en: "“Continue from here” begins a second run at that moment; the first is kept, and its curve stays to compare with. Weights, the optimizer's state and the order of rows are as they were: training on gives the same bits again, unless you change a weight first.",
          zh: "“从这里继续”会在那个时刻开始第二次训练；第一次会保留，它的曲线留着作比较。权重、优化器状态和样本顺序都与当时一样：接着训练会得到逐位相同的结果，除非你先改动某个权重。",
        })}
      </p>`;
  }
}

const tested = ({ test }: PastUpdate, word: string): string =>
  Number.isFinite(test) ? ` · ${word} ${loss(test)}` : "";

customElements.define("play-time", Time);

declare global {
  interface HTMLElementTagNameMap {
    "play-time": Time;
  }
}
