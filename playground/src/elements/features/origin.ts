// Where a number of a layer comes from: the window that it looks through, its weights, and the sum of their products.
import { html, nothing, type TemplateResult } from "lit";
import type { LayerInfo } from "../../digits/messages.ts";
import { agree, type Origin, type Products, type Window } from "../../digits/origin.ts";
import { colour, inkOn, type Theme } from "../../look/colour.ts";
import { icons } from "../../look/icons.ts";
import { cell, value } from "../../look/numbers.ts";
import { T, type Text } from "../../shell/text.ts";
import "../heat.ts";
import { largest } from "../heat.ts";
import { COLUMNS } from "./maps.ts";

export interface OriginView {
  readonly layer: LayerInfo;
  readonly input: ArrayLike<number>;
  /** The number as the network has it. */
  readonly shown: number;
  /** Channel whose products are written out. */
  readonly channel: number;
  /** Cell of the window under the pointer: the number, its weight and their product belong together. */
  readonly lit: number;
  readonly theme: Theme;
  readonly choose: (channel: number) => void;
  readonly light: (cell: number) => void;
}

/** Where a number of a layer comes from. */
export function originView(view: OriginView, origin: Origin): TemplateResult {
  const { layer, input, shown } = view;
  switch (origin.kind) {
    case "convolution":
      return convolution(view, origin);
    case "pool": {
      const word = origin.of === "maximum" ? "max" : "mean";
      return html`<div class="pictures">
          ${inputPicture(layer, input, origin.channel, origin.window)}
          ${numbers(view, { en: "under the window", zh: "窗口下的数" }, origin.values, origin.window.width, largest(origin.values), origin.of === "maximum" ? origin.values.indexOf(origin.result) : -1)}
        </div>
        <p class="sum" data-sum>${word}(${origin.values.map((v) => value(v)).join(", ")}) = <b>${value(shown)}</b></p>
        ${verdict(shown, origin.result, largest(origin.values))}`;
    }
    case "activation":
      return html`<p class="sum" data-sum>
          ${layer.type === "relu" ? html`max(0, ${value(origin.z)})` : html`${layer.type}(${value(origin.z)})`} =
          <b>${value(shown)}</b>
        </p>
        ${origin.result === undefined ? nothing : verdict(shown, origin.result, Math.abs(origin.z))}`;
    case "sum":
      return weighted(view, origin);
  }
}

function convolution(
  view: OriginView,
  { window, channels, bias, result }: Extract<Origin, { kind: "convolution" }>,
): TemplateResult {
  const { layer, input, shown } = view;
  const chosen = channels[view.channel] ?? channels[0]!;
  const weighs = largest(channels.flatMap(({ weights }) => [...weights]));
  const products = chosen.values.map((v, i) => v * chosen.weights[i]!);
  const size = largest(channels.flatMap(({ values, weights }) => values.map((v, i) => v * weights[i]!)));
  return html`${
      channels.length > 1
        ? html`<div
            class="seg"
            role="group"
            aria-label=${T({ en: "Map before that is shown", zh: "显示前面的哪张图" })}
          >
            ${channels.map(
              ({ channel }) =>
                html`<button
                  data-channel=${channel}
                  aria-pressed=${channel === chosen.channel}
                  @click=${() => {
                    view.choose(channel);
                  }}
                >
                  ${channel + 1}
                </button>`,
            )}
          </div>`
        : nothing
    }
    <div class="pictures" data-mark="window">
      ${inputPicture(layer, input, chosen.channel, window)}
      ${numbers(view, { en: "under the window", zh: "窗口下的数" }, chosen.values, window.width, largest(chosen.values))}
      ${numbers(view, { en: "× the filter", zh: "× 滤波器" }, chosen.weights, window.width, weighs)}
    </div>
    <p class="sum" data-sum>
      ${terms(chosen, view.lit)} = <b>${value(chosen.sum)}</b>
      ${products.every((p) => p === 0) ? html`<span class="soft">(${T({ en: "nothing but zeros there", zh: "那里全是零" })})</span>` : nothing}
    </p>
    <p class="sum" data-total>
      ${channels.map(({ channel, sum }, i) => html`${i > 0 ? " + " : ""}<span title=${T({ en: `map ${channel + 1}`, zh: `第 ${channel + 1} 张` })}>${bracketed(sum)}</span>`)}
      + <span>${bracketed(bias)} <small class="soft">${T({ en: "(bias)", zh: "（偏置）" })}</small></span> =
      <b>${value(shown)}</b>
    </p>
    ${verdict(shown, result, size * chosen.values.length)}`;
}

