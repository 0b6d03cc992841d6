// The step as a map: what is computed above, its gradient below it, of the same shape; the update is the way up.
import { css, html, nothing, render, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { TracedTensor } from "wasmgrad";
import { guard } from "lit/directives/guard.js";
import { keyed } from "lit/directives/keyed.js";
import { calm } from "../look/motion.ts";
import { filled } from "../look/colour.ts";
import { nameHtml } from "../steps/names.ts";
import { loss as lossFigure } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { explainMarks } from "../shell/marks.ts";
import type { Text } from "../shell/text.ts";
import { type Shown, shownOf } from "../steps/shown.ts";
import { type Look, rolesOf } from "../steps/walk.ts";
import { define, Glass } from "./glass.ts";

explainMarks({
  tile: {
    en: "A tile is a matrix, small. Empty squares: not yet computed. Press it to go to the arrow that makes it.",
    zh: "一块就是一个小矩阵。空格：还没有算出。按它就跳到算出它的那个箭头。",
  },
  rings: {
    en: "Solid ring: the left operand. Dashed: the right one. Dotted: the third. The arrows from them have the same colour and end at what is computed.",
    zh: "实线框：左操作数；虚线框：右操作数；点线框：第三个。从它们出发的同色箭头指向正在计算的量。",
  },
});

const TEXTS = {
  map: { en: "The step as a map", zh: "这一步的地图" },
  done: { en: "computed", zh: "已算出" },
  todo: { en: "not yet computed", zh: "尚未算出" },
  now: { en: "this arrow", zh: "当前箭头" },
  back: { en: "← back", zh: "← 反向" },
} as const satisfies Record<string, Text>;

/** Rows and columns of a tile's squares, at most. */
const MOST_SQUARES = 8;
/** Squares of a result appear one by one up to so many. */
const ONE_BY_ONE = 24;

interface Place {
  readonly top: readonly string[];
  readonly bottom: readonly string[];
}

/** The map: which tensor stands where. */
export function placesOf({ arrows, given, tensors }: Look): Place[] {
  const parameters = new Set(given.map(({ name }) => name).filter((name) => name !== "x" && name !== "y"));
  const below = (names: readonly string[]): string[] =>
    names.map((name) => `d${name}`).filter((name) => tensors.has(name));
  const places: Place[] = [{ top: ["x"], bottom: below(["x"]) }];
  for (const { steps, part } of arrows) {
    if (part !== "forward") continue;
    const [{ name, operands }] = steps as [(typeof steps)[0]];
    const own = operands.filter((operand) => parameters.has(operand));
    if (own.length > 0) places.push({ top: own, bottom: below(own) });
    places.push({ top: [name], bottom: below([name]) });
  }
  places.push({ top: ["loss"], bottom: ["y"] });
  return places;
}

/** The map of a training step. Sends `go` with the number of an arrow. */
export class ChainElement extends Glass {
  static override properties = {
    look: { attribute: false },
    at: { type: Number },
    columnwise: { type: Boolean },
    veiled: { type: Boolean },
  };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
      }
      .wrap {
        position: relative;
        padding: 30px 18px 26px;
        overflow: auto hidden;
      }
      .chain {
        display: grid;
        grid-auto-flow: column;
        grid-template-rows: auto 22px auto;
        column-gap: 30px;
        position: relative;
        min-width: max-content;
        justify-content: space-between;
        list-style: none;
        padding: 0;
      }
      .cell {
        display: flex;
        gap: 7px;
        justify-content: center;
      }
      .tile {
        border: 1px solid transparent;
        background: none;
        padding: 5px 8px 6px;
        border-radius: 9px;
        cursor: pointer;
        text-align: center;
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 4px;
        position: relative;
        min-width: 58px;
        min-height: 84px;
        outline: 0 solid transparent;
      }
      .tile:hover {
        background: var(--page);
      }
      .tile:focus-visible {
        box-shadow: 0 0 0 4px var(--accent);
      }
      .t {
        font-size: 0.9375rem;
        font-weight: 620;
        line-height: 1.2;
        white-space: nowrap;
      }
      sub {
        font-size: max(0.72em, 0.625rem);
        line-height: 0;
      }
      .sh {
        font: 500 0.6875rem/1.1 var(--mono);
        color: var(--soft);
      }
      .th {
        display: grid;
        gap: 1px;
        margin: auto 0;
      }
      .th i {
        width: var(--square);
        height: var(--square);
        border-radius: 2px;
        display: block;
      }
      .todo .t,
      .param .t {
        color: var(--soft);
      }
      .todo .t {
        font-weight: 520;
      }
      .todo .th i {
        background: none !important;
        box-shadow: inset 0 0 0 1px var(--line2);
      }
      .now {
        background: var(--accent-wash);
        border-color: var(--accent);
        box-shadow: inset 0 0 0 1px var(--accent);
      }
      .a,
      .b,
      .c {
        outline-width: 2px;
        outline-color: var(--op-a);
        transition: outline-color 0.15s ease-out;
      }
      .b {
        outline: 2px dashed var(--op-b);
        transition-delay: 0.05s;
      }
      .c {
        outline: 2.5px dotted var(--op-c);
        transition-delay: 0.1s;
      }
      .now .th i.appears {
        animation: appears 0.18s ease-out backwards;
        animation-delay: calc(400ms + 300ms * var(--order));
      }
      @keyframes appears {
        from {
          opacity: 0;
          transform: scale(0.4);
        }
      }
      .eyebrow {
        align-self: center;
        font-size: 0.6875rem;
        letter-spacing: 0.06em;
        text-transform: uppercase;
        color: var(--soft);
        font-weight: 650;
        white-space: nowrap;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        pointer-events: none;
        overflow: visible;
      }
      .base {
        stroke: var(--line2);
        stroke-width: 1.4;
        fill: none;
      }
      .hot {
        stroke-width: 2.2;
        fill: none;
        stroke-dasharray: 5 5;
        animation:
          flow 0.7s linear infinite,
          comes 0.2s ease-out 0.15s backwards;
      }
      .hot.to-a {
        stroke: var(--op-a);
      }
      .hot.to-b {
        stroke: var(--op-b);
      }
      .hot.to-c {
        stroke: var(--op-c);
      }
      @keyframes flow {
        to {
          stroke-dashoffset: -10;
        }
      }
      @keyframes comes {
        from {
          opacity: 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .hot {
          stroke-dasharray: none;
        }
      }
      @media (min-width: 800px) and (max-height: 900px) {
        .wrap {
          padding: 25px 18px 24px;
        }
        .chain {
          grid-template-rows: auto 10px auto;
        }
        .tile {
          min-height: 64px;
          padding: 2px 8px 3px;
          gap: 2px;
        }
        .th i {
          width: min(8px, var(--square));
          height: min(8px, var(--square));
        }
      }
      @container (max-width: 1100px) {
        .chain {
          column-gap: 16px;
        }
      }
      @container (max-width: 720px) {
        .wrap {
          padding: 24px 10px 26px;
        }
        .chain {
          column-gap: 10px;
          grid-template-rows: auto 22px auto;
        }
        .tile {
          min-width: 44px;
          min-height: 58px;
          padding: 3px 4px;
          gap: 3px;
        }
        .sh.shape {
          display: none;
        }
        .th i {
          width: min(7px, var(--square));
          height: min(7px, var(--square));
          border-radius: 1.5px;
        }
        .t {
          font-size: 0.8125rem;
        }
      }
    `,
  ];

  declare look: Look | undefined;
  /** The number of the arrow, from 1; 0: nothing is computed yet. */
  declare at: number;
  /** Samples stand in columns. */
  declare columnwise: boolean;
  /** What is being computed isn't shown. */
  declare veiled: boolean;
  #observer: ResizeObserver | undefined;

  constructor() {
    super();
    this.at = 0;
    this.columnwise = false;
    this.veiled = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { look } = this;
    if (!look) return nothing;
    const places = placesOf(look);
    const roles = this.#roles(look);
    return html`<nav class="wrap" aria-label=${this.t(TEXTS.map)} data-mark="rings">
      <div class="chain">
        ${places.map(
          ({ top, bottom }, i) =>
            html`<div class="cell">${top.map((name) => this.#tile(look, name, roles))}</div>
              <span></span>
              <div class="cell">
                ${
                  bottom.length > 0
                    ? bottom.map((name) => this.#tile(look, name, roles))
                    : i === 0
                      ? html`<span class="eyebrow" aria-hidden="true">${this.t(TEXTS.back)}</span>`
                      : nothing
                }
              </div>`,
        )}
        <svg aria-hidden="true"></svg>
      </div>
    </nav>`;
  }

  /** Tiles' roles now: an update is at the tile of the parameter that it changes. */
  #roles(look: Look): Map<string, "now" | "a" | "b" | "c"> {
    const roles = new Map<string, "now" | "a" | "b" | "c">();
    const steps = look.arrows[this.at - 1]?.steps ?? [];
    for (const step of steps) for (const [name, role] of rolesOf(step, this.columnwise)) roles.set(name, role);
    for (const { name } of steps) roles.set(name.replace("'", ""), "now");
    return roles;
  }

  #tile(look: Look, name: string, roles: ReadonlyMap<string, string>): TemplateResult {
    const updated = `${name}'`;
    const madeAt = look.madeBy.get(name) ?? 0;
    const changedAt = look.madeBy.get(updated);
    const changed = changedAt !== undefined && changedAt <= this.at;
    const tensor = look.tensors.get(changed ? updated : name)!;
    const todo = madeAt > this.at;
    const role = roles.get(name);
    const now = role === "now";
    const { rows: r, columns: c } = shownOf(tensor, this.columnwise);
    const veiled = now && this.veiled;
    const blank = todo || veiled;
    // most tiles are as they were: only one arrow is gone
    const squares = guard([tensor, this.columnwise, blank, now], () => this.#squares(tensor, blank, now));
    const says = now ? TEXTS.now : todo ? TEXTS.todo : TEXTS.done;
    const isLoss = name === "loss";
    const shape = isLoss && !todo && !veiled ? lossFigure(tensor.values[0]!) : isLoss ? "1" : `${r}×${c}`;
    const classes = [
      "tile",
      role ?? "",
      todo || veiled ? "todo" : "",
      madeAt === 0 && name !== "x" ? "param" : "",
    ].join(" ");
    return html`<button
      class=${classes}
      data-tile=${name}
      data-mark="tile"
      aria-current=${now ? "step" : nothing}
      @click=${() => this.tell("go", { at: changedAt !== undefined && madeAt === 0 && this.at >= changedAt ? changedAt : madeAt, name })}
    >
      <span class="t">${nameHtml(changed ? updated : name)}</span>${keyed(now ? this.at : 0, squares)}<span
        class="sh ${isLoss ? "" : "shape"}"
        >${shape}</span
      ><span class="vh">, ${this.t(says)}</span>
    </button>`;
  }

  /** The tensor as squares; those of a result appear one after another. */
  #squares(tensor: TracedTensor, blank: boolean, now: boolean): TemplateResult {
    const { rows, columns, values } = pooled(shownOf(tensor, this.columnwise));
    let max = 1e-12;
    for (let i = 0; i < tensor.values.length; i++) max = Math.max(max, Math.abs(tensor.values[i]!) || 0);
    const square = Math.max(4, Math.min(11, Math.floor(50 / rows), Math.floor(64 / columns)));
    const appears = now && values.length <= ONE_BY_ONE;
    return html`<span
      class="th"
      .style="grid-template-columns: repeat(${columns}, auto); --square: ${square}px"
      aria-hidden="true"
      >${values.map(
        (v, i) =>
          html`<i
            class=${appears ? "appears" : ""}
            .style="${blank ? "" : filled(v, max)}; --order: ${i / values.length}"
          ></i>`,
      )}</span
    >`;
  }

  protected override updated(): void {
    this.#draw();
    const wrap = this.renderRoot.querySelector<HTMLElement>(".wrap");
    const now = this.renderRoot.querySelector<HTMLElement>(".tile.now");
    if (!wrap || !now || wrap.scrollWidth <= wrap.clientWidth + 2) return;
    const [box, tile] = [wrap.getBoundingClientRect(), now.getBoundingClientRect()];
    const left = wrap.scrollLeft + tile.left - box.left - (box.width - tile.width) / 2;
    const still = calm();
    wrap.scrollTo({ left, behavior: still ? "instant" : "smooth" });
  }

  /** The arrows, from where the tiles now are. */
  #draw(): void {
    const { look } = this;
    const picture = this.renderRoot.querySelector("svg");
    const chain = picture?.parentElement;
    if (!look || !picture || !chain) return;
    const box = chain.getBoundingClientRect();
    const boxes = new Map<string, DOMRect>();
    for (const tile of this.renderRoot.querySelectorAll<HTMLElement>("[data-tile]")) {
      const { left, top, width, height } = tile.getBoundingClientRect();
      boxes.set(tile.dataset["tile"]!, new DOMRect(left - box.left, top - box.top, width, height));
    }
    const places = placesOf(look);
    const lower = new Set(places.flatMap(({ bottom }) => bottom));
    const lines: SVGTemplateResult[] = [];
    const base = (from: readonly [number, number], to: readonly [number, number]): void => {
      lines.push(svg`<path class="base" marker-end="url(#base)" d="M${from} L${to}" />`);
    };
    const middle = ({ y, height }: DOMRect): number => y + height / 2;
    places.forEach(({ top, bottom }, i) => {
      const next = places[i + 1];
      if (!next) return;
      const [from, to] = [boxes.get(top.at(-1)!), boxes.get(next.top[0]!)];
      if (from && to) base([from.right, middle(from)], [to.left - 2, middle(from)]);
      const [end, begin] = [bottom.at(-1), next.bottom[0]];
      const [after, before] = [boxes.get(end ?? ""), boxes.get(begin === "y" ? "" : (begin ?? ""))];
      if (after && before) base([before.left, middle(before)], [after.right + 2, middle(before)]);
    });
    // from the loss to where the way back begins
    const first = look.arrows.find(({ part }) => part === "backward")?.steps[0]?.name;
    const [loss, start] = [boxes.get("loss"), boxes.get(first ?? "")];
    if (loss && start) base([loss.x + loss.width / 2, loss.bottom], [start.right + 2, middle(start)]);
    lines.push(...this.#hot(look, boxes, lower));
    render(
      svg`<defs>${[
        ["base", "--line2", 9],
        ["hot-a", "--op-a", 10],
        ["hot-b", "--op-b", 10],
        ["hot-c", "--op-c", 10],
      ].map(
        ([id, colour, size]) =>
          svg`<marker id=${id} viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth=${size} markerHeight=${size} orient="auto"><path d="M0 0 8 4 0 8z" .style="fill: var(${colour})" /></marker>`,
      )}</defs>${lines}`,
      picture,
    );
  }

  /** From the operands of this arrow to what it computes: above the map, below it, or across; side by side where they end. */
  #hot(look: Look, boxes: ReadonlyMap<string, DOMRect>, lower: ReadonlySet<string>): SVGTemplateResult[] {
    return (look.arrows[this.at - 1]?.steps ?? []).flatMap((step) => {
      const target = step.name.replace("'", "");
      const to = boxes.get(target);
      if (!to) return [];
      const centre = ({ x, width }: DOMRect): number => x + width / 2;
      const operands = [...rolesOf(step, this.columnwise)].flatMap(([name, role]) => {
        const from = boxes.get(name);
        return from && name !== target ? [{ name, role, from }] : [];
      });
      operands.sort((a, b) => centre(a.from) - centre(b.from));
      return operands.map(({ name, role, from }, k) => {
        const offset = (k - (operands.length - 1) / 2) * 13;
        const [fromLow, toLow] = [lower.has(name), lower.has(target)];
        const [x1, x2] = [centre(from), centre(to) + offset];
        let d: string;
        if (fromLow === toLow) {
          const sign = toLow ? 1 : -1;
          const y1 = (toLow ? from.bottom : from.top) + 3 * sign;
          const y2 = (toLow ? to.bottom : to.top) + 2 * sign;
          const high = 1.25 * sign * Math.min(26, 14 + Math.abs(x2 - x1) / 26);
          d = `M${x1},${y1} C${x1},${y1 + high} ${x2},${y2 + high} ${x2},${y2}`;
        } else {
          const sign = toLow ? 1 : -1;
          const y1 = (fromLow ? from.top : from.bottom) + 3 * sign;
          const y2 = (toLow ? to.top : to.bottom) - 2 * sign;
          const mid = (y1 + y2) / 2;
          d =
            Math.abs(x1 - x2) < 8
              ? `M${x1},${y1} L${x2},${y2}`
              : `M${x1},${y1} C${x1},${mid + 6 * sign} ${x2},${mid - 6 * sign} ${x2},${y2}`;
        }
        return svg`<path class="hot to-${role}" marker-end="url(#hot-${role})" d=${d} />`;
      });
    });
  }
}

/** A matrix for a tile: of several numbers the one that is farthest from zero. */
function pooled({ rows, columns, values }: Shown): { rows: number; columns: number; values: number[] } {
  const [pr, pc] = [Math.ceil(rows / MOST_SQUARES), Math.ceil(columns / MOST_SQUARES)];
  const [h, w] = [Math.ceil(rows / pr), Math.ceil(columns / pc)];
  const out = Array.from({ length: h * w }, () => 0);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const at = Math.floor(r / pr) * w + Math.floor(c / pc);
      const v = values[r * columns + c]!;
      if (!Number.isNaN(out[at]) && !(Math.abs(v) <= Math.abs(out[at]!))) out[at] = v;
    }
  return { rows: h, columns: w, values: out };
}

define("wasmgrad-chain", ChainElement);
