// The run as a program for Node.
import { css, html, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { count } from "../../look/numbers.ts";
import { controls, tokens } from "../../look/sheets.ts";
import { copyText } from "../../shell/shell.ts";
import { T } from "../../shell/text.ts";
import { Tool } from "../bench.ts";
import { codeOf, HOW } from "../code.ts";
import type { Questions } from "../protocol.ts";

class Code extends Tool {
  static override styles = [
    tokens,
    controls,
    css`
      pre {
        margin: var(--s2) 0;
        padding: var(--s3);
        border: 1px solid var(--line);
        border-radius: 9px;
        background: var(--page);
        overflow: auto;
        max-height: 480px;
        font: 0.8125rem/1.55 var(--mono);
        tab-size: 2;
      }
      p {
        max-width: 78ch;
      }
    `,
  ];

  /** The update that the program goes to, what was done by hand on the way, and the fingerprint that it prints. */
  #at: Questions["fingerprint"]["give"] | undefined;
  #asks = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.changed();
  }

  protected override changed(): void {
    if (this.#asks) return;
    this.#asks = true;
    void this.#ask().finally(() => (this.#asks = false));
  }

  async #ask(): Promise<void> {
    try {
      this.#at = await this.bench.run.ask("fingerprint");
    } catch {
      this.#at = undefined; // made anew, and asked again then
    }
    this.requestUpdate();
  }

  async #copy(): Promise<void> {
    // a run that goes on would leave the program behind
    if (this.bench.running) this.bench.train(false);
    await this.#ask();
    const code = this.#code();
    if (code && this.#at)
      await copyText(code, {
        en: `Copied. In Node it prints ${this.#at.fingerprint}, as here after ${count(this.#at.updates)} updates.`,
        zh: `已复制。它在 Node 里打印 ${this.#at.fingerprint}，与此处 ${count(this.#at.updates)} 次更新后相同。`,
      });
  }

  #code(): string | undefined {
    const { data, setup } = this.bench;
    return data && this.#at ? codeOf(setup, data, this.#at.updates, this.#at.edits) : undefined;
  }

  override render(): TemplateResult {
    const code = this.#code();
    if (!code || !this.#at) {
      return html`<p class="soft">
        ${
          this.bench.data?.y.length === 0
            ? T({
                en: "There are no points yet, so there is nothing to train a program on.",
                zh: "还没有点，程序没有可训练的数据。",
              })
            : T({ en: "Writing the program …", zh: "正在写程序……" })
        }
      </p>`;
    }
    return html`<div class="row">
        <button class="btn pri" data-do="copy" @click=${() => void this.#copy()}>
          ${icons.copy}${T({ en: "Copy as code", zh: "复制为代码" })}
        </button>
        <span class="small soft">${T(HOW)}</span>
      </div>
      ${
        this.#at.edits
          ? ""
          : html`<p class="card notice small" role="status">
              ${T({
                en: `The run had halted, and went on after a weight was changed by hand. This program can't do that, so its fingerprint differs. Reset, or continue from an earlier time: then it has what you change from then on.`,
                zh: `训练曾经停下，手动改动权重之后又继续。程序做不到这一点，所以指纹不同。请重置，或从更早的时刻继续：此后的改动程序里都会有。`,
              })}
            </p>`
      }
      <pre tabindex="0" role="region" aria-label=${T({ en: "Program", zh: "程序" })}><code>${code}</code></pre>
      <p class="small soft">
        ${T({ en: "It makes", zh: "它进行" })} ${count(this.#at.updates)}
        ${T({ en: "updates and prints", zh: "次更新并打印" })}
        <code class="mono" data-fingerprint>${this.#at.fingerprint}</code>${T({
          en: ": the fingerprint of this page's weights. Same seed, same bits, in every engine.",
          zh: "：即本页权重的指纹。同样的种子，在任何引擎里都逐位相同。",
        })}
      </p>`;
  }
}
customElements.define("play-code", Code);
