// Layers of a network as <wasmgrad-features> shows them: names, sentences, and their numbers as pictures.
import type { LayerInfo } from "../../digits/messages.ts";
import { isActivation } from "../../digits/origin.ts";
import { same, T, type Text } from "../../shell/text.ts";

/** Layers that compute nothing: what they give is what they were given. */
export const PASSING = new Set(["flatten", "reshape", "dropout", "spatialDropout", "gaussianNoise", "identity"]);
/** Columns of the picture of a row of numbers. */
export const COLUMNS = 20;
/** A layer as pictures. */
export interface Maps {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
  /** Numbers that there are: the last row of a picture may not be full. */
  readonly size: number;
}

export function mapsOf({ output }: LayerInfo): Maps {
  const size = output.reduce((product, n) => product * n, 1);
  const [rows, columns, count] = output;
  if (output.length === 3) return { rows: rows!, columns: columns!, count: count!, size };
  const across = Math.min(size, COLUMNS);
  return { rows: Math.ceil(size / across), columns: across, count: 1, size };
}

const isPool = (type: string): boolean => type === "maxPool2d" || type === "avgPool2d";

/** Names as in the book: layers with weights are numbered, Z is before the bend, a after it. */
export function titleOf(layers: readonly LayerInfo[], at: number): string {
  const { type, parameters, name } = layers[at]!;
  const number = layers.slice(0, at + 1).filter((layer) => Object.keys(layer.parameters).length > 0).length;
  if (Object.keys(parameters).length > 0) return `Z${number}`;
  if (isActivation(type) && number > 0) return `a${number}`;
  return isPool(type) ? `pool${layers.slice(0, at + 1).filter((layer) => isPool(layer.type)).length}` : name;
}

const KINDS: Readonly<Record<string, Text>> = {
  conv2d: { en: "convolution", zh: "卷积" },
  dense: { en: "weighted sums", zh: "加权和" },
  maxPool2d: { en: "largest of 4", zh: "取最大" },
  avgPool2d: { en: "mean of 4", zh: "取平均" },
};

const STORIES: Readonly<Record<string, Text>> = {
  conv2d: {
    en: "Each map has a small filter. It slides over the picture; where picture and filter agree, the map is blue, where they are opposites, orange.",
    zh: "每张特征图有一个小滤波器，它在图上滑动：图与滤波器相合处为蓝，相反处为橙。",
  },
  activation: {
    en: "The bend: each number on its own, so that the layers together can do more than one of them.",
    zh: "弯曲：逐个数进行，这样多层合起来才比一层更有本事。",
  },
  maxPool2d: {
    en: "Of each small square only the largest number is kept: where exactly a stroke lies matters less.",
    zh: "每个小方块只留下最大的数：笔画的准确位置就不那么重要了。",
  },
  avgPool2d: {
    en: "Of each small square only the mean is kept: where exactly a stroke lies matters less.",
    zh: "每个小方块只留下平均值：笔画的准确位置就不那么重要了。",
  },
  dense: {
    en: "Each cell is one unit, which weighs all numbers before it. Choose one, and see its weights.",
    zh: "每格是一个单元，它给前面所有的数加权。选一个，看它的权重。",
  },
  last: {
    en: "Ten units, one for each digit. The largest number wins; softmax makes chances of them.",
    zh: "十个单元，各管一个数字。最大的获胜；softmax 把它们变成概率。",
  },
};

/** What kind of layer it is, in a few words. */
export const kindOf = (type: string): string => (KINDS[type] ? T(KINDS[type]) : type);

/** What a layer does, in a sentence. */
export function storyOf(layers: readonly LayerInfo[], at: number): Text {
  const { type } = layers[at]!;
  if (type === "dense" && at === layers.length - 1) return STORIES["last"]!;
  return STORIES[isActivation(type) ? "activation" : type] ?? same(type);
}

/** Map, row and column of a number. */
export function placeOf({ columns, count }: Maps, index: number): [map: number, row: number, column: number] {
  const at = Math.floor(index / count);
  return [index % count, Math.floor(at / columns), at % columns];
}
