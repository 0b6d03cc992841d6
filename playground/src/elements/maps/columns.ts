// The columns of <wasmgrad-maps>: a layer's head and its units.
import { html, type TemplateResult } from "lit";
import { T } from "../../shell/text.ts";
import type { LayersChange, MapsLayer, UnitPlace } from "./layout.ts";

export interface Net {
  readonly layers: readonly MapsLayer[];
  readonly activationNames: readonly string[];
  /** Layers can't be changed: no buttons. */
  readonly fixed: boolean;
  /** The unit whose sum stays open. */
  readonly pinned: UnitPlace | undefined;
  readonly change: (change: LayersChange) => void;
  readonly look: (unit: UnitPlace) => void;
  readonly leave: () => void;
  readonly pin: (unit: UnitPlace) => void;
}

export function inputs(): TemplateResult {
  return html`<div class="col">
    <div class="head"><b>${T({ en: "Inputs", zh: "输入" })}</b><span>2</span></div>
    <div class="stack">
      ${[0, 1].map(
        (i) =>
          html`<div class="unit">
            <span class="name">${i === 0 ? "x₁" : "x₂"}</span>
            <div class="still" role="img" aria-label=${i === 0 ? "x₁" : "x₂"} data-mark="map">
              <canvas width="32" height="32"></canvas>
            </div>
          </div>`,
      )}
    </div>
  </div>`;
}

export function column(net: Net, layer: number): TemplateResult {
  const { units, activation, drawn } = net.layers[layer - 1]!;
  const output = layer === net.layers.length;
  const title = output ? T({ en: "Output", zh: "输出" }) : T({ en: `Layer ${layer}`, zh: `第 ${layer} 层` });
  return html`<div class="col">
    <div class="head">
      <b>${title}</b>
      ${
        output || net.fixed
          ? html`<span>${units}</span>`
          : html`<span class="count"
                ><button
                  aria-label=${T({ en: `One neuron less in layer ${layer}`, zh: `第 ${layer} 层减少一个神经元` })}
                  ?disabled=${units <= 1}
                  @click=${() => net.change({ change: "units", layer, by: -1 })}
                >
                  −</button
                ><output>${units}</output
                ><button
                  aria-label=${T({ en: `One neuron more in layer ${layer}`, zh: `第 ${layer} 层增加一个神经元` })}
                  @click=${() => net.change({ change: "units", layer, by: 1 })}
                >
                  +
                </button></span
              ><select
                aria-label=${T({ en: `Activation of layer ${layer}`, zh: `第 ${layer} 层的激活函数` })}
                .value=${activation}
                @change=${(event: Event) =>
                  net.change({
                    change: "activation",
                    layer,
                    activation: (event.target as HTMLSelectElement).value,
                  })}
              >
                ${net.activationNames.map(
                  (name) => html`<option value=${name} ?selected=${name === activation}>${name}</option>`,
                )}
              </select>`
      }
    </div>
    <div class="stack ${units > 10 ? "two" : ""}">
      ${
        drawn
          ? Array.from({ length: units }, (_, unit) => unitMap(net, { layer, unit }, title))
          : html`<div class="wide">
              ${T({
                en: `${units} neurons: maps are drawn up to 32 a layer and for 8 layers`,
                zh: `${units} 个神经元：每层至多 32 个、至多 8 层时画出小图`,
              })}
            </div>`
      }
    </div>
  </div>`;
}

function unitMap({ pinned, look, leave, pin }: Net, place: UnitPlace, title: string): TemplateResult {
  const { layer, unit } = place;
  const open = pinned?.layer === layer && pinned.unit === unit;
  return html`<div class="unit" data-unit="${layer}-${unit}">
    <button
      aria-label="${title}, ${T({ en: `neuron ${unit + 1}`, zh: `神经元 ${unit + 1}` })}"
      aria-expanded=${open}
      data-mark="map"
      @pointerenter=${(event: PointerEvent) => event.pointerType !== "touch" && look(place)}
      @pointerleave=${() => leave()}
      @focus=${() => look(place)}
      @blur=${() => leave()}
      @click=${() => pin(place)}
    >
      <canvas width="64" height="64"></canvas></button
    ><span class="bias" data-of="${layer}-${unit}" data-mark="bias" aria-hidden="true"></span>
  </div>`;
}
