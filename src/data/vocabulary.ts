// Texts as integers, which `embedding` takes: a vocabulary of characters or words.
import {
  checkKeys,
  checkKind,
  checkOneOf,
  checkWhole,
  describe,
  isNumbers,
  isRecord,
  valueText,
} from "../util/check.ts";

/** What a text is made of. */
type By = "character" | "word";

/** A vocabulary as it is kept: what `JSON.stringify` writes of it, and `vocabulary` reads. */
export interface KeptVocabulary {
  /** What a text is made of: "character" or "word". */
  readonly by: By;
  /** The marks: tokens that are in no text. */
  readonly marks: readonly string[];
  /** All tokens, in the order of their indices. */
  readonly tokens: readonly string[];
}

/** Options of `vocabulary`. */
export interface VocabularyOptions {
  /** Whether tokens are characters (default) or words. */
  readonly by?: By;
  /** How many tokens there are at most, padding, unknown and marks included: the most frequent ones; default all. */
  readonly size?: number;
  /** Tokens of your own that are in no text, such as ["<begin>", "<end>"]; default none. */
  readonly marks?: readonly string[];
}

/** How a text becomes as many integers as a model takes. */
export interface EncodeOptions {
  /** How many integers there are to be; default as many as the text has tokens. */
  readonly length?: number;
  /** On which side a shorter text is filled up with 0: "after" (default) or "before" it. */
  readonly padding?: "after" | "before";
  /** On which side a longer text is cut off: what comes "after" what is kept (default), or "before" it. */
  readonly truncation?: "after" | "before";
}

/** Tokens, such as characters or words, and their indices. Made by `vocabulary`. */
export interface Vocabulary extends KeptVocabulary {
  /** How many tokens there are, padding and unknown included: the number of rows of an `embedding`. */
  readonly size: number;
  /** 0, the index that short texts are filled up with. */
  readonly padding: 0;
  /** 1, the index of all tokens that the vocabulary doesn't have. */
  readonly unknown: 1;
  /** The tokens of a text, known or not: its characters, by code points; or its words and other signs. */
  split(text: string): string[];
  /** The index of a token: of a mark, a character or a word; `unknown` if the vocabulary doesn't have it. */
  indexOf(token: string): number;
  /**
   * The indices of a text.
   *
   * @param text a text; or tokens that it has been split into, marks among them
   * @throws {TypeError | RangeError} if it is neither, or an option can't be used
   */
  encode(text: string | readonly string[], options?: EncodeOptions): Int32Array;
  /**
   * The text of indices: characters one after another, words with a space between them. Padding and marks are left out, "\ufffd"
   * stands for what is unknown.
   *
   * @throws {TypeError | RangeError} if one is no integer from 0 to `size` - 1
   */
  decode(indices: ArrayLike<number>): string;
  /** What `JSON.stringify` writes. */
  toJSON(): KeptVocabulary;
}

/** Stands for tokens that the vocabulary doesn't have; a text that has it is taken at its word. */
const UNKNOWN = "\ufffd";

