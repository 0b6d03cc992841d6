// The command `train`: from a table to a model and a report.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type RawTable, type Table, type TableReport, tableModelToBytes, trainTable } from "../../src/data.ts";
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
  if (run) {
    const { checkpoints: _, ...rest } = options;
    const absolute = (name: string | false): string | false => name && resolve(name);
    await run.begin({
      ...rest,
      ...(typeof options.test === "string" ? { test: resolve(options.test) } : {}),
      out: absolute(out),
      report: absolute(page),
      file: resolve(file),
      content: await contentOf(file),
    });
  }

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
interface Kept extends Omit<TrainOptions, "checkpoints" | "out" | "report"> {
  readonly file: string;
  /** SHA-256 of the file. */
  readonly content: string;
  readonly out: string | false;
  readonly report: string | false;
}

const text: Rule = [(value) => typeof value === "string" && value !== "", "a text"];
const optional = ([holds, words]: Rule): Rule => [(value) => value === undefined || holds(value), words];
const whole = wholeRule(1);
const one = (words: readonly string[]): Rule => [
  (value) => words.includes(value as string),
  `one of ${words.join(", ")}`,
];
const listOf = ([holds, words]: Rule): Rule => [
  (value) => Array.isArray(value) && value.every((each) => holds(each)),
  `a list, each of which is ${words}`,
];
const path: Rule = [(value) => value === false || text[0](value), "a file's path, or false"];
const number: Rule = [(value) => typeof value === "number" && value >= 0, "a number of 0 or more"];

/** The file and the options of a training that `train` began. */
export async function keptOptions(folder: string, run: RunFile): Promise<{ file: string; options: TrainOptions }> {
  const { file, content, ...options } = checkedOptions<Kept>(folder, run, {
    file: text,
    content: text,
    target: text,
    task: one(["auto", "regression", "classification", "series"]),
    layers: optional(listOf(whole)),
    epochs: optional(whole),
    validation: optional(number),
    test: optional([(value) => number[0](value) || text[0](value), "a share, a number of rows, or a file's path"]),
    kFold: optional(wholeRule(2)),
    drop: optional(listOf(text)),
    type: optional([(value) => typeof value === "object" && value !== null, "an object of types"]),
    split: optional(one(["random", "stratified", "group", "time"])),
    group: optional(text),
    time: optional(text),
    horizon: optional(whole),
    costs: optional(listOf(number)),
    seed: wholeRule(0),
    threads: [(value) => value === "auto" || whole[0](value), `${whole[1]}, or "auto"`],
    out: path,
    report: path,
    json: optional([(value) => typeof value === "boolean", "true or false"]),
  });
  const now = await contentOf(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`resume: ${file}, which the training in ${folder} is of, can't be read (${cause.code})`, { cause });
  });
  if (now !== content) {
    throw new Error(
      `resume: ${file} isn't what the training in ${folder} was begun with; put it back as it was, or begin a new training`,
    );
  }
  return { file, options };
}

/** What tells whether a file is as it was. */
async function contentOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes as Uint8Array);
  return hash.digest("hex");
}
