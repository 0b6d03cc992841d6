// What is said of the pieces of a file, as of the file as a whole.

/** Notes of pieces, each kind once. */
export interface NoteSums {
  add(notes: readonly string[]): void;
  /** One for each kind: of cells with their number in all pieces. */
  texts(): string[];
}

/** A note that counts cells of a column: its name, the number, what is said of them, and which words they are. */
const COUNTED = /^(?<name>.*?): (?<count>[\d,]+) cells? (?<what>[^(]*)(?:\((?<words>.*)\))?(?<more>[^)]*)$/s;
/** Words that are named. */
const MOST = 3;

interface Sum {
  readonly name: string;
  readonly what: string;
  readonly more: string;
  readonly words: Set<string>;
  count: number;
}

/** Adds up notes. */
export function noteSums(): NoteSums {
  const others = new Set<string>();
  const sums = new Map<string, Sum>();
  return {
    add(notes) {
      for (const note of notes) {
        const found = COUNTED.exec(note)?.groups as
          Record<"name" | "count" | "what" | "words" | "more", string> | undefined;
        if (!found) {
          others.add(note);
          continue;
        }
        const { name, more, words } = found;
        const what = found.what.replace(/^is /, "are ").replace(/^has a word /, "have words ");
        const key = JSON.stringify([name, what, more]);
        const sum = sums.get(key) ?? { name, what, more, words: new Set<string>(), count: 0 };
        sums.set(key, sum);
        sum.count += Number(found.count.replaceAll(",", ""));
        for (const word of words?.match(/"(?:[^"\\]|\\.)*"/g) ?? []) sum.words.add(word);
      }
    },
    texts: () => [...others, ...Array.from(sums.values(), textOf)],
  };
}

function textOf({ name, what, more, words, count }: Sum): string {
  const cells = `${count.toLocaleString("en-US")} ${count === 1 ? "cell" : "cells"}`;
  const said = count === 1 ? what.replace(/^are /, "is ").replace(/^have words /, "has a word ") : what;
  const named = [...words].slice(0, MOST).join(", ");
  const which = words.size === 0 ? "" : `(${named}${words.size > MOST ? ", ..." : ""})`;
  return `${name}: ${cells} ${said}${which}${more}`;
}
