// Charts of predicted numbers: against the actual ones, their errors, by time.
import type { RegressionEvaluation, TableReport } from "../types.ts";
import { boxes, dots, line, rules } from "../draw.ts";
import { quoted, word } from "../html.ts";
import { count, day, decimals, figure } from "../numbers.ts";
import { roundRange, ticks, timeTicks } from "../ticks.ts";
import type { Figure } from "./figure.ts";

export function scatterFigure(of: RegressionEvaluation, target: string): Figure {
  const [from, to] = roundRange(of.points.flatMap(({ actual, predicted }) => [actual, predicted]));
  const all = of.points.length < of.rows ? `${count(of.points.length)} of the ${count(of.rows)} rows` : `${count(of.rows)} rows`; // prettier-ignore
  return {
    title: "Predicted against actual",
    explains:
      `Each dot is a row (${all}): to the right its actual ${word(target, 40)}, upwards what was predicted. ` +
      `On the diagonal the prediction is right; dots above it were predicted too high, below it too low.`,
    chart: (size) => ({
      ...size,
      height: 300,
      x: { from, to, ticks: (n) => ticks(from, to, n), title: `actual ${target}` },
      y: { from, to, ticks: (n) => ticks(from, to, n), title: `predicted ${target}` },
      layers: [
        rules([{ x: from, y: from, x2: to, y2: to }], { colour: "field", dash: [3, 3], width: 1 }),
        dots(of.points.map(({ actual, predicted }) => ({ x: actual, y: predicted })), { colour: "accent", size: 18, opacity: 0.5 }), // prettier-ignore
      ],
      says: `Predicted against actual ${quoted(target)} of ${all}, both between ${figure(from)} and ${figure(to)}. R² is ${decimals(of.metrics["r2"] ?? NaN, 3)}.`,
    }),
  };
}

/** A quantile of the errors, if it is there. */
const quantile = (of: RegressionEvaluation, q: number): string | undefined => {
  const found = of.residuals.quantiles.find((each) => Math.abs(each.q - q) < 1e-9);
  return found && figure(found.value, 3);
};

export function residualsFigure(of: RegressionEvaluation, target: string): Figure | undefined {
  const { histogram, mean } = of.residuals;
  if (histogram.length === 0) return undefined;
  const from = Math.min(histogram[0]!.from, 0);
  const to = Math.max(histogram.at(-1)!.to, 0);
  const [, most] = roundRange(histogram.map(({ rows }) => rows), { zero: true }); // prettier-ignore
  const [low, high, least, largest] = [0.25, 0.75, 0.05, 0.95].map((q) => quantile(of, q));
  const half = low && high ? ` Half of the errors lie between ${low} and ${high}` : "";
  const nine = half && least && largest ? `, nine of ten between ${least} and ${largest}` : "";
  const lean = Math.abs(mean) > 0.1 * of.residuals.sd;
  return {
    title: "How large the errors are",
    explains:
      `Errors are the actual ${word(target, 40)} minus the predicted one: right of 0 the model said too little, left of it too much.${half}${nine}${half ? "." : ""} ` +
      (lean
        ? `Their mean, ${figure(mean, 3)}, isn't near 0: the model ${mean > 0 ? "says too little" : "says too much"} on the whole.`
        : "Their mean is near 0: on the whole the model says neither too much nor too little."),
    chart: (size) => ({
      ...size,
      height: 300,
      x: { from, to, ticks: (n) => ticks(from, to, n), title: "actual minus predicted", bare: true },
      y: {
        from: 0,
        to: most,
        ticks: (n) => ticks(0, most, n).filter(({ value }) => Number.isInteger(value)),
        title: "rows",
      },
      layers: [
        boxes(gapped(histogram, (to - from) / 400), "bar"),
        rules([{ x: 0, x2: 0, y: 0, y2: most }], { colour: "ink", width: 1 }),
      ],
      says: `Histogram of the errors, from ${figure(histogram[0]!.from)} to ${figure(histogram.at(-1)!.to)}; mean ${figure(mean, 3)}, standard deviation ${figure(of.residuals.sd, 3)}.`,
    }),
  };
}

/** Bars with a little room between. */
const gapped = (bins: RegressionEvaluation["residuals"]["histogram"], gap: number) =>
  bins.map(({ from, to, rows }) => ({ x: from + gap, x2: Math.max(from + gap, to - gap), y: 0, y2: rows }));

export function timeFigure(of: RegressionEvaluation, { target }: TableReport): Figure | undefined {
  const points = of.points
    .filter((point) => point.time !== undefined && Number.isFinite(point.time))
    .toSorted((a, b) => a.time! - b.time!);
  if (points.length < 2) return undefined;
  const [from, to] = [points[0]!.time!, points.at(-1)!.time!];
  if (from === to) return undefined;
  const range = roundRange(points.flatMap(({ actual, predicted }) => [actual, predicted]));
  return {
    title: "Over time",
    explains:
      `The actual ${word(target, 40)} and what was predicted, from ${day(from)} to ${day(to)}. Where the lines part, look at what happened on these days: ` +
      `a holiday or an event that no column tells of.`,
    wide: true,
    key: [
      { name: "actual", colour: "ink" },
      { name: "predicted", colour: "held", kind: "dashed" },
    ],
    chart: (size) => ({
      ...size,
      x: { from, to, ticks: (n) => timeTicks(from, to, n), title: "", bare: true },
      y: { from: range[0], to: range[1], ticks: (n) => ticks(range[0], range[1], n), title: target },
      layers: [
        line(points.map(({ time, actual }) => ({ x: time!, y: actual })), { colour: "ink", width: 1 }), // prettier-ignore
        line(points.map(({ time, predicted }) => ({ x: time!, y: predicted })), { colour: "held", width: 2, dash: [5, 2] }), // prettier-ignore
      ],
      says: `Actual and predicted ${quoted(target)} from ${day(from)} to ${day(to)}, between ${figure(range[0])} and ${figure(range[1])}.`,
    }),
  };
}
