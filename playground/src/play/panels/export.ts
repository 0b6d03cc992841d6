// Out of the page: the model as a safetensors file, the points as CSV. And in: a model's file.
import { css, html, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { controls, tokens } from "../../look/sheets.ts";
import { copyText } from "../../shell/shell.ts";
import { T } from "../../shell/text.ts";
import { Tool } from "../bench.ts";
import { download } from "../../shell/download.ts";
import { toast } from "../../shell/toast.ts";
import { keptNow } from "../kept.ts";
import { ownName } from "../settings.ts";

/** Events: `file` (detail: File) when the user gives one. */
class Export extends Tool {
  static override styles = [
    tokens,
    controls,
    css`
      section + section {
        margin-top: var(--s4);
      }
      p {
        max-width: 78ch;
        margin-top: var(--s2);
      }
      h3 {
        margin-bottom: var(--s2);
      }
      label.btn:focus-within {
        outline: 2.5px solid var(--accent);
        outline-offset: 2px;
      }
    `,
  ];

  async #model(): Promise<void> {
    try {
      const { bytes, updates } = await this.bench.run.ask("file");
      download(`play-${updates}.safetensors`, bytes as Uint8Array<ArrayBuffer>, "application/octet-stream");
    } catch (error) {
      const { message } = error as Error;
      toast({ en: `The model could not be written: ${message}`, zh: `无法写出模型：${message}` });
    }
  }

  async #table(): Promise<string> {
    const { csvOf } = await import("../csv.ts");
    const { x, y, testX, testY } = this.bench.data!;
    const name = ownName(this.bench.state.get("data"));
    return csvOf([...x, ...testX], [...y, ...testY], (name === undefined ? undefined : keptNow(name)?.names) ?? []);
  }

  override render(): TemplateResult {
    const points = (this.bench.data?.y.length ?? 0) + (this.bench.data?.testY.length ?? 0);
    return html`<section>
        <h3>${T({ en: "The model", zh: "模型" })}</h3>
        <div class="btns">
          <button class="btn pri" data-do="model" ?disabled=${!this.bench.data} @click=${() => void this.#model()}>
            ${icons.download}${T({ en: "safetensors", zh: "safetensors" })}
          </button>
          <label class="btn"
            >${T({ en: "Open a model", zh: "打开模型" })}<input
              class="vh"
              type="file"
              accept=".safetensors"
              @change=${(event: Event) => {
                const input = event.target as HTMLInputElement;
                const [file] = input.files ?? [];
                if (file)
                  this.dispatchEvent(new CustomEvent<File>("file", { detail: file, bubbles: true, composed: true }));
                input.value = "";
              }}
          /></label>
        </div>
        <p class="small soft">
          ${T({
            en: "Weights and architecture in one file, which wasmgrad loads in Node and in pages, and whose weights every library reads. Files can be dropped anywhere on this page, too.",
            zh: "权重与结构在同一个文件里：wasmgrad 在 Node 和网页中都能载入，其中的权重任何库都能读。文件也可以拖到本页任意位置。",
          })}
        </p>
      </section>
      <section>
        <h3>${T({ en: "The points", zh: "数据点" })}</h3>
        <div class="btns">
          <button
            class="btn"
            data-do="copy-data"
            ?disabled=${points === 0}
            @click=${async () =>
              copyText(await this.#table(), {
                en: `${points} points copied as CSV.`,
                zh: `已将 ${points} 个点复制为 CSV。`,
              })}
          >
            ${icons.copy}${T({ en: "Copy data", zh: "复制数据" })}
          </button>
          <button
            class="btn"
            ?disabled=${points === 0}
            @click=${async () => download("points.csv", await this.#table(), "text/csv")}
          >
            ${icons.download}CSV
          </button>
        </div>
        <p class="small soft">
          ${T({ en: `${points} points, those of the test last.`, zh: `${points} 个点，测试点在最后。` })}
        </p>
      </section>`;
  }
}
customElements.define("play-export", Export);
