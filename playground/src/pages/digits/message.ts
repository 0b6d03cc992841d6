// What went wrong on the digits page, as a card.
import { html, nothing, type TemplateResult } from "lit";
import { value } from "../../look/numbers.ts";
import { librarySays } from "../../shell/librarySays.ts";
import { T } from "../../shell/text.ts";
import { changed, now, train } from "./desk.ts";
import { state } from "./state.ts";

export function messageCard(): TemplateResult | typeof nothing {
  if (!now.message) return nothing;
  const { what, todo, detail, slower } = now.message;
  return html`<section class="card notice wide" role="alert">
    <h2>${T(what)}</h2>
    <p>${T(todo)}</p>
    ${detail ? html`<p class="small soft mono" style="overflow-wrap:anywhere">${librarySays(detail)}</p>` : nothing}
    <div class="btns">
      ${
        slower === undefined
          ? nothing
          : html`<button
              class="btn pri"
              @click=${() => {
                state.set({ lr: slower });
                train();
              }}
            >
              ${T({ en: "Train with rate", zh: "用学习率" })} ${value(slower, 3)}${T({ en: "", zh: " 训练" })}
            </button>`
      }
      <button
        class="btn"
        @click=${() => {
          now.message = undefined;
          changed();
        }}
      >
        ${T({ en: "Close", zh: "关闭" })}
      </button>
    </div>
  </section>`;
}
