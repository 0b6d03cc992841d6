// The matrices of a step, as its formula has them.
import type { Expression, Step } from "wasmgrad";
import { html, mathml, nothing, type TemplateResult } from "lit";
import { expressionMath } from "../../steps/mathml.ts";
import { drawn } from "../../steps/equation.ts";
import { cellOf, indexOf, placeOf, type Shown, shownOf, transposed } from "../../steps/shown.ts";
import { asColumns } from "../../steps/trees.ts";
import { rolesOf, sourcesOf } from "../../steps/walk.ts";
import "../matrix.ts";
import type { Role } from "../matrix.ts";
import type { Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

export interface EquationActions {
  /** A number of the step is chosen. */
  readonly choose: (name: string, at: number) => void;
  readonly unveil: (name: string, at: number) => void;
  /** To the arrow that made a number. */
  readonly origin: (name: string, index: readonly number[]) => void;
}

/** The matrices of a step, as its formula has them. */
export function equation(scene: Scene, step: Step, act: EquationActions): TemplateResult {
  const { look, attention, columnwise, pointed, veiled, t } = scene;
  const isNow = step === scene.step;
  const index = attention.indexIn(step);
  const out = shownOf(step.tensor, columnwise);
  const sources = isNow ? sourcesOf(step, index) : new Map<string, number[][]>();
  const roles = rolesOf(step, columnwise);
  // what is compared has one scale: a parameter before and after its update
  const shared =
    step.part === "update"
      ? largest([step.tensor.values, look.tensors.get(step.name.replace("'", ""))!.values])
      : undefined;
  const result = html`<wasmgrad-matrix
    data-name=${step.name}
    grid
    .name=${step.name}
    .rows=${out.rows}
    .columns=${out.columns}
    .values=${out.values}
    .max=${shared}
    .at=${cellOf(step, index, columnwise)}
    .veiled=${veiled}
    .unveiled=${attention.unveiled(step.name)}
    .unchosen=${!isNow}
    @cell=${(event: CustomEvent<{ at: number }>) => act.choose(step.name, event.detail.at)}
    @unveil=${(event: CustomEvent<{ at: number }>) => act.unveil(step.name, event.detail.at)}
    @pointerdown=${() => isNow || act.choose(step.name, cellOf(step, index, columnwise))}
  ></wasmgrad-matrix>`;
  const operand = (name: string, flip: boolean): TemplateResult => {
    const tensor = look.tensors.get(name)!;
    const upright = shownOf(tensor, columnwise);
    const shown = flip ? transposed(upright) : upright;
    const marks = new Map<number, Role>();
    for (const place of sources.get(name) ?? [])
      marks.set(placeIn(upright, turn(place, columnwise), flip), roles.get(name) ?? "c");
    if (pointed?.name === name) marks.set(placeIn(upright, pointed.index, flip), "now");
    return html`<wasmgrad-matrix
      data-name=${name}
      .name=${name}
      .transposed=${flip}
      .rows=${shown.rows}
      .columns=${shown.columns}
      .values=${shown.values}
      .max=${name === step.name.replace("'", "") ? shared : undefined}
      .roles=${marks}
      @origin=${(event: CustomEvent<{ at: number }>) => {
        const { at } = event.detail;
        const turned = flip ? (at % upright.rows) * upright.columns + Math.floor(at / upright.rows) : at;
        act.origin(name, indexOf(tensor, turned, columnwise));
      }}
    ></wasmgrad-matrix>`;
  };
  const { expression } = step;
  const view = expression && (columnwise ? asColumns(expression) : expression);
  const terms = view && drawn(view);
  if (terms)
    return html`<div class="eq">
      ${result}${terms.map(
        ({ before, matrix }, i) =>
          html`<span class="term"
            >${i === 0 ? sign("=") : nothing}${before.map(sign)}${matrix ? operand(matrix.name, matrix.transposed) : nothing}</span
          >`,
      )}
    </div>`;
  return html`<div class="eq">
    ${result}${step.operands.map(
      (name, i) =>
        html`<span class="term"
          ><span class="op word">${t(i === 0 ? TEXTS.from : TEXTS.and)}</span>${operand(name, false)}</span
        >`,
    )}
  </div>`;
}

const sign = (one: string | Expression): TemplateResult => {
  if (typeof one === "string") return html`<span class="op ${/\p{L}{2}/u.test(one) ? "word" : ""}">${one}</span>`;
  const words = { if: "", else: "" };
  const enclosed =
    one.op === "add" ? mathml`<mo>(</mo>${expressionMath(one, words)}<mo>)</mo>` : expressionMath(one, words);
  return html`<math class="op"><mrow>${enclosed}</mrow></math>`;
};

/** A place as the library counts them, in a matrix that may lie the other way. */
export const turn = (index: readonly number[], columnwise: boolean): readonly number[] =>
  columnwise && index.length === 2 ? index.toReversed() : index;

/** A place of a matrix, as it is drawn. */
function placeIn(upright: Shown, index: readonly number[], flip: boolean): number {
  const at = placeOf(upright, index);
  return flip ? (at % upright.columns) * upright.rows + Math.floor(at / upright.columns) : at;
}

function largest(all: readonly Float32Array[]): number {
  return all.reduce((most, values) => values.reduce((a, v) => Math.max(a, Math.abs(v) || 0), most), 1e-12);
}
