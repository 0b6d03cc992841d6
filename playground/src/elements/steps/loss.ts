// The loss on the rows that are shown, and its course.
import { html, nothing, svg, type TemplateResult } from "lit";
import { loss as lossFigure } from "../../look/numbers.ts";
import type { Scene } from "./scene.ts";
import { TEXTS } from "./texts.ts";

export function lossCard({ session, look, at: now, hidden, t }: Scene): TemplateResult {
  const at = look.madeBy.get("loss")!;
  const { losses } = session;
  const seen = now >= at && !(now === at && hidden);
  const after =
    look.after !== undefined && now > at
      ? {
          en: `One update takes it to ${lossFigure(look.after)}.`,
          zh: `更新一步后为 ${lossFigure(look.after)}。`,
        }
      : TEXTS.lossTrain;
  return html`<section class="card" data-mark="loss">
    <h3>${t(TEXTS.loss)}<span class="num" .style=${"font-weight: 600"}>${seen ? lossFigure(look.loss) : "–"}</span></h3>
    ${spark([...losses, look.loss])}
    <p>${t(after)}</p>
  </section>`;
}

/** The course of the loss. */
function spark(losses: readonly number[]): TemplateResult | typeof nothing {
  if (losses.length < 3) return nothing;
  const [w, h] = [300, 54];
  const finite = losses.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const stride = Math.max(1, Math.floor(losses.length / 150));
  const points = losses.filter((_, i) => i % stride === 0 || i === losses.length - 1);
  const d = points.map(
    (v, i) =>
      `${((i / (points.length - 1)) * w).toFixed(1)},${(h - 4 - ((v - least) / (most - least || 1)) * (h - 9)).toFixed(1)}`,
  );
  return html`<svg class="curve" viewBox="0 0 ${w} ${h}" aria-hidden="true">
    ${svg`<path d="M${d.join(" L")}" fill="none" stroke="var(--accent)" stroke-width="2" />`}
  </svg>`;
}
