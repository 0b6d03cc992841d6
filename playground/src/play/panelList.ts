// The tools below the Play page's figure: a tab each, fetched when it is opened for the first time.
import { html, type TemplateResult } from "lit";
import { T, type Text } from "../shell/text.ts";
import type { Play } from "./play.ts";
import type { PlayState } from "./settings.ts";

interface Panel {
  /** In the URL's `view`. */
  readonly name: string;
  readonly title: Text;
  /** Its element, which gets the property `bench`. */
  readonly element: string;
  readonly fetch: () => Promise<unknown>;
}

/** In the order of the tabs. */
const PANELS: readonly Panel[] = [
  {
    name: "histograms",
    title: { en: "Histograms", zh: "直方图" },
    element: "play-histograms",
    fetch: () => import("./panels/histograms.ts"),
  },
  { name: "time", title: { en: "Time", zh: "时间" }, element: "play-time", fetch: () => import("./panels/time.ts") },
  { name: "race", title: { en: "Race", zh: "比赛" }, element: "play-race", fetch: () => import("./panels/race.ts") },
  { name: "code", title: { en: "Code", zh: "代码" }, element: "play-code", fetch: () => import("./panels/code.ts") },
  {
    name: "export",
    title: { en: "Export", zh: "导出" },
    element: "play-export",
    fetch: () => import("./panels/export.ts"),
  },
];

const places = new Map<string, HTMLElement>();

/** The element of a panel, made at its first opening. */
function placeOf({ name, title, element, fetch }: Panel, play: Play): HTMLElement {
  const known = places.get(name);
  if (known) return known;
  const place = document.createElement("div");
  place.className = "place card";
  place.dataset["panel"] = name;
  places.set(name, place);
  void fetch().then(
    () => {
      const tool = document.createElement(element) as HTMLElement & { bench?: Play };
      tool.bench = play;
      const heading = document.createElement("h2");
      heading.textContent = T(title);
      place.replaceChildren(heading, tool);
    },
    () => {
      place.textContent = T({
        en: "This part could not be fetched: is there a network? Close it and open it again.",
        zh: "这部分没能下载：有网络吗？请关上再打开。",
      });
      places.delete(name);
    },
  );
  return place;
}

/** The tabs, and the panels that are open. */
export function panels(play: Play, state: PlayState): TemplateResult {
  const open = state.get("view").split("-").filter(Boolean);
  return html`<div class="btns">
      ${PANELS.map(
        ({ name, title }) =>
          html`<button
            class="btn"
            aria-expanded=${open.includes(name)}
            data-panel=${name}
            @click=${() => {
              const next = open.includes(name) ? open.filter((other) => other !== name) : [...open, name];
              state.set({ view: next.join("-") });
            }}
          >
            ${T(title)}
          </button>`,
      )}
    </div>
    ${PANELS.filter(({ name }) => open.includes(name)).map((panel) => placeOf(panel, play))}`;
}
