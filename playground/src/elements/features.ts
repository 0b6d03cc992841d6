// <wasmgrad-features>: what a layer makes of a digit, as maps. A cell of a map shows the window that it looks through, the weights that it
// meets there, and the sum of their products in numbers.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { LayerInfo, NetworkInfo, Seen } from "../digits/messages.ts";
import { type Origin, originOf, pair } from "../digits/origin.ts";
import { onTheme, themeOf } from "../look/colour.ts";
import { value } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T, type Text } from "../shell/text.ts";
import { largest } from "./heat.ts";
import { kindOf, type Maps, mapsOf, PASSING, placeOf, storyOf, titleOf } from "./features/maps.ts";
import { originView } from "./features/origin.ts";
import { styles } from "./features/styles.ts";

/** Milliseconds without a change after which the sum is read aloud. */
const QUIET = 400;

export class WasmgradFeatures extends LitElement {
  static override properties = {
    network: { attribute: false },
    seen: { attribute: false },
    layer: {},
    index: { state: true },
    pinned: { state: true },
    channel: { state: true },
    lit: { state: true },
    spoken: { state: true },
  };
  static override styles = [tokens, controls, styles];

  declare network: NetworkInfo | undefined;
  declare seen: Seen | undefined;
  /** Name of the layer that is shown; another one than there is: the first. */
  declare layer: string;
  /** Of the layer's numbers: which one is explained; undefined: the largest. */
  declare index: number | undefined;
  /** The pointer no longer chooses. */
  declare pinned: boolean;
  /** Channel whose products are written out. */
  declare channel: number;
  /** Cell of the window under the pointer: the number, its weight and their product belong together. */
  declare lit: number;
  declare spoken: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #themeEnds = (): void => {};

  constructor() {
    super();
    this.layer = "";
    this.pinned = false;
    this.channel = 0;
    this.lit = -1;
    this.spoken = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#themeEnds = onTheme(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#themeEnds();
  }

