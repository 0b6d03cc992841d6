// Our pooling as TensorFlow.js'.
import { countWindows, sidesOf, type Window } from "../../../nn/layers/image.ts";
import type { Context } from "./context.ts";
import type { Write } from "./plain.ts";
import { asImage, padded, windowOf } from "./window.ts";
import type { Ref } from "./writer.ts";

/**
 * The cells at the edges again around an image: each window that has some of them has the one at the edge, too, so that they change no
 * maximum.
 */
function edges(c: Context, x: Ref, around: readonly number[]): Ref {
  let y = x;
  for (const axis of [0, 1] as const) {
    const n = y.shape[axis]!;
    const copies = (side: 0 | 1): Ref[] => {
      const count = around[2 * axis + side]!;
      if (count === 0) return [];
      const cut = side === 0 ? [0, n - 1] : [n - 1, 0];
      const cropping = axis === 0 ? [cut, [0, 0]] : [[0, 0], cut];
      const name = ["top", "bottom", "left", "right"][2 * axis + side]!;
      const edge = c.step("Cropping2D", name, { cropping, data_format: "channels_last" }, y, y.shape.with(axis, 1));
      return Array.from<Ref>({ length: count }).fill(edge);
    };
    const all = [...copies(0), y, ...copies(1)];
    if (all.length > 1)
      y = c.step("Concatenate", `edges${axis}`, { axis: axis + 1 }, all, y.shape.with(axis, n + all.length - 1));
  }
  return y;
}

function pooling(kind: "Max" | "Average", rank: 1 | 2): Write {
  return (c) => {
    const window = windowOf(c, rank, "size");
    const { x } = c;
    const sides = rank === 1 ? [x.shape[0]!] : x.shape.slice(0, 2);
    const counted = kind === "Average" && c.option("countPadding", false);
    if (window.dilation.some((n) => n > 1)) throw c.refuse("has dilation", "pooling without gaps would work");
    const config = {
      pool_size: window.size.slice(0, rank),
      strides: window.strides.slice(0, rank),
      data_format: "channels_last",
    };
    /** Does a word make the same windows? */
    const equals = (word: "valid" | "same"): boolean =>
      sides.every((n, i) => {
        const axis = i as 0 | 1;
        const plain: Window = { ...window, padding: word, ceilMode: false };
        const [front] = sidesOf(plain, n, axis);
        return (
          front === sidesOf(window, n, axis)[0] &&
          countWindows(plain, n, axis) === countWindows(window, n, axis) &&
          (!counted || word === "valid")
        );
      });
    const name = `${kind}Pooling${rank}D`;
    const word = (["valid", "same"] as const).find(
      (each) => equals(each) && (each === "same" || within(window, sides)),
    );
    if (word) return c.plain(name, { ...config, padding: word });
    if (kind === "Average" && (!counted || window.ceilMode)) {
      const advice = 'padding "valid" or "same" would work, or countPadding: true without ceilMode';
      throw c.refuse("has padding, or windows beyond the input, that no word of TensorFlow.js says", advice);
    }
    const image = asImage(c, x, rank);
    const around = [0, 1].flatMap((i) => {
      if (rank === 1 && i === 1) return [0, 0];
      const axis = i as 0 | 1;
      const n = sides[i]!;
      const [front, behind] = sidesOf(window, n, axis);
      const reach = (countWindows(window, n, axis) - 1) * window.strides[axis] + window.size[axis] - front - n;
      return [front, Math.max(behind, reach)];
    });
    const wide = kind === "Max" ? edges(c, image, around) : padded(c, image, around);
    const y = rank === 1 ? c.reshape(wide, [wide.shape[0]!, wide.shape[2]!], "steps") : wide;
    return c.plain(name, { ...config, padding: "valid" }, y);
  };
}

/** Are all windows within the input? */
const within = (window: Window, sides: readonly number[]): boolean =>
  sides.every((n, i) => {
    const axis = i as 0 | 1;
    const [front] = sidesOf(window, n, axis);
    return front === 0 && (countWindows(window, n, axis) - 1) * window.strides[axis] + window.size[axis] <= n;
  });

/** By the layer's type. */
export const POOLING: Readonly<Record<string, Write>> = {
  avgPool1d: pooling("Average", 1),
  avgPool2d: pooling("Average", 2),
  maxPool1d: pooling("Max", 1),
  maxPool2d: pooling("Max", 2),
};
