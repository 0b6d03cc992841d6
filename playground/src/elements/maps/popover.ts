// What <wasmgrad-maps> says of a unit, and of a weight.
import { html, nothing, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { percent, value } from "../../look/numbers.ts";
import { T, type Text } from "../../shell/text.ts";
import {
  biasIndex,
  type Edge,
  edgeName,
  type MapsLayer,
  type UnitPlace,
  type UnitTerms,
  weightIndex,
} from "./layout.ts";

/** Terms that are listed of a sum. */
const TERMS = 8;

export interface Popover {
  readonly layers: readonly MapsLayer[];
  readonly open: UnitPlace;
  /** What it adds up, once that is known. */
  readonly sum: UnitTerms | undefined;
  /** It stays, and can be edited. */
  readonly pinned: boolean;
  readonly style: string;
  readonly set: (index: number, text: string, field: HTMLInputElement) => void;
  readonly close: () => void;
}

/** An edge, and where the pointer is. */
export interface PointedEdge extends Edge {
  readonly x: number;
  readonly y: number;
}

/** A unit's sum, term by term. */
export function popover({ layers, open, sum, pinned, style, set, close }: Popover): TemplateResult {
  const { layer, unit } = open;
  const output = layer === layers.length;
  const activation = layers[layer - 1]?.activation ?? "linear";
  const where: Text = output ? { en: "Output", zh: "输出" } : { en: `Layer ${layer}`, zh: `第 ${layer} 层` };
  const title = T({ en: `${where.en}, neuron ${unit + 1}`, zh: `${where.zh}，神经元 ${unit + 1}` });
  const name = (i: number): string => (layer === 1 ? `x${i + 1}` : `a${layer - 1}[${i + 1}]`);
  const shown = sum ? Math.min(TERMS, sum.inputs.length) : 0;
  const rest = sum
    ? Array.from({ length: sum.inputs.length - shown }, (_, i) => sum.inputs[shown + i]! * sum.weights[shown + i]!)
    : [];
  const field = (index: number, v: number, label: string): TemplateResult | string =>
    pinned
      ? html`<input
          aria-label=${label}
          .value=${value(v)}
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            set(index, input.value, input);
          }}
        />`
      : value(v);
  return html`<section
    class="card pop ${pinned ? "" : "look"}"
    .style=${style}
    tabindex="-1"
    role=${pinned ? "dialog" : "tooltip"}
    aria-label=${title}
    data-mark="popover"
  >
    <h3>${title}</h3>
    ${
      pinned
        ? html`<button class="close" aria-label=${T({ en: "Close", zh: "关闭" })} @click=${() => close()}>
            ${icons.cross}
          </button>`
        : nothing
    }
    ${
      sum
        ? html`<table>
              <tbody>
                ${Array.from(
                  { length: shown },
                  (_, i) =>
                    html`<tr>
                      <td>${name(i)}</td>
                      <td>
                        ${field(
                          weightIndex(layers, { layer, from: i, to: unit }),
                          sum.weights[i]!,
                          T({ en: `weight of ${name(i)}`, zh: `${name(i)} 的权重` }),
                        )}
                      </td>
                      <td>· ${value(sum.inputs[i]!)}</td>
                      <td>${value(sum.weights[i]! * sum.inputs[i]!)}</td>
                    </tr>`,
                )}
                ${
                  rest.length > 0
                    ? html`<tr>
                        <td colspan="3">… ${rest.length} ${T({ en: "more", zh: "项" })}</td>
                        <td>${value(rest.reduce((total, v) => total + v, 0))}</td>
                      </tr>`
                    : nothing
                }
                <tr>
                  <td>b</td>
                  <td>${field(biasIndex(layers, open), sum.bias, T({ en: "bias", zh: "偏置" }))}</td>
                  <td></td>
                  <td>${value(sum.bias)}</td>
                </tr>
                <tr class="sum">
                  <td colspan="3">z = Σ w·${layer === 1 ? "x" : "a"} + b</td>
                  <td class="z">${value(sum.z)}</td>
                </tr>
                ${
                  activation === "linear"
                    ? nothing
                    : html`<tr>
                        <td colspan="3">a = ${activation}(z)</td>
                        <td class="a">${value(sum.a)}</td>
                      </tr>`
                }
              </tbody>
            </table>
            ${
              Number.isNaN(sum.zeros) || output
                ? nothing
                : html`<p>
                    ${T({
                      en: `Over the points: 0 at ${percent(sum.zeros)}, flat at ${percent(sum.saturated)}.`,
                      zh: `在各点上：${percent(sum.zeros)} 为 0，${percent(sum.saturated)} 处饱和。`,
                    })}
                  </p>`
            }
            ${pinned ? nothing : html`<p>${T({ en: "Click to keep it open and edit.", zh: "点击可固定并编辑。" })}</p>`}`
        : html`<p>…</p>`
    }
  </section>`;
}

/** The weight under the pointer. */
export function tip(edge: PointedEdge, v: number, width: number): TemplateResult {
  const left = edge.x + 12;
  return html`<div class="tip" .style="left:${Math.min(left, width - 190)}px;top:${edge.y + 14}px">
    ${edgeName(edge)}: ${value(v)}
  </div>`;
}

/** A field for a weight. */
export function editor(
  editing: PointedEdge,
  v: number,
  width: number,
  set: (text: string, field: HTMLInputElement) => void,
): TemplateResult {
  const name = edgeName(editing);
  return html`<form
    class="card pop edit"
    .style="left:${Math.max(8, Math.min(editing.x - 20, width - 328))}px;top:${editing.y + 10}px"
    @submit=${(event: Event) => {
      event.preventDefault();
      const field = (event.target as HTMLFormElement).querySelector("input")!;
      set(field.value, field);
    }}
  >
    <label class="field">${T({ en: "Weight", zh: "权重" })} ${name}<input name="weight" .value=${value(v, 6)} /></label>
    <button class="btn pri">${T({ en: "Set", zh: "设定" })}</button>
  </form>`;
}