  get #layers(): readonly LayerInfo[] {
    return this.network?.layers ?? [];
  }

  get #at(): number {
    const at = this.#layers.findIndex(({ name }) => name === this.layer);
    return at >= 0 ? at : this.#layers.findIndex(({ type }) => !PASSING.has(type));
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("layer") || changed.has("network")) {
      const before = changed.get("network") as NetworkInfo | undefined;
      const another = before?.layers.map(({ name }) => name).join() !== this.#layers.map(({ name }) => name).join();
      if (changed.has("layer") || another) {
        this.index = undefined;
        this.pinned = false;
        this.channel = 0;
      }
    }
  }

  override render() {
    const { network, seen } = this;
    if (!network) return html`<p class="soft">${T({ en: "The network is on its way.", zh: "网络正在加载。" })}</p>`;
    const at = this.#at;
    const layer = this.#layers[at];
    if (!layer)
      return html`<p class="soft">
        ${T({
          en: "This network isn't a plain row of layers: its insides aren't drawn. The chances and what it looked at are right.",
          zh: "这个网络不是简单的一列层，内部没有画出来。概率和它看的地方是对的。",
        })}
      </p>`;
    return html`<div class="row">
        <div class="seg" role="group" data-mark="layers" aria-label=${T({ en: "Layer that is shown", zh: "显示的层" })}>
          ${this.#layers.map(({ name, type }, i) =>
            PASSING.has(type)
              ? nothing
              : html`<button
                  data-layer=${name}
                  aria-pressed=${i === at}
                  @click=${() => this.dispatchEvent(new CustomEvent("layer", { detail: name }))}
                >
                  ${titleOf(this.#layers, i)} <small class="soft">${kindOf(type)}</small>
                </button>`,
          )}
        </div>
      </div>
      <p class="small soft">${T(storyOf(this.#layers, at))}</p>
      ${
        seen?.result
          ? this.#body(at, layer, seen, seen.result.values)
          : html`<p class="soft">
              ${T({ en: "Draw a digit, and its maps are shown here.", zh: "画一个数字，特征图就显示在这里。" })}
            </p>`
      }
      <p class="vh" role="status">${this.spoken}</p>`;
  }

  #body(at: number, layer: LayerInfo, { pixels }: Seen, all: Readonly<Record<string, Float32Array>>): TemplateResult {
    const values = all[layer.name];
    if (!values) return html``; // of the network before this one: its own are on their way
    const maps = mapsOf(layer);
    const max = largest(values);
    const index = Math.min(this.index ?? values.indexOf(Math.max(...values)), values.length - 1);
    const [map, row, column] = placeOf(maps, index);
    const before = this.#layers[at - 1];
    const input: ArrayLike<number> =
      (before && all[before.name]) ?? Float32Array.from(pixels, (byte) => Math.fround(byte * Math.fround(1 / 255)));
    const origin = originOf(layer, input, index);
    const title = titleOf(this.#layers, at);
    this.#speak(layer, index, values[index]!, origin);
    return html`<div class="both">
      <div>
        ${this.#filters(layer, map, maps)}
        <div
          class="maps strip"
          data-mark="maps"
          .style="--across:${maps.count === 1 ? 1 : maps.count <= 9 ? 3 : maps.columns > 12 ? 4 : 8};--strip:${maps.count === 1 ? 100 : 44}%"
        >
          ${Array.from({ length: maps.count }, (_, k) => {
            const label = {
              en: `Map ${k + 1} of ${maps.count}, ${maps.rows} by ${maps.columns}. Arrow keys choose a cell`,
              zh: `第 ${k + 1} 张特征图，共 ${maps.count} 张，${maps.rows} 乘 ${maps.columns}。方向键选格`,
            };
            return html`<button
              class="map"
              data-map=${k}
              aria-pressed=${k === map}
              aria-label=${T(label)}
              @pointermove=${(event: PointerEvent) => this.#point(event, k, maps)}
              @click=${(event: MouseEvent) => this.#pin(event, k, maps, index)}
              @keydown=${(event: KeyboardEvent) => this.#key(event, maps, k, index)}
            >
              <wasmgrad-heat
                .values=${values}
                .rows=${maps.rows}
                .columns=${maps.columns}
                .stride=${maps.count}
                .offset=${k}
                .max=${max}
                .window=${k === map ? { top: row, left: column, height: 1, width: 1 } : undefined}
              ></wasmgrad-heat>
              ${maps.count > 1 ? k + 1 : nothing}
            </button>`;
          })}
        </div>
        <p class="key">
          ${T({ en: "full colour", zh: "最深的颜色" })} = ±${value(max)} ·
          ${T({ en: "blue above 0, orange below", zh: "蓝正橙负" })}
        </p>
      </div>
      <div class="explain" data-explain>
        <h3>
          ${title}${maps.count > 1 ? `[${row + 1}, ${column + 1}, ${map + 1}]` : `[${index + 1}]`} =
          <span class="num" data-shown>${value(values[index]!)}</span>
          ${
            this.pinned
              ? html`<button
                  class="btn"
                  @click=${() => {
                    this.pinned = false;
                  }}
                >
                  ${T({ en: "Let it go", zh: "松开" })}
                </button>`
              : nothing
          }
        </h3>
        ${
          origin
            ? originView(
                {
                  layer,
                  input,
                  shown: values[index]!,
                  channel: this.channel,
                  lit: this.lit,
                  theme: themeOf(this),
                  choose: (channel) => (this.channel = channel),
                  light: (lit) => (this.lit = lit),
                },
                origin,
              )
            : html`<p class="soft">
                ${T({ en: "This layer's formula is not written out here.", zh: "这一层的公式没有写出来。" })}
              </p>`
        }
      </div>
    </div>`;
  }

  /** The kernels of a convolution, or of the one that this layer's maps come from. */
  #filters(
    { type, parameters, input, options }: LayerInfo,
    map: number,
    { count }: Maps,
  ): TemplateResult | typeof nothing {
    const kernel = parameters["kernel"];
    if (type !== "conv2d" || !kernel) return nothing;
    const channels = input[2]!;
    const [rows, columns] = pair(options["kernelSize"]);
    const channel = Math.min(this.channel, channels - 1);
    return html`<h3>
        ${
          channels === 1
            ? T({ en: `${count} filters, ${rows} × ${columns}`, zh: `${count} 个滤波器，${rows} × ${columns}` })
            : T({
                en: `${count} filters, ${rows} × ${columns} × ${channels}: what they look for in map ${channel + 1} before`,
                zh: `${count} 个滤波器，${rows} × ${columns} × ${channels}：它们在前面第 ${channel + 1} 张图中找什么`,
              })
        }
      </h3>
      <div class="filters strip" data-mark="filters" .style=${"--strip:60px"}>
        ${Array.from(
          { length: count },
          (_, k) =>
            html`<button
              class="map"
              data-filter=${k}
              aria-pressed=${k === map}
              aria-label=${T({ en: `Filter ${k + 1}`, zh: `滤波器 ${k + 1}` })}
              @click=${() => this.#moveTo(k, count)}
            >
              <wasmgrad-heat
                .values=${kernel}
                .rows=${rows}
                .columns=${columns}
                .stride=${channels * count}
                .offset=${channel * count + k}
                .max=${largest(kernel)}
              ></wasmgrad-heat>
              ${k + 1}
            </button>`,
        )}
      </div>`;
  }

  // --- choosing a cell

  #indexAt(event: MouseEvent, map: number, maps: Maps): number | undefined {
    const picture = (event.currentTarget as HTMLElement).querySelector("wasmgrad-heat")!.getBoundingClientRect();
    const column = Math.floor(((event.clientX - picture.left) / picture.width) * maps.columns);
    const row = Math.floor(((event.clientY - picture.top) / picture.height) * maps.rows);
    if (column < 0 || column >= maps.columns || row < 0 || row >= maps.rows) return undefined;
    const index = (row * maps.columns + column) * maps.count + map;
    return index < maps.size ? index : undefined;
  }

  #point(event: PointerEvent, map: number, maps: Maps): void {
    if (this.pinned || event.pointerType === "touch") return;
    this.index = this.#indexAt(event, map, maps) ?? this.index;
  }

  #pin(event: MouseEvent, map: number, maps: Maps, before: number): void {
    // a press of a key has no place
    const index = event.detail === 0 ? undefined : this.#indexAt(event, map, maps);
    this.pinned = !(this.pinned && index === before);
    this.index = index ?? (before % maps.count === map ? before : before - (before % maps.count) + map);
  }

  #moveTo(map: number, count: number): void {
    const now = this.index ?? 0;
    this.index = now - (now % count) + map;
  }

  #key(event: KeyboardEvent, maps: Maps, map: number, index: number): void {
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -maps.columns,
      ArrowDown: maps.columns,
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const from = index - (index % maps.count) + map;
    const to = from + by * maps.count;
    this.pinned = true;
    this.index = to >= 0 && to < maps.size ? to : from;
  }

  #speak({ output }: LayerInfo, index: number, shown: number, origin: Origin | undefined): void {
    clearTimeout(this.#timer);
    const maps = mapsOf({ output } as LayerInfo);
    const [map, row, column] = placeOf(maps, index);
    const where: Text =
      maps.count > 1
        ? {
            en: `Map ${map + 1}, row ${row + 1}, column ${column + 1}`,
            zh: `第 ${map + 1} 张图，第 ${row + 1} 行，第 ${column + 1} 列`,
          }
        : { en: `Unit ${index + 1}`, zh: `单元 ${index + 1}` };
    const how: Text =
      origin?.kind === "convolution"
        ? {
            en: `${origin.channels.length * origin.window.height * origin.window.width} products and the bias add up to it`,
            zh: `由 ${origin.channels.length * origin.window.height * origin.window.width} 个乘积与偏置相加而得`,
          }
        : origin?.kind === "sum"
          ? {
              en: `${origin.values.length} products and the bias add up to it`,
              zh: `由 ${origin.values.length} 个乘积与偏置相加而得`,
            }
          : origin?.kind === "pool"
            ? {
                en: `the ${origin.of} of ${origin.values.length} numbers`,
                zh: `${origin.values.length} 个数的${origin.of === "maximum" ? "最大值" : "平均值"}`,
              }
            : { en: "", zh: "" };
    const spoken = (n: number): string => value(n).replace("−", T({ en: "minus ", zh: "负" }));
    this.#timer = setTimeout(() => {
      this.spoken = `${T(where)}: ${spoken(shown)}${T(how) ? `, ${T(how)}` : ""}`;
    }, QUIET);
  }
}

customElements.define("wasmgrad-features", WasmgradFeatures);
