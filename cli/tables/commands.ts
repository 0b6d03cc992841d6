// The arguments of the commands on tables.
import { type Command, InvalidArgumentError, Option } from "commander";
import papaparse from "papaparse";
import type { EvaluateOptions } from "./evaluate.ts";
import type { PredictOptions } from "./predict.ts";
import type { TrainOptions } from "./trainOptions.ts";

/** What the commands do. */
export interface TableActions {
  train(file: string, options: TrainOptions): void | Promise<void>;
  predict(model: string, file: string, options: PredictOptions): void | Promise<void>;
  evaluate(model: string, file: string, options: EvaluateOptions): void | Promise<void>;
  inspect(model: string, options: { readonly json?: boolean }): void | Promise<void>;
}

/** How words become values, of which the main file has some. */
export interface Readers {
  readonly whole: (least: number) => (text: string) => number;
  readonly threads: (text: string) => number | "auto";
  readonly folder: (text: string) => string;
  /** Adds the options that say on how many processes a training is. */
  readonly processes: (command: Command) => Command;
  /** A text below a command's help. */
  readonly below: (text: string) => () => string;
}

const TYPES = ["number", "category", "boolean", "date", "text", "identifier", "constant"];

/** Texts between commas, without spaces around them; one that has a comma stands in double quotes. */
const list = (text: string): string[] =>
  (papaparse.parse<string[]>(text, { delimiter: "," }).data[0] ?? [text]).map((part) => part.trim());

function share(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value > 0) || (value >= 1 && !Number.isSafeInteger(value))) {
    throw new InvalidArgumentError(
      "It must be a share of the rows above 0 and below 1, such as 0.2, or a number of rows.",
    );
  }
  return value;
}

/** What looks like a number is a share or a number of rows; anything else a file. */
const shareOrFile = (text: string): number | string => (/^[\d.]+$/.test(text) ? share(text) : text);

function layers(whole: Readers["whole"]): (text: string) => number[] {
  return (text) => {
    if (text === "none") return [];
    try {
      return list(text).map(whole(1));
    } catch {
      throw new InvalidArgumentError(
        'It must be the units of each hidden layer, such as 64,32, or "none" for a linear model.',
      );
    }
  };
}

