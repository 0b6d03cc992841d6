// What goes wrong inside a net while it trains, found from one look at its numbers, with a sentence on what to do.
import type { Text } from "../shell/text.ts";

/** A layer of units, as a look at it gives. */
export interface LayerLook {
  /** "relu", "tanh", "sigmoid", ...; "linear" of none. */
  readonly activation: string;
  /** After the activation function: rows times units. */
  readonly activations: Float32Array;
  readonly units: number;
  readonly weights: Float32Array;
  /** Of the weights. */
  readonly gradients: Float32Array;
}

export interface Finding {
  readonly kind: "dead" | "saturated" | "vanishing" | "exploding";
  /** From 0, in the order of the layers. */
  readonly layer: number;
  /** Which units, from 0; none where it is the whole layer. */
  readonly units: readonly number[];
  readonly what: Text;
  readonly todo: Text;
}

/** Of a range that is -1 to 1: beyond this, the slope of tanh is below 0.04. */
const SATURATED = 0.98;
const SATURATED_ROWS = 0.9;
/** Gradients' root mean square in the first layer, as part of the last one's. */
const VANISHED = 1e-3;
const EXPLODED = 1e3;

export function rms(values: Float32Array): number {
  if (values.length === 0) return 0;
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
}

/** Layers in their order, the output's last. */
export function diagnose(layers: readonly LayerLook[]): readonly Finding[] {
  const hidden = layers.slice(0, -1);
  return [
    ...hidden.flatMap((layer, i) => dead(layer, i)),
    ...hidden.flatMap((layer, i) => saturated(layer, i)),
    ...flow(layers),
  ];
}

/** Units of which each row satisfies, or a share of them. */
function unitsWhere({ activations, units }: LayerLook, is: (a: number) => boolean, share: number): number[] {
  const rows = activations.length / units;
  return Array.from({ length: units }, (_, u) => u).filter((u) => {
    let n = 0;
    for (let row = 0; row < rows; row++) if (is(activations[row * units + u]!)) n++;
    return rows > 0 && (share === 1 ? n === rows : n > share * rows);
  });
}

const list = (units: readonly number[]): string =>
  units.length > 6
    ? `${units
        .slice(0, 5)
        .map((u) => u + 1)
        .join(", ")}, …`
    : units.map((u) => u + 1).join(", ");

function dead(layer: LayerLook, i: number): Finding[] {
  if (layer.activation !== "relu") return [];
  const units = unitsWhere(layer, (a) => a === 0, 1);
  if (units.length === 0) return [];
  const one = units.length === 1;
  return [
    {
      kind: "dead",
      layer: i,
      units,
      what: {
        en: `Layer ${i + 1}: ${units.length} of ${layer.units} units ${one ? "is" : "are"} dead (${list(units)}). Their output is 0 on every row, so their gradient is 0, and no update can wake them.`,
        zh: `第 ${i + 1} 层：${layer.units} 个单元中有 ${units.length} 个已死（${list(units)}）。它们在每一行上的输出都是 0，梯度也是 0，任何更新都唤不醒它们。`,
      },
      todo: {
        en: "A smaller learning rate, another seed, or leaky relu, gelu or elu prevents it.",
        zh: "减小学习率、换一个种子，或改用 leaky relu、gelu、elu 可以避免。",
      },
    },
  ];
}

function saturated(layer: LayerLook, i: number): Finding[] {
  const size: ((a: number) => number) | undefined = {
    tanh: Math.abs,
    sigmoid: (a: number) => Math.abs(2 * a - 1),
  }[layer.activation];
  if (!size) return [];
  const units = unitsWhere(layer, (a) => size(a) > SATURATED, SATURATED_ROWS);
  if (units.length === 0) return [];
  const flat = layer.activation === "tanh" ? "−1 or 1" : "0 or 1";
  const flatZh = layer.activation === "tanh" ? "−1 或 1" : "0 或 1";
  return [
    {
      kind: "saturated",
      layer: i,
      units,
      what: {
        en: `Layer ${i + 1}: ${units.length} of ${layer.units} units ${units.length === 1 ? "is" : "are"} saturated (${list(units)}): on more than 90 % of the rows within 1 % of ${flat}, where ${layer.activation} is flat and passes almost no gradient back.`,
        zh: `第 ${i + 1} 层：${layer.units} 个单元中有 ${units.length} 个饱和（${list(units)}）：在超过 90 % 的行上输出距 ${flatZh} 不到 1 %，那里的 ${layer.activation} 是平的，几乎不回传梯度。`,
      },
      todo: {
        en: "If learning stalls: normalised inputs, a smaller learning rate, or an L2 penalty keep sums small. A unit that has found a sharp edge may well be saturated.",
        zh: "如果学习停滞：归一化输入、减小学习率，或加 L2 惩罚，可使加权和保持较小。已经找到清晰边界的单元饱和也属正常。",
      },
    },
  ];
}

function flow(layers: readonly LayerLook[]): Finding[] {
  if (layers.length < 2) return [];
  const first = rms(layers[0]!.gradients);
  const last = rms(layers.at(-1)!.gradients);
  const times = (ratio: number): string =>
    ratio >= 1e6 ? ratio.toExponential(0).replace("e+", "e") : String(Math.round(ratio));
  if (!Number.isFinite(first) || !Number.isFinite(last) || (last > 0 && first > EXPLODED * last)) {
    const ratio = first / last;
    const size = Number.isFinite(ratio) ? times(ratio) : "∞";
    return [
      {
        kind: "exploding",
        layer: 0,
        units: [],
        what: {
          en: `The gradient grows on its way back: in layer 1 its root mean square is ${size} times that of the last layer.`,
          zh: `梯度在回传途中变大：第 1 层的均方根是最后一层的 ${size} 倍。`,
        },
        todo: {
          en: "A smaller learning rate, smaller initial weights, or fewer layers.",
          zh: "减小学习率、用更小的初始权重，或减少层数。",
        },
      },
    ];
  }
  if (last > 0 && first < VANISHED * last) {
    const part =
      first === 0 ? { en: "0", zh: "0" } : { en: `1/${times(last / first)}`, zh: `1/${times(last / first)}` };
    return [
      {
        kind: "vanishing",
        layer: 0,
        units: [],
        what: {
          en: `The gradient vanishes on its way back: in layer 1 its root mean square is ${part.en} of that of the last layer, so the first layer hardly learns.`,
          zh: `梯度在回传途中消失：第 1 层的均方根只有最后一层的 ${part.zh}，第一层几乎不学习。`,
        },
        todo: {
          en: "relu or gelu in place of sigmoid and tanh, fewer layers, or initial weights that fit the activation (He for relu, Glorot for tanh).",
          zh: "用 relu 或 gelu 代替 sigmoid、tanh，减少层数，或采用与激活函数相配的初始权重（relu 用 He，tanh 用 Glorot）。",
        },
      },
    ];
  }
  return [];
}
