// The options of `train`: how each is read from its words, and the command that repeats a training.
import type { ColumnType, InferOptions } from "../../src/data.ts";
import type { ProcessOptions } from "../processes/together.ts";
import { shellWord } from "../shell.ts";
import { type CsvChoices, csvWords, isStream } from "./input.ts";

/** Options of the command `train`. */
export interface TrainOptions extends CsvChoices, ProcessOptions {
  readonly target: string;
  readonly task: "auto" | "regression" | "classification" | "series";
  readonly layers?: readonly number[];
  readonly epochs?: number;
  readonly validation?: number;
  /** A share, a number of rows, or a file. */
  readonly test?: number | string;
  readonly kFold?: number;
  readonly drop?: readonly string[];
  /** Types of columns, by their names; of dates how they are written, too: "date:dd/mm/yyyy". */
  readonly type?: Readonly<Record<string, string>>;
  /** Words that stand for a missing value, besides the usual ones. */
  readonly missing?: readonly string[];
  readonly decimal?: "." | ",";
  readonly split?: "random" | "stratified" | "group" | "time";
  readonly group?: string;
  readonly time?: string;
  readonly horizon?: number;
  /** What a wrong "yes" and a wrong "no" cost. */
  readonly costs?: readonly [number, number];
  readonly seed: number;
  /** Where the model and the report are written; false: nowhere. Default: beside the name of the data. */
  readonly out?: string | false;
  readonly report?: string | false;
  readonly json?: boolean;
  readonly checkpoints?: string;
}

/** The name of a file without its folder and its endings: of `data/sales.csv.gz` it is `sales`; of a stream it is `table`. */
export const stemOf = (path: string): string =>
  (isStream(path) ? "" : path)
    .replace(/^.*[\\/]/, "")
    .replace(/(?:\.(?:csv|tsv|tab|txt|data|jsonl|ndjson|json|npy|npz))?(?:\.gz)?$/i, "") || "table";

/** Types as `infer` takes them: "date:yyyy-mm-dd+dd/mm/yyyy" has formats, of which the first that fits counts. */
export const typesOf = (types: Readonly<Record<string, string>>): NonNullable<InferOptions["types"]> =>
  Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      (type.startsWith("date:") ? { type: "date", format: type.slice("date:".length).split("+") } : type) as ColumnType,
    ]),
  );

/**
 * The command that trains the same model again, into the files that were named. What changes nothing, such as threads,
 * isn't in it; processes are, since their updates are summed in another way than those of one alone.
 */
export function commandOfTraining(file: string, options: TrainOptions): string {
  const words = ["npx", "wasmgrad", "train", file, "--target", options.target];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(name, String(value));
  };
  if (options.task !== "auto") add("--task", options.task);
  if (options.layers) add("--layers", options.layers.length === 0 ? "none" : options.layers.join(","));
  add("--epochs", options.epochs);
  add("--validation", options.validation);
  add("--test", options.test);
  add("--k-fold", options.kFold);
  if (options.drop && options.drop.length > 0) add("--drop", options.drop.join(","));
  for (const [name, type] of Object.entries(options.type ?? {})) add("--type", `${name}=${type}`);
  words.push(...csvWords(options));
  if (options.missing) add("--missing", options.missing.join(","));
  add("--decimal", options.decimal);
  add("--split", options.split);
  add("--group", options.group);
  add("--time", options.time);
  add("--horizon", options.horizon);
  if (options.costs) add("--costs", options.costs.join(","));
  add("--seed", options.seed);
  add("--processes", options.processes);
  for (const name of ["out", "report"] as const) {
    if (options[name] === false) words.push(`--no-${name}`);
    else add(`--${name}`, options[name]);
  }
  return words.map(shellWord).join(" ");
}
