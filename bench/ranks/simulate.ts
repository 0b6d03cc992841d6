// npm run bench:simulation: how long an update takes on 1 to 1,024 ranks, by a simulation of the exchange; and, on
// small vectors, whether every rank ends with the bits of the tree.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { allToAll, canHalve, type GradientOf, halving, sums, type Times, timeOf, treeSum } from "./simulation.ts";

const options = new Command()
  .name("npm run bench:simulation --")
  .description("How long an update takes on many ranks: the exchange of gradients, simulated with modelled latencies.")
  .option("--ranks <counts>", "how many ranks", "1,2,4,8,16,32,64,128,256,512,1024")
  .option("--gigabits <rates>", "the network, in gigabits a second", "1,10")
  .option("--latency <us>", "of a message between hosts, in microseconds", Number, 30)
  .option("--per-host <n>", "ranks of a host, which share its link", Number, 1)
  .option("--spread <share>", "by how much the slowest rank is slower than the fastest", Number, 0)
  .option("--json <file>", "where the results go, too")
  .parse()
  .opts<{ ranks: string; gigabits: string; latency: number; perHost: number; spread: number; json?: string }>();

/** What was measured on a processor of two cores (AMD EPYC, Node 20), one rank a core: seconds. */
const COSTS = { keptByte: 0.35e-9, addedByte: 0.27e-9, updatedByte: 0.9e-9 };
const IN_HOST = { latency: 2e-6, perByte: 0.4e-9 };
const WORKS = [
  { name: "MNIST 784-128-10 (W2)", length: 101_772, row: 25.9e-3 / 1024 },
  { name: "MNIST 784-1024-1024-10 (W3)", length: 1_863_692, row: 571e-3 / 1024 },
] as const;

/** Updates of so many rows: as many batches as there are ranks, or always the same ones. */
const UPDATES = [
  { rows: 1024, slots: (size: number) => Math.max(8, size), of: "as many batches as ranks, at least 8" },
  { rows: 131_072, slots: () => 1024, of: "1,024 batches of 128: the same bits in every line" },
] as const;

function numbers(text: string, name: string, valid: (value: number) => boolean, rule: string): number[] {
  return text.split(",").map((each) => {
    if (!valid(Number(each))) throw new Error(`--${name}: ${each} isn't ${rule}`);
    return Number(each);
  });
}
const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 1024;
const sizes = numbers(options.ranks, "ranks", isCount, "an integer from 1 to 1024");
const rates = numbers(options.gigabits, "gigabits", (value) => value > 0, "a positive number");

/** Numbers whose sum depends on its order. */
const gradient: GradientOf = (pass) =>
  Float32Array.from({ length: 1030 }, (_, i) => ((pass * 1030 + i) * 2_654_435_761) % 65_521) // exact in float64
    .map((value, i) => (value - 32_768) / (1 + ((pass + i) % 7)));

/** Refuses a sum that isn't the tree's. */
function checkBits(size: number): void {
  const update = { size, slots: Math.max(8, size), passes: Math.max(8, size), length: 1030 };
  const tree = Buffer.from(treeSum(gradient, 0, update.passes).buffer);
  for (const way of [allToAll, ...(canHalve(update) ? [halving] : [])]) {
    for (const sum of sums(update, way, gradient)) {
      if (!tree.equals(Buffer.from(sum.buffer))) throw new Error(`${way.name}, ${size} ranks: not the tree's bits`);
    }
  }
}

interface Row {
  readonly size: number;
  readonly slots: number;
  readonly all: Times;
  readonly halved: Times | undefined;
  /** The time of one rank, over this one times the number of ranks. */
  readonly efficiency: { readonly all: number; readonly halved: number | undefined };
}

function rowsOf(
  { length, row }: (typeof WORKS)[number],
  { rows, slots }: (typeof UPDATES)[number],
  rate: number,
): Row[] {
  const network = { latency: options.latency / 1e6, perByte: 8 / (rate * 1e9), perHost: options.perHost, inHost: IN_HOST }; // prettier-ignore
  const around = { costs: { ...COSTS, row }, network, spread: options.spread };
  const time = (size: number, way: typeof allToAll): Times => {
    const update = { size, slots: slots(size), passes: slots(size), length };
    return timeOf(update, rows / update.slots, way, around);
  };
  const alone = time(1, allToAll).whole;
  return sizes.map((size) => {
    const all = time(size, allToAll);
    const halved = canHalve({ size, slots: slots(size), passes: slots(size), length }) ? time(size, halving) : undefined; // prettier-ignore
    const efficiency = (times: Times | undefined) => times && alone / size / times.whole;
    return { size, slots: slots(size), all, halved, efficiency: { all: efficiency(all)!, halved: efficiency(halved) } }; // prettier-ignore
  });
}

const ms = (seconds: number | undefined): string => {
  if (seconds === undefined) return "-";
  const value = seconds * 1e3;
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
};
const percent = (share: number | undefined): string => (share === undefined ? "-" : `${Math.round(100 * share)} %`);
/** All-to-all, and halving, have a gap before. */
const cells = (row: readonly string[]): string =>
  row.map((cell, i) => cell.padStart(i === 4 || i === 7 ? 14 : 11)).join("");

/** Where more ranks no longer help, by one way. */
function verdict(rows: readonly Row[], of: "all" | "halved"): string {
  const its = rows.flatMap((row) => (row[of] ? [{ size: row.size, whole: row[of].whole, share: row.efficiency[of]! }] : [])); // prettier-ignore
  const [fastest] = its.toSorted((a, b) => a.whole - b.whole);
  if (!fastest) return "none of these numbers of ranks";
  const half = its.filter(({ share }) => share >= 0.5).map(({ size }) => size);
  return `shortest with ${fastest.size} ranks, ${ms(fastest.whole)} ms; ${half.length > 0 ? `at least 50 % up to ${Math.max(...half)}` : "nowhere 50 %"}`;
}

/** From how many ranks on all-to-all makes an update a tenth longer than halving does. */
function needed(rows: readonly Row[]): string {
  const first = rows.find(({ all, halved }) => halved && all.whole > 1.1 * halved.whole);
  return first ? `halving is needed from ${first.size} ranks on` : "halving isn't needed";
}

for (const size of sizes) checkBits(size);
console.log(`${sizes.join(", ")} ranks: by either way every one ends with the bits of the tree\n`);
const results = [];
for (const work of WORKS) {
  for (const update of UPDATES) {
    for (const rate of rates) {
      const rows = rowsOf(work, update, rate);
      results.push({ work: work.name, rows: update.rows, gigabits: rate, times: rows });
      console.log(`${work.name}, ${update.rows.toLocaleString("en")} rows an update (${update.of})`);
      console.log(`${rate} Gb/s, ${options.latency} us a message, ${options.perHost} a host; ms`);
      console.log(cells(["ranks", "batches", "computing", "update", "all-to-all", "whole", "efficiency", "halving", "whole", "efficiency"])); // prettier-ignore
      for (const { size, slots, all, halved, efficiency } of rows) {
        console.log(
          cells([
            String(size),
            String(slots),
            ms(all.computing),
            ms(all.updating),
            ms(all.agreeing + all.exchanging),
            ms(all.whole),
            percent(efficiency.all),
            ms(halved && halved.agreeing + halved.exchanging),
            ms(halved?.whole),
            percent(efficiency.halved),
          ]),
        );
      }
      console.log(`all-to-all: ${verdict(rows, "all")}. Halving: ${verdict(rows, "halved")}. So ${needed(rows)}.\n`);
    }
  }
}
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify({ options, costs: COSTS, results }, null, 2)}\n`);
}
