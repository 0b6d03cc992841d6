// The controls of <wasmgrad-steps>: arrows, rows, updates.
import { html, nothing, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { nameText } from "../../steps/names.ts";
import { value as figure } from "../../look/numbers.ts";
import { BATCH, type RowsChoice } from "../../steps/nets.ts";
import type { Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

const SPEEDS = [0.5, 1, 2, 4] as const;
/** More samples than that are chosen from a list. */
const MOST_BUTTONS = 6;

export interface Controls {
  readonly playing: boolean;
  speed: number;
  /** The values of each row of x, where samples are named by them. */
  readonly own: readonly (readonly number[])[] | undefined;
  go(at: number): void;
  back(): void;
  next(): void;
  togglePlay(): void;
  train(updates: number): void;
  undo(): void;
  show(rows: RowsChoice): void;
}

export function bar(scene: Scene, controls: Controls): TemplateResult {
  const { session, look, at: k, step: now, t } = scene;
  const n = look.arrows.length;
  const atEnd = k >= n;
  return html`<div class="bar" part="bar" role="region" aria-label=${t(TEXTS.controls)} data-mark="controls">
    <div>
      <div class="btns">
        <button
          class="btn narrow"
          data-do="first"
          ?disabled=${k === 0}
          aria-label=${t(TEXTS.first)}
          @click=${() => controls.go(0)}
        >
          ${icons.first}
        </button>
        <button
          class="btn"
          data-do="back"
          ?disabled=${k === 0}
          aria-label=${t(TEXTS.back)}
          @click=${() => controls.back()}
        >
          ${icons.back}
        </button>
        <button
          class="btn"
          data-do="play"
          aria-label=${t(controls.playing ? TEXTS.pause : TEXTS.play)}
          @click=${() => controls.togglePlay()}
        >
          ${controls.playing ? icons.pause : icons.play}
        </button>
        <button class="btn pri" data-do="next" @click=${() => controls.next()}>
          <span
            >${
              atEnd ? t(TEXTS.onward) : html`${t(TEXTS.nextShort)}<span class="narrow">${t(TEXTS.nextRest)}</span>`
            }</span
          >${icons.next}
        </button>
        <button
          class="btn wide"
          data-do="last"
          ?disabled=${atEnd}
          aria-label=${t(TEXTS.last)}
          @click=${() => controls.go(n)}
        >
          ${icons.last}
        </button>
      </div>
      <label class="scrub"
        ><span>${k} / ${n}</span
        ><input
          type="range"
          min="0"
          max=${n}
          .value=${String(k)}
          data-do="scrub"
          aria-label=${t(TEXTS.step)}
          aria-valuetext="${k}: ${now ? nameText(now.name) : t(TEXTS.start)}"
          @input=${(event: Event) => controls.go(Number((event.target as HTMLInputElement).value))}
      /></label>
      <select
        class="field wide"
        data-do="speed"
        aria-label=${t(TEXTS.speed)}
        @change=${(event: Event) => (controls.speed = Number((event.target as HTMLSelectElement).value))}
      >
        ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === controls.speed}>${speed}×</option>`)}
      </select>
      ${rowsPicker(scene, controls)}
      <div class="btns">
        <button class="btn" data-do="one" @click=${() => controls.train(1)}>${t(TEXTS.one)}</button>
        <button class="btn" data-do="many" @click=${() => controls.train(100)}>${t(TEXTS.many)}</button>
        <button
          class="btn"
          data-do="undo"
          ?disabled=${!session.canGoBack}
          aria-label=${t(TEXTS.undo)}
          title=${t(TEXTS.undo)}
          @click=${() => controls.undo()}
        >
          ${icons.undo}
        </button>
      </div>
    </div>
  </div>`;
}

function rowsPicker({ session, rows, choice: chosen, t }: Scene, controls: Controls): TemplateResult {
  const { count } = session;
  const { own } = controls;
  const label = (row: number): string =>
    own && count <= MOST_BUTTONS ? own[row]!.map((v) => figure(v)).join(" ") : String(row + 1);
  const choices: (readonly [RowsChoice, string])[] = [["all", t(TEXTS.batch)]];
  if (count > 1) choices.push(["turn", t(TEXTS.turn)]);
  if (count > BATCH) choices.push(["bturn", t(TEXTS.batchTurn)]);
  if (count > BATCH)
    for (let i = 0; i * BATCH < count; i++)
      choices.push([`b${i}`, `${i * BATCH + 1}–${Math.min(count, (i + 1) * BATCH)}`]);
  for (let row = 0; row < Math.min(count, 500); row++) choices.push([`${row}`, label(row)]);
  const few = count <= MOST_BUTTONS;
  return html`${
      few
        ? html`<div class="seg" role="group" aria-label=${t(TEXTS.rows)}>
            ${choices.map(
              ([choice, text]) =>
                html`<button
                  data-rows=${choice}
                  class=${choice === rows && choice !== chosen ? "now" : ""}
                  title=${choice === "turn" ? t(TEXTS.turnSays) : nothing}
                  aria-pressed=${choice === chosen}
                  @click=${() => controls.show(choice)}
                >
                  ${text}
                </button>`,
            )}
          </div>`
        : nothing
    }
    <select
      class="field ${few ? "pick" : ""}"
      data-do="rows"
      aria-label=${t(TEXTS.rows)}
      @change=${(event: Event) => controls.show((event.target as HTMLSelectElement).value as RowsChoice)}
    >
      ${choices.map(([choice, text]) => html`<option value=${choice} ?selected=${choice === chosen}>${text}</option>`)}
    </select>`;
}
