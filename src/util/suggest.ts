// Suggests the known name that an unknown one in a file may have meant.
import { plainLetters, valueText } from "./check.ts";

/** How many known names a message lists. */
const MOST_SHOWN = 100;

/**
 * `unknown layer "linear"; did you mean "dense"? Known: ...`
 *
 * @param elsewhere other libraries' names, in lower case without punctuation, and ours
 */
export function unknownText(
  what: string,
  name: string,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  const start = name.slice(0, 80); // comparing takes time in proportion to its length
  const plain = plainLetters(start);
  const close = Object.hasOwn(elsewhere, plain) ? elsewhere[plain] : closest(start, known);
  const hint = close === undefined ? "." : `; did you mean ${JSON.stringify(close)}?`;
  const more = known.length > MOST_SHOWN ? ` and ${known.length - MOST_SHOWN} more` : "";
  return `unknown ${what} ${valueText(name)}${hint} Known: ${known.slice(0, MOST_SHOWN).join(", ")}${more}`;
}

/** The word that takes the fewest changes, if they are few. */
export function closest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, name.length / 2);
  for (const word of known) {
    const changes = distance(name.toLowerCase(), word.toLowerCase());
    if (changes < fewest || (word.toLowerCase().startsWith(name.toLowerCase()) && fewest > 0 && best === undefined)) {
      fewest = Math.min(changes, fewest);
      best = word;
    }
  }
  return best;
}

/** The words that take the fewest changes, nearest first. */
export function nearest(name: string, known: readonly string[], count: number): readonly string[] {
  const start = name.slice(0, 80).toLowerCase();
  const changes = new Map(known.map((word) => [word, distance(start, word.toLowerCase())]));
  return known.toSorted((a, b) => changes.get(a)! - changes.get(b)!).slice(0, count);
}

/** Insertions, deletions and replacements between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
