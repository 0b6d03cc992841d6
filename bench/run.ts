// npm run bench: runs the workloads, each in a process of its own, and with --peers the peers' scripts in between.
import { spawnSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { installNodes, NODE_VERSIONS, nodePath, type NodeVersion } from "../test/support/nodes.ts";
import { middle } from "./measure.ts";

interface Line {
  readonly workload: string;
  readonly unit: string;
  readonly median: number;
  readonly peer?: string;
  /** Why a peer has no result. */
  readonly error?: string;
  readonly [more: string]: unknown;
}

/** Our runs, and how the names of their workloads begin. */
const OURS = {
  W1: "W1",
  W2: "W2",
  W3: "W3",
  W4: "W4",
  W5: "W5",
  gru: "gru",
  "W6-roof": "W6 roof",
  W6: "W6 gemm",
  W7: "W7",
  conv: "conv",
  W8: "W8",
  W9: "W9",
  "batch-norm": "batch norm",
};

/** The peers' scripts, and which workloads each of them has. One thread each. */
const PEERS: readonly {
  readonly name: string;
  readonly workloads: readonly string[];
  readonly command: (node: string) => string[];
}[] = [
  {
    name: "torch",
    workloads: ["W1", "W2", "W3", "W4", "W5", "W6", "W7"],
    command: () => ["env", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "/usr/bin/python3", "w_torch.py", "1"],
  },
  {
    name: "tfjs-wasm",
    workloads: ["W1", "W2", "W4", "W5", "W6", "W7"],
    command: (node) => [node, "--expose-gc", "w_tfjs.mjs", "--backend=wasm"],
  },
  { name: "jax-js", workloads: ["W1", "W2", "W5", "W6", "W7"], command: (node) => [node, "--expose-gc", "w_jax.mjs"] },
  {
    name: "convnetjs",
    workloads: ["W4"],
    command: (node) => [node, "--expose-gc", "w_purejs.mjs", "--peer=convnetjs"],
  },
  { name: "synaptic", workloads: ["W1"], command: (node) => [node, "--expose-gc", "w_purejs.mjs", "--peer=synaptic"] },
];

const options = new Command()
  .name("npm run bench --")
  .description("Measures the library on one thread; each result is checked before it is timed.")
  .option("--json <file>", "write one JSON line a workload to this file")
  .option("--only <name>", 'only workloads whose name begins so, such as "W2" or "W6 roof"')
  .addOption(new Option("--node <version>", "version of Node").choices(Object.keys(NODE_VERSIONS)).default("24"))
  .option("--peers <folder>", "a copy of the peers' scripts, set up as their README says; run in between")
  .option("--rounds <n>", "how often everything is run; medians count", Number, 1)
  .parse()
  .opts<{ json?: string; only?: string; node: `${NodeVersion}`; peers?: string; rounds: number }>();

installNodes();
const node = nodePath(Number(options.node) as NodeVersion);
const root = join(import.meta.dirname, "..");

function linesOf(command: readonly string[], cwd: string): Line[] {
  const { stdout, stderr, status } = spawnSync(command[0]!, command.slice(1), {
    cwd,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  if (status !== 0) throw new Error(`${command.join(" ")}\n${stderr}`);
  return lines.map((line) => JSON.parse(line) as Line);
}

const { only = "" } = options;
const wanted = Object.entries(OURS).flatMap(([name, begin]) =>
  begin.startsWith(only) || only.startsWith(begin) ? [name] : [],
);

const ours = new Map<string, Line[]>();
const theirs = new Map<string, Line[]>();
const keep = (map: Map<string, Line[]>, key: string, line: Line): void => {
  // the roof is what others are a share of
  if (line.workload.startsWith(only) || line.workload === "W6 roof") map.set(key, [...(map.get(key) ?? []), line]);
};

for (let round = 0; round < options.rounds; round++) {
  for (const name of wanted) {
    for (const line of linesOf([node, "--expose-gc", "--import", "tsx", "bench/worker.ts", name], root))
      keep(ours, line.workload, line);
    if (options.peers === undefined) continue;
    for (const peer of PEERS.filter((p) => p.workloads.includes(name))) {
      for (const line of linesOf([...peer.command(node), name], options.peers))
        keep(theirs, `${line.workload}|${line.peer}`, line);
    }
  }
}

/** The line whose median is the middle of all rounds. */
function middleLine(lines: readonly Line[]): Line {
  const value = middle(lines.map((line) => line.median));
  return lines.toSorted((a, b) => Math.abs(a.median - value) - Math.abs(b.median - value))[0]!;
}

const roof = ours.get("W6 roof");
const results = [...ours.values()].map(middleLine);
for (const { workload, unit, median } of results) {
  if (unit === "GFLOP/s" && roof && median > middleLine(roof).median) {
    throw new Error(
      `${workload}: ${median} GFLOP/s is above the roof, ${middleLine(roof).median}; one of them is wrong`,
    );
  }
}
if (options.json !== undefined) {
  writeFileSync(options.json, "");
  for (const line of results) appendFileSync(options.json, `${JSON.stringify(line)}\n`);
}
report(results);

function report(lines: readonly Line[]): void {
  const number = (value: number): string =>
    value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
  console.log(`${String(lines[0]?.["cpu"])}, Node ${options.node}, one thread\n`);
  for (const line of lines) {
    const top = line["roof"] ?? (roof && middleLine(roof).median);
    const share =
      line.unit === "GFLOP/s" && typeof top === "number"
        ? `  ${((100 * line.median) / top).toFixed(0)} % of the roof`
        : line.unit === "GB/s" && line["share"] !== undefined
          ? `  ${(100 * Number(line["share"])).toFixed(0)} % of a copy's`
          : "";
    console.log(`${line.workload.padEnd(34)} ${number(line.median).padStart(10)} ${line.unit}${share}`);
    for (const [key, all] of theirs) {
      if (!key.startsWith(`${line.workload}|`)) continue;
      const failed = all.find(({ error }) => error !== undefined);
      if (failed) {
        console.log(`    ${key.split("|")[1]!.padEnd(30)} ${failed.error!.split("\n")[0]!.slice(0, 80)}`);
        continue;
      }
      const other = middleLine(all);
      const ratio = line.unit === "ms" || line.unit === "us" ? other.median / line.median : line.median / other.median;
      console.log(
        `    ${key.split("|")[1]!.padEnd(30)} ${number(other.median).padStart(10)} ${line.unit}  ${ratio.toFixed(2)}x`,
      );
    }
  }
}
