// Cards of the Play page: the update that was not made, findings, and what computes.
import { html, nothing, type TemplateResult } from "lit";
import { count, short, value } from "../../look/numbers.ts";
import type { Finding } from "../../play/diagnose.ts";
import type { Play } from "../../play/play.ts";
import { taskOf } from "../../play/setup.ts";
import { librarySays } from "../../shell/librarySays.ts";
import { T, type Text } from "../../shell/text.ts";
import type { Speeds } from "./readouts.ts";
import type { Settings } from "./settings.ts";

/** The update that was not made, and what to do. */
export function halted(play: Play, set: Settings["set"]): TemplateResult | typeof nothing {
  const { halt, state } = play;
  if (!halt) return nothing;
  const { layer, tensor, update, rate } = halt;
  const where = layer ? `${tensor} (${layer})` : tensor || T({ en: "the loss", zh: "损失" });
  return html`<section class="card notice haltcard" role="alert">
    <h2>
      ${T({
        en: `Update ${count(update)} was not made: it would have brought NaN or infinity.`,
        zh: `第 ${count(update)} 次更新没有进行：它会带来 NaN 或无穷大。`,
      })}
    </h2>
    <p>
      ${T({
        en: `First bad tensor: ${where}; the rate is ${value(rate)}. The weights are those of update ${count(update - 1)}: nothing is lost.`,
        zh: `第一个出错的张量：${where}；学习率是 ${value(rate)}。权重仍是第 ${count(update - 1)} 次更新之后的：什么都没有丢失。`,
      })}
    </p>
    <p class="small soft">${librarySays(halt.message)}</p>
    <div class="btns">
      <button
        class="btn pri"
        data-do="slower"
        @click=${() => set({ lr: Number((state.get("lr") / 10).toPrecision(6)) })}
      >
        ${T({ en: `Rate ÷ 10: ${value(state.get("lr") / 10)}`, zh: `学习率 ÷ 10：${value(state.get("lr") / 10)}` })}
      </button>
      ${
        state.get("norm")
          ? nothing
          : html`<button class="btn" data-do="normalise" @click=${() => set({ norm: true })}>
              ${T({ en: "Normalise x", zh: "归一化 x" })}
            </button>`
      }
      ${
        taskOf(play.setup) === "number"
          ? nothing
          : html`<button class="btn" data-do="steps" @click=${() => void play.stepThrough()}>
              ${T({ en: `Step through update ${count(update)}`, zh: `逐步查看第 ${count(update)} 次更新` })}
            </button>`
      }
    </div>
  </section>`;
}

/** What is wrong with the network, if something is. */
export function findingsList(findings: readonly Finding[]): TemplateResult {
  return html`<div class="findings" aria-live="polite">
    ${findings.slice(0, 4).map(
      ({ kind, what, todo, layer }) =>
        html`<details class="card finding" data-kind=${kind}>
          <summary>${T(FINDINGS[kind])} · ${T({ en: `layer ${layer + 1}`, zh: `第 ${layer + 1} 层` })}</summary>
          <p>${T(what)}</p>
          <p class="soft">${T(todo)}</p>
        </details>`,
    )}
  </div>`;
}

const FINDINGS: Readonly<Record<Finding["kind"], Text>> = {
  dead: { en: "Dead units", zh: "神经元死亡" },
  saturated: { en: "Saturation", zh: "神经元饱和" },
  vanishing: { en: "Vanishing gradient", zh: "梯度消失" },
  exploding: { en: "Exploding gradient", zh: "梯度爆炸" },
};

/** What computes here. */
export function engine(play: Play, { script, frames, updates }: Speeds): TemplateResult {
  const { engine: facts } = play;
  if (!facts) return html`<div class="engine"></div>`;
  const threads =
    facts.threads > 1
      ? T({ en: `${facts.threads} threads`, zh: `${facts.threads} 个线程` })
      : T({
          en: "1 thread: more don't gain on networks this small",
          zh: "1 个线程：这么小的网络用更多线程并不会更快",
        });
  const shared = facts.isolated
    ? T({ en: "memory could be shared", zh: "可以共享内存" })
    : T({
        en: "this page may not share memory (from its second visit on it may)",
        zh: "本页不能共享内存（第二次访问起可以）",
      });
  return html`<div class="engine" data-mark="engine">
    <span>WASM SIMD <b>✓</b></span
    ><span>${T({ en: "worker", zh: "工作线程" })} <b>✓</b></span>
    <span><b>${frames.toFixed(0)}</b> ${T({ en: "frames/s", zh: "帧/秒" })}</span>
    <span>${T({ en: "page", zh: "页面" })} <b>${script.toFixed(1)}</b> ms</span>
    <span><b>${short(updates)}</b> ${T({ en: "updates/s", zh: "次更新/秒" })}</span>
    <span><b>${size(play.bytes)}</b> ${T({ en: "memory", zh: "内存" })}</span>
    <span><b>${count(facts.parameters)}</b> ${T({ en: "parameters", zh: "个参数" })}</span>
    <span><b>${size(pageBytes() + facts.loaded)}</b> ${T({ en: "loaded", zh: "已下载" })}</span>
    <p>${threads}${T({ en: "; ", zh: "；" })}${shared}${T({ en: ".", zh: "。" })}</p>
  </div>`;
}

/** Bytes in kB or MB. */
const size = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Bytes that this page fetched, as they were sent. */
function pageBytes(): number {
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return (entries as PerformanceResourceTiming[]).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
}
