// npm run bench: measures the library, and with --peers what else there is, in turns; each result is checked before it is timed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { replaceBetween } from "../scripts/marks.ts";
import { installNodes, NODE_VERSIONS, nodePath, type NodeVersion } from "../test/support/nodes.ts";
import { bundleOwn } from "./bundle.ts";
import { figures } from "./figures.ts";
import { installPeers } from "./peers/install.ts";
import { chart } from "./report/chart.ts";
import { documentOf, readmeBlock, type Report, speedBlock } from "./report/markdown.ts";
import { printReport } from "./report/terminal.ts";
import { type Outcome, outcomes } from "./results.ts";
import { runRounds } from "./rounds.ts";
import { LIBRARY, OURS, PEERS, type Runner } from "./runners.ts";
import { type Job, JOBS } from "./tasks.ts";
import type { OwnJob } from "./workloads.ts";

interface Options {
  readonly only?: string;
  readonly peers?: string | true;
  readonly node: `${NodeVersion}`;
  readonly rounds?: number;
  readonly json: string;
  readonly from?: string;
  readonly readme?: true;
}

const options = new Command()
  .name("npm run bench --")
  .description("Measures the library; each result is checked before it is timed.")
  .option("--only <names>", "some workloads, by how their names begin, such as W2,W5 (roof gru conv W9 batch-norm: single layers; plan, making: models)")
  .option("--peers [names]", "compare with other libraries, which are installed in build/peers; all, or some: PyTorch,jax-js")
  .addOption(new Option("--node <version>", "version of Node").choices(Object.keys(NODE_VERSIONS)).default("24"))
  .option("--rounds <n>", "how often everything is run, medians count (default: 3 with --peers, else 1)", Number)
  .option("--json <file>", "where the results go", "build/bench/results.json")
  .option("--from <file>", "report earlier results again, from their JSON file, and measure nothing")
  .option("--readme", "write the tables and the chart: README.md, docs/speed.md, docs/bench.md, docs/bench.svg")
  .parse()
  .opts<Options>(); // prettier-ignore

const report = options.from === undefined ? await measure() : again(options.from);
printReport(report);
if (options.readme) writeDocuments(report);
// the library must not fail, and must give the same bits in all its variants
const wrong = ({ runner, error, compared }: Outcome): boolean =>
  (runner === OURS && error !== undefined) || (runner.startsWith(OURS) && error === undefined && !compared);
if (report.outcomes.some(wrong)) process.exitCode = 1;

async function measure(): Promise<Report> {
  installNodes();
  await bundleOwn();
  const rounds = options.rounds ?? (options.peers === undefined ? 1 : 3);
  const runners = [...LIBRARY, ...(options.peers === undefined ? [] : await peers(options.peers))];
  const node = nodePath(Number(options.node) as NodeVersion);
  const { lines, load } = runRounds({ rounds, jobs: jobs(), runners, node });
  const all = outcomes(lines);
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  const machine = { cpu, cores: cpus().length, node: NODE_VERSIONS[Number(options.node) as NodeVersion], rounds, load };
  const measured: Report = { machine, outcomes: all, figures: figures(all) };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(measured, undefined, 1)}\n`);
  return measured;
}

/** A report from its file, with today's targets. JSON has no NaN. */
function again(file: string): Report {
  const { machine, outcomes: all } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const restored = all.map((outcome) => ({ ...outcome, value: outcome.value ?? NaN }));
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

/** Single layers are measured only if they are asked for; the roof comes with whatever is a share of it. */
function jobs(): (Job | OwnJob)[] {
  const own: readonly OwnJob[] = ["gru", "conv", "W9", "batch-norm", "plan", "making"];
  const compared = Object.keys(JOBS) as Job[];
  if (options.only === undefined) return ["roof", ...compared];
  const wanted = options.only.split(",");
  const chosen = [...compared, ...own, "roof" as const].filter((job) => wanted.some((name) => job.startsWith(name)));
  if (chosen.length === 0) throw new Error(`--only: no workload begins with ${options.only}`);
  const shares = chosen.some((job) => /^(W[2-6]|gru)/.test(job)) && !chosen.includes("roof");
  return shares ? ["roof", ...chosen] : chosen;
}

function writeDocuments(measured: Report): void {
  const write = (file: string, content: string): void => {
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      replaceBetween(file, text, "speed: npm run bench -- --peers --readme", "end of speed", content),
    );
  };
  write("README.md", readmeBlock(measured));
  write("docs/speed.md", speedBlock(measured));
  writeFileSync("docs/bench.md", documentOf(measured));
  writeFileSync("docs/bench.svg", chart(measured.outcomes));
}
