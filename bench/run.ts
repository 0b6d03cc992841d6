// npm run bench: measures the library, and with --peers what else there is, in turns; each result is checked before it is timed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { replaceBetween } from "../scripts/marks.ts";
import { installNodes, NODE_VERSIONS, nodePath, type NodeVersion } from "../test/support/nodes.ts";
import { bundleBefore, bundleOwn } from "./bundle.ts";
import { figures } from "./figures.ts";
import { installPeers } from "./peers/install.ts";
import { processorKind } from "./processor.ts";
import { chart } from "./report/chart.ts";
import { documentOf, readmeBlock, type Report, speedBlock } from "./report/markdown.ts";
import { keep, processorTables } from "./report/processors.ts";
import { printReport } from "./report/terminal.ts";
import { type Outcome, outcomes } from "./results.ts";
import { runRounds } from "./rounds.ts";
import { BEFORE, LIBRARY, OURS, PEERS, ROOF, type Runner } from "./runners.ts";
import { type Job, JOBS } from "./tasks.ts";
import type { OwnJob } from "./workloads.ts";

interface Options {
  readonly only?: string;
  readonly peers?: string | true;
  readonly against?: string;
  readonly node: `${NodeVersion}`;
  readonly rounds?: number;
  readonly json: string;
  readonly from?: string;
  readonly readme?: true;
  readonly keep?: true;
}

const options = new Command()
  .name("npm run bench --")
  .description("Measures the library; each result is checked before it is timed.")
  .option("--only <names>", "some workloads, by how their names begin, such as W2,W5 (roof gru conv W9 batch-norm: single layers; plan, making: models)")
  .option("--peers [names]", "compare with other libraries, which are installed in build/peers; all, or some: PyTorch,jax-js")
  .option("--against <checkout>", "compare with the library of another checkout of this project, in which `npm run build` was run")
  .addOption(new Option("--node <version>", "version of Node").choices(Object.keys(NODE_VERSIONS)).default("24"))
  .option("--rounds <n>", "how often everything is run, medians count (default: 3 with --peers, else 1)", Number)
  .option("--json <file>", "where the results go", "build/bench/results.json")
  .option("--from <file>", "report earlier results again, from their JSON file, and measure nothing")
  .option("--readme", "write the tables and the chart: README.md, docs/speed.md, docs/bench.md, docs/bench.svg (with --peers); also does what --keep does")
  .option("--keep", "keep the results by kind of processor: docs/processors, and the tables of docs/performance.md")
  .parse()
  .opts<Options>(); // prettier-ignore

const report = options.from === undefined ? await measure() : again(options.from);
printReport(report);
if (options.readme) writeDocuments(report);
if (options.readme || options.keep) writeProcessors(report);
// the library must not fail, and must give the same bits in all its variants
const wrong = ({ runner, error, compared }: Outcome): boolean =>
  (runner === OURS && error !== undefined) || (runner.startsWith(OURS) && error === undefined && !compared);
if (report.outcomes.some(wrong)) process.exitCode = 1;

async function measure(): Promise<Report> {
  installNodes();
  await bundleOwn();
  if (options.against !== undefined) await bundleBefore(options.against);
  const rounds = options.rounds ?? (options.peers === undefined ? 1 : 3);
  const before = options.against === undefined ? [] : [BEFORE];
  const runners = [ROOF, ...LIBRARY, ...before, ...(options.peers === undefined ? [] : await peers(options.peers))];
  const node = nodePath(Number(options.node) as NodeVersion);
  const { lines, load } = await runRounds({ rounds, jobs: jobs(), runners, node });
  const all = outcomes(lines);
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  const machine = {
    cpu,
    kind: processorKind(),
    cores: cpus().length,
    node: NODE_VERSIONS[Number(options.node) as NodeVersion],
    rounds,
    load,
  };
  const measured: Report = { machine, outcomes: all, figures: figures(all) };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(measured, undefined, 1)}\n`);
  return measured;
}

/** A report from its file, with today's targets. JSON has no NaN. */
function again(file: string): Report {
  const { machine, outcomes: all } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const restored = all.map((outcome) => ({ ...outcome, value: outcome.value ?? NaN, best: outcome.best ?? NaN }));
  return { machine, outcomes: restored, figures: figures(restored) };
}

async function peers(asked: string | true): Promise<Runner[]> {
  const missing = await installPeers();
  for (const line of missing) console.error(line);
  const names = asked === true ? PEERS.map(({ name }) => name) : asked.split(",");
  const unknown = names.find((name) => PEERS.every((peer) => peer.name !== name));
  if (unknown !== undefined)
    throw new Error(`--peers: there is no ${unknown}; there are ${PEERS.map(({ name }) => name).join(", ")}`);
  return PEERS.filter(({ name }) => names.includes(name) && !missing.some((line) => line.startsWith(name)));
}

/** Single layers are measured only if they are asked for. */
function jobs(): (Job | OwnJob)[] {
  const own: readonly OwnJob[] = ["gru", "conv", "W9", "batch-norm", "plan", "making"];
  const compared = Object.keys(JOBS) as Job[];
  if (options.only === undefined) return ["roof", ...compared];
  const wanted = options.only.split(",");
  const chosen = [...compared, ...own, "roof" as const].filter((job) => wanted.some((name) => job.startsWith(name)));
  if (chosen.length === 0) throw new Error(`--only: no workload begins with ${options.only}`);
  return chosen;
}

function writeDocuments(measured: Report): void {
  const write = (file: string, content: string): void => {
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      replaceBetween(file, text, "speed: npm run bench -- --peers --readme", "end of speed", content),
    );
  };
  for (const readme of ["README.md", "README.zh.md"]) write(readme, readmeBlock(measured));
  write("docs/speed.md", speedBlock(measured));
  writeFileSync("docs/bench.md", documentOf(measured));
  writeFileSync("docs/bench.svg", chart(measured.outcomes));
}

/** This kind of processor among the others. */
function writeProcessors(measured: Report): void {
  keep(measured);
  const text = readFileSync("docs/performance.md", "utf8");
  const marks = ["processors: npm run bench -- --keep", "end of processors"] as const;
  writeFileSync("docs/performance.md", replaceBetween("docs/performance.md", text, ...marks, processorTables()));
}
