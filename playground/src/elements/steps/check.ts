// The gradient check: how many agree, the pair of the number that is looked at, and how it is measured.
import { html, nothing, svg, type TemplateResult } from "lit";
import { icons } from "../../look/icons.ts";
import { value as figure } from "../../look/numbers.ts";
import { cellOf } from "../../steps/shown.ts";
import type { Check } from "../../steps/walk.ts";
import type { Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

export function checkCard(
  scene: Scene,
  check: Check | undefined,
  how: boolean,
  open: (how: boolean) => void,
): TemplateResult {
  const { look, step, attention, t } = scene;
  let pair: TemplateResult | typeof nothing = nothing;
  if (check && step) {
    const index = attention.indexIn(step);
    const flat = cellOf(step, index, false);
    const found = check.pairs.get(`${step.name}:${flat}`);
    if (found)
      pair = html`<div class="pair">
          <span>${t(TEXTS.analytic)}</span><span class="num" data-pair="analytic">${figure(found.analytic)}</span>
          <span>${t(TEXTS.numeric)}</span><span class="num" data-pair="numeric">${figure(found.numeric)}</span>
        </div>
        ${look.parameters.some(({ name }) => `d${name}` === step.name) ? howCard(scene, step.name, flat, found.analytic, how, open) : nothing}`;
  }
  const badge = (): TemplateResult => {
    if (!check) return html`<span class="soft small">${t(TEXTS.checking)}</span>`;
    const { result, wrong, of } = check;
    const { checked } = result;
    const some = checked + result.kinks < of ? html` <span>(${t(TEXTS.checkedOf)} ${of})</span>` : nothing;
    return html`<span class=${wrong === 0 ? "ok" : "wrong"}
      >${wrong === 0 ? icons.tick : icons.cross}${checked - wrong} / ${checked}${some}</span
    >`;
  };
  return html`<section class="card" data-mark="check">
    <h3>${t(TEXTS.check)} ${badge()}</h3>
    <p>${t(TEXTS.checkSays)}${check && check.result.kinks > 0 ? ` ${check.result.kinks} ${t(TEXTS.kinks)}.` : ""}</p>
    ${pair}
  </section>`;
}

/** How a gradient is measured: the loss beside the parameter, on a curve. */
function howCard(
  { session, look, rows, t }: Scene,
  gradient: string,
  flat: number,
  slope: number,
  how: boolean,
  open: (how: boolean) => void,
): TemplateResult {
  let picture: TemplateResult | typeof nothing = nothing;
  const which = look.parameters.findIndex(({ name }) => `d${name}` === gradient);
  if (how && which >= 0) {
    const [w, h, reach, nudge] = [300, 110, 1, 0.4];
    const distances = Array.from({ length: 25 }, (_, i) => ((i - 12) / 12) * reach);
    const losses = session.lossAround(rows, which, flat, [...distances, -nudge, nudge]);
    const [low, high] = [losses.pop(), losses.pop()].toReversed() as [number, number];
    const middle = losses[12]!;
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    const px = (d: number): number => ((d + reach) / (2 * reach)) * w;
    const py = (v: number): number => h - 8 - ((v - least) / (most - least || 1)) * (h - 16);
    const line = (d: number, at: number, by: number): readonly [number, number] => [px(d), py(at + by * d)];
    const secant = (high - low) / (2 * nudge);
    const centre = (high + low) / 2;
    picture = html`<svg class="curve" viewBox="0 0 ${w} ${h}" aria-hidden="true">
      ${svg`<path d="M${distances.map((d, i) => `${px(d).toFixed(1)},${py(losses[i]!).toFixed(1)}`).join(" L")}" fill="none" stroke="var(--ink)" stroke-width="2" />
      <path d="M${line(-0.75, middle, slope)} L${line(0.75, middle, slope)}" stroke="var(--accent)" stroke-width="2" />
      <path d="M${line(-0.75, centre, secant)} L${line(0.75, centre, secant)}" stroke="var(--op-b)" stroke-width="2" stroke-dasharray="5 4" />
      <circle cx=${px(0)} cy=${py(middle)} r="4.5" fill="var(--accent)" />
      ${[-nudge, nudge].map((d, i) => svg`<circle cx=${px(d)} cy=${py([low, high][i]!)} r="4" fill="var(--card)" stroke="var(--op-b)" stroke-width="2" />`)}`}
    </svg>`;
  }
  return html`<details
    class="how"
    .open=${how}
    @toggle=${(event: Event) => open((event.target as HTMLDetailsElement).open)}
  >
    <summary>${t(TEXTS.how)}</summary>
    ${picture}
    <p>${t(TEXTS.howSays)}</p>
  </details>`;
}
