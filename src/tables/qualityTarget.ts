// The column to predict: its classes, and whether each has enough rows.
import { counted } from "../data/columns.ts";
import type { Column, Task } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";
import { type Part, percent } from "./qualityFindings.ts";
import type { Finding, QualityReport } from "./results.ts";

/** A label of each row, -1 where the target is missing, and the classes' names. */
export interface Labels {
  readonly names: readonly string[];
  readonly labels: Int32Array;
  readonly counts: readonly number[];
}

/** Words are classes; of numbers two are, more are to be predicted as numbers. */
export function taskOf({ values }: Column): Task {
  if (!values) return "classification";
  const different = new Set<number>();
  for (const value of values) {
    if (value === value) different.add(value);
    if (different.size > 2) return "regression";
  }
  return "classification";
}

/** The classes that are there, in the order of the column's words or of numbers. */
export function labelsOf(column: Column): Labels {
  const { values, codes, words } = column;
  const rows = values?.length ?? codes!.length;
  const labels = new Int32Array(rows);
  if (!values) {
    const all = new Float64Array(words!.length);
    for (const code of codes!) if (code >= 0) all[code]!++;
    const places = new Int32Array(words!.length).fill(-1);
    const names: string[] = [];
    words!.forEach((word, code) => {
      if (all[code]! > 0) places[code] = names.push(word) - 1;
    });
    for (let row = 0; row < rows; row++) labels[row] = codes![row]! < 0 ? -1 : places[codes![row]!]!;
    return { names, labels, counts: Array.from(all).filter((count) => count > 0) };
  }
  const found = new Map<number, number>();
  for (const value of values) if (value === value) found.set(value, (found.get(value) ?? 0) + 1);
  const order = [...found.keys()].toSorted((a, b) => a - b);
  const places = new Map(order.map((value, place) => [value, place]));
  for (let row = 0; row < rows; row++) labels[row] = places.get(values[row]!) ?? -1;
  return { names: order.map(String), labels, counts: order.map((value) => found.get(value)!) };
}

/** How many rows each class has. */
export function classesOf({ names, counts }: Labels): NonNullable<QualityReport["classes"]> {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return names.map((name, label) => ({ name, rows: counts[label]!, share: counts[label]! / total }));
}

/** A class is rare below this share of an equal one: of two classes below 10 %. */
const RARE = 0.2;
const FEW_OF_CLASS = 20;
/** A class that a part should have so many rows of isn't left out by chance. */
const EXPECTED = 10;

/** Rare classes, one class only, and classes that training doesn't have. */
export function balance(
  target: string,
  classes: NonNullable<QualityReport["classes"]>,
  parts: readonly Part[],
): Finding[] {
  const findings: Finding[] = [];
  const name = valueText(target);
  const warn = (message: string, figure: number): void => {
    findings.push({ kind: "imbalance", severity: "warning", column: target, message, figure });
  };
  if (classes.length < 2) {
    const what = classes.length === 0 ? "has no filled cell" : `is ${valueText(classes[0]!.name)} in every row`;
    warn(`${name} ${what}, so there is nothing to learn; at least two classes are needed`, classes.length);
    return findings;
  }
  const sorted = classes.toSorted((a, b) => a.rows - b.rows);
  const rarest = sorted[0]!;
  const rare = sorted.filter(({ rows, share }) => rows < FEW_OF_CLASS || share < RARE / classes.length);
  const single = sorted.filter(({ rows }) => rows === 1);
  if (rare.length > 0) {
    const listed = rare
      .slice(0, 5)
      .map((each) => `${valueText(each.name)} ${counted(each.rows, "row")}, ${percent(each.share)}`);
    const more = rare.length > 5 ? ` and ${rare.length - 5} more` : "";
    const most = sorted.at(-1)!;
    const which = rare.length === 1 ? "has a rare class" : `has ${rare.length} rare classes`;
    const advice =
      rarest.rows < FEW_OF_CLASS
        ? "figures of a class with so few rows say little; collect more of them, or join classes"
        : `always saying ${valueText(most.name)} is right in ${percent(most.share)} of the rows, so don't judge by accuracy: look at what is found of the rare ones, at ROC and precision-recall`;
    warn(`${name} ${which} (${listed.join("; ")}${more}): ${advice}`, rarest.share);
  }
  if (single.length > 0) {
    const listed = single.slice(0, 5).map((each) => valueText(each.name));
    const more = single.length > 5 ? ` and ${single.length - 5} more` : "";
    const which = single.length === 1 ? "a class with one row" : `${single.length} classes with one row each`;
    const advice =
      "nothing can be learnt of one row, nor tested with the same; leave such rows out, or join the class with another";
    warn(`${name} has ${which} in training (${listed.join(", ")}${more}): ${advice}`, 1);
  }
  const known = new Set(classes.map((each) => each.name));
  for (const part of parts) {
    if (part.name === "training" || !part.table.columns.some((column) => column.name === target)) continue;
    const own = classesOf(labelsOf(part.table.column(target)));
    const strange = own.filter((each) => !known.has(each.name));
    if (strange.length > 0) {
      const rows = strange.reduce((sum, each) => sum + each.rows, 0);
      const listed = strange.slice(0, 5).map((each) => valueText(each.name));
      const more = strange.length > 5 ? ` and ${strange.length - 5} more` : "";
      warn(
        `${counted(rows, "row")} of the ${part.name} ${rows === 1 ? "has a class" : "have classes"} of ${name} that no row to train on has (${listed.join(", ")}${more}): these can't be predicted; divide by: "stratified"`,
        rows,
      );
    }
    const { rows } = part.table;
    const absent = classes.filter(
      (each) => each.share * rows >= EXPECTED && !own.some((other) => other.name === each.name),
    );
    if (absent.length > 0) {
      const listed = absent.slice(0, 5).map((each) => `${valueText(each.name)}, ${percent(each.share)} of training`);
      const more = absent.length > 5 ? ` and ${absent.length - 5} more` : "";
      const [which, it] = absent.length === 1 ? ["a class", "it"] : [`${absent.length} classes`, "them"];
      warn(
        `no row of the ${part.name} is of ${which} of ${name} that training has (${listed.join("; ")}${more}), so its figures say nothing about ${it}; divide by: "stratified", or look how the rows are ordered`,
        absent.length,
      );
    }
  }
  return findings;
}
