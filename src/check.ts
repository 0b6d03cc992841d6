// Rules that many options share. Each message names the function, the rule, and what was given.

/** A whole number from `least` up. */
export function checkWhole(where: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${where}: ${name} must be a whole number of ${least} or more, got ${value}`);
  }
}

/** A number above 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${where}: ${name} must be above 0, got ${value}`);
}

/** A number of 0 or more. */
export function checkNotNegative(where: string, name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) throw new RangeError(`${where}: ${name} must be 0 or more, got ${value}`);
}

/** A number in [0, 1). */
export function checkFraction(where: string, name: string, value: number): void {
  if (!(value >= 0 && value < 1))
    throw new RangeError(`${where}: ${name} must be from 0 up to but not including 1, got ${value}`);
}

/** One of the given words. */
export function checkOneOf(where: string, name: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) {
    throw new RangeError(`${where}: ${name} must be one of ${words.join(", ")}, got ${JSON.stringify(value)}`);
  }
}

/** An options object without a key that the function doesn't know. */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`${where}: ${unknownText("option", key, known)}`);
  }
}

/** `unknown option "lr"; did you mean "learningRate"? Known: ...` */
export function unknownText(
  what: string,
  name: string,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  const ours = elsewhere[name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")];
  const close = ours ?? closest(name, known);
  const hint = close === undefined ? "" : `; did you mean ${JSON.stringify(close)}?`;
  return `unknown ${what} ${JSON.stringify(name)}${hint} Known: ${known.join(", ")}`.replace(/" Known/, '". Known');
}

/** The word that takes the fewest changes, if they are few. */
function closest(name: string, known: readonly string[]): string | undefined {
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
