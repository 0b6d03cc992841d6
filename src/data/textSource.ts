// Reads text from files, bytes, streams and iterables: inflates and decodes it, a piece at a time, and refuses what is no text.
import { type Chunks, again, beginning, joined, openSource, PIECE, type Says, type Source } from "./byteSource.ts";
import { otherKind } from "./otherKinds.ts";
import type { TableSource } from "./tableSource.ts";

/** Bytes by which the encoding is guessed. */
const SAMPLE = 2 ** 18;

/** A text of which the beginning has been read. */
export interface Text {
  /** The function that messages begin with. */
  readonly where: string;
  /** What messages call it. */
  readonly name: string;
  /** The encoding of its bytes, or `"text"`. */
  readonly encoding: string;
  /** What was guessed of it, and why. */
  readonly reasons: readonly string[];
  /** All of it, some 2^18 characters at a time. */
  readonly pieces: AsyncGenerator<string, void, undefined>;
  close(): Promise<void>;
}

/**
 * Opens a text.
 *
 * @param where the function that messages begin with
 * @param encoding of bytes; undefined: it is guessed
 */
export async function openText(where: string, source: TableSource, encoding: string | undefined): Promise<Text> {
  return textOf(where, await openSource(where, source), encoding);
}

/** The text of a source of which nothing has been taken. */
export async function textOf(where: string, source: Source, encoding: string | undefined): Promise<Text> {
  const { name, says, content, close } = source;
  try {
    if ("texts" in content) {
      const texts = joinedTexts(stripped(says, content.texts));
      return { where, name, encoding: "text", reasons: [], pieces: texts, close };
    }
    if (typeof TextDecoder === "undefined") throw says("gives bytes, and there is no TextDecoder here; give texts");
    const sample = await beginning(content.bytes, SAMPLE);
    const start = joined(sample);
    if (start.length === 0) throw says("is empty");
    const other = otherKind(start);
    if (other !== undefined) throw says(`looks like ${other}`);
    const guess = encoding === undefined ? guessEncoding(start) : { encoding, reasons: [] };
    const texts = joinedTexts(decoded(says, guess.encoding, encoding !== undefined, again(sample, content.bytes)));
    return { where, name, ...guess, pieces: texts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function guessEncoding(start: Uint8Array): { readonly encoding: string; readonly reasons: readonly string[] } {
  const [a, b, c] = start;
  const because = (encoding: string, why: string) => ({ encoding, reasons: [`the encoding is ${encoding}: ${why}`] });
  if (a === 0xef && b === 0xbb && c === 0xbf) return because("utf-8", "its byte order mark is there");
  if (a === 0xff && b === 0xfe) return because("utf-16le", "its byte order mark is there");
  if (a === 0xfe && b === 0xff) return because("utf-16be", "its byte order mark is there");
  const first = `the first ${start.length} bytes`;
  if (invalidAt("utf-8", start) === undefined) return because("utf-8", `${first} are valid`);
  if (chinese(start) > 0.8 && invalidAt("gb18030", start) === undefined) {
    return because("gb18030", `${first} aren't UTF-8, and are mostly Chinese in it`);
  }
  return because("windows-1252", `${first} are neither UTF-8 nor Chinese in gb18030`);
}

/** The share of pairs of the usual Chinese characters (GB 2312) among what isn't ASCII. */
function chinese(bytes: Uint8Array): number {
  let pairs = 0;
  let others = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! < 0x80) continue;
    const usual = bytes[i]! >= 0xa1 && bytes[i]! <= 0xf7 && (bytes[i + 1] ?? 0) >= 0xa1;
    if (usual) pairs++;
    else others++;
    i++;
  }
  return pairs / Math.max(1, pairs + others);
}

/** Where bytes stop being valid, undefined if nowhere: the place of the first byte of the character that isn't. */
function invalidAt(encoding: string, bytes: Uint8Array): number | undefined {
  const fails = (length: number, stream = true): boolean => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), { stream });
      return false;
    } catch {
      return true;
    }
  };
  if (!fails(bytes.length)) return undefined;
  let least = 0;
  let most = bytes.length;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (fails(middle)) most = middle;
    else least = middle;
  }
  // it begins where what is before it is complete
  while (least > 0 && fails(least, false)) least--;
  return least;
}

/** Where half of a pair stands alone in UTF-16. */
function loneSurrogate(encoding: string, bytes: Uint8Array): number {
  const high = encoding === "utf-16be" ? 0 : 1;
  /** The kind of the unit at a place: the first half of a pair, the second, or neither. */
  const half = (at: number): number => (bytes[at + high] ?? 0) & 0xfc;
  // what is complete before, begins with the second half of a pair at most
  for (let at = half(0) === 0xdc ? 2 : 0; at < bytes.length; at += 2) {
    if (half(at) === 0xdc || (half(at) === 0xd8 && half(at + 2) !== 0xdc)) return at;
    if (half(at) === 0xd8) at += 2;
  }
  return 0;
}

/** The text of bytes. */
async function* decoded(says: Says, encoding: string, given: boolean, chunks: Chunks<Uint8Array>): Chunks<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const wide = decoder.encoding.startsWith("utf-16");
  const what = given
    ? `isn't ${encoding}, the encoding that was given`
    : `isn't ${encoding}, which its beginning was taken for; give encoding`;
  let at = 0;
  /** The last bytes, from a place where a character begins. */
  let tail = new Uint8Array();
  for await (const chunk of chunks) {
    const nul = wide ? -1 : chunk.indexOf(0);
    if (nul >= 0) {
      throw says(`has a NUL at byte ${at + nul}, so it is no text; if it is one in UTF-16, give encoding: "utf-16le"`);
    }
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (cause) {
      const bytes = joined([tail, chunk]);
      const place = wide ? loneSurrogate(decoder.encoding, bytes) : (invalidAt(encoding, bytes) ?? 0);
      throw says(`${what}: byte ${at - tail.length + place} isn't valid in it`, cause);
    }
    if (wide && text.includes("\0")) throw says(`has a NUL character after byte ${at}, so it is no text`);
    at += chunk.length;
    tail = tailOf(wide, at, tail, chunk);
    if (text !== "") yield text;
  }
  try {
    decoder.decode();
  } catch (cause) {
    throw says(`${what}: it ends within a character, at byte ${at}`, cause);
  }
}

/** What a character may have begun with that isn't complete: no later byte of one is below 0x30. */
function tailOf(wide: boolean, at: number, tail: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const last = joined([tail, chunk.subarray(-64)]).subarray(-64);
  if (wide) return last.slice(last.length - Math.min(last.length, 4 + (at % 2)));
  return last.slice(last.findLastIndex((byte) => byte < 0x30) + 1);
}

/** Texts without a byte order mark, and none that isn't text. */
async function* stripped(says: Says, texts: Chunks<string>): Chunks<string> {
  let at = 0;
  for await (const text of texts) {
    const nul = text.indexOf("\0");
    if (nul >= 0) throw says(`has a NUL at character ${at + nul}, so it is no text`);
    yield at === 0 ? text.replace(/^\ufeff/, "") : text;
    at += text.length;
  }
}

/** Small texts together. */
async function* joinedTexts(texts: Chunks<string>): Chunks<string> {
  let waiting: string[] = [];
  let length = 0;
  for await (const text of texts) {
    waiting.push(text);
    length += text.length;
    if (length < PIECE / 2) continue;
    yield waiting.join("");
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join("");
}
