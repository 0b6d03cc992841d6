// npm run bench:tables: reading a table, deciding what its columns are, making numbers of them, and training on it as it is read. Each in a
// process of its own, whose largest memory is told beside that of pandas' read_csv, where Python has it.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline as through } from "node:stream/promises";
import { Command } from "commander";
import { COLUMNS, deliveries } from "../examples/programs/deliveries.ts";

const { rows, rounds, python } = new Command()
  .name("npm run bench:tables --")
  .description("How fast a CSV of 20 columns is read and trained on, and how much memory that takes.")
  .option("--rows <n>", "rows of the table", Number, 1_000_000)
  .option("--rounds <n>", "how often each is run; the middle is told", Number, 3)
  .option("--python <path>", "a Python that has pandas", "/usr/bin/python3")
  .parse()
  .opts<{ rows: number; rounds: number; python: string }>();

/** What is wanted: megabytes a second, and how often the float32 data at most. */
const WANTED = { rate: 20, memory: 4 };

/** What a process prints: seconds of it all, seconds that the processor worked, the largest memory in bytes, and that of the bare process. */
interface Seen {
  readonly seconds: number;
  readonly busy: number;
  readonly most: number;
  readonly bare: number;
}

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-tables-"));
const file = join(folder, "deliveries.csv");
const build = (name: string): string => JSON.stringify(new URL(`../build/${name}.js`, import.meta.url).href);

/** A program of Node that measures what it does with the file `path`. */
const program = (work: string, before = ""): string => `
  import { readCsv, table } from ${build("data")};
  import { adam, dense, meanSquaredError, relu, sequential, Trainer } from ${build("index")};
  const path = process.argv[1];
  const fitted = (rows) => rows.fit({ target: "minutes", columns: { delivery: "drop" } });
  async function* first(count) {
    for await (const piece of readCsv(path)) {
      yield piece;
      if (piece.first + piece.rows.length >= count) return;
    }
  }
  const bare = process.resourceUsage().maxRSS * 1024;
  ${before}
  const [start, began] = [performance.now(), process.cpuUsage()];
  ${work}
  const { user, system } = process.cpuUsage(began);
  const seconds = (performance.now() - start) / 1e3;
  const most = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds, busy: (user + system) / 1e6, most, bare }));`;

const inNode = (work: string, before?: string): Seen =>
  JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", program(work, before), file], { encoding: "utf8" }),
  ) as Seen;

const PANDAS = `
import json, resource, sys, time
import pandas
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
bare = most()
start, began = time.perf_counter(), time.process_time()
pandas.read_csv(sys.argv[1])
print(json.dumps(dict(seconds=time.perf_counter() - start, busy=time.process_time() - began, most=most(), bare=bare)))`;

/** Undefined where there is no pandas. */
function inPandas(): Seen | undefined {
  try {
    return JSON.parse(execFileSync(python, ["-c", PANDAS, file], { encoding: "utf8", stdio: "pipe" })) as Seen;
  } catch {
    return undefined;
  }
}

/** The run whose time is in the middle. */
const middle = (runs: readonly Seen[]): Seen => runs.toSorted((a, b) => a.busy - b.busy)[runs.length >> 1]!;

const HEAD = "const pipeline = fitted((await table(first(100000))).infer());";
const NETWORK = `
  const model = await sequential({ input: pipeline.features.length, seed: 1 }, dense(32), relu(), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam() });`;
const WORKS: Readonly<Record<string, () => Seen | undefined>> = {
  "read and infer": () => inNode("const rows = (await table(readCsv(path))).infer();"),
  "pandas.read_csv": inPandas,
  "fit a pipeline, transform": () =>
    inNode("fitted(rows).transform(rows);", "const rows = (await table(readCsv(path))).infer();"),
  "train while reading": () =>
    inNode(
      `await trainer.fit(pipeline.batches(readCsv(path), { batchSize: 256 }), { epochs: 1, progress: false });`,
      `${HEAD}${NETWORK}`,
    ),
};

try {
  await through(Readable.from(deliveries(rows)), createWriteStream(file));
  const bytes = statSync(file).size;
  const data = rows * COLUMNS.length * 4;
  console.log(
    `${rows} rows of ${COLUMNS.length} columns, ${(bytes / 1e6).toFixed(1)} MB, ${(data / 1e6).toFixed(0)} MB as float32; ` +
      `Node ${process.version}, ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(1)}`,
  );
  const line = (cells: readonly string[]): void =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(27) : cell.padStart(11))).join(""));
  line(["", "seconds", "busy", "MB/s busy", "rows/s", "memory MB", "of float32"]);
  const seen = new Map<string, Seen>();
  for (const [name, work] of Object.entries(WORKS)) {
    const runs = Array.from({ length: rounds }, work).filter((run) => run !== undefined);
    if (runs.length === 0) {
      line([name, "none"]);
      continue;
    }
    const run = middle(runs);
    seen.set(name, run);
    const { seconds, busy, most, bare } = run;
    line([
      name,
      seconds.toFixed(2),
      busy.toFixed(2),
      (bytes / 1e6 / busy).toFixed(1),
      String(Math.round(rows / busy)),
      (most / 1e6).toFixed(0),
      ((most - bare) / data).toFixed(2),
    ]);
  }
  console.log("busy: seconds that the processor worked; of float32: the largest memory over that of the bare process");
  const { busy, most, bare } = seen.get("read and infer")!;
  const [rate, memory] = [bytes / 1e6 / busy, (most - bare) / data];
  const holds = rate >= WANTED.rate && memory <= WANTED.memory;
  console.log(`${holds ? "as wanted" : "not as wanted"}: ${WANTED.rate} MB/s at least, ${WANTED.memory} at most`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(); // a pool of threads would wait for more
