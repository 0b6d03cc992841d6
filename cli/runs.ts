// What `--checkpoints` and `resume` share: the folder of a training, and run.json in it, which says how the training was begun.
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Callback, checkpoint, type CheckpointStore, type FitOptions } from "../src/index.ts";
import { type Checkpoint, checkpoints, readCheckpoint } from "../src/files.ts";
import { bold } from "./draw.ts";
import { prose, tied } from "./layout.ts";
import { isHost } from "./processes/hosts.ts";
import { shellWord } from "./shell.ts";
import { isStop } from "./stop.ts";
import { closest } from "./text.ts";
import { version } from "./version.ts";

/** Its name in the folder. */
const FILE = "run.json";
/** Seconds from checkpoint to checkpoint: what is lost at most where a process is killed. */
const EVERY = 10;

/** How a training was begun. */
export interface RunFile {
  readonly command: string;
  /** All that decides the result; defaults too, since those of another version may differ. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the package that began it. */
  readonly version: string;
}

/** A training that is kept in a folder. */
export interface Run {
  readonly folder: string;
  /** Where it goes on; undefined at its start. */
  readonly before: Checkpoint | undefined;
  /** Is there all that it takes to resume it? */
  readonly begun: boolean;
  /** What `fit` takes for it. */
  readonly fitting: Pick<FitOptions, "callbacks" | "resumeFrom">;
  /** Is called before the training: from here on it can be resumed. Of one that is resumed nothing changes. */
  begin(options: RunFile["options"]): Promise<void>;
}

/** The last checkpoint in a folder. */
async function lastIn(folder: string): Promise<Checkpoint | undefined> {
  const bytes = await checkpoints(folder).latest();
  return bytes && (await readCheckpoint(bytes, folder));
}

/** What keeps a training in a folder. */
const keeping = (store: CheckpointStore): Callback[] => [checkpoint(store, { everySeconds: EVERY, keepBest: false })];

/** The command that goes on with what is in a folder, as shells take it. No line ends within it. */
const resumeCommand = (folder: string): string => tied(`npx wasmgrad resume ${shellWord(folder)}`);

/** A folder for a new training: one that has another's checkpoints is refused. Nothing is made yet. */
export async function newRun(command: string, folder: string): Promise<Run> {
  const refuseTaken = async (): Promise<void> => {
    if (!(await lastIn(folder))) return;
    const known = (await kindOf(command, join(folder, FILE))) !== undefined;
    const what = known
      ? `a training already; "${resumeCommand(folder)}" goes on with it; give another folder for a new one`
      : "checkpoints of another program; give another folder";
    throw new Error(`${command}: ${folder} has ${what}`);
  };
  const kind = await kindOf(command, folder);
  if (kind === "file") throw new Error(`${command}: ${folder} is a file; give a folder for the checkpoints`);
  if (kind === "folder") await refuseTaken();
  const store = checkpoints(folder);
  const run = {
    folder,
    before: undefined,
    begun: false,
    fitting: { callbacks: keeping(store) },
    async begin(options: RunFile["options"]): Promise<void> {
      // makes the folder; of one that another training is in, run.json stays
      const close = await store.open();
      try {
        await refuseTaken();
        await writeRunFile(join(folder, FILE), { command, options, version });
      } finally {
        await close();
      }
      run.begun = true;
    },
  };
  return run;
}

/** The training that is in a folder, and how it was begun. */
export async function openRun(folder: string): Promise<{ readonly run: Run; readonly file: RunFile }> {
  const kind = await kindOf("resume", folder);
  const advice = "give the folder that a training was begun with, as digits --checkpoints <folder> does";
  if (kind === undefined) throw new Error(`resume: ${folder} doesn't exist; ${advice}`);
  if (kind === "file") throw new Error(`resume: ${folder} is a file; ${advice}`);
  const path = join(folder, FILE);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT")
      throw new Error(
        `resume: ${folder} has no ${FILE}: no command has begun a training in it, and a program of your own goes on where it is run again; ${advice}`,
      );
    throw new Error(`resume: ${path} can't be read (${cause.code})`, { cause });
  });
  const file = parseRunFile(path, text);
  const before = await lastIn(folder);
  const store = checkpoints(folder);
  const fitting = { callbacks: keeping(store), resumeFrom: store };
  const run = { folder, before, begun: true, fitting, begin: async () => {} };
  return { run, file };
}

/** What a path leads to, if anything. */
async function kindOf(command: string, path: string): Promise<"folder" | "file" | undefined> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException): undefined => {
    if (cause.code !== "ENOENT") throw new Error(`${command}: ${path} can't be used (${cause.code})`, { cause });
  });
  return stats && (stats.isDirectory() ? "folder" : "file");
}

