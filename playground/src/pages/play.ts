// Play: any network on any points, live. A worker trains and paints; this page says what, and draws.
import { html, nothing, render, type TemplateResult } from "lit";
import "./play.css";
import type { BoundaryElement, PlanePoints } from "../elements/boundary.ts";
import type { LossesElement } from "../elements/losses.ts";
import type { LayersChange, MapsElement, UnitPlace, UnitTerms } from "../elements/maps.ts";
import { onTheme, SCALE, themeOf } from "../look/colour.ts";
import type { Finding } from "../play/diagnose.ts";
import { openKept } from "../play/kept.ts";
import { panels } from "../play/panelList.ts";
import { Play } from "../play/play.ts";
import { type PlayState, SETTINGS } from "../play/settings.ts";
import { taskOf } from "../play/setup.ts";
import { onKeys } from "../shell/keys.ts";
import { failed, failedWith, ready, sayBeforeLeaving, startShell, useState, view } from "../shell/shell.ts";
import { State } from "../shell/state.ts";
import { whyNoWorkers } from "../shell/worker.ts";
import { T } from "../shell/text.ts";
import { toast } from "../shell/toast.ts";
import { engine, findingsList, halted } from "./play/cards.ts";
import "./play/marks.ts";
import { editable, type Pen, pens, settled } from "./play/points.ts";
import { Readouts } from "./play/readouts.ts";
import { ACTIVATION_NAMES, Settings } from "./play/settings.ts";

