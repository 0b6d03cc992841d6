// <wasmgrad-maps>: a network as columns of neurons, each with its map of the plane; lines are weights, chips are biases.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { colour, inkOn, onTheme, SCALE, type Theme, themeOf } from "../look/colour.ts";
import { readNumber } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { column, inputs, type Net } from "./maps/columns.ts";
import { type Box, drawEdges, edgeAt } from "./maps/edges.ts";
import {
  biasIndex,
  type LayersChange,
  type MapsLayer,
  type UnitPlace,
  type UnitTerms,
  weightIndex,
  widthOf,
} from "./maps/layout.ts";
import { editor, type PointedEdge, popover, tip } from "./maps/popover.ts";
import { styles } from "./maps/styles.ts";

export type { LayersChange, MapsLayer, UnitPlace, UnitTerms } from "./maps/layout.ts";

/** A picture: pixels of `side` times `side` for each map, one after the other, from `first` on. */
export interface MapsFrame {
  readonly buffer: ArrayBuffer;
  readonly side: number;
  readonly first: number;
}

/** Milliseconds between two drawings of the edges, at least: dashes and lines cost more than all maps. */
const EDGES = 100;
/** Milliseconds of a frame of the screen. */
const FRAME = 17;
/** So many times as long as the screen needs for a drawing of many lines is the time until the next. */
const REST = 4;
/** Milliseconds between two sums of the unit that is looked at. */
const SUMS = 200;

/**
 * Events: `unit` (detail: UnitPlace, or undefined when none is looked at any more), `layers` (LayersChange), `set`
 * (detail: { index, value }: one parameter by its place among all).
 */
export class MapsElement extends LitElement {
  static override properties = {
    layers: { attribute: false },
    activationNames: { attribute: false },
    running: { type: Boolean },
    fixed: { type: Boolean },
    terms: { attribute: false },
    note: {},
    open: { state: true },
    pinned: { state: true },
    sum: { state: true },
    edge: { state: true },
    editing: { state: true },
  };
  static override styles = [tokens, controls, styles];

  declare layers: readonly MapsLayer[];
  /** Names of the activations that a layer can have. */
  declare activationNames: readonly string[];
  declare running: boolean;
  /** Layers can't be changed: no buttons. */
  declare fixed: boolean;
  /** Gives what a unit adds up now. */
  declare terms: ((place: UnitPlace) => Promise<UnitTerms | undefined>) | undefined;
  declare note: string;
  declare open: UnitPlace | undefined;
  declare pinned: boolean;
  declare sum: UnitTerms | undefined;
  declare edge: PointedEdge | undefined;
  declare editing: PointedEdge | undefined;
  #weights: Float32Array = new Float32Array(0);
  #contexts: (CanvasRenderingContext2D | undefined)[] = [];
  #side = 0;
  #drawnAt = -Infinity;
  #apart = EDGES;
  #poll: ReturnType<typeof setInterval> | undefined;
  #places: readonly (readonly Box[])[] = [];
  #theme: Theme = "light";
  #colours = { negative: "", positive: "" };
  #endTheme: (() => void) | undefined;
  readonly #resized = new ResizeObserver(() => this.#measure());

  constructor() {
    super();
    this.layers = [];
    this.activationNames = [];
    this.running = false;
    this.fixed = false;
    this.note = "";
    this.pinned = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endTheme = onTheme(() => this.#themed());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endTheme?.();
    this.#resized.disconnect();
    clearInterval(this.#poll);
  }

  override firstUpdated(): void {
    this.#resized.observe(this.renderRoot.querySelector(".inner")!);
    this.#themed();
  }

  // --- pictures

  /** Draws a frame. `weights`: all parameters in their order. */
  draw(frame: MapsFrame | undefined, weights: Float32Array): void {
    this.#weights = weights;
    if (frame) {
      const { buffer, side, first } = frame;
      const bytes = 4 * side * side;
      let at = first * bytes;
      for (const context of this.#contextsFor(side)) {
        context?.putImageData(new ImageData(new Uint8ClampedArray(buffer, at, bytes), side, side), 0, 0);
        at += bytes;
      }
    }
    const now = performance.now();
    if (this.running && now - this.#drawnAt < this.#apart) return;
    this.#drawEdges();
  }

  #contextsFor(side: number): readonly (CanvasRenderingContext2D | undefined)[] {
    if (side !== this.#side || this.#contexts.length === 0) {
      this.#side = side;
      const all = this.renderRoot.querySelectorAll<HTMLCanvasElement>("[data-unit] canvas");
      this.#contexts = [...all].map((canvas) => {
        if (canvas.width !== side) canvas.width = canvas.height = side;
        return canvas.getContext("2d") ?? undefined;
      });
    }
    return this.#contexts;
  }

