// Charts of classifiers: ROC, precision and recall, calibration, the threshold.
import type { ClassificationEvaluation, Curve } from "../types.ts";
import { type Colour, dots, line, rules, type Axis } from "../draw.ts";
import { quoted, word } from "../html.ts";
import { decimals, figure, percent } from "../numbers.ts";
import { roundRange, ticks } from "../ticks.ts";
import type { Figure, Key } from "./figure.ts";

/** From 0 to 1. */
const share = (title: string): Axis => ({ from: 0, to: 1, ticks: (n) => ticks(0, 1, Math.min(n, 5)), title });

/** How the curves of several classes are told apart. */
const STYLES: readonly { readonly colour: Colour; readonly dash?: readonly number[] }[] = [
  { colour: "accent" },
  { colour: "held", dash: [6, 3] },
  { colour: "third", dash: [2, 2] },
  { colour: "fourth", dash: [8, 2, 2, 2] },
  { colour: "fifth", dash: [4, 4] },
  { colour: "soft", dash: [1, 3] },
];

const kindOf = ({ dash }: (typeof STYLES)[number]): "line" | "dashed" | "dotted" =>
  dash === undefined ? "line" : dash[0]! < 3 ? "dotted" : "dashed";

interface Named {
  readonly name: string;
  readonly roc: Curve;
  readonly pr: Curve;
  readonly share: number;
}

/** The curves that are drawn: of several classes those with most rows. */
function curvesOf(of: ClassificationEvaluation): readonly Named[] {
  const rowsOf = (name: string): number => of.perClass.find((each) => each.name === name)?.rows ?? 0;
  const all = of.curves ?? (of.roc && of.pr ? [{ name: of.classes[1] ?? "", roc: of.roc, pr: of.pr }] : []);
  return all
    .map((each) => ({ ...each, share: of.rows > 0 ? rowsOf(each.name) / of.rows : 0 }))
    .toSorted((a, b) => (of.curves ? b.share - a.share : 0))
    .slice(0, STYLES.length);
}

const keyOf = (curves: readonly Named[], kind: "roc" | "pr"): readonly Key[] | undefined =>
  curves.length < 2
    ? undefined
    : curves.map(({ name, ...each }, i) => ({
        name: `${word(name, 40)} ${decimals(each[kind].area, 3)}`,
        colour: STYLES[i]!.colour,
        kind: kindOf(STYLES[i]!),
      }));

const some = (of: ClassificationEvaluation, curves: readonly Named[]): string =>
  of.curves && of.curves.length > curves.length
    ? ` Drawn are the ${curves.length} classes with most rows of ${of.curves.length}.`
    : "";

export function rocFigure(of: ClassificationEvaluation): Figure | undefined {
  const curves = curvesOf(of);
  const [first] = curves;
  if (!first) return undefined;
  const several = of.curves !== undefined;
  const key = keyOf(curves, "roc");
  return {
    title: "ROC curve: found, against false alarms",
    explains:
      `The model gives each row a probability, and a threshold makes a decision of it. Each point is a threshold: upwards the share of ` +
      `${several ? "a class's rows" : `${word(first.name, 40)} rows`} that is found, to the right the share of the others that is taken for ` +
      `${several ? "it" : "them"} too. The more it bends to the top left, the better; guessing gives the grey diagonal. ` +
      (several
        ? `The number beside each class is the area under its curve (AUC).${some(of, curves)}`
        : `The area under it, the AUC, is <b>${decimals(first.roc.area, 3)}</b> (1 is perfect, 0.5 is guessing).`),
    ...(key ? { key } : {}),
    chart: (size) => ({
      ...size,
      height: 300,
      x: share("share of the others taken for it"),
      y: share("share found"),
      layers: [
        rules([{ x: 0, y: 0, x2: 1, y2: 1 }], { colour: "field", dash: [3, 3], width: 1 }),
        ...curves.map(({ roc }, i) => line(roc.points, STYLES[i]!)).toReversed(),
      ],
      says: `ROC curve. Area under it: ${curves.map(({ name, roc }) => `${decimals(roc.area, 3)} for ${quoted(name)}`).join(", ")}.`,
    }),
  };
}

