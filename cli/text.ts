// Texts in two languages, which stand side by side where they are used.
import { columns, fitLine, prose } from "./layout.ts";

/** Languages of the lessons. */
export type Language = "en" | "zh";

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** Everything that is written goes through a voice, which knows the language. */
export interface Voice {
  readonly language: Language;
  /** Writes paragraphs, wrapped for the terminal, with an empty line after them. Lines that begin with a space are formulas. */
  say(text: Text): void;
  /** Writes a heading. */
  head(text: Text): void;
  /** Writes lines as they are, where the terminal has room for them, with an empty line after them. */
  show(lines: string): void;
  /** The text in the language. */
  of(text: Text): string;
}

/** A voice that writes lines with `write`, and headings in bold. */
export function voice(language: Language, write: (line: string) => void, bold: (text: string) => string): Voice {
  const of = (text: Text): string => text[language];
  return {
    language,
    of,
    say: (text) => write(`${prose(of(text))}\n`),
    head: (text) => write(`${bold(prose(of(text)))}\n`),
    show: (lines) => write(`${lines.replaceAll(/^.+$/gm, (line) => fitLine(line, columns()))}\n`),
  };
}

/**
 * A text for a terminal: control characters, which names in a file may have, are written out, but for the ends of lines and for colours; so
 * are those that turn the direction of a text.
 *
 * @param colours whether there are any
 */
export const shown = (text: string, colours: boolean): string =>
  text.replaceAll(
    // eslint-disable-next-line no-control-regex
    /\x1b(\[[0-9;]*m)?|[\0-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (sign, colour?: string) =>
      colour !== undefined && colours ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}${colour ?? ""}`,
  );

/**
 * The word that was probably meant: at most a third of its letters are added, left out, changed or swapped, capitals or not; or the only
 * one that begins with the word.
 */
export function closest(word: string, words: readonly string[]): string | undefined {
  const small = word.toLowerCase();
  const distances = words.map((other) => ({ other, distance: distance(small, other.toLowerCase()) }));
  const best = distances.toSorted((a, b) => a.distance - b.distance)[0];
  if (best && best.distance <= Math.max(1, Math.floor(best.other.length / 3))) return best.other;
  const begun = small.length >= 3 ? words.filter((other) => other.toLowerCase().startsWith(small)) : [];
  return begun.length === 1 ? begun[0] : undefined;
}

/** Letters to add, leave out, change, or swap with their neighbour, so that one word becomes the other. */
function distance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_unused, j) => i + j));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      d[i]![j] = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        d[i]![j] = Math.min(d[i]![j]!, d[i - 2]![j - 2]! + 1);
      }
    }
  }
  return d[a.length]![b.length]!;
}
