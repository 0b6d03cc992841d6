// Tells kinds of typed arrays apart, and refuses what isn't a file's bytes.
import { checkKind, kindOf } from "../util/check.ts";

/** The bytes of a typed array, in place. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Is it an array of this kind, from whichever realm (a test runner's, a frame's)? */
export const isArrayOf = (kind: string, value: unknown): boolean => ArrayBuffer.isView(value) && kindOf(value) === kind;

/** Bytes of any realm, a Buffer and memory that threads share included; for other kinds the message says how to make them bytes. */
export function checkBytes(where: string, name: string, bytes: Uint8Array): void {
  const kind = kindOf(bytes);
  const make = kind.endsWith("ArrayBuffer")
    ? "new Uint8Array(buffer)"
    : /^(?:Blob|File|Response)$/.test(kind) && "new Uint8Array(await file.arrayBuffer())";
  const advice = make ? `; ${make} makes one` : undefined;
  checkKind(isArrayOf("Uint8Array", bytes), where, name, "a Uint8Array", bytes, advice);
}
