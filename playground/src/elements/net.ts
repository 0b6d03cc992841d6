// A network as a drawing: units with their values for one sample, weights as lines, biases as squares beside the units.
import { activations, type Model, NonFiniteError, type TracedTensor, type Trainer } from "wasmgrad";
import { css, html, nothing, type PropertyValues, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { filled, inkOn } from "../look/colour.ts";
import { nameText } from "../steps/names.ts";
import { value as figure } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { explainMarks } from "../shell/marks.ts";
import { isPolicy } from "../shell/policy.ts";
import type { Text } from "../shell/text.ts";
import type { DataName } from "../steps/nets.ts";
import type { Look } from "../steps/walk.ts";
import { define, Glass } from "./glass.ts";

explainMarks({
  net: {
    en: "Circles are units with their values for one sample; small squares are biases; lines are weights: wider where they are larger, blue and whole above zero, orange and dashed below. Strong lines belong to the number that is looked at.",
    zh: "圆是神经元和它对一个样本的值；小方块是偏置；线是权重：越大越粗，正的为蓝色实线，负的为橙色虚线。加重的线与正在看的数有关。",
  },
});

const TEXTS = {
  network: { en: "The network", zh: "网络" },
  positive: { en: "positive", zh: "正" },
  negative: { en: "negative", zh: "负" },
  weight: { en: "weight", zh: "权重" },
  bias: { en: "bias", zh: "偏置" },
  broken: { en: "This network could not be shown.", zh: "这个网络无法显示。" },
  brokenSays: {
    en: "If this page may not run WebAssembly, its policy has to allow it: 'wasm-unsafe-eval' in script-src.",
    zh: "如果本页不能运行 WebAssembly，需要页面策略允许：script-src 中加入 'wasm-unsafe-eval'。",
  },
} as const satisfies Record<string, Text>;

/** A layer of units. */
export interface NetLayer {
  /** x, a1, a2, ... */
  readonly name: string;
  readonly units: number;
  /** The sample's values; undefined: not yet computed. */
  readonly values?: ArrayLike<number> | undefined;
  /** From the layer before: input by unit, row by row; and the bias of each unit. */
  readonly weights?: ArrayLike<number> | undefined;
  readonly weightName?: string | undefined;
  readonly biases?: ArrayLike<number> | undefined;
  readonly biasName?: string | undefined;
}

const WIDTH = 316;
/** Units of a layer that are drawn; of more, the first and last ones. */
const MOST_DRAWN = 9;
const RADIUS = 17;
/** At which one is trained unless something else is said. */
const RATE = 4;
/** Smaller ones have no room for a number. */
const LEAST_RADIUS = 13;

/**
 * A network. `layers` says what is drawn; or `model` with `x`, one sample; or the attributes `data`, `hidden` and `seed` make one, which
 * `running` trains while it is on the screen. Sends `unit` and `weight` when they are pressed.
 */
export class NetElement extends Glass {
  static override properties = {
    layers: { attribute: false },
    lit: { attribute: false },
    on: { attribute: false },
    model: { attribute: false },
    x: { attribute: false },
    data: {},
    net: { attribute: "hidden" },
    seed: { type: Number },
    lr: { type: Number },
    running: { type: Boolean },
    broken: { state: true },
    own: { state: true },
  };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
        max-width: 640px; /* a page may give it another one */
      }
      /* the attribute has the name of one that hides elements */
      :host([hidden]) {
        display: block !important;
      }
      svg {
        width: 100%;
        height: auto;
        display: block;
        overflow: visible;
      }
      text {
        font-family: var(--mono);
        font-size: 10px;
        text-anchor: middle;
        pointer-events: none;
      }
      @media (max-width: 350px) {
        text {
          font-size: 11.5px;
        }
      }
      text.long {
        font-size: 9px;
      }
      .edge {
        stroke: var(--pos);
        opacity: 0.32;
        fill: none;
        transition: opacity 0.15s;
      }
      .edge.negative {
        stroke: var(--neg);
        stroke-dasharray: 6 4;
      }
      .edge.lit {
        opacity: 1;
      }
      .unit circle {
        stroke: var(--line2);
        stroke-width: 1.5;
      }
      .unit.on circle {
        stroke: var(--accent);
        stroke-width: 3.4;
      }
      .unit .empty {
        fill: var(--card);
      }
      .bias {
        stroke: var(--line2);
      }
      .bias.lit {
        stroke: var(--accent);
        stroke-width: 2.5;
      }
      .key {
        margin-top: 6px;
      }
      .key svg {
        width: 26px;
        height: 8px;
        display: inline;
      }
      .more {
        fill: var(--soft);
        font-size: 14px;
      }
    `,
  ];

  declare layers: readonly NetLayer[] | undefined;
  /** Weights and biases that are lit: `w1:5`. */
  declare lit: ReadonlySet<string>;
  /** Units that are lit: `1:2`, the layer and the unit. */
  declare on: ReadonlySet<string>;
  declare model: Model | undefined;
  /** One sample, for `model`. */
  declare x: readonly number[] | undefined;
  declare data: string;
  declare net: string | undefined;
  declare seed: number | undefined;
  declare lr: number;
  declare running: boolean;
  declare own: readonly NetLayer[] | undefined;
  declare broken: string | undefined;
  #stop: (() => void) | undefined;

  constructor() {
    super();
    this.lit = new Set();
    this.on = new Set();
    this.data = "";
    this.lr = RATE;
    this.running = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) void this.#begin();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("model") || changed.has("x")) {
      if (this.model && this.x) this.own = layersOf(this.model, this.x);
    }
    const keys = changed as ReadonlyMap<string, unknown>;
    if (["data", "net", "seed", "lr", "running"].some((key) => keys.has(key))) void this.#begin();
  }

  /** Makes a network by the attributes, and trains it while it is seen. */
  async #begin(): Promise<void> {
    this.#stop?.();
    this.broken = undefined;
    if (this.layers || this.model || (!this.data && !this.net)) return;
    // outside the document nobody looks; back in it, it begins
    if (!this.isConnected) return;
    let going = true;
    this.#stop = () => (going = false);
    // a page that draws networks of its own has no use for these
    const { DATA, fitsRate, modelOf, readHidden, rowsOf, trainerOf, USUAL } = await import("../steps/nets.ts");
    if (!going) return;
    const plan = {
      ...USUAL,
      data: (DATA as readonly string[]).includes(this.data) ? (this.data as DataName) : USUAL.data,
      hidden: (this.net ? readHidden(this.net) : undefined) ?? USUAL.hidden,
      // what isn't understood is as usual
      seed: this.seed !== undefined && Number.isSafeInteger(this.seed) && this.seed >= 0 ? this.seed : USUAL.seed,
      rate: fitsRate(this.lr) ? this.lr : RATE,
    };
    let model: Model;
    let trainer: Trainer;
    try {
      model = await modelOf(plan);
      trainer = await trainerOf(model, plan);
    } catch (error) {
      if (going) this.broken = String(error);
      return;
    }
    if (!going) return;
    const rows = rowsOf(plan);
    let frame = 0;
    const look = (): void => {
      const sample = Math.floor(frame / 60) % rows.x.length;
      this.own = layersOf(model, rows.x[sample]!);
      this.tell("unit", { sample, loss: trainer.updates });
    };
    look();
    if (!this.running) return;
    const turn = (): void => {
      if (!going) return;
      // only where somebody looks
      if (!document.hidden) {
        try {
          for (let i = 0; i < 5; i++) trainer.step(rows.x.flat(), rows.y);
        } catch (error) {
          // the last weights that are numbers stay on the screen
          if (error instanceof NonFiniteError) return look();
          throw error;
        }
        if (frame++ % 6 === 0) look();
      }
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.broken !== undefined)
      return html`<section class="card notice" role="alert">
        <h2>${this.t(TEXTS.broken)}</h2>
        ${isPolicy(this.broken) ? html`<p>${this.t(TEXTS.brokenSays)}</p>` : nothing}
        <p class="small soft mono">${this.broken}</p>
      </section>`;
    const layers = this.layers ?? this.own;
    if (!layers || layers.length < 2) return nothing;
    const most = Math.min(MOST_DRAWN, Math.max(...layers.map(({ units }) => units)));
    const height = Math.max(112, Math.min(280, 26 + most * 47));
    const drawn = layers.map(({ units }) => drawnOf(units));
    const x = (k: number): number => 30 + (k * (WIDTH - 60)) / (layers.length - 1);
    const y = (k: number, place: number): number => {
      const many = drawn[k]!.length;
      const gap = Math.min(56, (height - 26) / Math.max(1, many - 0.15));
      return height / 2 + (place - (many - 1) / 2) * gap;
    };
    const radius = Math.min(RADIUS, ((height - 26) / Math.max(1, most)) * 0.44);
    const max = Math.max(1e-12, ...layers.flatMap(({ weights = [] }) => Array.from(weights, (v) => Math.abs(v) || 0)));
    const edges: SVGTemplateResult[] = [];
    const units: SVGTemplateResult[] = [];
    layers.forEach((layer, k) => {
      const before = drawn[k - 1];
      const { weights, weightName, biases, biasName, values } = layer;
      if (before && weights)
        before.forEach((from, i) =>
          drawn[k]!.forEach((to, j) => {
            if (from < 0 || to < 0) return;
            const at = from * layer.units + to;
            const v = weights[at]!;
            const lit = this.lit.has(`${weightName}:${at}`);
            edges.push(
              svg`<line class="edge ${v < 0 ? "negative" : ""} ${lit ? "lit" : ""}" data-weight="${weightName}:${at}" x1=${x(k - 1)} y1=${y(k - 1, i)} x2=${x(k)} y2=${y(k, j)} stroke-width=${0.8 + (3.4 * Math.abs(v)) / max}><title>${this.t(TEXTS.weight)} ${nameText(weightName ?? "w")}[${from + 1},${to + 1}] = ${figure(v)}</title></line>`,
            );
          }),
        );
      drawn[k]!.forEach((unit, j) => {
        if (unit < 0) {
          units.push(svg`<text class="more" x=${x(k)} y=${y(k, j) + 4}>⋮</text>`);
          return;
        }
        const v = values?.[unit];
        const on = this.on.has(`${k}:${unit}`);
        const bias = biases?.[unit];
        const lit = this.lit.has(`${biasName}:${unit}`);
        units.push(svg`<g class="unit ${on ? "on" : ""}" @click=${() => this.tell("unit", { layer: k, unit })}>
          <title>${nameText(layer.name)}[${unit + 1}]${v === undefined ? "" : ` = ${figure(v)}`}${bias === undefined ? "" : `, ${this.t(TEXTS.bias)} ${figure(bias)}`}</title>
          <circle class=${v === undefined ? "empty" : ""} cx=${x(k)} cy=${y(k, j)} r=${radius} .style=${v === undefined ? "" : filledShape(v)} />
          ${v === undefined || radius < LEAST_RADIUS ? nothing : svg`<text class=${unitText(v).length > 5 ? "long" : ""} x=${x(k)} y=${y(k, j) + 3.5} .style=${inked(v)}>${unitText(v)}</text>`}
          ${bias === undefined ? nothing : svg`<rect class="bias ${lit ? "lit" : ""}" x=${x(k) - radius - 4} y=${y(k, j) + radius - 7} width="9" height="9" rx="2" .style=${filledShape(bias)} />`}
        </g>`);
      });
    });
    const label = `${this.t(TEXTS.network)} ${layers.map(({ units: n }) => n).join("-")}`;
    return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${label} data-mark="net">
        ${edges}${units}
      </svg>
      <p class="key">
        <span
          ><svg aria-hidden="true"><line class="edge lit" x1="0" y1="4" x2="26" y2="4" stroke-width="3" /></svg>
          ${this.t(TEXTS.positive)}</span
        >
        <span
          ><svg aria-hidden="true">
            <line class="edge lit negative" x1="0" y1="4" x2="26" y2="4" stroke-width="3" />
          </svg>
          ${this.t(TEXTS.negative)}</span
        >
        <span
          ><svg aria-hidden="true" .style=${"width: 12px; height: 11px"}>
            <rect class="bias" x="1" y="1" width="9" height="9" rx="2" fill="none" />
          </svg>
          ${this.t(TEXTS.bias)}</span
        >
      </p>`;
  }
}

