// Points and weights as texts of the URL. What was cut or changed gives undefined: the page then says so and uses its default.

/** Own points on the plane, each of a class. */
export interface OwnPoints {
  /** x1 and x2 of each, in turns. */
  readonly x: Float32Array;
  /** The class of each, from 0. */
  readonly y: Float32Array;
}

/** Whole steps for one unit: positions in the URL are exact in float32, and the same after being read and written again. */
const STEPS = 4096;
/** The farthest point from the middle, along either axis. */
const FARTHEST = 32767 / STEPS;
/** What a link can hold: 2,000 of them are 13 kB. */
export const MOST_POINTS = 2000;
/** As many as there are shapes and colours for. */
export const MOST_CLASSES = 10;
const POINT_BYTES = 5;

/** A position as the URL keeps it: the nearest 1/4096 within the plane. */
// + 0: the integers of the URL have no negative zero
export const settle = (v: number): number => Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, v)) * STEPS) / STEPS + 0;

function toText(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function toBytes(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  // the last letter has bits to spare, which must be 0: else the text was changed
  return toText(bytes) === text ? bytes : undefined;
}

/** The points as base64url: how many there are (16 bits), then two 16-bit integers and the class of each. Little-endian. */
export function writePoints({ x, y }: OwnPoints): string {
  if (y.length > MOST_POINTS)
    throw new RangeError(`writePoints: at most ${MOST_POINTS} points go into a link, got ${y.length}`);
  const view = new DataView(new ArrayBuffer(2 + POINT_BYTES * y.length));
  view.setUint16(0, y.length, true);
  for (let i = 0; i < y.length; i++) {
    const at = 2 + POINT_BYTES * i;
    view.setInt16(at, settle(x[2 * i]!) * STEPS, true);
    view.setInt16(at + 2, settle(x[2 * i + 1]!) * STEPS, true);
    view.setUint8(at + 4, y[i]!);
  }
  return y.length === 0 ? "" : toText(new Uint8Array(view.buffer));
}

/** The points of such a text; undefined if it was cut or isn't one. */
export function readPoints(text: string): OwnPoints | undefined {
  if (text === "") return { x: new Float32Array(0), y: new Float32Array(0) };
  const bytes = toBytes(text);
  if (!bytes || bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer);
  const n = view.getUint16(0, true);
  if (n === 0 || n > MOST_POINTS || bytes.length !== 2 + POINT_BYTES * n) return undefined;
  const points = { x: new Float32Array(2 * n), y: new Float32Array(n) };
  for (let i = 0; i < n; i++) {
    const at = 2 + POINT_BYTES * i;
    points.x[2 * i] = view.getInt16(at, true) / STEPS;
    points.x[2 * i + 1] = view.getInt16(at + 2, true) / STEPS;
    points.y[i] = view.getUint8(at + 4);
  }
  return points.y.every((label) => label < MOST_CLASSES) ? points : undefined;
}

/** Weights as base64url of float32, little-endian: bit by bit what they are. */
export function writeWeights(weights: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * weights.length));
  for (let i = 0; i < weights.length; i++) view.setFloat32(4 * i, weights[i]!, true);
  return toText(new Uint8Array(view.buffer));
}

/**
 * The weights of such a text; undefined if it was cut, isn't one, or has a number that isn't finite.
 *
 * @param count how many there must be; default: any number
 */
export function readWeights(text: string, count?: number): Float32Array | undefined {
  const bytes = toBytes(text);
  if (!bytes || bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  const n = bytes.length / 4;
  if (count !== undefined && n !== count) return undefined;
  const view = new DataView(bytes.buffer);
  const weights = Float32Array.from({ length: n }, (_, i) => view.getFloat32(4 * i, true));
  return weights.every(Number.isFinite) ? weights : undefined;
}
