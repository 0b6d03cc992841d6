// The tables: a few lines for README.md, one row per workload for docs/speed.md, and all of it for docs/bench.md.
import { type Figure, roofOf, share } from "../figures.ts";
import { type Outcome, ratio } from "../results.ts";
import { OURS, REVECTORIZED, TWO_THREADS } from "../runners.ts";
import { TRAINING } from "../tasks.ts";
import { amount, percent, plain, remark, times, TITLES } from "./text.ts";

export interface Machine {
  readonly cpu: string;
  /** Which processor that is. */
  readonly kind: string;
  readonly cores: number;
  readonly node: string;
  readonly rounds: number;
  /** The median of the system's load. */
  readonly load: number;
}

/** All that a run gave. */
export interface Report {
  readonly machine: Machine;
  readonly outcomes: readonly Outcome[];
  readonly figures: readonly Figure[];
}

/** Columns of numbers, named in `numbers`, are aligned at their right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], numbers = head.slice(1)): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const alignment = head.map((name) => (numbers.includes(name) ? "---:" : "---"));
  return [line(head), line(alignment), ...rows.map(line)].join("\n");
}

const roundsText = (rounds: number): string => `medians of bursts in turns${rounds === 1 ? "" : `, ${rounds} rounds`}`;

const finder =
  (outcomes: readonly Outcome[]) =>
  (workload: string, runner: string): Outcome | undefined =>
    outcomes.find((outcome) => outcome.workload === workload && outcome.runner === runner);

/** The best in JavaScript that isn't in a column of its own. */
const OTHERS = ["jax-js", "ConvNetJS", "synaptic", "brain.js", "ONNX Runtime Web", "TF.js cpu"];

/** The cells of a workload's row, by column: rates of ours, and how many times as fast as the others they are. */
function cellsOf({ outcomes }: Report, workload: string) {
  const find = finder(outcomes);
  const own = find(workload, OURS);
  if (!own) return undefined;
  // of a product, the others' plain orientation
  const theirs = workload.startsWith("W6") ? `${workload} A*B` : workload;
  const variants = [own, find(workload, REVECTORIZED), find(workload, TWO_THREADS)] as const;
  const [one, wide, two] = variants.map((outcome) =>
    outcome && !outcome.error ? amount(outcome.value, outcome.unit) : "",
  );
  const torch = find(theirs, "PyTorch");
  const best = OTHERS.map((runner) => find(theirs, runner))
    .filter((outcome) => outcome?.compared)
    .toSorted((a, b) => ratio(own, a)! - ratio(own, b)!)[0];
  return {
    rates: [one!, wide!, two!],
    torch: variants.map((outcome) => (torch ? times(ratio(outcome, torch)) : "")),
    tensorflow: versus(own, find(theirs, "TF.js wasm")),
    best: best ? `${times(ratio(own, best))} ${best.runner}${best.other ? "\\*" : ""}` : "",
    roof: percent(share(own, roofOf(outcomes, workload))),
  };
}

function versus(own: Outcome, theirs: Outcome | undefined): string {
  if (!theirs) return "";
  return theirs.error === undefined ? times(ratio(own, theirs)) : "can't";
}

/** One row per workload; how many times as fast as the others. */
export function speedTable(report: Report): string {
  const rows = Object.entries(TITLES).flatMap(([workload, title]) => {
    const cells = cellsOf(report, workload);
    if (!cells) return [];
    const torch = cells.torch.filter(Boolean).join(" · ");
    return [[title, ...cells.rates, torch, cells.tensorflow, cells.best, cells.roof]];
  });
  const head = ["", "one thread", "revectorized", "two threads", "PyTorch", "TF.js wasm", "best other in JavaScript", "of the roof"]; // prettier-ignore
  return table(head, rows);
}

/** The four networks of the benchmark that people train: what a stranger wants to know first. */
const FRONT = [TRAINING.W2.name, TRAINING.W3.name, TRAINING.W4.name, TRAINING.W5.name];

