// The sample that belongs to the number that is looked at, and its network.
import type { Step } from "wasmgrad";
import { html, nothing, type TemplateResult } from "lit";
import { value as figure } from "../../look/numbers.ts";
import { rowNumbers } from "../../steps/nets.ts";
import { cellOf } from "../../steps/shown.ts";
import { type Look, sourcesOf } from "../../steps/walk.ts";
import "../net.ts";
import { netOf } from "../net.ts";
import type { Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

/** The sample that the number belongs to; undefined where it is of all of them. */
export function sampleOf({ session, step, rows, attention }: Scene): number | undefined {
  const numbers = rowNumbers(rows, session.count);
  const bySample =
    step &&
    step.part !== "update" &&
    step.shape.length === 2 &&
    step.shape[0] === numbers.length &&
    !/^\w+\.\w+$/.test(step.kind.replace(/\.(gradient|input)$/, ""));
  return bySample ? numbers[attention.indexIn(step)[0]!]! : undefined;
}

/** A sample among the rows that are shown; the last one where it isn't among them. */
export function sampleCard(scene: Scene, sample: number): TemplateResult | typeof nothing {
  const { look, step, t } = scene;
  const numbers = rowNumbers(scene.rows, scene.session.count);
  const row = numbers.includes(sample) ? numbers.indexOf(sample) : numbers.length - 1;
  const layers = netOf(look, row, scene.hidden ? scene.at - 1 : scene.at);
  if (!layers) return nothing;
  const of = (name: string): string => {
    const { values } = look.tensors.get(name)!;
    const size = values.length / numbers.length;
    const some = Array.from(values.subarray(row * size, (row + 1) * size));
    return `${some
      .slice(0, 4)
      .map((v) => figure(v))
      .join(" ")}${some.length > 4 ? " …" : ""}`;
  };
  const index = step ? scene.attention.indexIn(step) : [];
  const on = new Set<string>();
  const [, layer] = /^d?[Za](\d+)$/.exec(step?.name ?? "") ?? [];
  if (layer && index.length === 2) on.add(`${layer}:${index[1]}`);
  return html`<section class="card">
    <h3>
      ${t(TEXTS.sample)} ${numbers[row]! + 1}<span class="mono" .style=${"font-weight: 500"}
        >${of("x")} → ${of("y")}</span
      >
    </h3>
    <wasmgrad-net
      .layers=${layers}
      .lit=${step ? weightsIn(look, step, index) : new Set()}
      .on=${on}
      @unit=${(event: Event) => event.stopPropagation()}
    ></wasmgrad-net>
  </section>`;
}

/** The parameters that a number is made with, or that it is the gradient of: `w1:3`. */
function weightsIn(look: Look, step: Step, index: readonly number[]): ReadonlySet<string> {
  const lit = new Set<string>();
  for (const [name, all] of [...sourcesOf(step, index), [step.name, [index]] as const]) {
    const parameter = name.replace(/^d(?=[wb]\d)/, "").replace("'", "");
    const tensor = look.tensors.get(parameter);
    if (tensor && look.parameters.includes(tensor))
      for (const place of all) lit.add(`${parameter}:${cellOf(tensor, place, false)}`);
  }
  return lit;
}
