// The report on the terminal: every result, and then the targets.
import { type Figure, roofOf, share } from "../figures.ts";
import { type Outcome, ratio } from "../results.ts";
import { OURS } from "../runners.ts";
import type { Report } from "./markdown.ts";
import { amount, percent, plain, remark, times } from "./text.ts";

/** The benchmark alone makes a load of 1, and a bit more where two threads run. */
const BUSY = 1.8;

export function printReport({ machine, outcomes, figures }: Report): void {
  console.log(
    `${machine.kind} (${machine.cpu}), ${machine.cores} cores, Node ${machine.node}, rounds: ${machine.rounds}\n`,
  );
  for (const workload of new Set(outcomes.map((outcome) => outcome.workload))) {
    const all = outcomes.filter((outcome) => outcome.workload === workload);
    const own = all.find(({ runner }) => runner === OURS);
    // the three orientations of a product, where there is nothing to compare with
    if (/ A/.test(workload) && all.every(({ runner }) => runner.startsWith(OURS))) continue;
    console.log(workload);
    for (const outcome of all) console.log(`  ${line(outcome, own, roofOf(outcomes, workload))}`);
  }
  const measured = figures.filter(({ value }) => value !== undefined);
  if (measured.length > 0) console.log(`\n${"to be reached".padEnd(70)} ${"is".padStart(9)} ${"wanted".padStart(9)}`);
  for (const one of measured) console.log(figure(one));
  if (machine.load > BUSY)
    console.log(`\nThe machine was busy, with a load of ${machine.load}: the figures of this run say little.`);
}

function line(outcome: Outcome, own: Outcome | undefined, roof: Outcome | undefined): string {
  const { runner, value, unit } = outcome;
  const part = outcome.share ?? (runner === OURS && roof ? share(outcome, roof) : undefined);
  const versus = outcome === own ? undefined : ratio(own, outcome);
  const best = outcome === own ? undefined : ratio(own, outcome, "best");
  const more = [
    versus !== undefined && !runner.startsWith(OURS) ? `wasmgrad is ${times(versus)} (best ${times(best)})` : "",
    versus !== undefined && runner.startsWith(OURS) ? `${times(1 / versus)} (best ${times(1 / best!)})` : "",
    part === undefined ? "" : `${percent(part)} of ${unit === "GB/s" ? "a copy's" : "the roof"}`,
    remark(outcome) && `(${remark(outcome)})`,
  ];
  const text = more.filter(Boolean).join("  ");
  return `${runner.padEnd(24)} ${amount(value, unit).padStart(16)}  ${text}`.trimEnd();
}

function figure({ workload, ours, against, column, value, target, met }: Figure): string {
  const show = (number: number | undefined): string => {
    if (number === undefined) return "?";
    if (column === "roof") return percent(number);
    return column === "itself" ? plain(number) : times(number);
  };
  const what = `${workload}: ${ours}${against && `, over ${against}`}`;
  const verdict = met === undefined ? "" : met ? "  met" : "  NOT MET";
  return `${what.padEnd(70)} ${show(value).padStart(9)} ${show(target).padStart(9)}${verdict}`;
}
