// The loss by epoch, and the score by the number of rows.
import type { TableReport } from "../types.ts";
import { type Layer, line, rules, dots } from "../draw.ts";
import { escaped } from "../html.ts";
import { count, figure } from "../numbers.ts";
import { metricName, metricWord } from "../metrics.ts";
import { roundRange, ticks, wholeTicks } from "../ticks.ts";
import { type Figure, type Key } from "./figure.ts";

const numbered = (values: readonly number[]) => values.map((y, i) => ({ x: i + 1, y }));

/** The loss of training and validation rows by epoch. */
export function epochsFigure({ epochs }: TableReport): Figure {
  const { train, validation, best, loss } = epochs;
  const held = validation.length > 0;
  const length = Math.max(train.length, validation.length);
  const kept = best + 1;
  const low = length === 1 ? 0 : 1;
  const high = Math.max(length, 2);
  const range = roundRange([...train, ...validation]);
  const key: Key[] = [
    { name: "training rows", colour: "train" },
    ...(held ? [{ name: "validation rows", colour: "held", kind: "dashed" } as const] : []),
    { name: `kept: epoch ${count(kept)}`, colour: "ink", kind: "dot" },
  ];
  const end = (held ? validation : train)[best];
  const says =
    `Loss (${loss}) by epoch, ${count(length)} in all. Training rows: from ${figure(train[0] ?? NaN)} to ${figure(train.at(-1) ?? NaN)}.` +
    (held ? ` Validation rows: from ${figure(validation[0]!)} to ${figure(validation.at(-1)!)}.` : "") +
    ` Kept was epoch ${count(kept)}${end === undefined ? "" : `, at ${figure(end)}`}.`;
  return {
    title: "The loss, epoch by epoch",
    explains:
      `In each epoch the model sees every training row once and is corrected. The loss says how wrong it is: lower is better. ` +
      (held
        ? `The dashed line is of validation rows, which it isn't corrected by: where that one turns upwards, more training only learns the training rows by heart. The dot marks the epoch that was kept.`
        : `There were no validation rows, so this picture can't show whether it only learned these rows by heart.`),
    wide: true,
    height: 260,
    key,
    chart: (size) => {
      const single = length === 1;
      const layers: Layer[] = [
        rules([{ x: kept, x2: kept, y: range[0], y2: range[1] }], { colour: "field", dash: [2, 3], width: 1 }),
        single ? dots(numbered(train), { colour: "train" }) : line(numbered(train), { colour: "train" }),
        ...(held ? [single ? dots(numbered(validation), { colour: "held" }) : line(numbered(validation), { colour: "held", dash: [6, 3] })] : []), // prettier-ignore
        ...(end === undefined || !Number.isFinite(end)
          ? []
          : [dots([{ x: kept, y: end }], { colour: "ink", size: 50 })]),
      ];
      return {
        ...size,
        x: {
          from: low,
          to: high,
          ticks: (n) => wholeTicks(low, high, n).filter(({ value }) => value >= 1 && value <= length),
          title: "epoch",
          bare: true,
        },
        y: { from: range[0], to: range[1], ticks: (n) => ticks(range[0], range[1], n), title: `loss: ${loss}` },
        layers,
        says,
      };
    },
  };
}

/** The score by the number of training rows. */
export function rowsFigure(byRows: NonNullable<TableReport["byRows"]>): Figure {
  const { metric, points } = byRows;
  const name = metricName(metric);
  const range = roundRange(points.flatMap(({ train, validation }) => [train, validation]));
  const most = Math.max(1, ...points.map(({ rows }) => rows));
  const of = (part: "train" | "validation") => points.map((point) => ({ x: point.rows, y: point[part] }));
  const last = points.at(-1);
  return {
    title: "Would more rows help?",
    explains:
      `The model was trained again on fewer of the rows; this is its ${escaped(metricWord(metric))} each time. Where the dashed line still ` +
      `climbs at its right end, more rows like these would help; where it is flat, they wouldn't.`,
    wide: true,
    height: 240,
    key: [
      { name: "on the rows it was trained on", colour: "train" },
      { name: "on validation rows", colour: "held", kind: "dashed" },
    ],
    chart: (size) => ({
      ...size,
      x: { from: 0, to: most, ticks: (n) => wholeTicks(0, most, n), title: "rows trained on", bare: true },
      y: { from: range[0], to: range[1], ticks: (n) => ticks(range[0], range[1], n), title: name },
      layers: [
        line(of("train"), { colour: "train" }),
        dots(of("train"), { colour: "train" }),
        line(of("validation"), { colour: "held", dash: [6, 3] }),
        dots(of("validation"), { colour: "held" }),
      ],
      says:
        `${name} by the number of training rows, ${points.map(({ rows, validation }) => `${figure(validation, 3)} with ${count(rows)}`).join(", ")} on validation rows` +
        (last ? `; on the training rows ${figure(last.train, 3)} at last.` : "."),
    }),
  };
}
