// The command `train`: from a table to a model and a report.
import { resolve } from "node:path";
import { type RawTable, type Table, type TableReport, tableModelToBytes, trainTable } from "../../src/data.ts";
import { replaceFiles } from "../drafts.ts";
import { newRun, resumable, type Run, sayInterrupted } from "../runs.ts";
import { isRank, type Part, PASSES, together } from "../processes/together.ts";
import { closest } from "../text.ts";
import { version } from "../version.ts";
import { checkWritable, placeOf } from "../writable.ts";
import { csvChoices, isStream, nameOf } from "./input.ts";
import { contentOf, keptRun } from "./keptTraining.ts";
import { progressOf, type StatusLine, statusLine } from "./progress.ts";
import { type Data, readData } from "./readData.ts";
import { showEnd, showStart } from "./show.ts";
import { commandOfTraining, stemOf, type TrainOptions, typesOf } from "./trainOptions.ts";
import { commandWords, failure } from "./words.ts";

type Write = (line: string) => void;

/** A training that goes on: its run, and the folder where it was begun, from where paths lead. */
export interface Resumed {
  readonly run: Run;
  readonly from: string;
}

/** Trains on a file of rows, prints how good the model is, and writes it and its report. Ctrl-C ends it between two steps. */
export async function train(file: string, options: TrainOptions, write: Write, resumed?: Resumed): Promise<void> {
  if (options.processes !== undefined || isRank()) refuseStreams(file, options.test);
  const interrupted = async (): Promise<void> => {
    if (options.json !== true) await sayInterrupted(resumed?.run.folder ?? options.checkpoints, options.epochs, write);
  };
  const ranks = async (part: Part): Promise<void> => {
    const { signal } = part;
    const run =
      resumed?.run ?? (options.checkpoints === undefined ? undefined : await newRun("train", options.checkpoints));
    const quiet: Write = options.json ? () => {} : part.write;
    const line = statusLine(options.json !== true && part.isFirst && process.stdout.isTTY === true);
    const progress = progressOf(line);
    const at = (path: string): string =>
      resumed === undefined || resumed.from === process.cwd() ? path : resolve(resumed.from, path);
    await resumable(run, { epochs: () => progress.epochs(), signal, write: quiet }, async () => {
      try {
        await work(file, options, { part, run, line, progress, at });
      } finally {
        line.clear();
      }
    });
  };
  await together("train", options, write, ranks, interrupted);
}

interface Surroundings {
  readonly part: Part;
  readonly run: Run | undefined;
  readonly line: StatusLine;
  readonly progress: ReturnType<typeof progressOf>;
  /** A path as it leads from here. */
  readonly at: (path: string) => string;
}

async function work(given: string, options: TrainOptions, around: Surroundings): Promise<void> {
  const { part, run, line, progress, at } = around;
  const { group, isFirst, write, signal, stage } = part;
  const { json = false } = options;
  const stem = stemOf(given);
  const file = isStream(given) ? given : at(given);
  const placed = (path: string | false): string | false => path && at(path);
  const out = placed(options.out ?? `${stem}-model.safetensors`);
  const page = placed(options.report ?? `${stem}-report.html`);
  const testFile =
    typeof options.test === "string" ? (isStream(options.test) ? options.test : at(options.test)) : undefined;
  if (file === "-" && testFile === "-") {
    throw new Error("train: the data and --test can't both be the standard input; give a file for one");
  }
  await checkPlaces([
    ["the data", file],
    ["--test", testFile],
    ["--out", out],
    ["--report", page],
  ]);
  for (const path of [out, page]) if (path !== false && isFirst) await checkWritable("train", path);

  const stream = run && [file, testFile].find((path) => path !== undefined && isStream(path));
  if (stream !== undefined) {
    throw new Error(
      `train: --checkpoints: ${nameOf(stream)} can't be read again, so the training couldn't be resumed; put the rows into a file`,
    );
  }
  const content = run && { content: await contentOf(file), testContent: testFile && (await contentOf(testFile)) };
  const reading = (path: string) =>
    readData("train", path, {
      // of ranks one alone must not end here: the others would wait for it
      ...(group ? {} : { signal }),
      drop: options.drop,
      csv: csvChoices(options),
      onRows: (rows) => line.show(`reading ${nameOf(path)}: ${rows.toLocaleString("en-US")} rows ...`),
    });
  const data = await reading(file);
  const table = inferred(file, data, options);
  const test = testFile === undefined ? options.test : (await reading(testFile)).raw;
  line.clear();
  if (group) await stage();
  if (!json)
    showStart({ file: given === "-" ? nameOf(given) : given, what: data.what, table, target: options.target }, write);
  line.show("looking at the columns ...");

  const start = performance.now();
  const { onStage, callbacks } = progress;
  const training = await trainTable(table, {
    ...trainingOptions(options),
    ...(test === undefined ? {} : { test: test as number | RawTable }),
    signal,
    async onStage(next) {
      if (group) await stage();
      // nothing was refused: from here on it can be resumed
      if (next === "network" && run && content && isFirst) {
        await run.begin(keptRun(given, { ...options, ...(group ? { processes: group.size } : {}) }, content));
      }
      await onStage(next);
    },
    ...(group ? { ranks: group, accumulate: PASSES } : {}),
    ...(run?.fitting.resumeFrom ? { resumeFrom: run.fitting.resumeFrom } : {}),
    callbacks: [...callbacks, ...(run?.fitting.callbacks ?? [])],
  }).catch((error: unknown) => {
    throw failure("train", testFile === undefined ? error : ofTestFile(error, testFile), signal);
  });
  if (!isFirst) return;
  const seconds = (performance.now() - start) / 1000;
  const files = { ...(out === false ? {} : { model: out }), ...(page === false ? {} : { report: page }) };
  const report: TableReport = {
    title: `${options.target} of ${nameOf(given)}`,
    command: commandOfTraining(given, { ...options, ...(group ? { processes: group.size } : {}) }),
    version,
    ...inWords(training.report),
    files,
  };
  signal.throwIfAborted();
  line.show("writing ...");
  const contents: [string, string | Uint8Array][] = [];
  if (out !== false) contents.push([out, tableModelToBytes(training.tableModel, aboutOf(report))]);
  if (page !== false) {
    const { reportHtml } = await import("../report/page.ts");
    contents.push([page, await reportHtml(report)]);
  }
  signal.throwIfAborted();
  await replaceFiles("train", contents);
  line.clear();
  if (json) write(JSON.stringify(report, undefined, 2));
  else showEnd(report, seconds, group !== undefined, write);
}