/**
 * Makes integers of texts, for `embedding`. 0 is padding, 1 is any token that the vocabulary doesn't have; then come the marks, and then
 * the tokens of the texts, the most frequent first, equally frequent ones by their code points: the same for any order of the texts and in
 * any language of the system.
 *
 * Characters are code points: an emoji is one, and so is a Chinese character, whatever its plane. Words are what has letters or digits, with
 * apostrophes and hyphens inside; any other sign is a token by itself, spaces are none. Nothing is changed: for texts in lower case, give
 * `text.toLowerCase()`, to `encode` too. Texts that were split by a rule of your own are lists of tokens.
 *
 * To keep it beside a model, `JSON.stringify(vocabulary)`; `vocabulary(JSON.parse(text))` is the same again.
 *
 * Padding counts nothing where a model is told: recurrent layers and `pick` by `lengths`, attention by a `keyMask`, and
 * `sequenceCrossEntropy` by labels of -1.
 *
 * @param texts strings, or lists of tokens; or what was kept
 * @param options.by whether tokens are characters (default) or words
 * @param options.size how many tokens there are at most, padding, unknown and marks included; default all
 * @param options.marks tokens of your own that are in no text, such as ["<begin>", "<end>"]; default none
 * @throws {TypeError | RangeError} if the texts are neither, there are none, or an option can't be used
 * @example
 * const texts = ["the cat sat", "the dog", "a cat and a dog sat"];
 * const words = vocabulary(texts, { by: "word" });
 * console.log(words.size, words.encode("the cat barks", { length: 5 }), words.decode([2, 3])); // 8, [6, 3, 1, 0, 0], "a cat"
 *
 * // texts of different lengths: steps after a text's own length count nothing
 * const given = inputs({ words: 6, lengths: 1, mask: 6 });
 * const rows = texts.map((text) => words.encode(text, { length: 6 }));
 * const lengths = texts.map((text) => Math.min(6, words.encode(text).length));
 * const mask = rows.map((row) => row.map((index) => (index === words.padding ? 0 : 1)));
 * const model = await sequential(
 *   { input: given },
 *   embedding(words.size, 8),
 *   selfAttention({ heads: 2, keyMask: "mask" }),
 *   gru(16, { lengths: "lengths" }),
 *   dense(1),
 * );
 * console.log(model.predict(given.join({ words: rows, lengths, mask })).length); // 3
 */
export function vocabulary(
  texts: readonly (string | readonly string[])[] | KeptVocabulary,
  options: VocabularyOptions = {},
): Vocabulary {
  checkKeys("vocabulary", options, ["by", "size", "marks"], { level: "by", maxtokens: "size", numwords: "size" });
  if (isRecord(texts)) return vocabularyOf(checkKept(texts as unknown as KeptVocabulary, options));
  const list = texts as readonly (string | readonly string[])[];
  const { by = "character", size = Infinity, marks = [] } = options;
  checkOneOf("vocabulary", "by", by, ["character", "word"]);
  checkStrings("vocabulary", "marks", marks);
  checkOwn(marks, ["", UNKNOWN], "marks");
  if (size !== Infinity) checkWhole("vocabulary", "size", size, 3 + marks.length);
  const advice = typeof texts === "string" ? "; of one text, give [text]" : "";
  checkKind(Array.isArray(texts), "vocabulary", "texts", "an array of strings", texts, advice);
  const counts = new Map<string, number>();
  Array.from(list).forEach((text, i) => {
    for (const token of tokensOf("vocabulary", `text ${i}`, text, by)) counts.set(token, (counts.get(token) ?? 0) + 1);
  });
  for (const token of [UNKNOWN, ...marks]) counts.delete(token);
  if (counts.size === 0) {
    throw new RangeError(`vocabulary: the texts have no tokens, of ${describe(texts)}; at least one ${by} is needed`);
  }
  const frequent = [...counts].toSorted(([a, m], [b, n]) => n - m || byCodePoints(a, b)).map(([token]) => token);
  const tokens = ["", UNKNOWN, ...marks, ...frequent].slice(0, size);
  return vocabularyOf({ by, marks: [...marks], tokens });
}