export function prFigure(of: ClassificationEvaluation): Figure | undefined {
  const curves = curvesOf(of);
  const [first] = curves;
  if (!first) return undefined;
  const several = of.curves !== undefined;
  const key = keyOf(curves, "pr");
  return {
    title: "Precision and recall: how many alarms are right",
    explains:
      `The same thresholds, asked differently: to the right the share of ${several ? "a class's rows" : `${word(first.name, 40)} rows`} that is found (recall), ` +
      `upwards the share of those picked that really are (precision). ` +
      (several
        ? `The nearer to the top right, the better. The number beside each class is the area under its curve.${some(of, curves)}`
        : `Picking rows blindly would stay on the grey line at ${percent(first.share)}, the share of ${word(first.name, 40)}. The area under the curve is <b>${decimals(first.pr.area, 3)}</b>.`),
    ...(key ? { key } : {}),
    chart: (size) => ({
      ...size,
      height: 300,
      x: share("recall: share found"),
      y: share("precision: share of the picked that is right"),
      layers: [
        ...(several
          ? []
          : [rules([{ x: 0, y: first.share, x2: 1, y2: first.share }], { colour: "field", dash: [3, 3], width: 1 })]),
        ...curves.map(({ pr }, i) => line(pr.points, STYLES[i]!)).toReversed(),
      ],
      says: `Precision by recall. Area under it: ${curves.map(({ name, pr }) => `${decimals(pr.area, 3)} for ${quoted(name)}`).join(", ")}.`,
    }),
  };
}

export function calibrationFigure(of: ClassificationEvaluation): Figure | undefined {
  const { calibration, classes } = of;
  if (!calibration) return undefined;
  const name = classes[1] ?? "";
  const bins = calibration.bins.filter(({ rows }) => rows > 0);
  const most = Math.max(1, ...bins.map(({ rows }) => rows));
  const points = bins.map(({ predicted, observed, rows }) => ({
    x: predicted,
    y: observed,
    size: 20 + (180 * rows) / most,
  }));
  return {
    title: "Calibration: can the probabilities be believed?",
    explains:
      `Rows with similar predicted probabilities of ${word(name, 40)} make a dot, the larger the more rows. On the diagonal what is predicted comes true as often as it says; ` +
      `above it ${word(name, 40)} is more frequent than predicted, below it rarer. On average the two differ by <b>${percent(calibration.error)}</b>; the Brier score, the mean ` +
      `squared error of the probabilities, is ${decimals(calibration.brier, 3)} (0 is perfect).`,
    chart: (size) => ({
      ...size,
      height: 300,
      x: share("predicted probability"),
      y: share("how often it came true"),
      layers: [
        rules([{ x: 0, y: 0, x2: 1, y2: 1 }], { colour: "field", dash: [3, 3], width: 1 }),
        line(points, { colour: "accent", width: 1.5 }),
        dots(points, { colour: "accent", opacity: 0.85 }),
      ],
      says: `Calibration: predicted against observed shares of ${quoted(name)}: ${bins.map(({ predicted, observed, rows }) => `${percent(predicted)} predicted, ${percent(observed)} observed, ${rows} rows`).join("; ")}.`,
    }),
  };
}

export function thresholdFigure(of: ClassificationEvaluation): Figure | undefined {
  const { threshold, classes } = of;
  if (!threshold || threshold.curve.length === 0) return undefined;
  const { best, cost, at, costs, curve } = threshold;
  const range = roundRange([...curve.map((point) => point.cost), cost, at], { zero: true });
  const [no, yes] = [word(classes[0] ?? "", 40), word(classes[1] ?? "", 40)];
  return {
    title: "Which threshold costs least?",
    explains:
      `Here taking ${no} for ${yes} costs ${figure(costs.falsePositive)}, and taking ${yes} for ${no} costs ${figure(costs.falseNegative)}. The line is the mean cost of a row ` +
      `when ${yes} is said from that probability on. It is lowest at <b>${decimals(best, 2)}</b>: ${figure(cost, 3)} a row, where 0.5 would cost ${figure(at, 3)}.`,
    key: [
      { name: `cheapest: ${decimals(best, 2)}`, colour: "ink", kind: "dot" },
      { name: "usual: 0.50", colour: "soft", kind: "dot" },
    ],
    chart: (size) => ({
      ...size,
      height: 300,
      x: share("threshold"),
      y: { from: range[0], to: range[1], ticks: (n) => ticks(range[0], range[1], n), title: "mean cost of a row" },
      layers: [
        line(curve.map((point) => ({ x: point.threshold, y: point.cost })), { colour: "accent" }), // prettier-ignore
        dots([{ x: 0.5, y: at }], { colour: "soft", size: 50 }),
        dots([{ x: best, y: cost }], { colour: "ink", size: 60 }),
      ],
      says: `Mean cost of a row by threshold: lowest ${figure(cost, 3)} at ${decimals(best, 2)}; ${figure(at, 3)} at 0.5.`,
    }),
  };
}
