// Words of a shell's command line.

/** A word as shells take it. */
export const shellWord = (word: string): string =>
  /^[\w./\\:@%+,=][\w./\\:@%+,=-]*$|^-[\w-]*$/.test(word) ? word : JSON.stringify(word);