function vocabularyOf(kept: KeptVocabulary): Vocabulary {
  const { by } = kept;
  const marks = Object.freeze([...kept.marks]);
  const tokens = Object.freeze([...kept.tokens]);
  const indices = new Map(tokens.map((token, index) => [token, index]));
  return Object.freeze<Vocabulary>({
    by,
    marks,
    tokens,
    size: tokens.length,
    padding: 0,
    unknown: 1,
    split: (text) => {
      checkKind(typeof text === "string", "split", "the text", "a string", text);
      return split(text, by);
    },
    indexOf: (token) => {
      checkToken("indexOf", "the token", token);
      return indices.get(token) ?? 1;
    },
    encode: (text, options = {}) => {
      checkKeys("encode", options, ["length", "padding", "truncation"], { maxlen: "length", maxlength: "length" });
      const { length, padding = "after", truncation = "after" } = options;
      if (length !== undefined) checkWhole("encode", "length", length);
      checkOneOf("encode", "padding", padding, ["after", "before"]);
      checkOneOf("encode", "truncation", truncation, ["after", "before"]);
      const all = Int32Array.from(tokensOf("encode", "the text", text, by), (token) => indices.get(token) ?? 1);
      if (length === undefined) return all;
      const some = truncation === "after" ? all.subarray(0, length) : all.subarray(-length);
      const result = new Int32Array(length);
      result.set(some, padding === "after" ? 0 : length - some.length);
      return result;
    },
    decode: (numbers) => {
      checkKind(isNumbers(numbers), "decode", "the indices", "an array of integers", numbers);
      const found = Array.from(numbers, (index, i) => {
        checkWhole("decode", `index ${i}`, index, 0, tokens.length - 1);
        return index < 2 || index >= 2 + marks.length ? tokens[index]! : "";
      });
      return found.filter((token) => token !== "").join(by === "word" ? " " : "");
    },
    toJSON: () => ({ by, marks, tokens }),
  });
}

/** A text's tokens, or those that are given. */
function tokensOf(where: string, name: string, text: string | readonly string[], by: By): readonly string[] {
  if (typeof text === "string") return split(text, by);
  checkKind(Array.isArray(text), where, name, "a string or an array of tokens", text);
  Array.from(text).forEach((token, i) => checkToken(where, `${name}, token ${i},`, token));
  return text;
}

const split = (text: string, by: By): string[] =>
  by === "character" ? [...text] : (text.match(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\S/gu) ?? []);

/** From the lower code point to the higher; strings' own order is that of UTF-16 code units. */
function byCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

function checkToken(where: string, name: string, token: string): void {
  checkKind(typeof token === "string", where, name, "a string", token);
  if (token === "") throw new RangeError(`${where}: ${name} must not be empty: "" stands for padding; leave it out`);
}

function checkStrings(where: string, name: string, list: readonly string[]): void {
  checkKind(Array.isArray(list), where, name, "an array of strings", list);
  Array.from(list).forEach((token, i) => checkToken(where, `${name}[${i}]`, token));
}

/** Each token once, and none of the others. */
function checkOwn(list: readonly string[], others: readonly string[], name: string): void {
  const seen = new Set(others);
  list.forEach((token, i) => {
    if (seen.has(token)) {
      throw new RangeError(
        `vocabulary: ${name} must be different tokens, but ${name}[${i}], ${valueText(token)}, is a second one`,
      );
    }
    seen.add(token);
  });
}

/** What was kept, if it is whole. */
function checkKept(kept: KeptVocabulary, options: VocabularyOptions): KeptVocabulary {
  const [given] = Object.keys(options);
  if (given !== undefined) {
    throw new RangeError(`vocabulary: a kept one takes no options, got ${given}; it has those that it was made with`);
  }
  checkKeys("vocabulary", kept, ["by", "marks", "tokens"]);
  const { by, marks, tokens } = kept;
  checkOneOf("vocabulary", "by", by, ["character", "word"]);
  checkStrings("vocabulary", "marks", marks);
  checkKind(Array.isArray(tokens), "vocabulary", "tokens", "an array of strings", tokens);
  const first = ["", UNKNOWN, ...marks];
  const wrong = first.findIndex((token, i) => tokens[i] !== token);
  if (wrong >= 0) {
    throw new RangeError(
      `vocabulary: tokens must begin with "", "\ufffd" and the marks, but tokens[${wrong}] is ${valueText(tokens[wrong])}; ` +
        "give what JSON.stringify made of a vocabulary",
    );
  }
  Array.from(tokens)
    .slice(1)
    .forEach((token, i) => checkToken("vocabulary", `tokens[${i + 1}]`, token));
  checkOwn(tokens, [], "tokens");
  return kept;
}