/** Six characters at most, which a circle has room for. */
function unitText(v: number): string {
  const size = Math.abs(v);
  if (Number.isInteger(v) || !(size < 0.1)) return figure(v, Number.isInteger(v) ? 4 : 2);
  return (size >= 0.001 ? v.toFixed(3) : v.toExponential(0)).replaceAll("-", "−");
}
/** Units' values are shown on a scale up to 1. */
const filledShape = (v: number): string =>
  filled(v, Math.max(1, Math.abs(v)))
    .replace("background", "fill")
    .replace(/;.*/, "");
const inked = (v: number): string => {
  const max = Math.max(1, Math.abs(v));
  return `fill: light-dark(${inkOn(v, max, "light")}, ${inkOn(v, max, "dark")})`;
};

/** Units that are drawn; -1 stands for those that aren't. */
const drawnOf = (units: number): number[] =>
  units <= MOST_DRAWN
    ? Array.from({ length: units }, (_, i) => i)
    : [...Array.from({ length: MOST_DRAWN - 3 }, (_, i) => i), -1, units - 2, units - 1];

/** The layers of a chain of dense layers with their values for one sample. */
function layersOf(model: Model, x: readonly number[]): NetLayer[] | undefined {
  const parameters = model.parameters();
  const values = Object.entries(activations(model, x));
  const layers: NetLayer[] = [{ name: "x", units: x.length, values: x }];
  let rest = parameters;
  for (let k = 1; rest.length > 0; k++) {
    const [weight, ...others] = rest as [(typeof rest)[0], ...typeof rest];
    if (weight.shape.length !== 2) return undefined;
    const bias = others[0]?.shape.length === 1 ? others[0] : undefined;
    rest = bias ? others.slice(1) : others;
    const value = values.find(([name]) => name === `a${k}`) ?? values.find(([name]) => name === `Z${k}`);
    layers.push({
      name: value?.[0] ?? `a${k}`,
      units: weight.shape[1]!,
      values: value?.[1],
      weights: weight.get(),
      weightName: `w${k}`,
      biases: bias?.get(),
      biasName: `b${k}`,
    });
  }
  return layers;
}

