// Values of rows before, in a series.
import type { FittedStep } from "./fitted.ts";

/** A step that takes values of rows before. */
export type LagStep = FittedStep & { step: "lag" | "window" };

/** How many rows before the one that is predicted each value lies, the nearest first. */
const lagsOf = (step: LagStep): readonly number[] =>
  step.step === "lag" ? step.steps : Array.from({ length: step.length }, (_, i) => step.horizon + i);

/** How many rows before the farthest value lies. */
export const longestLag = (step: LagStep): number => lagsOf(step).reduce((most, lag) => Math.max(most, lag), 0);

/** The names of the numbers. */
export function lagFeatures(name: string, step: LagStep): string[] {
  if (step.step === "window" && step.of !== "values")
    return step.of.map((figure) => `${name}, ${figure} of ${step.length}`);
  return lagsOf(step).map((lag) => `${name}, ${lag} before`);
}

/** What is taken, in words. */
export function lagText(step: LagStep): string {
  if (step.step === "lag") return `its value ${step.steps.join(", ")} rows before`;
  const of = step.of === "values" ? "all values" : step.of.join(", ");
  return `${of} of ${step.length} rows, the last one ${step.horizon} before`;
}

/** Writes the values of rows before; 0 where there are none, as such rows are left out. */
export function writeLags(
  step: LagStep,
  whole: Float64Array,
  from: number,
  to: number,
  x: Float32Array,
  at: number,
  width: number,
): void {
  const lags = lagsOf(step);
  for (let row = from, place = from * width + at; row < to; row++, place += width) {
    if (step.step === "window" && step.of !== "values") {
      const last = row - step.horizon;
      const values = whole.subarray(Math.max(0, last - step.length + 1), Math.max(0, last + 1));
      for (const [i, figure] of step.of.entries()) x[place + i] = values.length === 0 ? 0 : FIGURES[figure](values);
      continue;
    }
    for (let i = 0; i < lags.length; i++) x[place + i] = whole[row - lags[i]!] ?? 0;
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const FIGURES = {
  mean,
  min: (values: Float64Array): number => values.reduce((least, value) => Math.min(least, value), Infinity),
  max: (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), -Infinity),
  sd(values: Float64Array): number {
    const middle = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) * (value - middle), 0) / values.length);
  },
};
