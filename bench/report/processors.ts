// What was measured on each kind of processor, kept from run to run: a file each in docs/processors, and a table of all of them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { roofOf, share } from "../figures.ts";
import { type Outcome, ratio } from "../results.ts";
import { OURS, REVECTORIZED, TWO_THREADS } from "../runners.ts";
import { productName, TRAINING } from "../tasks.ts";
import { type Report, table } from "./markdown.ts";
import { amount, percent, times, TITLES } from "./text.ts";

const FOLDER = "docs/processors";

interface Kept {
  readonly kind: string;
  readonly cpu: string;
  readonly node: string;
  /** By row and column of the table. */
  readonly cells: Readonly<Record<string, readonly string[]>>;
}

const COLUMNS = ["one thread", "of the roof", "revectorized", "two threads"] as const;
const ROWS = [TRAINING.W2, TRAINING.W2b16, TRAINING.W3, TRAINING.W4, TRAINING.W5].map(({ name }) => name as string);
const PRODUCT = productName([512, 512, 512]);

/** Keeps what a run gave, in place of what was kept of this kind of processor. */
export function keep({ machine, outcomes }: Report): void {
  const find = (workload: string, runner: string): Outcome | undefined =>
    outcomes.find((outcome) => outcome.workload === workload && outcome.runner === runner);
  const cells = Object.fromEntries(
    [...ROWS, PRODUCT].flatMap((workload) => {
      const own = find(workload, OURS);
      if (!own) return [];
      const over = (runner: string): string => times(ratio(find(workload, runner), own));
      const part = percent(share(own, roofOf(outcomes, workload)));
      return [[workload, [amount(own.value, own.unit), part, over(REVECTORIZED), over(TWO_THREADS)]] as const];
    }),
  );
  mkdirSync(FOLDER, { recursive: true });
  const kept: Kept = { kind: machine.kind, cpu: machine.cpu, node: machine.node, cells };
  const file = `${machine.kind.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.json`;
  writeFileSync(join(FOLDER, file), `${JSON.stringify(kept, undefined, 2)}\n`);
}

/** Tables of all kinds of processors that were measured. */
export function processorTables(): string {
  const all = readdirSync(FOLDER)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Kept);
  return all
    .map(({ kind, cpu, node, cells }) => {
      const rows = Object.entries(cells).map(([workload, row]) => [TITLES[workload] ?? workload, ...row]);
      return `**${kind}** (${cpu}, Node ${node})\n\n${table(["", ...COLUMNS], rows)}`;
    })
    .join("\n\n");
}