function costs(text: string): [number, number] {
  const values = list(text).map((part) => (part === "" ? NaN : Number(part)));
  if (values.length !== 2 || !values.every((value) => value >= 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError(
      'It must be two numbers: what a wrong "yes" costs, and what a wrong "no", such as 1,5.',
    );
  }
  return values as [number, number];
}

/** A delimiter; a shell's way to write a tab isn't known to everybody. */
function delimiter(text: string): string {
  const sign = { tab: "\t", "\\t": "\t", space: " " }[text] ?? text;
  if (sign === "" || /[\r\n\ufeff]/.test(sign)) {
    throw new InvalidArgumentError('It must be what is between two cells, such as ";", "|", tab or space.');
  }
  return sign;
}

/** What lines begin with. */
function mark(text: string): string {
  if (text === "" || /[\r\n\ufeff]/.test(text)) {
    throw new InvalidArgumentError('It must be what the lines begin with, such as "#".');
  }
  return text;
}

function names(text: string): string[] {
  const all = list(text);
  if (all.some((name) => name === "")) {
    throw new InvalidArgumentError(
      "It must be a name for each column, with commas between them, such as size,floor,rent.",
    );
  }
  return all;
}

/** Adds the options that say how CSV is written, where what is guessed is wrong. */
const addCsvOptions = (command: Command): Command =>
  command
    .option("--comment <sign>", 'of CSV: leave out lines that begin with it, such as "#"', mark)
    .option(
      "--delimiter <sign>",
      "of CSV: what is between two cells, also tab or space (default: as it looks)",
      delimiter,
    )
    .option("--encoding <name>", "of CSV and JSON lines, such as utf-8 or windows-1252 (default: as it looks)")
    .option("--columns <names>", "of CSV without a line of names: the names, with commas between them", names)
    .option("--header", "of CSV: the first line names the columns (default: as it looks)")
    .option("--no-header", "of CSV: it doesn't, and they are called column1, column2, ...");

/** Collects --type name=type. */
function types(text: string, before: Record<string, string> = {}): Record<string, string> {
  const place = text.lastIndexOf("=");
  const [name, type] = [text.slice(0, place), text.slice(place + 1)];
  if (place < 1 || !(TYPES.includes(type) || /^date:./.test(type))) {
    throw new InvalidArgumentError(
      `It must be a column and its type, such as zip=category; types are ${TYPES.join(", ")}; of dates their writing, too: day=date:dd/mm/yyyy.`,
    );
  }
  return { ...before, [name]: type };
}

const EXIT = "The exit code is 0, 1 if something was refused or failed, or 130 or 143 if Ctrl-C or kill ended it.";

const TRAINING = `
Examples
  npx wasmgrad train sales.csv --target amount
  npx wasmgrad train loans.csv --target repaid --test 0.2 --k-fold 5
  npx wasmgrad train months.csv --target sold --task series --test 12

The file is CSV, TSV, JSON, JSON lines, npy or npz, gzipped or not; - is the standard input, which can't be read with --processes. Types of columns,
what is done with them, when to stop and what rare classes count are decided by the data, and said. What isn't written with --out and --report is put
into the current folder, under the name of the data.

${EXIT}`;

/** Adds the commands `train`, `predict`, `evaluate` and `inspect`. */
export function addTableCommands(
  program: Command,
  actions: TableActions,
  { whole, threads, folder, processes, below }: Readers,
): void {
  const train = program
    .command("train")
    .description("train on a table: a file of rows becomes a model and a report")
    .argument("<data>", "the file of rows, or - for the standard input")
    .requiredOption("--target <column>", "the column to predict")
    .addOption(
      new Option("--task <task>", "what is predicted; auto is by the column's type, and never a series")
        .choices(["auto", "regression", "classification", "series"])
        .default("auto"),
    )
    .option("--test <part>", "rows to test with: a file, a share such as 0.2, or a number of rows", shareOrFile)
    .option("--validation <share>", "rows that choose when to stop (default: 0.2)", share)
    .option("--k-fold <k>", "cross-validate besides, in k parts", whole(2))
    .option("--seed <n>", "decides the parts, the initial weights and the order of the rows", whole(0), 1)
    .option(
      "--layers <units>",
      'units of each hidden layer (default: 64,32), or "none" for a linear model',
      layers(whole),
    )
    .option("--epochs <n>", "the most passes over the rows (default: 200 to 1,000)", whole(1))
    .option("--drop <columns>", "columns that aren't used, with commas between them", list)
    .option(
      "--type <column=type>",
      `the type of a column: ${TYPES.slice(0, 6).join(", ")}, or date:dd/mm/yyyy; may be given again`,
      types,
    )
    .option("--missing <words>", "words that stand for a missing value, with commas between them", list)
    .addOption(new Option("--decimal <sign>", "the sign before decimals (default: as it looks)").choices([".", ","]))
    .addOption(
      new Option("--split <way>", "how rows are divided (default: by class, a series by time, else random)").choices([
        "random",
        "stratified",
        "group",
        "time",
      ]),
    )
    .option("--group <column>", "rows with the same word stay together, with --split group")
    .option("--time <column>", "the column of dates, of a series or with --split time (default: the only one)")
    .option("--horizon <n>", "of a series, how many rows ahead is predicted (default: 1)", whole(1))
    .option("--costs <a,b>", 'what a wrong "yes" and a wrong "no" cost (default: 1,1)', costs)
    .option("--threads <n>", 'workers that share the work, or "auto"; the result is the same', threads, 1);
  processes(train)
    .option("--out <file>", "where the model is written, as safetensors (default: by the name of the data)")
    .option("--no-out", "don't write the model")
    .option("--report <file>", "where the report is written, as HTML (default: by the name of the data)")
    .option("--no-report", "don't write the report")
    .option("--json", "print one JSON document, and nothing else")
    .option("--checkpoints <folder>", "keep the training in a folder while it runs, so that it can be resumed", folder)
    .addHelpText("after", below(TRAINING))
    .action((file: string, options: TrainOptions & { out: string | boolean; report: string | boolean }) => {
      const named = (value: string | boolean): string | false | undefined => (value === true ? undefined : value);
      const { out, report, ...rest } = options;
      const [model, page] = [named(out), named(report)];
      return actions.train(file, {
        ...rest,
        ...(model === undefined ? {} : { out: model }),
        ...(page === undefined ? {} : { report: page }),
      } as TrainOptions);
    });

  program
    .command("predict")
    .description("predict the rows of a file: they are written as CSV, with a column for what is predicted")
    .argument("<model>", "the file that train wrote")
    .argument("<data>", "the file of rows, or - for the standard input")
    .option("--out <file>", "where they are written (default: the standard output)")
    .addHelpText(
      "after",
      below(
        "Examples\n  npx wasmgrad predict sales-model.safetensors tomorrow.csv --out answers.csv\n" +
          `  npx wasmgrad predict sales-model.safetensors tomorrow.csv.gz | head\n\n${EXIT}`,
      ),
    )
    .action((model: string, file: string, options: PredictOptions) => actions.predict(model, file, options));

  program
    .command("evaluate")
    .description("measure a model on the rows of a file that has the target")
    .argument("<model>", "the file that train wrote")
    .argument("<data>", "the file of rows, or - for the standard input")
    .option("--costs <a,b>", 'what a wrong "yes" and a wrong "no" cost (default: 1,1)', costs)
    .option("--json", "print one JSON document, and nothing else")
    .addHelpText(
      "after",
      below(`Example\n  npx wasmgrad evaluate loans-model.safetensors new-loans.csv --costs 1,5\n\n${EXIT}`),
    )
    .action((model: string, file: string, options: EvaluateOptions) => actions.evaluate(model, file, options));

  program
    .command("inspect")
    .description("show what is in a model's file: its columns, its layers, and how good it was")
    .argument("<model>", "the file of a model")
    .option("--json", "print one JSON document, and nothing else")
    .addHelpText("after", below(`Example\n  npx wasmgrad inspect loans-model.safetensors\n\n${EXIT}`))
    .action((model: string, options: { readonly json?: boolean }) => actions.inspect(model, options));

  for (const command of program.commands) {
    if (["train", "predict", "evaluate"].includes(command.name())) addCsvOptions(command);
  }
}
