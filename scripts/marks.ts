// Parts of documents that programs write: they stand between two comments, which stay.

/** The text of `file` with another content between <!-- begin --> and <!-- end -->. */
export function replaceBetween(file: string, text: string, begin: string, end: string, content: string): string {
  const [first, last] = [`<!-- ${begin} -->`, `<!-- ${end} -->`];
  const [before, rest, ...more] = text.split(first);
  const after = rest?.split(last)[1];
  if (after === undefined || more.length > 0) throw new Error(`${file}: it needs ${first} and ${last}, once each`);
  return `${before}${first}\n\n${content}\n\n${last}${after}`;
}
