// Histograms of each layer's weights, activations and gradients, and what goes wrong in them.
import { css, html, type TemplateResult } from "lit";
import "../../elements/histogram.ts";
import { controls, tokens } from "../../look/sheets.ts";
import { T, type Text } from "../../shell/text.ts";
import { Tool } from "../bench.ts";
import { type Bins, binsOf } from "../../look/bins.ts";
import { diagnose, type Finding } from "../diagnose.ts";

const KINDS = ["weights", "activations", "gradients"] as const;
const NAMES: Record<(typeof KINDS)[number], Text> = {
  weights: { en: "Weights", zh: "权重" },
  activations: { en: "Activations", zh: "激活值" },
  gradients: { en: "Gradients", zh: "梯度" },
};

interface Row {
  readonly name: Text;
  readonly bins: Record<(typeof KINDS)[number], Bins>;
}

class Histograms extends Tool {
  static override styles = [
    tokens,
    controls,
    css`
      .layer {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 4px var(--s3);
        padding: var(--s2) 0;
        border-top: 1px solid var(--line);
      }
      .layer h3 {
        grid-column: 1 / -1;
      }
      .layer h4 {
        margin: 0 0 2px;
        font-size: 0.75rem;
        font-weight: 550;
        color: var(--soft);
      }
      .findings {
        display: grid;
        gap: var(--s2);
        margin-bottom: var(--s3);
        padding: 0;
        list-style: none;
      }
      .findings li {
        border-left: 4px solid var(--bad);
        padding: 2px 0 2px 12px;
        max-width: 78ch;
      }
      .findings li.mild {
        border-color: var(--line2);
      }
    `,
  ];

  #rows: readonly Row[] = [];
  #findings: readonly Finding[] = [];
  #waits = false;
  #said = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.changed();
  }

  protected override changed(): void {
    if (this.#waits) return;
    this.#waits = true;
    void this.bench.run
      .ask("look")
      .then((layers) => {
        const last = layers.length - 1;
        this.#rows = layers.map((layer, i) => ({
          name:
            i === last
              ? { en: `Output, ${layer.units}`, zh: `输出，${layer.units}` }
              : {
                  en: `Layer ${i + 1}, ${layer.units} ${layer.activation}`,
                  zh: `第 ${i + 1} 层，${layer.units} ${layer.activation}`,
                },
          bins: {
            weights: binsOf(layer.weights),
            activations: binsOf(layer.activations),
            gradients: binsOf(layer.gradients),
          },
        }));
        this.#findings = diagnose(layers);
        this.requestUpdate();
      })
      .catch(() => undefined) // the run is made anew, and asked again then
      .finally(() => (this.#waits = false));
  }

  override render(): TemplateResult {
    if (this.#rows.length === 0) {
      const empty = this.bench.data?.y.length === 0;
      return html`<p class="soft">
        ${
          empty
            ? T({
                en: "There are no points yet: activations and gradients need some.",
                zh: "还没有点：有了点才能计算激活值和梯度。",
              })
            : T({ en: "Looking into the layers …", zh: "正在查看各层……" })
        }
      </p>`;
    }
    const text = this.#findings.map(({ what }) => T(what)).join(" ");
    const changed = text.replaceAll(/\d+/g, "") !== this.#said.replaceAll(/\d+/g, "");
    if (changed) this.#said = text;
    return html`<span class="vh" role="status">${this.#said}</span>
      ${
        this.#findings.length > 0
          ? html`<ul class="findings">
              ${this.#findings.map(
                ({ kind, what, todo }) =>
                  html`<li class=${kind === "saturated" ? "mild" : ""} data-finding=${kind}>
                    <p>${T(what)}</p>
                    <p class="soft">${T(todo)}</p>
                  </li>`,
              )}
            </ul>`
          : html`<p class="small soft">
              ${T({
                en: "No unit is dead or saturated, and the gradient neither vanishes nor explodes.",
                zh: "没有单元死亡或饱和，梯度既没有消失也没有爆炸。",
              })}
            </p>`
      }
      ${this.#rows.map(
        ({ name, bins }) =>
          html`<section class="layer">
            <h3>${T(name)}</h3>
            ${KINDS.map(
              (kind) =>
                html`<div>
                  <h4>${T(NAMES[kind])}</h4>
                  <wasmgrad-histogram .bins=${bins[kind]} name="${T(name)}, ${T(NAMES[kind])}"></wasmgrad-histogram>
                </div>`,
            )}
          </section>`,
      )}
      <p class="small soft">
        ${T({
          en: "From one pass over at most 256 of the training points; gradients are those of the weights.",
          zh: "取自对至多 256 个训练点的一遍计算；梯度是权重的梯度。",
        })}
      </p>`;
  }
}
customElements.define("play-histograms", Histograms);