/** A file that is there is replaced as a whole. */
async function writeRunFile(path: string, file: RunFile): Promise<void> {
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(file, undefined, 2)}\n`);
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new Error(`${file.command}: ${path} can't be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What helps where run.json can't be used. */
const REPAIR = "put back what was in it, or begin a new training in another folder";

/** What is in run.json. More than this version knows may be in it, but for the options. */
function parseRunFile(path: string, text: string): RunFile {
  const refuse = (what: string, cause?: unknown): never => {
    throw new Error(`resume: ${path} is damaged: ${what}; ${REPAIR}`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse("it is no JSON", error);
  }
  if (!isObject(value)) return refuse("it must be an object");
  const { command, options, version: of } = value;
  if (typeof command !== "string") return refuse('"command" must be the name of a command');
  if (!isObject(options)) return refuse('"options" must be an object');
  if (typeof of !== "string") return refuse('"version" must be the version that began the training');
  return { command, options, version: of };
}

/** What an option must be, and how that is said. */
export type Rule = readonly [holds: (value: unknown) => boolean, words: string];

/** An integer of at least `least`. */
export const wholeRule = (least: number): Rule => [
  (value) => Number.isSafeInteger(value) && (value as number) >= least,
  `a whole number of ${least} or more`,
];

/** A rule for what may be missing. */
export const optional = ([holds, words]: Rule): Rule => [(value) => value === undefined || holds(value), words];

/** The rules of how many processes train, and on which hosts. */
export const processRules = {
  processes: optional(wholeRule(1)),
  hosts: optional([
    (value) => Array.isArray(value) && value.length > 0 && value.every((host) => isHost(host)),
    "a list of hosts",
  ]),
};

/** The options of a training that was begun, each by its rule. */
export function checkedOptions<Options>(
  folder: string,
  { options, version: of, command }: RunFile,
  rules: { readonly [Name in keyof Options]-?: Rule },
): Options {
  const where = `resume: ${join(folder, FILE)}`;
  const known = Object.keys(rules);
  const odd = Object.keys(options).find((name) => !known.includes(name));
  if (odd !== undefined) {
    const meant = closest(odd, known);
    const hint =
      of === version
        ? meant
          ? ` (did you mean ${meant}?)`
          : ""
        : `: it was begun by version ${of.replaceAll(/[^\x20-\x7e]/g, "?")}, this is ${version}`;
    throw new Error(`${where}: ${command} has no option ${JSON.stringify(odd)}${hint}; ${REPAIR}`);
  }
  for (const [name, [holds, words]] of Object.entries<Rule>(rules)) {
    const value = options[name];
    if (holds(value)) continue;
    const fault =
      value === undefined
        ? `"${name}" is missing, which must be ${words}`
        : `"${name}" must be ${words}, got ${JSON.stringify(value).slice(0, 60)}`;
    throw new Error(`${where}: ${fault}; ${REPAIR}`);
  }
  return options as Options;
}

export const updatesText = (n: number): string => `${n.toLocaleString("en-US")} ${n === 1 ? "update" : "updates"}`;

/** How far a training is: "in epoch 3 of 5, after 812 updates". */
export const placeText = ({ epoch, step }: Pick<Checkpoint, "epoch" | "step">, epochs: number): string =>
  epoch < epochs
    ? `in epoch ${epoch + 1}${Number.isFinite(epochs) ? ` of ${epochs}` : ""}, after ${updatesText(step)}`
    : `after the last epoch, with ${updatesText(step)}`;

/** Does what a command does with a run. Where a signal ends it, says how it goes on. */
export async function resumable(
  run: Run | undefined,
  {
    epochs,
    signal,
    write,
  }: { readonly epochs: number | (() => number); readonly signal: AbortSignal; readonly write: (line: string) => void },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (run?.begun && isStop(error, signal)) {
      await sayStopped(run.folder, typeof epochs === "number" ? epochs : epochs(), write);
    }
    throw error;
  }
}

/** Says where a training stopped, and how it goes on. */
async function sayStopped(
  folder: string,
  epochs: number,
  write: (line: string) => void,
  how = "Stopped",
): Promise<void> {
  const last = await lastIn(folder);
  const place = last ? placeText(last, epochs) : "before the first update";
  if (process.stdout.isTTY) write(""); // below the progress line
  write(prose(`${bold(how)} ${place}. To go on: ${bold(resumeCommand(folder))}`));
}

/** Says what is kept where other processes, which trained, have ended too early; below their progress line in any case. */
export async function sayInterrupted(
  folder: string | undefined,
  epochs: number | undefined,
  write: (line: string) => void,
): Promise<void> {
  const begun = folder !== undefined && (await kindOf("resume", join(folder, FILE))) === "file";
  if (begun) await sayStopped(folder, epochs ?? Number.POSITIVE_INFINITY, write, "Stopped, kept as it was");
  else if (process.stdout.isTTY) write("");
}
