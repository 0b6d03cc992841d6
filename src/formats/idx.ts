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
const TYPES: Readonly<Record<number, string>> = {
  0x09: "signed bytes",
  0x0b: "16-bit integers",
  0x0c: "32-bit integers",
  0x0d: "float32",
  0x0e: "float64",
};

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
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
    throw new Error(
      `${name}: not an IDX file; it must begin with two zero bytes, but begins with ${start || "nothing"}`,
    );
  }
  const type = bytes[2]!;
  if (type !== UNSIGNED_BYTE) {
    throw new Error(
      `${name}: this IDX file holds ${TYPES[type] ?? `numbers of unknown type ${type}`}; unsigned bytes are read here`,
    );
  }
  const axes = bytes[3]!;
  const header = 4 + 4 * axes;
  if (bytes.length < header)
    throw new Error(`${name}: cut short; the header needs ${header} bytes, but there are ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  if (bytes.length - header !== count) {
    throw new Error(
      `${name}: cut short or too long; ${axesText(shape)} needs ${count} bytes behind the header, but there are ${bytes.length - header}`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}
