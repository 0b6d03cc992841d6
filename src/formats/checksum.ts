// A checksum over tensors and texts: finds files that were damaged, or mixed of two. It says nothing about who wrote a file.
import { utf8Bytes } from "./utf8.ts";

/** What the checksum is taken of, of a tensor. */
interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** Two hashes of 32 bits, side by side. */
class Hash {
  // the first is one to one in each word and in what came before it, so that no change of a single word is ever missed
  #a = 0x243f6a88; // digits of pi
  #b = 0x85a308d3;

  /** Words of 32 bits, preceded by how many there are. */
  words(words: Int32Array): void {
    let a = this.#a ^ words.length;
    let b = this.#b ^ words.length;
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      // multiplication by an odd number carries upwards, rotation brings it down again
      a = Math.imul(a ^ word, 0x9e3779b1);
      a = (a << 15) | (a >>> 17);
      b = Math.imul((b + word) | 0, 0x85ebca77) ^ word;
      b = (b << 13) | (b >>> 19);
    }
    this.#a = Math.imul(a ^ (a >>> 16), 0xc2b2ae3d);
    this.#b = Math.imul(b ^ (b >>> 15), 0x27d4eb2f);
  }

  /** Bytes: filled up with zeros to whole words, and how many there are. */
  bytes(bytes: Uint8Array): void {
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    this.words(Int32Array.of(bytes.length));
    this.words(new Int32Array(padded.buffer));
  }

  text(text: string): void {
    this.bytes(utf8Bytes(text));
  }

  /** 16 hexadecimal digits. */
  digits(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

/** By the numbers of their characters: the same in every language. */
const byName = <T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/**
 * The checksum of a file: of the names, types, shapes and bits of its tensors and of its texts. It doesn't depend on their order
 * or on the header's wording, so that it stays right when another program reads the file and writes it again.
 *
 * @param typeOf each tensor's type, as in the header
 * @returns 16 hexadecimal digits
 */
export function checksumOf<T extends Tensor>(
  tensors: Iterable<readonly [string, T]>,
  texts: Readonly<Record<string, string>>,
  typeOf: (tensor: T) => string,
): string {
  const hash = new Hash();
  for (const [key, text] of byName(Object.entries(texts))) {
    hash.text(key);
    hash.text(text);
  }
  for (const [name, tensor] of byName(tensors)) {
    const { shape, data } = tensor;
    hash.text(`${name} ${typeOf(tensor)} ${shape.join(" ")}`);
    const { buffer, byteOffset, byteLength } = data;
    if (byteOffset % 4 === 0 && byteLength % 4 === 0) hash.words(new Int32Array(buffer, byteOffset, byteLength / 4));
    else hash.bytes(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digits();
}
