// The step that is looked at: what it says, its matrices, its formula; before the first one what is given.
import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { nameHtml } from "../../steps/names.ts";
import type { Text } from "../../shell/text.ts";
import { cellOf, indexOf, shownOf } from "../../steps/shown.ts";
import { rolesOf } from "../../steps/walk.ts";
import "../formula.ts";
import "../matrix.ts";
import type { Role } from "../matrix.ts";
import { equation, type EquationActions, turn } from "./equation.ts";
import type { Place, Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

export interface StageActions extends EquationActions {
  readonly chooseGiven: (name: string, index: readonly number[]) => void;
  readonly edit: (name: string, at: number, value: number) => void;
  readonly point: (place: Place | undefined) => void;
  readonly view: (view: { readonly columns: boolean } | { readonly veiled: boolean }) => void;
}

export function stage(scene: Scene, act: StageActions): TemplateResult {
  const { look, arrow, step, attention, columnwise, note, t } = scene;
  if (!arrow || !step)
    return html`<div class="head">
        <h2 id="title">${t(TEXTS.given)}</h2>
        ${switches(scene, act)}
      </div>
      <p class="says">${t(TEXTS.givenSays)}${note ? html` <b>${t(note)}</b>` : nothing}</p>
      <div class="eq">${look.given.map((tensor) => givenMatrix(scene, tensor.name, act))}</div>`;
  const at = cellOf(step, attention.indexIn(step), columnwise);
  const roles = rolesOf(step, columnwise);
  const over = (event: CustomEvent<Place | undefined>): void => act.point(event.detail ?? undefined);
  const origin = ({ detail }: CustomEvent<Place>): void => act.origin(detail.name, turn(detail.index, columnwise));
  return html`<div class="head">
      <span class="k">${scene.at} / ${look.arrows.length}</span>
      <h2 id="title">
        ${arrow.steps.map(({ name }, i) => html`${i > 0 ? ", " : ""}${nameHtml(name)}`)} · ${t(step.title)}
      </h2>
      ${switches(scene, act)}
    </div>
    <p class="says">${t(step.says)}${note ? html` <b>${t(note)}</b>` : nothing}</p>
    ${keyed(scene.at, html`<div class="comes">${arrow.steps.map((one) => equation(scene, one, act))}</div>`)}
    <wasmgrad-formula
      part="formula"
      .step=${step}
      .at=${at}
      .columnwise=${columnwise}
      .roles=${roles}
      .veiled=${scene.hidden}
      @over=${over}
      @origin=${origin}
      >${legend(roles, t)}</wasmgrad-formula
    >
    ${step.expression ? nothing : html`<p class="soft small">${t(TEXTS.unknown)}</p>`}
    ${
      step.lines.length > 0
        ? html`<details class="lines" open>
            <summary>${t(TEXTS.lines)}</summary>
            ${step.lines.map(
              (line) =>
                html`<wasmgrad-formula
                  .step=${line}
                  .at=${at}
                  .columnwise=${columnwise}
                  .roles=${rolesOf(line, columnwise)}
                  @over=${over}
                  @origin=${origin}
                ></wasmgrad-formula>`,
            )}
          </details>`
        : nothing
    }`;
}

function switches({ columnwise, veiled, t }: Scene, act: StageActions): TemplateResult {
  const box = (label: Text, on: boolean, name: string, set: (on: boolean) => void): TemplateResult =>
    html`<label class="check"
      ><input
        type="checkbox"
        name=${name}
        .checked=${on}
        @change=${(event: Event) => set((event.target as HTMLInputElement).checked)}
      />${t(label)}</label
    >`;
  return html`<div class="switches">
    ${box(TEXTS.columns, columnwise, "columns", (on) => act.view({ columns: on }))}
    ${box(TEXTS.hide, veiled, "veiled", (on) => act.view({ veiled: on }))}
  </div>`;
}

function legend(roles: ReadonlyMap<string, Role>, t: Scene["t"]): TemplateResult {
  const texts = { a: TEXTS.left, b: TEXTS.right, c: TEXTS.third, now: TEXTS.the };
  const kinds = [...new Set(roles.values())];
  return html`<span class="key"
    ><span><b class="now"></b>${t(TEXTS.the)}</span>${kinds.map(
      (kind) => html`<span><b class=${kind}></b>${t(texts[kind])}</span>`,
    )}</span
  >`;
}

function givenMatrix(scene: Scene, name: string, act: StageActions): TemplateResult {
  const { look, session, attention, columnwise } = scene;
  const tensor = look.tensors.get(name)!;
  const shown = shownOf(tensor, columnwise);
  const editable = look.parameters.includes(tensor);
  const chosen = attention.chosen(name);
  const edited = new Set<number>();
  for (const key of session.edited) {
    const [of, flat] = key.split(":");
    if (of !== name) continue;
    edited.add(cellOf(tensor, indexOf(tensor, Number(flat), false), columnwise));
  }
  return html`<wasmgrad-matrix
    data-name=${name}
    .name=${name}
    .rows=${shown.rows}
    .columns=${shown.columns}
    .values=${shown.values}
    .editable=${editable}
    .edited=${edited}
    .at=${cellOf(tensor, chosen ?? tensor.shape.map(() => 0), columnwise)}
    ?grid=${editable}
    @cell=${(event: CustomEvent<{ at: number }>) => act.chooseGiven(name, indexOf(tensor, event.detail.at, columnwise))}
    @edit=${(event: CustomEvent<{ at: number; value: number }>) => act.edit(name, event.detail.at, event.detail.value)}
  ></wasmgrad-matrix>`;
}