/** Refuses what several processes can't read, each for itself. */
function refuseStreams(...files: readonly unknown[]): void {
  const stream = files.find((file) => typeof file === "string" && isStream(file));
  if (stream === undefined) return;
  throw new Error(
    `train: --processes: every process reads the rows itself, but ${nameOf(stream as string)} can be read only once; put the rows into a file`,
  );
}

/** Refuses a file that would be written over another. */
async function checkPlaces(
  places: readonly (readonly [what: string, path: string | false | undefined])[],
): Promise<void> {
  const seen = new Map<string, string>();
  for (const [what, path] of places) {
    if (path === false || path === undefined) continue;
    const place = await placeOf(path);
    const before = seen.get(place);
    if (before !== undefined && what !== "--test") {
      const name = before === "--test" ? "the file of --test" : before;
      throw new Error(`train: ${what} ${path} would replace ${name}; give another file`);
    }
    seen.set(place, before ?? what);
  }
}

/** Says which file it is, where the rows to test with can't be used. */
const ofTestFile = (error: unknown, file: string): unknown =>
  (error as Error).message?.startsWith("trainTable: test: ")
    ? new RangeError(`--test: ${nameOf(file)}: ${(error as Error).message.slice("trainTable: test: ".length)}`, {
        cause: error,
      })
    : error;

/** What is told in sentences, with the command's words. */
const inWords = <R extends Pick<TableReport, "quality" | "pipeline" | "model" | "rows">>(report: R): R => ({
  ...report,
  quality: {
    ...report.quality,
    columns: report.quality.columns.map((column) => ({ ...column, reason: commandWords(column.reason) })),
    findings: report.quality.findings.map((finding) => ({ ...finding, message: commandWords(finding.message) })),
  },
  pipeline: {
    ...report.pipeline,
    dropped: report.pipeline.dropped.map((column) => ({ ...column, reason: commandWords(column.reason) })),
  },
  model: { ...report.model, notes: report.model.notes.map(commandWords) },
});

/** The table with types. What is wrong with the target or another column that was named is said here, by the command's own options. */
function inferred(file: string, { raw, advice }: Data, options: TrainOptions): Table {
  const { target, drop = [], type = {}, time, group, split, missing, decimal } = options;
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
      `train: ${option}: ${nameOf(file)} has no column ${JSON.stringify(name)}${meant ? `; did you mean ${JSON.stringify(meant)}?` : ""}\n` +
        `Its columns: ${some}${advice}`,
    );
  }
  if (raw.rows === 0) throw new Error(`train: ${nameOf(file)} has names of columns, but no rows`);
  if (drop.includes(target)) throw new Error(`train: --drop: ${target} is the target; leave it out`);
  if (split === "group" && group === undefined) {
    throw new Error("train: --split group needs --group COLUMN: rows with the same word in it stay together");
  }
  try {
    return raw.infer({ types: typesOf(type), ...(missing ? { missing } : {}), ...(decimal ? { decimal } : {}) });
  } catch (error) {
    throw failure("train", error);
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
