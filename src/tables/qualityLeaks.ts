// Columns that know the answer: one alone tells the target better than anything that is known beforehand would.
import { counted, thousands } from "../data/columns.ts";
import type { Column, Task } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";
import {
  figure,
  findingsOf,
  type Group,
  type Item,
  isUsable,
  leaveOut,
  levelOf,
  normalLimit,
  type Part,
} from "./qualityFindings.ts";
import { foldsOf } from "./qualitySample.ts";
import { aucOf, aucOfBins, binsOf, FOLDS, r2Linear, r2OfBins, r2OfRanks } from "./qualityScores.ts";
import { type Labels, labelsOf } from "./qualityTarget.ts";
import type { Finding } from "./results.ts";

/** A column that alone reaches more than this, as AUC or R2, is named. */
const LEAK = 0.98;
/** Classes with fewer rows aren't looked at, nor are more classes than this, nor numbers in fewer rows. */
const LEAST_OF_CLASS = 5;
const MOST_CLASSES = 50;
const LEAST_ROWS = 10;

/** Columns that alone predict the target, and columns whose missing cells do. */
export function leaks({ sample }: Part, target: string, task: Task): Finding[] {
  const columns = sample.columns.filter((column) => column.name !== target && isUsable(column));
  const name = valueText(target);
  if (task !== "classification") {
    return findingsOf(alone(ofNumbers(columns, target, sample.column(target).values!), name, "R2"));
  }
  const { items, gaps } = ofClasses(columns, target, labelsOf(sample.column(target)));
  const gapsOf = (severity: Finding["severity"]): Finding[] =>
    findingsOf({
      kind: "leak",
      severity,
      items: gaps.filter((gap) => gap.share >= LARGE_CLASS === (severity === "warning")),
      head: (count) => `${count} columns are missing, or filled, just where ${name} is one class`,
      advice: `they may be filled in only afterwards; ${leaveThose}`,
    });
  return [...findingsOf(alone(items, name, "AUC")), ...gapsOf("warning"), ...gapsOf("note")];
}

const leaveThose = 'leave those out that are (columns: { NAME: "drop" } or --drop NAME)';

const alone = (items: readonly Item[], target: string, measure: string): Group => ({
  kind: "leak",
  severity: "warning",
  items,
  head: (count) => `${count} columns alone predict ${target} with ${measure} above ${LEAK}`,
  advice: `they may only be known afterwards; ${leaveThose}`,
});

/** Cells that are missing where a class is: of a smaller class it isn't a warning. */
const LARGE_CLASS = 0.1;

/** Cells that are missing, or filled, where a class is, and the class's share. */
interface Gap extends Item {
  readonly share: number;
}

const leak = (name: string, target: string, measure: string, value: number): Item => ({
  column: name,
  figure: value,
  message: `${valueText(name)} alone predicts ${valueText(target)} with ${measure} ${figure(value)}: it may only be known afterwards; ${leaveOut(name)} if so`,
  short: `${measure} ${figure(value)}`,
});

function ofClasses(
  columns: readonly Column[],
  target: string,
  { names, labels, counts }: Labels,
): { items: Item[]; gaps: Gap[] } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const classes = [...names.keys()]
    .filter((label) => counts[label]! >= LEAST_OF_CLASS && total - counts[label]! >= LEAST_OF_CLASS)
    .toSorted((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_CLASSES);
  if (classes.length === 0) return { items: [], gaps: [] };
  // of two classes the second says all; of few rows an area may be large by chance
  const two = names.length === 2;
  const looked = two ? [1] : classes;
  const deviations = looked.map((label) => {
    const yes = counts[label]!;
    return Math.sqrt((total + 1) / (12 * yes * (total - yes)));
  });
  const limit = normalLimit(50 * levelOf(columns.length));
  const least = 0.5 + (limit * deviations.reduce((sum, each) => sum + each, 0)) / looked.length;
  const folds = foldsOf(labels.length, FOLDS);
  const items: Item[] = [];
  const gaps: Gap[] = [];
  for (const column of columns) {
    const gap = column.missing > 0 ? ofGaps(column, target, labels, names, counts, looked, least) : undefined;
    if (gap) {
      gaps.push(gap);
      continue;
    }
    const bins = binsOf(column, 20);
    let area = 0;
    for (const label of looked) area += aucOfBins(bins, labels, folds, label) / looked.length;
    if (two && column.values) {
      const monotone = aucOf(valuesOf(column.values, labels, 1), valuesOf(column.values, labels, 0));
      // cells that are missing tell nothing by their order: half of these pairs are right
      const filled = pairsFilled(column.values, labels);
      const both = 0.5 + (Math.max(monotone, 1 - monotone) - 0.5) * filled;
      area = Math.max(area, both);
    }
    if (area > LEAK && area > least) items.push(leak(column.name, target, "AUC", area));
  }
  return { items, gaps };
}