/** The layers of a look at a chain of dense layers, for one of its rows; undefined where the model is something else. */
export function netOf({ arrows, tensors, madeBy }: Look, row: number, at: number): NetLayer[] | undefined {
  const x = tensors.get("x")!;
  if (x.shape.length !== 2) return undefined;
  const valuesOf = ({ name, values }: TracedTensor, units: number): ArrayLike<number> | undefined =>
    (madeBy.get(name) ?? 0) <= at ? values.subarray(row * units, (row + 1) * units) : undefined;
  const layers: NetLayer[] = [{ name: "x", units: x.shape[1]!, values: valuesOf(x, x.shape[1]!) }];
  let open: NetLayer | undefined;
  for (const { part, steps } of arrows) {
    if (part !== "forward") continue;
    const { kind, name, inputs, tensor } = steps[0]!;
    if (tensor.shape.length !== 2) return undefined;
    const units = tensor.shape[1]!;
    const values = valuesOf(tensor, units);
    if (kind === "dense") {
      if (open) layers.push(open);
      const [, weight, bias] = inputs;
      const changed = (one: TracedTensor | undefined): TracedTensor | undefined => {
        const after = one && (madeBy.get(`${one.name}'`) ?? Infinity) <= at ? tensors.get(`${one.name}'`) : undefined;
        return after ?? one;
      };
      open = {
        name,
        units,
        values,
        weights: changed(weight)?.values,
        weightName: weight?.name,
        biases: changed(bias)?.values,
        biasName: bias?.name,
      };
    } else if (open && units === open.units) open = { ...open, name, values: values ?? open.values };
    else return undefined;
  }
  if (open) layers.push(open);
  return layers;
}

define("wasmgrad-net", NetElement);