function begin(state: PlayState): void {
  useState(state);
  const play = new Play(state, themeOf(view));
  sayBeforeLeaving(() => play.atStake);
  const settings = new Settings(play, draw, openTable);
  const readouts = new Readouts();
  let selected: UnitPlace | undefined;
  /** Where the pointer is, or was, on the plane. */
  let place: readonly [number, number] | undefined;
  let findings: readonly Finding[] = [];
  let lastPixels: { readonly buffer: ArrayBuffer; readonly side: number } | undefined;
  let shown = 0;
  let drawn = false;
  let due = false;
  let started: Promise<() => Promise<void>> | undefined;
  const elements = () => ({
    maps: view.querySelector<MapsElement>("wasmgrad-maps")!,
    field: view.querySelector<BoundaryElement>("wasmgrad-boundary")!,
    losses: view.querySelector<LossesElement>("wasmgrad-losses")!,
  });

  function setPoints(points: PlanePoints): void {
    const pts = settled(points);
    if (pts) settings.set({ data: "mine", pts });
    else draw();
  }

  let label = 1;
  const pen: Pen = {
    get label() {
      return label;
    },
    choose: (chosen) => {
      label = chosen;
      draw();
    },
    showTest: (on) => {
      elements().field.showTest = on;
    },
    set: setPoints,
  };

  const fieldTitle = (): string => {
    if (!selected) return T({ en: "What the network says", zh: "网络的回答" });
    const output = selected.layer > state.get("net").length;
    return output
      ? T({ en: `Output, neuron ${selected.unit + 1}`, zh: `输出，神经元 ${selected.unit + 1}` })
      : T({
          en: `Layer ${selected.layer}, neuron ${selected.unit + 1}`,
          zh: `第 ${selected.layer} 层，神经元 ${selected.unit + 1}`,
        });
  };

  function template(): TemplateResult {
    const { setup } = play;
    return html`<div class="playtop">
        <span
          class="legend"
          data-mark="scale"
          role="img"
          aria-label=${T({ en: "Colours from −1 to 1", zh: "从 −1 到 1 的颜色" })}
          ><span>−1</span><i style="background:${gradient()}"></i><span>+1</span></span
        >
      </div>
      ${settings.template()} ${halted(play, (patch) => settings.set(patch))}
      <div class="playgrid">
        <section class="card netcard" aria-label=${T({ en: "The network", zh: "网络" })}>
          <wasmgrad-maps
            .layers=${play.columns}
            .activationNames=${ACTIVATION_NAMES}
            .running=${play.running}
            .terms=${terms}
            .note=${T({ en: "Point at a neuron for its sum, at a line for its weight; tap them on a phone.", zh: "指向神经元看它的和，指向线看权重；手机上请轻点。" })}
            @unit=${(event: CustomEvent<UnitPlace | undefined>) => {
              selected = event.detail;
              drawField();
              draw();
            }}
            @layers=${(event: CustomEvent<LayersChange>) => settings.changeLayers(event.detail)}
            @set=${(event: CustomEvent<{ index: number; value: number }>) =>
              play.edit(event.detail.index, event.detail.value)}
          ></wasmgrad-maps>
          ${findingsList(findings)}
        </section>
        <section class="card outcard" aria-label=${T({ en: "Output", zh: "输出" })}>
          <div class="title"><b>${fieldTitle()}</b><span id="updates"></span></div>
          <wasmgrad-boundary
            .box=${play.data?.box ?? NO_BOX}
            .points=${setup.data === "mine" ? setup.points : (play.data ?? NO_POINTS)}
            .test=${play.test ?? NO_POINTS}
            .numbers=${taskOf(setup) === "number"}
            .editable=${editable(play)}
            .pen=${label}
            @points=${(event: CustomEvent<PlanePoints>) => setPoints(event.detail)}
            @place=${(event: CustomEvent<readonly [number, number] | undefined>) => (place = event.detail ?? place)}
          ></wasmgrad-boundary>
          ${pens(play, pen)}
          <div class="stats">
            <div data-mark="loss"><b id="train">–</b><span>${T({ en: "training loss", zh: "训练损失" })}</span></div>
            <div data-mark="loss"><b id="test">–</b><span>${T({ en: "test loss", zh: "测试损失" })}</span></div>
            <div data-mark="right">
              <b id="right">–</b><span id="rightname">${T({ en: "right, test", zh: "测试正确率" })}</span>
            </div>
            <div data-mark="speed"><b id="speed">–</b><span>${T({ en: "samples/s", zh: "样本/秒" })}</span></div>
          </div>
          <wasmgrad-losses @seek=${(event: CustomEvent<number>) => play.seek(event.detail)}></wasmgrad-losses>
          ${engine(play, readouts.speeds)}
        </section>
      </div>
      <section class="panels" aria-label=${T({ en: "Tools", zh: "工具" })}>${panels(play, state)}</section>`;
  }

  /** Renders at the next frame of the screen, however often it is asked for. */
  function draw(): void {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      if (play.fatal) return;
      render(template(), view);
    });
  }

  const terms = async (at: UnitPlace): Promise<UnitTerms | undefined> => {
    const { data, run } = play;
    if (!data || !run) return undefined;
    const x = place ?? (data.y.length > 0 ? ([data.x[0]!, data.x[1]!] as const) : ([0, 0] as const));
    return run.ask("unit", { ...at, x });
  };

  function drawField(): void {
    if (!lastPixels || !drawn) return;
    elements().field.draw(lastPixels.buffer, play.mapOffset(selected) * 4 * lastPixels.side ** 2, lastPixels.side);
  }

  // --- what comes from the worker

  play.onFrame = (frame) => {
    if (!drawn) return;
    const began = performance.now();
    const { maps, field: plane, losses } = elements();
    const { buffer, grid, hidden, running } = frame;
    maps.draw(hidden ? { buffer, side: grid, first: 1 } : undefined, frame.weights);
    const map = hidden ? play.mapOffset(selected) : 0;
    if (hidden || !selected) plane.draw(buffer, map * 4 * grid * grid, grid);
    // while it stands still, another map may be asked for
    if (!running || !lastPixels) lastPixels = { buffer: buffer.slice(0), side: grid };
    if (!frame.shown && frame.measured) losses.add(frame.updates, frame.train, frame.test);
    if (!shown++) ready();
    if (readouts.show(frame, began) && frame.running) draw();
  };
  play.onChange = draw;
  play.onMade = () => {
    lastPixels = undefined;
    findings = [];
    if (drawn) elements().losses.clear();
    draw();
  };
  play.onFindings = (found) => {
    const key = (all: readonly Finding[]): string => JSON.stringify(all);
    if (key(found) === key(findings)) return;
    findings = found;
    draw();
  };
  play.onBranch = (at) => drawn && elements().losses.branch(at);
  play.onSwap = (at) => drawn && elements().losses.swap(at);
  play.onSeek = async (updates) => {
    const open = state.get("view").split("-").filter(Boolean);
    if (!open.includes("time")) state.set({ view: [...open, "time"].join("-") });
    await import("../play/panels/time.ts");
    // it is drawn with the next frame, and asks then what is kept
    for (let i = 0; i < 40 && !view.querySelector("play-time")?.seek(updates); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  play.onMark = (at) => drawn && elements().losses.mark(at);
  play.onForbidden = (message) => {
    render(nothing, view);
    failedWith(view, new Error(message));
    ready();
  };
  play.onFatal = (what, todo, detail) => {
    render(nothing, view);
    failed(view, what, todo, detail);
    const again = document.createElement("button");
    again.className = "btn pri";
    again.textContent = T({ en: "Try again", zh: "再试一次" });
    again.addEventListener("click", () => location.reload());
    view.querySelector(".notice")?.append(again);
    ready();
  };

  onTheme(() => {
    play.run?.theme(themeOf(view));
    draw();
  });
  const gradient = (): string => {
    const scale = SCALE[themeOf(view)];
    return `linear-gradient(90deg,${[0, 32, 64, 96, 127, 159, 191, 223, 254].map((i) => `rgb(${scale[i]!.join(" ")})`).join(",")})`;
  };

  onKeys([
    { key: " ", says: { en: "train, pause", zh: "训练、暂停" }, press: () => play.train(!play.running) },
    { key: ".", says: { en: "one step", zh: "1 步" }, press: () => play.once() },
    { key: "r", says: { en: "reset", zh: "重置" }, press: () => play.reset() },
  ]);

  /** Own tables and models, fetched once the figure is there. Gives what opens the dialog. */
  const tools = (): Promise<() => Promise<void>> =>
    (started ??= import("../play/tools.ts").then(({ startTools }) => startTools(play)));
  function openTable(): void {
    void tools().then(
      (open) => open(),
      () => {
        started = undefined;
        toast({ en: "The dialog could not be fetched: is there a network?", zh: "对话框没能下载：有网络吗？" });
      },
    );
  }

  // first what is seen, then its parts one by one: no task of the page is long, and the worker gets ready in the meantime
  render(template(), view);
  setTimeout(() => {
    play.load();
    void (async () => {
      await import("../elements/boundary.ts");
      await import("../elements/maps.ts");
      await import("../elements/losses.ts");
      drawn = true;
      play.start();
      void tools().catch(() => (started = undefined));
    })();
  }, 0);
}

const NO_BOX = { left: -1, bottom: -1, size: 2 };
const NO_POINTS: PlanePoints = { x: new Float32Array(0), y: new Float32Array(0) };

startShell();

const none = typeof Worker === "undefined" ? whyNoWorkers() : undefined;
if (none) {
  failed(view, none.what, none.todo);
  ready();
} else {
  // own tables and models that the address names are read before the first run is made
  void openKept().then(() => begin(new State(SETTINGS)));
}
