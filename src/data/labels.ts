// Labels that are words: "cat", "dog". Losses and metrics take integers from 0.
import { checkKind, checkWhole, isNumbers, isTyped, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";

/** Names of classes, and their labels: the positions in `names`. Made by `labelEncoder`. */
export interface LabelEncoder {
  /** Each name once, in the order of their labels. */
  readonly names: readonly string[];
  /**
   * The label of each string.
   *
   * @throws {TypeError | RangeError} if one is no string, or none of the names
   */
  encode(strings: readonly string[]): Int32Array;
  /**
   * The name of each label, such as `classify` gives them.
   *
   * @throws {TypeError | RangeError} if one is no integer from 0 to the number of names - 1
   */
  decode(labels: ArrayLike<number>): string[];
}

/**
 * Makes labels of strings: the distinct ones, sorted, are classes 0, 1, 2 and so on. The order is that of JavaScript's `sort` (UTF-16 code
 * units, so "Zebra" comes before "ant"): the same for any order of the rows and in any language of the system. So the `names`, kept
 * beside a model as JSON, make the same encoder again.
 *
 * @param strings the labels of all rows, or the names of the classes
 * @throws {TypeError} if it isn't a list of strings
 * @throws {RangeError} if it is empty
 * @example
 * const animals = labelEncoder(["dog", "cat", "dog"]);
 * console.log(animals.names, animals.encode(["cat", "dog"]), animals.decode([1])); // [cat, dog], [0, 1], [dog]
 */
export function labelEncoder(strings: readonly string[]): LabelEncoder {
  checkStrings("labelEncoder", "the labels", strings);
  const names = Object.freeze([...new Set(strings)].toSorted());
  if (names.length === 0) throw new RangeError("labelEncoder: the list of labels is empty; at least one is needed");
  const labels = new Map(names.map((name, label) => [name, label]));
  return Object.freeze<LabelEncoder>({
    names,
    encode(texts) {
      checkStrings("encode", "the labels", texts);
      return Int32Array.from(texts, (text, i) => {
        const label = labels.get(text);
        if (label === undefined) throw new RangeError(`encode: ${unknownText(`label at ${i}:`, text, names)}`);
        return label;
      });
    },
    decode(numbers) {
      checkKind(isNumbers(numbers), "decode", "the labels", "an array of integers", numbers);
      return Array.from(numbers, (label, i) => {
        checkWhole("decode", `label ${i}`, label, 0, names.length - 1);
        return names[label]!;
      });
    },
  });
}

function checkStrings(where: string, name: string, strings: readonly string[]): void {
  const advice = isTyped(strings) ? "; labels that are integers from 0 need no encoder" : "";
  checkKind(Array.isArray(strings), where, name, "an array of strings", strings, advice);
  const bad = Array.from(strings).findIndex((text) => typeof text !== "string");
  if (bad < 0) return;
  const value: unknown = strings[bad];
  const words =
    typeof value === "number"
      ? `; numbers from 0 need no encoder, of others make strings: String(${valueText(value)})`
      : "";
  checkKind(false, where, `label ${bad}`, "a string", value, words);
}
