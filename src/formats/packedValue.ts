// A value as one run of bytes, to be read at once by the same version of the library: how long its text and its arrays are, then these.
import { utf8Bytes, utf8Text } from "./utf8.ts";
import { readValue, writeValue } from "./values.ts";

/** The bytes of a value; what it may be made of, `writeValue` says. `where`: what it is, for messages. */
export function packValue(value: unknown, where: string): Uint8Array {
  const { text, arrays } = writeValue(value, where);
  const parts = [utf8Bytes(text), ...arrays];
  const lengths = Uint32Array.from([parts.length, ...parts.map(({ length }) => length)]);
  const all = [new Uint8Array(lengths.buffer), ...parts];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The value again. */
export function unpackValue(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  let at = 4 * (1 + count);
  const parts = Array.from({ length: count }, (_, i) => {
    const length = view.getUint32(4 * (1 + i), true);
    return bytes.subarray(at, (at += length));
  });
  return readValue({ text: utf8Text(parts[0]!), arrays: parts.slice(1) });
}
