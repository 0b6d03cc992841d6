// Files of models that the commands read.
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type MetricsByPart, tableModelFromBytes, type TableModel } from "../../src/data.ts";
import { closest } from "../text.ts";
import { nameOf } from "./input.ts";
import { failure } from "./words.ts";

/** Reads a model of tables. Messages begin with the command's name. */
export async function openModel(command: string, path: string): Promise<TableModel> {
  const bytes = await readModelFile(command, path);
  try {
    return await tableModelFromBytes(bytes, { name: path });
  } catch (error) {
    throw failure(command, error);
  }
}

/** A file's columns, as far as they are looked at here. */
interface Given {
  readonly file: string;
  readonly names: readonly string[];
  /** What may help where some are lacking. */
  readonly advice: string;
  /** Columns that a command needs besides those of the model. */
  readonly more?: readonly string[];
}

/** Refuses a file without the columns that a model needs. */
export function checkColumns(
  command: string,
  { pipeline }: TableModel,
  { file, names, advice, more = [] }: Given,
): void {
  const { columns, series, target, task } = pipeline;
  // a series' own values are asked for below: rows that are still to come have none
  const own = columns.map(({ name }) => name).filter((name) => task !== "series" || name !== target!.name);
  const needed = [...new Set([...own, ...(series ? [series.time] : []), ...more])];
  const lacking = needed.filter((name) => !names.includes(name));
  const [first] = lacking;
  if (first === undefined) return;
  const meant = closest(
    first,
    names.filter((name) => !needed.includes(name)),
  );
  const which = lacking.length === 1 ? `no column ${JSON.stringify(first)}` : `no columns ${listed(lacking)}`;
  const hint = meant === undefined ? "" : `; is ${JSON.stringify(first)} what it calls ${JSON.stringify(meant)}?`;
  const why = more.includes(first) ? "which predictions are to be compared with" : "which the model was trained on";
  throw new Error(`${command}: ${nameOf(file)} has ${which}, ${why}${hint}\nIts columns: ${listed(names)}${advice}`);
}

const listed = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(", ")}, ... (${names.length})` : names.join(", ");

/** The bytes of a model's file. */
export async function readModelFile(command: string, path: string): Promise<Uint8Array> {
  const bytes = await readFileOf(command, path);
  if (bytes.length === 0) throw new Error(`${command}: ${path} is empty; give the file of a model, which train wrote`);
  return bytes;
}

/** The bytes of a file. */
export function readFileOf(command: string, path: string): Promise<Uint8Array> {
  return readFile(path).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code === "EISDIR")
      throw new Error(`${command}: ${path} is a folder; give the file of a model`, { cause });
    if (cause.code !== "ENOENT") throw new Error(`${command}: ${path} can't be read (${cause.code})`, { cause });
    const others = await readdir(dirname(path)).catch((): undefined => {});
    const meant = others && closest(basename(path), others);
    const hint = others
      ? meant
        ? `; did you mean ${JSON.stringify(meant)}?`
        : ""
      : `, nor is its folder ${dirname(path)}`;
    throw new Error(`${command}: ${path} isn't there (ENOENT)${hint}`, { cause });
  });
}

/** What a model reached when it was trained, as its file has it; undefined where that is something else, as a file may have been changed. */
export function metricsBefore({ about }: TableModel): MetricsByPart | undefined {
  const isMetrics = (value: unknown): boolean =>
    typeof value === "object" && value !== null && Object.values(value).every((each) => Number.isFinite(each));
  const metrics = about["metrics"] as MetricsByPart | undefined;
  if (typeof metrics !== "object" || metrics === null || !isMetrics(metrics.train)) return undefined;
  const { validation = null, test = null } = metrics;
  return [validation, test].every((part) => part === null || isMetrics(part))
    ? { ...metrics, validation, test }
    : undefined;
}