function weighted(
  { layer: { input }, shown }: OriginView,
  { values, weights, bias, result }: Extract<Origin, { kind: "sum" }>,
): TemplateResult {
  const products = values.map((v, i) => v * weights[i]!);
  const order = [...products.keys()].toSorted((a, b) => Math.abs(products[b]!) - Math.abs(products[a]!));
  const some = order.slice(0, LARGEST);
  const rest = order.slice(LARGEST).reduce((sum, i) => sum + products[i]!, 0);
  const isImage = input[0] === 784;
  const [rows, columns] = isImage ? [28, 28] : [Math.ceil(values.length / COLUMNS), Math.min(COLUMNS, values.length)];
  const picture = (title: Text, of: ArrayLike<number>): TemplateResult =>
    html`<figure>
      <figcaption>${T(title)}</figcaption>
      <wasmgrad-heat .values=${of} .rows=${rows} .columns=${columns} .max=${largest(of)}></wasmgrad-heat>
    </figure>`;
  return html`<div class="pictures" data-mark="window">
      ${picture({ en: "what comes in", zh: "输入" }, values)}
      ${picture({ en: "× its weights", zh: "× 它的权重" }, weights)}
      ${picture({ en: "products", zh: "乘积" }, products)}
    </div>
    <p class="sum" data-total>
      ${some.map((i, k) => html`${k > 0 ? " + " : ""}<span>${value(values[i]!)}·${bracketed(weights[i]!)}</span>`)}
      ${
        order.length > LARGEST
          ? html` +
              <span
                >${bracketed(rest)}
                <small class="soft"
                  >(${T({ en: `the other ${order.length - LARGEST}`, zh: `其余 ${order.length - LARGEST} 项` })})</small
                ></span
              >`
          : nothing
      }
      + <span>${bracketed(bias)} <small class="soft">${T({ en: "(bias)", zh: "（偏置）" })}</small></span> =
      <b>${value(shown)}</b>
    </p>
    ${verdict(shown, result, largest(products) * Math.min(products.length, 64))}`;
}

/** Added up again here, in float64, from what is shown. */
function verdict(shown: number, again: number, size: number): TemplateResult {
  return agree(shown, again, size)
    ? html`<span class="ok" data-mark="again" data-same
        >${icons.tick} ${T({ en: "recomputed here, the same", zh: "在此重算，相同" })}</span
      >`
    : html`<span class="wrong" data-mark="again"
        >${icons.cross} ${T({ en: "recomputed here, differs by", zh: "在此重算，相差" })} ${value(again - shown)}</span
      >`;
}

function inputPicture(layer: LayerInfo, input: ArrayLike<number>, channel: number, window: Window): TemplateResult {
  const [rows, columns, channels] = layer.input as [number, number, number];
  return html`<figure data-window="${window.top},${window.left}">
    <figcaption>
      ${channels === 1 ? T({ en: "what comes in, and the window", zh: "输入与窗口" }) : T({ en: `map ${channel + 1} before, and the window`, zh: `前面第 ${channel + 1} 张图与窗口` })}
    </figcaption>
    <wasmgrad-heat
      .values=${input}
      .rows=${rows}
      .columns=${columns}
      .stride=${channels}
      .offset=${channel}
      .max=${largest(input)}
      .window=${window}
    ></wasmgrad-heat>
  </figure>`;
}

function numbers(
  view: OriginView,
  title: Text,
  cells: readonly number[],
  width: number,
  max: number,
  lit = view.lit,
): TemplateResult {
  const { theme } = view;
  const rows = Math.ceil(cells.length / width);
  return html`<figure>
    <figcaption>${T(title)}</figcaption>
    <table
      @pointerleave=${() => {
        view.light(-1);
      }}
    >
      ${Array.from(
        { length: rows },
        (_, r) =>
          html`<tr>
            ${cells.slice(r * width, (r + 1) * width).map(
              (v, c) =>
                html`<td
                  class=${r * width + c === lit ? "lit" : ""}
                  @pointerenter=${() => {
                    view.light(r * width + c);
                  }}
                  .style="background:${colour(v, max, theme)};color:${inkOn(v, max, theme)}"
                >
                  ${short(v)}
                </td>`,
            )}
          </tr>`,
      )}
    </table>
  </figure>`;
}

/** Terms of a long sum that are written out. */
const LARGEST = 6;
const bracketed = (v: number): string => (v < 0 ? `(${value(v)})` : value(v));

/** The products that aren't 0, written out; that of the cell under the pointer is marked. */
function terms({ values, weights }: Products, lit: number): TemplateResult {
  const those = values.flatMap((v, i) =>
    v === 0 ? [] : [html`<span class=${i === lit ? "lit" : ""}>${value(v)}·${bracketed(weights[i]!)}</span>`],
  );
  return those.length === 0 ? html`0` : html`${those.map((term, i) => html`${i > 0 ? " + " : ""}${term}`)}`;
}

/** Five characters at most, for the cells of a window. */
function short(v: number): string {
  const text = Number.isInteger(v) ? cell(v) : v.toFixed(Math.abs(v) >= 10 ? 1 : 2).replace("-", "−");
  return text.replace(/^(−?)0\./, "$1.");
}