  #themed(): void {
    this.#theme = themeOf(this);
    const probe = this.renderRoot.querySelector<HTMLElement>(".probe");
    if (!probe) return;
    const plain = (name: string): string => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    this.#colours = { negative: plain("--neg"), positive: plain("--pos") };
    this.#drawInputs();
    this.#drawEdges();
  }

  /** x1 grows to the right, x2 upwards. */
  #drawInputs(): void {
    const scale = SCALE[this.#theme];
    const side = 32;
    this.renderRoot.querySelectorAll<HTMLCanvasElement>(".still canvas").forEach((canvas, axis) => {
      const image = new ImageData(side, side);
      for (let i = 0; i < side * side; i++) {
        const v = axis === 0 ? ((i % side) + 0.5) / side : 1 - (Math.floor(i / side) + 0.5) / side;
        const [r, g, b] = scale[Math.round(127 + 112 * (2 * v - 1))]!;
        image.data.set([r, g, b, 255], 4 * i);
      }
      canvas.getContext("2d")?.putImageData(image, 0, 0);
    });
  }

  #measure(): void {
    const inner = this.renderRoot.querySelector<HTMLElement>(".inner");
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>("canvas.edges");
    if (!inner || !canvas) return;
    const area = inner.getBoundingClientRect();
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(area.width * ratio), Math.round(area.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.#places = [...this.renderRoot.querySelectorAll(".stack")].map((stack) =>
      [...stack.querySelectorAll(".unit")].map((unit) => {
        const box = unit.getBoundingClientRect();
        return { l: box.left - area.left, r: box.right - area.left, y: box.top - area.top + box.height / 2 };
      }),
    );
    this.#drawEdges();
  }

  #drawEdges(): void {
    this.#drawnAt = performance.now();
    const context = this.renderRoot?.querySelector<HTMLCanvasElement>("canvas.edges")?.getContext("2d");
    if (!context || this.#weights.length === 0 || this.#places.length === 0) return;
    const { layers, running } = this;
    drawEdges(context, {
      layers,
      weights: this.#weights,
      places: this.#places,
      colours: this.#colours,
      dashed: !running,
    });
    const began = this.#drawnAt;
    // lines are painted after this: the second frame from now comes when they are
    requestAnimationFrame(() =>
      requestAnimationFrame(() => (this.#apart = Math.max(EDGES, REST * (performance.now() - began - 2 * FRAME)))),
    );
    this.#drawBiases();
    // the weight under the pointer follows
    if (this.edge) this.requestUpdate();
  }

  #drawBiases(): void {
    for (const chip of this.renderRoot.querySelectorAll<HTMLElement>(".bias")) {
      const [layer, unit] = chip.dataset["of"]!.split("-").map(Number) as [number, number];
      const v = this.#weights[biasIndex(this.layers, { layer, unit })];
      if (v === undefined) continue;
      const top = this.#largestBias(layer);
      const text = chipText(v);
      if (chip.textContent !== text) chip.textContent = text;
      chip.style.background = colour(v, top, this.#theme);
      chip.style.color = inkOn(v, top, this.#theme);
    }
  }

  #largestBias(layer: number): number {
    const from = biasIndex(this.layers, { layer, unit: 0 });
    let top = 1e-6;
    for (let i = 0; i < widthOf(this.layers, layer); i++) top = Math.max(top, Math.abs(this.#weights[from + i] ?? 0));
    return Math.max(0.5, top);
  }

  // --- what is looked at

  #look(place: UnitPlace | undefined, pin = false): void {
    if (this.pinned && !pin && place !== undefined) return;
    const same = place?.layer === this.open?.layer && place?.unit === this.open?.unit;
    if (same && pin === this.pinned) return;
    this.open = place;
    this.pinned = pin;
    if (!same) {
      this.sum = undefined;
      this.dispatchEvent(new CustomEvent("unit", { detail: place, bubbles: true, composed: true }));
    }
    clearInterval(this.#poll);
    if (!place) return;
    void this.#fetch();
    this.#poll = setInterval(() => void this.#fetch(), SUMS);
  }

  async #fetch(): Promise<void> {
    const place = this.open;
    if (!place || !this.terms) return;
    const sum = await this.terms(place).catch(() => undefined);
    if (this.open !== place || !sum) return;
    const first = this.sum === undefined;
    this.sum = sum;
    if (first && this.pinned) await this.#showWhole();
  }

  #leave(): void {
    if (!this.pinned) this.#look(undefined);
  }

  #close(): void {
    const { open } = this;
    this.#look(undefined);
    this.editing = undefined;
    if (open) this.renderRoot.querySelector<HTMLElement>(`[data-unit="${open.layer}-${open.unit}"] button`)?.focus();
  }

  async #pin(place: UnitPlace): Promise<void> {
    if (this.pinned && this.open?.layer === place.layer && this.open.unit === place.unit) return this.#close();
    this.#look(place, true);
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".pop")?.focus();
    await this.#showWhole();
  }

  async #showWhole(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector(".pop")?.scrollIntoView({ block: "nearest" });
  }

  readonly #arrows = (event: KeyboardEvent): void => {
    const from = (event.target as Element).closest<HTMLElement>("[data-unit]")?.dataset["unit"]?.split("-").map(Number);
    const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!from || !way) return;
    const layer = from[0]! + way[0]!;
    const unit = Math.max(0, Math.min(widthOf(this.layers, layer) - 1, from[1]! + way[1]!));
    const next = this.renderRoot.querySelector<HTMLElement>(`[data-unit="${layer}-${unit}"] button`);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  };

  #change(detail: LayersChange): void {
    this.dispatchEvent(new CustomEvent<LayersChange>("layers", { detail, bubbles: true, composed: true }));
  }

  #set(index: number, text: string, field: HTMLInputElement): boolean {
    const v = readNumber(text);
    const fits = Math.abs(v) <= 1e6;
    field.setAttribute("aria-invalid", String(!fits));
    if (!fits) return false;
    this.dispatchEvent(new CustomEvent("set", { detail: { index, value: v }, bubbles: true, composed: true }));
    return true;
  }

  // --- edges under the pointer

  readonly #overEdges = (event: PointerEvent): void => {
    if (this.editing || event.pointerType === "touch") return;
    this.edge = this.#edgeAt(event);
  };

  #edgeAt(event: MouseEvent): PointedEdge | undefined {
    const area = this.renderRoot.querySelector(".inner")!.getBoundingClientRect();
    const outer = this.renderRoot.querySelector(".all")!.getBoundingClientRect();
    const edge = edgeAt(this.#places, event.clientX - area.left, event.clientY - area.top);
    return edge && { ...edge, x: event.clientX - outer.left, y: event.clientY - outer.top };
  }

  readonly #clickEdge = async (event: MouseEvent): Promise<void> => {
    if ((event.target as Element).closest(".unit, .head, .wide")) return;
    const edge = this.#edgeAt(event);
    if (!edge) {
      this.editing = undefined;
      if (this.pinned) this.#look(undefined);
      return;
    }
    this.edge = undefined;
    this.#look(undefined);
    this.editing = edge;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>(".pop.edit input")?.select();
  };

  // --- what is shown

  override render(): TemplateResult {
    const last = this.layers.length;
    const net: Net = {
      layers: this.layers,
      activationNames: this.activationNames,
      fixed: this.fixed,
      pinned: this.pinned ? this.open : undefined,
      change: (change) => this.#change(change),
      look: (unit) => this.#look(unit),
      leave: () => this.#leave(),
      pin: (unit) => void this.#pin(unit),
    };
    return html`<div class="all" @keydown=${(event: KeyboardEvent) => event.key === "Escape" && this.#close()}>
      <span class="probe" hidden></span>
      ${
        this.fixed
          ? nothing
          : html`<div class="depth">
              <button class="btn" ?disabled=${last <= 1} @click=${() => this.#change({ change: "remove" })}>
                − ${T({ en: "layer", zh: "层" })}
              </button>
              <button class="btn" @click=${() => this.#change({ change: "add" })}>
                + ${T({ en: "layer", zh: "层" })}
              </button>
              <span part="note">${this.note}</span>
            </div>`
      }
      <div class="scroll" tabindex="-1" @scroll=${() => this.editing && (this.editing = undefined)}>
        <div
          class="inner ${this.edge ? "over" : ""}"
          @pointermove=${this.#overEdges}
          @pointerleave=${() => (this.edge = undefined)}
          @click=${this.#clickEdge}
          @keydown=${this.#arrows}
        >
          <canvas class="edges" aria-hidden="true" data-mark="edges"></canvas>
          <div class="cols">${inputs()} ${this.layers.map((_, k) => column(net, k + 1))}</div>
        </div>
      </div>
      ${this.#tip()} ${this.#popover()} ${this.#editor()}
    </div>`;
  }

  #beside(layer: number, unit: number): string {
    const outer = this.renderRoot.querySelector(".all")?.getBoundingClientRect();
    const box = this.renderRoot.querySelector(`[data-unit="${layer}-${unit}"]`)?.getBoundingClientRect();
    if (!outer || !box) return "";
    const right = box.right - outer.left + 12;
    const left = right + 318 < outer.width ? right : Math.max(8, box.left - outer.left - 328);
    const narrow = innerWidth <= 720;
    const top = narrow
      ? box.bottom - outer.top + 14
      : Math.max(0, Math.min(box.top - outer.top - 40, outer.height - 330));
    return `left:${left}px;top:${top}px`;
  }

  #popover(): TemplateResult | typeof nothing {
    const { layers, open, sum, pinned } = this;
    if (!open) return nothing;
    return popover({
      layers,
      open,
      sum,
      pinned,
      style: this.#beside(open.layer, open.unit),
      set: (index, text, field) => void this.#set(index, text, field),
      close: () => this.#close(),
    });
  }

  #tip(): TemplateResult | typeof nothing {
    const { edge } = this;
    const weight = edge && !this.editing ? this.#weights[weightIndex(this.layers, edge)] : undefined;
    return weight === undefined ? nothing : tip(edge!, weight, this.clientWidth);
  }

  #editor(): TemplateResult | typeof nothing {
    const { editing } = this;
    if (!editing) return nothing;
    const index = weightIndex(this.layers, editing);
    return editor(editing, this.#weights[index] ?? 0, this.clientWidth, (text, field) => {
      if (this.#set(index, text, field)) this.editing = undefined;
    });
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("layers")) {
      this.edge = this.editing = undefined;
      if (this.open) this.#look(undefined);
    }
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("layers")) {
      this.#contexts = [];
      this.#weights = new Float32Array(0);
      this.#drawInputs();
      this.#measure();
    }
    if (changed.has("running")) this.#drawEdges();
  }
}

/** A bias in the few letters that a chip has. */
const chipText = (v: number): string => {
  const size = Math.abs(v);
  if (!(size < 10_000)) return v.toExponential(0).replace("e+", "e").replace("-", "−");
  const text = size >= 100 ? v.toFixed(0) : size >= 10 ? v.toFixed(1) : v.toFixed(2);
  return Number(text) === 0 ? "0.00" : text.replace("-", "−");
};

if (!customElements.get("wasmgrad-maps")) customElements.define("wasmgrad-maps", MapsElement);
