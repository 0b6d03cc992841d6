// The steps of columns for which none are given, by their types and values.
import { counted, thousands } from "../columns.ts";
import type { Column } from "../tableTypes.ts";
import { timesOf, usualParts } from "./calendar.ts";
import { type ChosenStep, countWords } from "./fitColumn.ts";
import { hasExtremes, isSkewed, shapeOf } from "../statistics.ts";

const CLIP = 10;
const MOST = 50;

const IMPUTE: ChosenStep = { step: "impute", by: undefined, value: undefined, flag: undefined };

/** The steps, or the reason why the column is left out. */
export function usualSteps(column: Column): readonly ChosenStep[] | string {
  const { type, missing } = column;
  const rows = (column.values ?? column.codes!).length;
  if (type === "text" || type === "identifier" || type === "constant") return `${type}: ${column.reason}`;
  if (missing === rows) return rows === 0 ? "there are no rows" : "all training rows are missing";
  if (type === "date") {
    return usualParts(timesOf(column.values!), rows).length === 0
      ? "no part of its dates differs from row to row in training"
      : [{ step: "dateParts", parts: undefined, cyclic: undefined }];
  }
  if (type === "number") return numberSteps(column.values!, missing);
  const counts = countWords(column);
  if (counts.size === 1 && missing === 0) return `all training rows are ${JSON.stringify([...counts.keys()][0])}`;
  if (type === "boolean") return [IMPUTE];
  const most = Math.max(...counts.values());
  if (counts.size > MOST && most < 10) {
    return `${counted(counts.size, "word")}, none in 10 training rows or more (${thousands(most)} at most)`;
  }
  return [{ step: "oneHot", most: MOST, rare: undefined }];
}

function numberSteps(values: Float64Array, missing: number): readonly ChosenStep[] | string {
  const shape = shapeOf(values);
  if (shape.different === 1 && missing === 0) return `all training rows are ${shape.least}`;
  if (shape.different <= 2) return [IMPUTE, { step: "standardize", clip: CLIP }];
  if (isSkewed(shape)) {
    const why = "none is below 0, and the mean is far above the median";
    return [IMPUTE, { step: "log1p", why }, { step: "standardize", clip: CLIP }];
  }
  if (hasExtremes(shape)) {
    const why = "some values are more than ten times the range of the middle half beyond it";
    return [IMPUTE, { step: "robustScale", clip: CLIP, why }];
  }
  return [IMPUTE, { step: "standardize", clip: CLIP }];
}
