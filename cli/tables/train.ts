// The command `train`: from a table to a model and a report.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  type RawTable,
  type Table,
  type TableReport,
  type TableTraining,
  tableModelToBytes,
  trainTable,
} from "../../src/data.ts";
import { checkedOptions, newRun, resumable, type Rule, type Run, type RunFile, wholeRule } from "../runs.ts";
import { stoppable } from "../stop.ts";
import { closest } from "../text.ts";
import { version } from "../version.ts";
import { checkWritable } from "../writable.ts";
import { readData } from "./readData.ts";
import { showEnd, showStart } from "./show.ts";
import { commandOfTraining, stemOf, type TrainOptions } from "./trainOptions.ts";

type Write = (line: string) => void;

/** Trains on a file of rows, prints how good the model is, and writes it and its report. Ctrl-C ends it between two steps. */
export function train(file: string, options: TrainOptions, write: Write, resumed?: Run): Promise<void> {
  return stoppable(async (signal) => {
    const run = resumed ?? (options.checkpoints === undefined ? undefined : await newRun("train", options.checkpoints));
    const epochs = options.epochs ?? EPOCHS;
    const quiet: Write = options.json ? () => {} : write;
    await resumable(run, { epochs, signal, write: quiet }, () => work(file, options, write, signal, run));
  });
}

/** Of `trainTable`, for what is said about a run that was stopped. */
const EPOCHS = 200;

async function work(
  file: string,
  options: TrainOptions,
  write: Write,
  signal: AbortSignal,
  run: Run | undefined,
): Promise<void> {
  const stem = stemOf(file);
  const { out = `${stem}-model.safetensors`, report: page = `${stem}-report.html`, json = false } = options;
  for (const path of [out, page]) if (path !== false) await checkWritable("train", path);
  const { raw, what } = await readData("train", file);
  signal.throwIfAborted();
  const table = inferred(file, raw, options);
  const test = typeof options.test === "string" ? (await readData("train", options.test)).raw : options.test;
  if (!json) showStart({ file, what, table, target: options.target }, write);
  await run?.begin({ ...kept(options), file: resolve(file), content: await contentOf(file) });

  const shows = !json && process.stdout.isTTY === true;
  const start = performance.now();
  const training = await trainTable(table, {
    ...trainingOptions(options),
    ...(test === undefined ? {} : { test }),
    signal,
    progress: shows,
    ...run?.fitting,
  });
  const seconds = (performance.now() - start) / 1000;
  const command = commandOfTraining(file, options);
  const files = { ...(out === false ? {} : { model: out }), ...(page === false ? {} : { report: page }) };
  const report: TableReport = {
    title: `${options.target} of ${basename(file)}`,
    command,
    version,
    ...training.report,
    files,
  };
  signal.throwIfAborted();
  if (out !== false) await writeFile(out, tableModelToBytes(training.tableModel, aboutOf(report)));
  if (page !== false) {
    const { reportHtml } = await import("../report/page.ts");
    await writeFile(page, await reportHtml(report));
  }
  if (json) write(JSON.stringify(report, undefined, 2));
  else showEnd(report, seconds, write);
}

/** The table with types. What is wrong with the target or another column that was named is said here, by the command's own options. */
function inferred(file: string, raw: RawTable, { target, drop = [], type = {}, time, group }: TrainOptions): Table {
  const named = [
    ["--target", target],
    ["--time", time],
    ["--group", group],
    ...drop.map((name) => ["--drop", name]),
    ...Object.keys(type).map((name) => ["--type", name]),
  ];
  for (const [option, name] of named) {
    if (name === undefined || raw.columns.includes(name)) continue;
    const meant = closest(name, raw.columns);
    const some = raw.columns.length > 20 ? `${raw.columns.slice(0, 20).join(", ")}, ...` : raw.columns.join(", ");
    throw new Error(
      `train: ${option}: ${basename(file)} has no column ${JSON.stringify(name)}${meant ? `; did you mean ${JSON.stringify(meant)}?` : ""}\n` +
        `Its columns: ${some}`,
    );
  }
  try {
    return raw.infer({ types: type as never });
  } catch (error) {
    throw new Error(`train: ${(error as Error).message}`, { cause: error });
  }
}

/** What `trainTable` is given. */
const trainingOptions = (options: TrainOptions) => ({
  target: options.target,
  task: options.task,
  seed: options.seed,
  threads: options.threads,
  ...(options.layers ? { layers: options.layers } : {}),
  ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
  ...(options.validation === undefined ? {} : { validation: options.validation }),
  ...(options.kFold === undefined ? {} : { kFold: options.kFold }),
  ...(options.drop ? { columns: Object.fromEntries(options.drop.map((name) => [name, "drop" as const])) } : {}),
  ...(options.split ? { split: options.split } : {}),
  ...(options.group === undefined ? {} : { group: options.group }),
  ...(options.time === undefined ? {} : { time: options.time }),
  ...(options.horizon === undefined ? {} : { horizon: options.horizon }),
  ...(options.costs ? { costs: { falsePositive: options.costs[0], falseNegative: options.costs[1] } } : {}),
});

/** What is kept in the model's file, for `inspect`. */
const aboutOf = ({ title, command, version: by, rows, metrics, baselines, importance, fingerprint }: TableReport) => ({
  title,
  command,
  version: by,
  rows,
  metrics,
  baselines,
  importance: importance.slice(0, 20),
  fingerprint,
});

/** What decides a training, as run.json keeps it: paths are absolute, since it may be resumed from another folder. */
const kept = ({ checkpoints: _, out, report, test, ...options }: TrainOptions): Record<string, unknown> => ({
  ...options,
  ...(typeof test === "string" ? { test: resolve(test) } : { test }),
  ...(typeof out === "string" ? { out: resolve(out) } : { out }),
  ...(typeof report === "string" ? { report: resolve(report) } : { report }),
});

/** What tells whether a file is as it was. */
async function contentOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes as Uint8Array);
  return hash.digest("hex");
}
