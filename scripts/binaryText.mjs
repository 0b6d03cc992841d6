// A binary as text, for modules that bundlers take as they are. Base64 would hide from gzip what repeats in a binary, and base64
// of something deflated can't be made smaller: a byte is one letter here, or two, so that a page's own compression does the work.

/**
 * A byte's code is the byte plus 4, modulo 256: the bytes from 252 on, among them the prefix of SIMD instructions, are common
 * and so come first. The first 64 letters stand for codes 0 to 63; each of the last three, before one of them, adds 64, 128 or
 * 192. Common bytes have letters that are common in JavaScript, as gzip then has one symbol for both. There are none that a string,
 * a template or an HTML page would have to escape.
 */
export const ALPHABET = "|.g]artlm: ni0u)df+&}?{c[w3V#!S14E68eosxpk9Ly5b;-/BDhvG*CPFTO2N>=,(";

/** Encodes bytes as text; `decode` in src/runtime/binaries.ts is the inverse. */
export function encode(bytes) {
  const letter = (byte) => {
    const code = (byte + 4) % 256;
    const page = code >> 6;
    return (page > 0 ? ALPHABET[63 + page] : "") + ALPHABET[code & 63];
  };
  return Array.from(bytes, letter).join("");
}
