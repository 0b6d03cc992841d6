// What pages and Node make alike, to be compared: no drawing, integers alone.

export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** RGBA pixels. */
export function noise(width: number, height: number, opaque = false): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[i] = opaque && i % 4 === 3 ? 255 : state >>> 24;
  }
  return { data, width, height };
}

/** FNV-1a of bytes. */
export function hash(bytes: Iterable<number>): string {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}

/** Options of `fromPixels`. */
export const VARIANTS = [
  { channels: 1 },
  { channels: 3 },
  { channels: 4 },
  { channels: 1, size: [28, 28] },
  { channels: 3, size: [7, 13], background: [255, 128, 3] },
  { channels: 4, size: [9, 5] },
  { channels: 1, size: [100, 90], background: 255 },
] as const;
