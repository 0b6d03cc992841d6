// Words of a shell's command line.

const windows = process.platform === "win32";
/** Words in which nothing is special. */
const PLAIN = windows ? /^[\w./\\:@%+,=-]+$/ : /^[\w./:@%+,=-]+$/;

/** A word as shells take it: nothing in it is run, and all of it is the word's. */
export const shellWord = (word: string): string => (PLAIN.test(word) ? word : quoted(word));

/** In single quotes, in which nothing is special; in double ones where the shell is that of Windows. */
const quoted = (word: string): string =>
  windows ? `"${word.replaceAll('"', String.raw`\"`)}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