/** The front door's table: each library on one thread, and ours on two. */
export function readmeTable(report: Report): string {
  const rows = FRONT.flatMap((workload) => {
    const cells = cellsOf(report, workload);
    return cells
      ? [[TITLES[workload]!, cells.rates[0]!, cells.rates[2]!, cells.torch[0]!, cells.tensorflow, cells.best]]
      : [];
  });
  return table(["training, rows per second", "one thread", "two threads", "vs. PyTorch", "vs. TF.js wasm", "vs. the best other in JavaScript"], rows); // prettier-ignore
}

const machineText = (report: Report): string => {
  const { kind, cpu, cores, node, rounds } = report.machine;
  const torch = report.outcomes.find(({ runtime }) => runtime)?.runtime ?? "PyTorch";
  return `${kind} (${cpu}), ${cores} cores, Node ${node}, ${torch}; ${roundsText(rounds)}, a process each.`;
};

/** What stands between README's marks. */
export function readmeBlock(report: Report): string {
  return `${readmeTable(report)}

"2x" is twice as fast as the other, each on one thread, with the same data, initial weights and updates, and the same loss, which is
checked. \\* does other work there: [docs/bench.md](docs/bench.md). ${machineText(report)}`;
}

/** What stands between the marks of docs/speed.md. */
export function speedBlock(report: Report): string {
  return `${machineText(report)}
The work is checked: same data, same initial weights, same updates, same loss. \`wasmgrad\` runs on one thread, on one with Node's
\`--experimental-wasm-revectorize\` (the same bits), and on two; the others have one. "2x" is twice as fast as the other.

${speedTable(report)}

\\* It does other work there: [bench.md](bench.md) says which, and has all results. The roof is what one thread can do with 128-bit
SIMD.

![Bars: how many rows, updates and operations a second each library computes](bench.svg)`;
}

/** docs/bench.md. */
export function documentOf(report: Report): string {
  const { kind, cpu, cores, node, rounds } = report.machine;
  return `# What the benchmark measured

Written by \`npm run bench -- --peers --readme\`. ${kind} (${cpu}), ${cores} cores, Node ${node}; ${roundsText(rounds)}.

All take turns, each in a process of its own: a burst of some 20 ms of each follows one of the other, so that what else the machine does
hits all alike; the median of the bursts counts, and the best one stands beside it. Training begins with the same weights, goes through the same rows in the same order, and
must come to the same loss after as many updates; what doesn't is left out of the ratios.

![Bars: how many rows, updates and operations a second each library computes](bench.svg)

## Targets

How many times as fast as the others, shares of the roof (128-bit SIMD on one thread), and limits.

${figuresTable(report)}

## Results

"x" is how many times as fast wasmgrad is on one thread. Of W6 and W7, all results are compared in place of a loss.

${resultsTable(report)}
`;
}

export function figuresTable({ figures }: Report): string {
  const show = ({ column }: Figure, value: number | undefined): string => {
    if (value === undefined) return "not measured";
    if (column === "roof") return percent(value);
    return column === "itself" ? plain(value) : times(value);
  };
  const rows = figures.map((one) => [
    TITLES[one.workload] ?? one.workload,
    one.ours,
    one.against,
    show(one, one.value),
    show(one, one.target),
    one.met === undefined ? "" : one.met ? "yes" : "no",
  ]);
  return table(["workload", "what", "against", "measured", "target", "reached"], rows, ["measured", "target"]);
}

export function resultsTable({ outcomes }: Report): string {
  const find = finder(outcomes);
  const rows = outcomes.map((outcome) => {
    const own = find(outcome.workload, OURS);
    const { workload, runner, value, best, unit, check, updates } = outcome;
    const loss = check === undefined || /^W[67]/.test(workload) ? "" : Number(check.toPrecision(4)).toString();
    return [
      workload,
      runner,
      amount(value, unit),
      amount(best, unit),
      outcome === own ? "" : times(ratio(own, outcome)),
      outcome === own ? "" : times(ratio(own, outcome, "best")),
      updates === undefined || loss === "" ? loss : `${loss} after ${updates} update${updates === 1 ? "" : "s"}`,
      remark(outcome).replaceAll("|", "\\|"),
    ];
  });
  const head = ["workload", "who", "median", "best", "x", "x of the best", "loss", "remarks"];
  return table(head, rows, ["median", "best", "x", "x of the best"]);
}
