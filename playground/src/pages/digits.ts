// The digits page: draw one and see it read; look inside; train on MNIST. All that computes is in a worker.
import { html, render, type TemplateResult } from "lit";
import { digitText } from "../digits/digitText.ts";
import pretrainedUrl from "../digits/lenet.safetensors.gz?url";
import "../elements/chances.ts";
import type { DrawDetail, WasmgradDigit } from "../elements/digit.ts";
import "../elements/digit.ts";
import "../elements/features.ts";
import { onKeys } from "../shell/keys.ts";
import { showFingerprint, startPage, useState, view } from "../shell/shell.ts";
import { T } from "../shell/text.ts";
import { drawDigit, isRunning, look, network, now, open, pauseOrGoOn, startDesk, train } from "./digits/desk.ts";
import "./digits/marks.ts";
import { messageCard } from "./digits/message.ts";
import { looked, networkLine, NO_NETWORK, NOTHING_DRAWN } from "./digits/reading.ts";
import { state } from "./digits/state.ts";
import { story } from "./digits/story.ts";
import { bar, progress, settings, wall } from "./digits/training.ts";
import "./digits.css";

// --- files that are dropped anywhere on the page

addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  view.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) view.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  view.classList.remove("dropping");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  void open(event.dataTransfer.files[0]);
});

// --- the page

function draw(): void {
  render(page(), view);
  const shown = network();
  if (shown) showFingerprint(shown.fingerprint);
}

const page = (): TemplateResult =>
  html`<div class="digits">
      ${messageCard()}
      <section class="card" aria-labelledby="draw-title">
        <h2 id="draw-title">${T({ en: "Draw a digit", zh: "画一个数字" })}</h2>
        <div class="drawing">
          <wasmgrad-digit @draw=${(event: CustomEvent<DrawDetail>) => look(event.detail)}></wasmgrad-digit>
          <wasmgrad-chances
            .values=${now.seen?.result?.chances}
            .none=${network() ? NOTHING_DRAWN : NO_NETWORK}
          ></wasmgrad-chances>
        </div>
        ${networkLine()}
      </section>
      <section class="card" aria-labelledby="looked-title">
        <h2 id="looked-title">${T({ en: "What it looked at", zh: "它在看哪里" })}</h2>
        ${looked()}
      </section>
      <section class="card wide" aria-labelledby="inside-title">
        <h2 id="inside-title">${T({ en: "Inside the network", zh: "网络内部" })}</h2>
        <wasmgrad-features
          .network=${now.seenBy ?? network()}
          .seen=${now.seen}
          .layer=${state.get("layer")}
          @layer=${(event: CustomEvent<string>) => {
            state.set({ layer: event.detail });
            draw();
          }}
        ></wasmgrad-features>
      </section>
      <section class="card train" aria-labelledby="train-title">
        <h2 id="train-title">${T({ en: "Train one yourself", zh: "自己训练一个" })}</h2>
        ${settings()} ${progress()}
      </section>
      <section class="card story" aria-labelledby="story-title">
        <h2 id="story-title">${T({ en: "What happens here", zh: "这里发生了什么" })}</h2>
        ${story()}
      </section>
      <section class="card wide" aria-labelledby="wall-title">
        <h2 id="wall-title">${T({ en: "What it gets wrong", zh: "它认错的图像" })}</h2>
        ${wall()}
      </section>
    </div>
    ${bar()}`;

onKeys([
  {
    key: " ",
    says: { en: "train; pause, go on", zh: "训练；暂停、继续" },
    press: () => (isRunning() ? pauseOrGoOn() : train()),
  },
  {
    key: "Delete",
    says: { en: "clear the drawing", zh: "清空画面" },
    press: () => view.querySelector<WasmgradDigit>("wasmgrad-digit")!.clear(),
  },
]);

state.on(["digit"], () => {
  // Back and forward, and a hand that edits the address
  const pixels = state.get("digit");
  if (now.seen && digitText(now.seen.pixels) !== digitText(pixels)) drawDigit(pixels);
});
state.on(["net", "images", "epochs", "batch", "opt", "lr", "seed", "layer", "of"], draw);

void startPage(() => {
  useState(state);
  const shown = startDesk(new URL(pretrainedUrl, location.href).href, draw);
  view.querySelector<WasmgradDigit>("wasmgrad-digit")!.show(state.get("digit"));
  return shown;
});
