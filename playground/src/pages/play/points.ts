// Points of one's own on the Play page.
import { html, type TemplateResult } from "lit";
import type { PlanePoints } from "../../elements/boundary.ts";
import { count } from "../../look/numbers.ts";
import type { Play } from "../../play/play.ts";
import { LIMITS, taskOf } from "../../play/setup.ts";
import { settle } from "../../shell/codec.ts";
import { T, type Text } from "../../shell/text.ts";
import { toast } from "../../shell/toast.ts";

/** What a click on the plane puts there. */
export interface Pen {
  /** A class; -1 takes away. */
  readonly label: number;
  choose(label: number): void;
  showTest(shown: boolean): void;
  set(points: PlanePoints): void;
}

/** What a click on the plane does; where points can't be changed, how to make them one's own. */
export function pens(play: Play, pen: Pen): TemplateResult {
  if (!editable(play)) {
    return html`<div class="pens row">
      <button class="btn" data-do="edit" ?disabled=${!play.data} @click=${() => editThese(play, pen)}>
        ${T({ en: "Edit these points", zh: "编辑这些点" })}
      </button>
      <label class="check"
        ><input
          type="checkbox"
          name="test"
          @change=${(event: Event) => {
            pen.showTest((event.target as HTMLInputElement).checked);
          }}
        />${T({ en: "test points", zh: "测试点" })}</label
      >
    </div>`;
  }
  const choices: [number, Text][] = [
    [1, { en: "● 1", zh: "● 1" }],
    [0, { en: "■ 0", zh: "■ 0" }],
    [2, { en: "▲ 2", zh: "▲ 2" }],
    [-1, { en: "erase", zh: "擦除" }],
  ];
  return html`<div class="pens row">
    <div class="seg" role="group" aria-label=${T({ en: "A click puts a point of class", zh: "点击放下的点的类别" })}>
      ${choices.map(
        ([label, name]) =>
          html`<button
            aria-pressed=${pen.label === label}
            data-pen=${label}
            @click=${() => {
              pen.choose(label);
            }}
          >
            ${T(name)}
          </button>`,
      )}
    </div>
    <button class="btn" data-do="clear" @click=${() => pen.set({ x: new Float32Array(0), y: new Float32Array(0) })}>
      ${T({ en: "Clear", zh: "清空" })}
    </button>
  </div>`;
}

/** Points that a click changes go into the link: a table with values, or with more rows than that holds, stays as it is. */
export const editable = (play: Play): boolean =>
  play.setup.data === "mine" && taskOf(play.setup) !== "number" && play.setup.points.y.length <= LIMITS.points;

function editThese(play: Play, pen: Pen): void {
  const { data } = play;
  if (!data || taskOf(play.setup) === "number") {
    toast({
      en: "These points have numbers, which a click can't give. Choose points with classes, or own points.",
      zh: "这些点带的是数值，点击给不出。请选带类别的数据，或自己的点。",
    });
    return;
  }
  pen.set({ x: data.x, y: data.y });
}

/** Points as a link keeps them; undefined if they are too many for one. */
export function settled({ x, y }: PlanePoints): PlanePoints | undefined {
  if (y.length > LIMITS.points) {
    toast({
      en: `A link holds at most ${count(LIMITS.points)} points; the last ones were not taken.`,
      zh: `链接至多容纳 ${count(LIMITS.points)} 个点；最后的没有采用。`,
    });
    return undefined;
  }
  return { x: x.map(settle), y };
}
