// Text as UTF-8 and back, also where the engine or a test runner has no TextEncoder and no TextDecoder, as jsdom's window.

/** The bytes of a text. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  if (typeof TextEncoder !== "undefined") return new TextEncoder().encode(text);
  const escaped = encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, "\ufffd")).matchAll(/%(..)|./g);
  return Uint8Array.from(escaped, ([letter, hex]) => (hex === undefined ? letter.charCodeAt(0) : parseInt(hex, 16)));
}

/**
 * The text that bytes are.
 *
 * @throws {Error} if they aren't UTF-8
 */
export function utf8Text(bytes: Uint8Array): string {
  const copy = Uint8Array.from(bytes); // pages refuse bytes of shared memory
  if (typeof TextDecoder !== "undefined") return new TextDecoder("utf-8", { fatal: true }).decode(copy);
  const escaped = Array.from(copy, (byte) => `%${byte.toString(16).padStart(2, "0")}`);
  return decodeURIComponent(escaped.join("")).replace(/^\ufeff/, "");
}
