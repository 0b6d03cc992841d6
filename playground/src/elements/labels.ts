// Where a label of a drawing stands: not on what it would hide.

/** In units of the drawing, from its upper left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Units of a character of a label, and of its line. */
const [WIDTH, HEIGHT] = [6.9, 14];

/** The box of a label with so many characters around a place. */
export const labelBox = (x: number, y: number, characters: number): Box => ({
  x: x - (characters * WIDTH) / 2,
  y: y - HEIGHT / 2,
  width: characters * WIDTH,
  height: HEIGHT,
});

/** The area that two boxes share. */
export function shared(a: Box, b: Box): number {
  const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const tall = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return wide > 0 && tall > 0 ? wide * tall : 0;
}

/** The box at which the least is hidden; of several that differ by less than a unit the first. */
export function freest(boxes: readonly Box[], hidden: (box: Box) => number): Box {
  let [best, least] = [boxes[0]!, Infinity];
  for (const box of boxes) {
    const its = hidden(box);
    if (its < least - 1) [best, least] = [box, its];
  }
  return best;
}

/** The baseline of a label in its box, whose text is anchored in the middle. */
export const baseline = ({ x, y, width, height }: Box): { readonly x: number; readonly y: number } => ({
  x: x + width / 2,
  y: y + height - 3.5,
});
