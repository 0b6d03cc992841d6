// A pipeline as text.
import { counted, cut, widthOf, wrapped } from "../columns.ts";
import type { Pipeline } from "../tableTypes.ts";

/** A line for each column, below it what is done; then what is left out. */
export function pipelineText(
  { task, target, series, columns, dropped, features, notes }: Pipeline,
  width: number,
): string {
  const what = target ? `${task} of ${target.name}, ` : "";
  const of = series ? ` by ${series.time}, ${counted(series.horizon, "row")} ahead` : "";
  const text = [`${what}${counted(columns.length, "column")}, ${counted(features.length, "feature")}${of}`];
  if (target?.classes) text.push(...wrapped(`classes: ${target.classes.join(", ")}`, width));
  for (const note of notes) text.push(...wrapped(note, width));
  const all = [...columns.map(({ name }) => name), ...dropped.map(({ name }) => name)];
  const names = Math.min(Math.floor(width / 3), Math.max(6, ...all.map(widthOf)));
  text.push("", `${cut("column", names)}  ${cut("type", 10)}  ${"features".padStart(9)}`.trimEnd());
  for (const column of columns) {
    text.push(`${cut(column.name, names)}  ${cut(column.type, 10)}  ${String(column.features).padStart(9)}`);
    text.push(...wrapped(column.steps.length === 0 ? "as it is" : column.steps.join("; "), width));
  }
  if (dropped.length > 0) text.push("", "left out");
  for (const { name, reason } of dropped) text.push(cut(name, names).trimEnd(), ...wrapped(reason, width));
  return text.join("\n");
}
