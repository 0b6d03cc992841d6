// Charts of bars with names: what columns are worth, and the model beside the baselines.
import type { Importance } from "../types.ts";
import { boxes, rules, words } from "../draw.ts";
import { quoted } from "../html.ts";
import { figure } from "../numbers.ts";
import { barRange, ticks } from "../ticks.ts";
import type { Figure } from "./figure.ts";

/** Columns that are drawn at most. */
export const MOST_BARS = 30;

/** Rows of bars: their middles are at whole numbers and a half, from the top. */
const places = (names: readonly string[]) => ({
  from: names.length,
  to: 0,
  ticks: () => names.map((label, i) => ({ value: i + 0.5, label })),
  title: "",
  bare: true,
});

/** `reference`: what a series is learned relative to, as a word of our own. */
export function importanceFigure(importance: readonly Importance[], reference?: string): Figure | undefined {
  const shown = importance.slice(0, MOST_BARS);
  if (shown.length === 0) return undefined;
  const [from, to] = barRange(shown.flatMap(({ mean, low, high }) => [mean, low, high]));
  const rest = importance.length - shown.length;
  return {
    title: "What the model looks at",
    explains:
      `The values of one column are shuffled among the rows, so that they say nothing any more. The bar is how much the model's score falls by that: a long bar means that ` +
      `the model leans on this column${reference === undefined ? ", none that it could do without" : ""}. ` +
      (reference === undefined
        ? ""
        : `${reference[0]!.toUpperCase()}${reference.slice(1)}, which the change is learned from, isn't shuffled: what the model owes to it has no bar. `) +
      `The thin line is the range over several shuffles; where it reaches 0, the bar may be chance. ` +
      `Of two columns that say the same, both may look unimportant.` +
      (rest > 0 ? ` Drawn are the ${shown.length} largest; ${rest} more are smaller.` : ""),
    wide: true,
    height: 50 + 20 * shown.length,
    chart: (size) => ({
      ...size,
      x: { from, to, ticks: (n) => ticks(from, to, n), title: "fall of the score" },
      y: places(shown.map(({ column }) => column)),
      layers: [
        boxes(shown.map(({ mean }, i) => ({ x: 0, x2: mean, y: i + 0.2, y2: i + 0.8 })), "bar"), // prettier-ignore
        rules(shown.map(({ low, high }, i) => ({ x: low, x2: high, y: i + 0.5, y2: i + 0.5 })), { colour: "ink", width: 1.25 }), // prettier-ignore
        rules(shown.flatMap(({ low, high }, i) => [low, high].map((x) => ({ x, x2: x, y: i + 0.35, y2: i + 0.65 }))), { colour: "ink", width: 1.25 }), // prettier-ignore
        rules([{ x: 0, x2: 0, y: 0, y2: shown.length }], { colour: "field", width: 1 }),
      ],
      says: `Fall of the score when a column is shuffled: ${shown.map(({ column, mean }) => `${quoted(column)} ${figure(mean, 2)}`).join(", ")}.`,
    }),
  };
}

/** A score of the model and of simple ones. */
export function beside(
  metric: string,
  scores: readonly { readonly name: string; readonly value: number; readonly text: string }[],
  explains: string,
): Figure {
  const [from, to] = barRange([...scores.map(({ value }) => value), 1]);
  return {
    title: `${metric}: this model beside simple ones`,
    explains,
    wide: true,
    height: 44 + 26 * scores.length,
    chart: (size) => ({
      ...size,
      right: 46,
      x: { from, to, ticks: (n) => ticks(from, to, n), title: "", bare: true },
      y: places(scores.map(({ name }) => name)),
      layers: [
        boxes(scores.slice(0, 1).map(({ value }) => ({ x: 0, x2: value, y: 0.15, y2: 0.85 })), "accent"), // prettier-ignore
        boxes(scores.slice(1).map(({ value }, i) => ({ x: 0, x2: value, y: i + 1.15, y2: i + 1.85 })), "bar"), // prettier-ignore
        words(scores.map(({ value, text }, i) => ({ x: Math.max(0, value), y: i + 0.5, text, align: "left", dx: 6 })), "ink"), // prettier-ignore
      ],
      says: `${metric}: ${scores.map(({ name, text }) => `${name} ${text}`).join(", ")}.`,
    }),
  };
}