const valuesOf = (values: Float64Array, labels: Int32Array, label: number): Float64Array =>
  values.filter((value, row) => labels[row] === label && value === value);

/** The share of pairs of a row of each class in which both are filled. */
function pairsFilled(values: Float64Array, labels: Int32Array): number {
  const [all, filled] = [
    [0, 0],
    [0, 0],
  ];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label < 0) continue;
    all[label]!++;
    if (values[row] === values[row]) filled[label]!++;
  }
  return (filled[0]! / all[0]!) * (filled[1]! / all[1]!);
}

/** Whether cells are missing, or filled, where the target is a class. */
function ofGaps(
  column: Column,
  target: string,
  labels: Int32Array,
  names: readonly string[],
  counts: readonly number[],
  looked: readonly number[],
  least: number,
): Gap | undefined {
  const gaps = new Float64Array(names.length);
  const { values, codes } = column;
  for (let row = 0; row < labels.length; row++) {
    const empty = values ? values[row] !== values[row] : codes![row]! < 0;
    if (empty && labels[row]! >= 0) gaps[labels[row]!]!++;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const missing = gaps.reduce((sum, count) => sum + count, 0);
  for (const label of looked) {
    const [here, elsewhere] = [gaps[label]! / counts[label]!, (missing - gaps[label]!) / (total - counts[label]!)];
    const area = 0.5 + Math.abs(here - elsewhere) / 2;
    if (!(area > LEAK && area > least)) continue;
    const exactly = area === 1 ? "exactly" : "almost exactly";
    const where = `${valueText(target)} is ${valueText(names[label])}`;
    const what = here > elsewhere ? "missing" : "filled";
    const message = `cells of ${valueText(column.name)} are ${what} ${exactly} where ${where} (AUC ${figure(area)}): it may be filled in only afterwards; ${leaveOut(column.name)} if so`;
    return {
      column: column.name,
      figure: area,
      share: counts[label]! / total,
      message,
      short: `${what} where ${where}, AUC ${figure(area)}`,
    };
  }
  return undefined;
}

function ofNumbers(columns: readonly Column[], target: string, y: Float64Array): Item[] {
  const filled = countFilled(y);
  if (filled < LEAST_ROWS || isSame(y)) return [];
  const folds = foldsOf(y.length, FOLDS);
  const items: Item[] = [];
  for (const column of columns) {
    // a series that grows goes with the date, which is known beforehand
    if (column.type === "date") continue;
    let best = r2OfBins(binsOf(column, 10), y, folds);
    if (column.values) {
      const both = countFilled(y.map((value, row) => value - column.values![row]!));
      if (both >= LEAST_ROWS && both >= filled / 2) {
        const share = both / filled;
        best = Math.max(best, share * r2Linear(column.values, y), share * r2OfRanks(column.values, y));
      }
    }
    if (best > LEAK) items.push(leak(column.name, target, "R2", Math.min(1, best)));
  }
  return items;
}

function countFilled(values: Float64Array): number {
  let count = 0;
  for (const value of values) if (value === value) count++;
  return count;
}

function isSame(y: Float64Array): boolean {
  let first = NaN;
  for (const value of y) {
    if (value !== value) continue;
    if (first !== first) first = value;
    else if (value !== first) return false;
  }
  return true;
}

/** What a report says of how many rows were looked at. */
export const sampledText = (sampled: number, rows: number): string =>
  `leaks and drift were looked for in ${thousands(sampled)} of ${counted(rows, "row")}, chosen by chance`;
