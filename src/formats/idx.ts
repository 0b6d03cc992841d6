// Reads IDX, the format of MNIST: two zero bytes, a type, the number of axes, their sizes (big endian), then the numbers.
// Source: http://yann.lecun.com/exdb/mnist/
import { checkKind } from "../util/check.ts";
import { checkBytes } from "./bytes.ts";
import { axesText, sizeOf } from "../util/shape.ts";

/** An IDX file of bytes. */
export interface IdxFile {
  /** Sizes of all axes; the first counts images or labels. */
  readonly shape: readonly number[];
  /** The bytes, the last axis contiguous. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/** What numbers are called in messages, from type 9 on, and the bytes that each takes, from type 8 on. */
const NAMES = ["signed bytes", "", "16-bit integers", "32-bit integers", "float32", "float64"];
const SIZES = "1102448";

/** What the beginning of a file says. */
export interface IdxHeader {
  /** The type of its numbers, from 8 to 14. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Where the numbers begin, and where they must end. */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the beginning of an IDX file.
 *
 * @param types those that are read; others are refused
 * @param whole whether these are all bytes of the file, which must then be as many as the beginning says
 */
export function idxHeader(bytes: Uint8Array, name: string, types: readonly number[], whole: boolean): IdxHeader {
  const [first, second, type = 0, axes = 0] = bytes;
  if (bytes.length < 4 || first || second) {
    const start = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
    throw new Error(
      `${name}: not an IDX file; it must begin with two zero bytes, but begins with ${start || "nothing"}`,
    );
  }
  if (!types.includes(type)) {
    const which = types.length === 1 ? "; unsigned bytes are read here" : "";
    throw new Error(`${name}: this IDX file holds ${NAMES[type - 9] || `numbers of unknown type ${type}`}${which}`);
  }
  const from = 4 + 4 * axes;
  if (bytes.length < from)
    throw new Error(`${name}: cut short; the header needs ${from} bytes, but there are ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  const to = from + count * Number(SIZES[type - 8]);
  if (whole && bytes.length !== to) {
    throw new Error(
      `${name}: cut short or too long; ${axesText(shape)} needs ${to - from} bytes behind the header, but there are ${bytes.length - from}`,
    );
  }
  return { type, shape, from, to };
}

/**
 * Reads an IDX file of unsigned bytes.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} if bytes or name are something else
 * @throws {Error} if it is no IDX file, holds other numbers, or is cut short
 */
export function readIdx(bytes: Uint8Array, name = "readIdx"): IdxFile {
  checkKind(typeof name === "string", "readIdx", "the name", "a file's name, for messages", name);
  checkBytes("readIdx", "the file", bytes);
  const { shape, from } = idxHeader(bytes, name, [UNSIGNED_BYTE], true);
  return { shape, data: bytes.subarray(from) };
}
