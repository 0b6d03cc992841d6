// Pixels of the field and of the maps.
import type { Theme } from "../../look/colour.ts";
import type { Box } from "../../play/protocol.ts";
import { classesOf, lossOf, type Setup } from "../../play/setup.ts";

/** The middle of each pixel of the field, row by row from the top. */
export function places({ left, bottom, size }: Box, side: number): Float32Array {
  const at = new Float32Array(2 * side * side);
  for (let i = 0; i < side * side; i++) {
    at[2 * i] = left + ((i % side) + 0.5) * (size / side);
    at[2 * i + 1] = bottom + size - (Math.floor(i / side) + 0.5) * (size / side);
  }
  return at;
}

/** The largest size of the values. */
export function largest(values: Float32Array | undefined): number {
  let top = 0;
  for (const v of values ?? []) {
    const size = v < 0 ? -v : v;
    if (size > top) top = size;
  }
  return top > 0 && top < Infinity ? top : 1;
}

/** Colours of classes beyond two: no values, hence none of the scale's, but of two classes those. */
const CLASS_COLOURS: Readonly<Record<Theme, readonly (readonly [number, number, number])[]>> = {
  light: [[180, 84, 10], [31, 95, 168], [138, 42, 143], [0, 115, 90], [92, 100, 112], [179, 38, 30]], // prettier-ignore
  dark: [[240, 160, 80], [105, 179, 245], [227, 155, 230], [88, 211, 173], [169, 178, 189], [255, 138, 128]], // prettier-ignore
};

/** What the network says of each place, lighter than the scale, so that points stand out. */
export function paintField(
  to: Uint32Array,
  output: Float32Array,
  setup: Setup,
  units: number,
  theme: Theme,
  colours: Uint32Array,
): void {
  const n = to.length;
  const loss = lossOf(setup);
  const shade = 0.66 * 127;
  if (units > 2) {
    const names = CLASS_COLOURS[theme];
    const ground = theme === "light" ? 255 : 22;
    for (let i = 0; i < n; i++) {
      let best = 0;
      let second = -Infinity;
      for (let u = 1; u < units; u++) if (output[i * units + u]! > output[i * units + best]!) best = u;
      for (let u = 0; u < units; u++)
        if (u !== best && output[i * units + u]! > second) second = output[i * units + u]!;
      const margin = Math.min(1, (output[i * units + best]! - second) / 2);
      const share = 0.12 + 0.45 * margin;
      const [r, g, b] = names[best % names.length]!.map((c) => Math.round(ground + (c - ground) * share));
      to[i] = ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    const z = units === 2 ? output[2 * i + 1]! - output[2 * i]! : output[i]!;
    // colours of a screen: nothing of this gets to the library's memory
    const v =
      loss === "bce" || loss === "ce"
        ? z > 20 ? 1 : z < -20 ? -1 : 2 / (1 + Math.E ** -z) - 1 // prettier-ignore
        : loss === "mse" && classesOf(setup) === 2
          ? 2 * z - 1
          : Math.max(-1, Math.min(1, z));
    to[i] = colours[(127.5 + shade * (v !== v ? 0 : v)) | 0]!;
  }
}

/** What each unit says of each place, one map after the other; `scale`: the value of the darkest colour. */
export function paintMaps(
  to: Uint32Array,
  from: Float32Array,
  units: number,
  scale: number,
  colours: Uint32Array,
): void {
  const pixelsOfMap = to.length / units;
  // as light as points on it need; what is flat is drawn flat
  const step = (0.88 * 127) / scale;
  for (let unit = 0, at = 0; unit < units; unit++, at += pixelsOfMap) {
    for (let i = 0, j = unit; i < pixelsOfMap; i++, j += units) {
      to[at + i] = colours[(127.5 + Math.max(-127, Math.min(127, step * from[j]!))) | 0]!;
    }
  }
}
