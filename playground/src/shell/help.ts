// Help: every mark that is seen explained, and the keys.
import { html, render } from "lit";
import { keysNow } from "./keys.ts";
import { markedIn, markText } from "./marks.ts";
import { T } from "./text.ts";

let help: HTMLElement | undefined;

/** Opens the help, or closes it. */
export function toggleHelp(): void {
  const open = help === undefined;
  document.querySelector("[data-do=help]")!.setAttribute("aria-pressed", String(open));
  if (!open) {
    for (const element of markedIn(document)) element.classList.remove("marked");
    help?.remove();
    help = undefined;
    return;
  }
  const found = markedIn(document).filter((element) => element.getClientRects().length > 0);
  const names = [...new Set(found.map((element) => element.dataset["mark"]!))];
  for (const element of found) element.classList.add("marked");
  help = document.createElement("section");
  help.className = "card help";
  help.setAttribute("aria-label", T({ en: "What you see here", zh: "本页说明" }));
  render(
    html`<div class="row"><h2>${T({ en: "What you see here", zh: "本页说明" })}</h2></div>
      <ol>
        ${names.map((name) => html`<li data-explains=${name}>${T(markText(name) ?? { en: name, zh: name })}</li>`)}
      </ol>
      <h3>${T({ en: "Keys", zh: "按键" })}</h3>
      <dl>
        ${keysNow().map(
          ({ key, says }) =>
            html`<dt><kbd>${keyName(key)}</kbd></dt>
              <dd>${T(says)}</dd>`,
        )}
      </dl>`,
    help,
  );
  document.getElementById("main")!.prepend(help);
  help.scrollIntoView({ block: "nearest" });
}

const keyName = (key: string): string =>
  key
    .replace("ArrowRight", "→")
    .replace("ArrowLeft", "←")
    .replace("Shift+", "⇧ ")
    .replace("PageDown", "Page ↓")
    .replace("PageUp", "Page ↑")
    .replace(/^ $/, "␣");
