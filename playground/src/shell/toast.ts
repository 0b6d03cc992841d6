// A line at the foot of the window.
import { html, render } from "lit";
import { T, type Text } from "./text.ts";

interface Line {
  readonly text: Text;
  readonly action: { readonly label: Text; readonly press: () => void } | undefined;
}

/** What waits to be closed, and on top what is shown: what comes in between hides an action, and doesn't take it away. */
let lines: readonly Line[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something in a line at the foot of the window; with an action, it stays until it is closed, and comes back after what was said since. */
export function toast(text: Text, action?: Line["action"]): void {
  const line = { text, action };
  // what is said again counts once, with the newest action
  lines = [...lines.filter((other) => other.action && other.text.en !== text.en), line];
  show();
}

function close(line: Line): void {
  lines = lines.filter((other) => other !== line);
  show();
}

/** Takes a line away after six seconds; those in which the page itself isn't there yet don't count, as on a slow or busy machine. */
function fade(line: Line): void {
  const seen = document.documentElement.dataset["ready"] !== undefined;
  timer = setTimeout(() => (seen ? close(line) : fade(line)), seen ? 6000 : 200);
}

function show(): void {
  clearTimeout(timer);
  const line = lines.at(-1);
  let place = document.querySelector<HTMLElement>(".toast");
  if (!line) return place?.remove();
  if (!place) {
    place = document.createElement("div");
    place.className = "toast";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  const { text, action } = line;
  render(
    html`<span>${T(text)}</span>${
        action
          ? html`<button
                @click=${() => {
                  close(line);
                  action.press();
                }}
              >
                ${T(action.label)}</button
              ><button aria-label=${T({ en: "Close", zh: "关闭" })} @click=${() => close(line)}>×</button>`
          : ""
      }`,
    place,
  );
  if (!action) fade(line);
}
