// How many numbers there are in pieces of the same width.

/** A piece of a histogram: from `from` up to but not including `to`; the last one with its upper end. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** The widths of bins, times a power of ten. */
const STEPS = [1, 2, 5, 10];

/**
 * Sorted numbers in bins whose edges are round: multiples of 1, 2 or 5 times a power of ten. There are about as many bins as the root of
 * the count of numbers says, 5 to 30, or fewer. Numbers that are all equal are in one bin around them.
 */
export function histogramOf(ordered: Float64Array): Bin[] {
  const [least, most] = [ordered[0]!, ordered.at(-1)!];
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (most - least <= 1e-9 * size) {
    const half = size === 0 ? 0.5 : size / 2;
    return [{ from: least - half, to: most + half, rows: ordered.length }];
  }
  const wanted = Math.min(30, Math.max(5, Math.ceil(Math.sqrt(ordered.length))));
  const { step, edge } = roundStep((most - least) / wanted);
  let first = Math.floor(least / step);
  while (edge(first) > least) first--;
  while (edge(first + 1) <= least) first++;
  const bins: Bin[] = [];
  for (let i = first, row = 0; row < ordered.length; i++) {
    const to = edge(i + 1);
    const begin = row;
    while (row < ordered.length && (ordered[row]! < to || (to === most && ordered[row] === most))) row++;
    bins.push({ from: edge(i), to, rows: row - begin });
  }
  return bins;
}

/** The next round width that isn't smaller, and the edges that are multiples of it, with no more digits than they need. */
function roundStep(width: number): { step: number; edge: (i: number) => number } {
  const exponent = Number(width.toExponential().split("e")[1]);
  const factor = STEPS.find((each) => Number(`${each}e${exponent}`) >= width) ?? 10;
  return {
    step: Number(`${factor}e${exponent}`),
    edge: (i) => Number(`${factor * i}e${exponent}`),
  };
}
