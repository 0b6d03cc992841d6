// What the digits page says of the network that reads, and what that looked at.
import { html, nothing, type TemplateResult } from "lit";
import type { NetworkInfo } from "../../digits/messages.ts";
import "../../elements/heat.ts";
import { largest } from "../../elements/heat.ts";
import { icons } from "../../look/icons.ts";
import { count, percent } from "../../look/numbers.ts";
import { same, T, type Text } from "../../shell/text.ts";
import { changed, look, network, networks, now, open } from "./desk.ts";
import { state } from "./state.ts";

/** What the network that comes with the page gets right of MNIST's 10,000 test images: scripts/pretrain.mjs measures it. */
const PRETRAINED_RIGHT = 0.9936;

export const NOTHING_DRAWN: Text = { en: "nothing drawn yet", zh: "还没有画" };
export const NO_NETWORK: Text = { en: "no network yet", zh: "还没有网络" };
const ON_ITS_WAY: Text = { en: "The network is on its way.", zh: "网络正在加载。" };
const TRAIN_ONE: Text = {
  en: "There is no network yet: train one, or open a model.",
  zh: "还没有网络：训练一个，或打开模型。",
};

const originName = (origin: NetworkInfo["origin"]): Text =>
  ({
    pretrained: { en: "trained beforehand", zh: "预先训练的" },
    trained: { en: "trained here", zh: "在此训练的" },
    file: same(networks.get("file")?.fileName ?? ""),
  })[origin];

export function networkLine(): TemplateResult {
  const shown = network();
  if (!shown)
    return html`<p class="small soft">${T(now.withoutPretrained ? TRAIN_ONE : ON_ITS_WAY)}</p>
      ${openButton()}`;
  const about: Text =
    shown.origin === "pretrained"
      ? {
          en: `LeNet-5 with ${count(shown.parameters)} weights, trained beforehand on MNIST's ${count(60_000)} images and distorted copies of them. It reads ${percent(PRETRAINED_RIGHT)} of the ${count(10_000)} test images correctly; drawings by mouse are harder.`,
          zh: `LeNet-5，${count(shown.parameters)} 个权重，预先用 MNIST 的 ${count(60_000)} 张图像及其变形训练。${count(10_000)} 张测试图像读对 ${percent(PRETRAINED_RIGHT)}；鼠标画的更难。`,
        }
      : shown.origin === "trained"
        ? {
            en: `The network that you train here, ${count(shown.parameters)} weights.`,
            zh: `你在这里训练的网络，${count(shown.parameters)} 个权重。`,
          }
        : {
            en: `The model of ${shown.fileName}, ${count(shown.parameters)} weights.`,
            zh: `${shown.fileName} 中的模型，${count(shown.parameters)} 个权重。`,
          };
  return html`<p class="small soft" data-network=${shown.origin} style="margin-top:var(--s3)">${T(about)}</p>
    <div class="row" style="margin-top:6px">
      ${
        networks.size > 1
          ? html`<div
              class="seg"
              role="group"
              style="margin-top:6px"
              aria-label=${T({ en: "Network that reads", zh: "读数字的网络" })}
            >
              ${[...networks.keys()].map(
                (origin) =>
                  html`<button
                    data-use=${origin}
                    aria-pressed=${shown.origin === origin}
                    @click=${() => {
                      now.reader = origin;
                      look();
                      changed();
                    }}
                  >
                    ${T(originName(origin))}
                  </button>`,
              )}
            </div>`
          : nothing
      }
      ${openButton()}
    </div>`;
}

/** A model's file can be dropped anywhere, too. */
const openButton = (): TemplateResult =>
  html`<label class="btn"
    >${icons.open} ${T({ en: "Open a model…", zh: "打开模型…" })}
    <input
      class="vh"
      type="file"
      accept=".safetensors"
      @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        void open(input.files?.[0]);
        input.value = "";
      }}
  /></label>`;

export function looked(): TemplateResult {
  const result = now.seen?.result;
  const gradient = result?.gradient;
  return html`<div class="looked">
    <figure data-mark="gradient" data-gradient>
      <wasmgrad-heat
        .values=${gradient}
        .ink=${now.seen?.pixels ?? new Uint8Array(784)}
        .max=${gradient ? largest(gradient) : 1}
      ></wasmgrad-heat>
    </figure>
    <div>
      <p class="small">
        ${T({
          en: "Each pixel's colour says what more ink there would do to the network's probability of the digit below: blue, raise it; orange, lower it. It is one backward pass, all the way to the image.",
          zh: "每个像素的颜色说明：那里墨再多一点，网络会不会更肯定下面选的数字。蓝色：更肯定；橙色：更怀疑。这是一次直达图像的反向传播。",
        })}
      </p>
      ${
        result && !gradient
          ? html`<p class="small soft">
              ${T({ en: "This network has no backward pass for a single image.", zh: "这个网络不能对单张图像做反向传播。" })}
            </p>`
          : nothing
      }
      <figure data-mark="seen" style="margin-top:6px">
        <wasmgrad-heat class="small-digit" .ink=${now.seen?.pixels ?? new Uint8Array(784)}></wasmgrad-heat>
        <figcaption class="small soft">
          ${T({
            en: "What the network is shown: 28 × 28 pixels. Your drawing is made 20 pixels large and its centre of mass is put in the middle, as MNIST's digits are.",
            zh: "网络看到的：28 × 28 像素。你的画缩放到 20 像素，质心放在中央，与 MNIST 的数字一样。",
          })}
        </figcaption>
      </figure>
    </div>
    <div
      class="seg digits-of"
      role="group"
      aria-label=${T({ en: "Digit that the colours are about", zh: "颜色针对的数字" })}
    >
      <button aria-pressed=${state.get("of") === null} @click=${() => setOf(null)}>
        ${T({ en: "likeliest", zh: "最可能的" })}
      </button>
      ${Array.from(
        { length: 10 },
        (_, k) =>
          html`<button data-of=${k} aria-pressed=${state.get("of") === k} @click=${() => setOf(k)}>${k}</button>`,
      )}
    </div>
  </div>`;
}

function setOf(k: number | null): void {
  state.set({ of: k });
  look();
  changed();
}
