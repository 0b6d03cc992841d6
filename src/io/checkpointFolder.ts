// The files of a folder of checkpoints (Node): which there are, the newest one that is whole, and those that are removed. It is fetched
// when a folder is first used.
import { bytesOf } from "../formats/bytes.ts";
import { readCheckpoint } from "./checkpointFile.ts";
import { type FolderLock, lockFolder } from "./folderLock.ts";
import { replaceFile } from "./replaceFile.ts";
import { ignore, inWords, type Node, orNothing, shared } from "./system.ts";

/** Where checkpoints are kept. */
export interface FolderPlan {
  readonly node: Node;
  /** The folder's path, from the root. */
  readonly folder: string;
  /** The path as it was given, for messages. */
  readonly name: string;
  readonly keepLast: number;
}

/** What a file's name says. */
interface Found {
  readonly file: string;
  /** Larger than those of all that were there when it was written. */
  readonly number: bigint;
  readonly best: boolean;
}

/** What became of reading a file. */
type Read =
  { readonly bytes: Uint8Array; readonly why?: undefined } | { readonly bytes?: undefined; readonly why: Error };

const FILE = /^checkpoint-(\d{6,})-step-\d{9,}(-best)?\.safetensors$/;
const fileOf = (number: bigint, step: number, best: boolean): string =>
  `checkpoint-${String(number).padStart(6, "0")}-step-${String(step).padStart(9, "0")}${best ? "-best" : ""}.safetensors`;

const WHERE = "checkpoints";
/** What the system says of the folder itself. */
const FOLDER_REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a part of the path is a file, or a link to nothing, not a folder",
  ENOENT: "the folder can't be made here",
  EISDIR: "its lock is a folder; remove that",
  ENOSPC: "no space is left",
};
const TO_WRITE = { ...FOLDER_REASONS, EACCES: "no permission to write here" };
const TO_READ = { ...FOLDER_REASONS, EACCES: "no permission to read here" };

/** Writes to one folder go one after another, as each takes the next number. */
const turnsOf = (): Map<string, Promise<void>> => shared("checkpoints", () => new Map<string, Promise<void>>());

/** What `run` gives; errors of the system in words. */
async function worded<T>(
  path: string,
  what: string,
  reasons: typeof FOLDER_REASONS,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // those that are in words have the system's as their cause
    throw code === undefined || (error as Error).cause ? error : inWords(WHERE, path, error, what, reasons);
  }
}

export class CheckpointFolder {
  readonly #plan: FolderPlan;
  #lock: FolderLock | undefined;

  constructor(plan: FolderPlan) {
    this.#plan = plan;
  }

  /** Makes the folder if it is missing: its path behind all links. */
  async #made(): Promise<string> {
    const { folder, node } = this.#plan;
    await makeFolder(node, folder);
    return node.fs.realpath(folder);
  }

  async open(): Promise<() => Promise<void>> {
    const { name, node } = this.#plan;
    const lock = await worded(name, "it can't be opened", TO_WRITE, async () =>
      lockFolder(node, await this.#made(), name),
    );
    this.#lock = lock;
    return async () => {
      await lock.release();
      if (this.#lock === lock) this.#lock = undefined;
    };
  }

  async write(bytes: Uint8Array, step: number, best: boolean): Promise<void> {
    const { name, node } = this.#plan;
    const lock = this.#lock;
    const real = await worded(name, "it can't be written to", TO_WRITE, async () => {
      await lock?.check();
      return this.#made();
    });
    await inTurn(real, async () => {
      const [newest] = await this.#files();
      const file = fileOf((newest?.number ?? 0n) + 1n, step, best);
      await replaceFile(WHERE, node.path.join(this.#plan.folder, file), bytes);
      await this.#prune();
    });
  }

  /** Removes what isn't kept. What can't be removed is tried again after the next one. */
  async #prune(): Promise<void> {
    const { folder, keepLast, node } = this.#plan;
    const files = await this.#files();
    const best = files.find((each) => each.best);
    for (const each of files.slice(keepLast)) {
      if (each !== best) await node.fs.rm(node.path.join(folder, each.file), { force: true }).catch(ignore);
    }
  }

  /** All checkpoints, the newest first. */
  async #files(): Promise<readonly Found[]> {
    const { folder, name, node } = this.#plan;
    const names = await worded(name, "it can't be read", TO_READ, async () => node.fs.readdir(folder).catch(orNothing));
    return (names ?? [])
      .flatMap((file): Found[] => {
        const [, number, best] = FILE.exec(file) ?? [];
        return number === undefined ? [] : [{ file, number: BigInt(number), best: best !== undefined }];
      })
      .toSorted((a, b) => (a.number === b.number ? (a.file < b.file ? 1 : -1) : a.number < b.number ? 1 : -1));
  }

  /**
   * The newest whole checkpoint, or the best one.
   *
   * @returns undefined if there is none; with `only` also if none is whole, else that is an error
   */
  async newest(only?: "best"): Promise<Uint8Array | undefined> {
    /** Why those that were looked at can't be read, by their files. */
    const refused = new Map<string, Error>();
    const vanished = new Set<string>();
    for (;;) {
      const files = (await this.#files()).filter(({ best }) => best || !only);
      let again = false;
      for (const [i, { file }] of files.entries()) {
        if (refused.has(file)) continue;
        const found = await this.#read(file);
        if (found?.bytes) return found.bytes;
        if (!found && !vanished.has(file)) {
          // another process has removed it, and may have written newer ones; a link to nothing is there again
          vanished.add(file);
          again = true;
          break;
        }
        const { folder, node } = this.#plan;
        const why = found?.why ?? new Error(`${node.path.join(folder, file)}: the file isn't there`);
        refused.set(file, why);
        const before = files.slice(i + 1).some((each) => !refused.has(each.file));
        const next = before
          ? `the ${only ?? "checkpoint"}${only ? " one" : ""} before it is used`
          : "there is no other best one";
        if (before || only) console.warn(`${WHERE}: ${why.message}; ${next}`);
      }
      if (again) continue;
      if (only || files.length === 0) return undefined;
      const [first] = refused.values();
      const { name } = this.#plan;
      const count =
        files.length === 1
          ? "there is one checkpoint, but it isn't"
          : `there are ${files.length} checkpoints, but none is`;
      throw new Error(
        `${WHERE}: ${name}: ${count} whole. The newest: ${first!.message}. Take another copy of the folder, or remove it to begin anew`,
        { cause: first },
      );
    }
  }

  /** A checkpoint's bytes, or why it isn't whole; undefined if it is gone. */
  async #read(file: string): Promise<Read | undefined> {
    const { folder, node } = this.#plan;
    const path = node.path.join(folder, file);
    let bytes: Uint8Array;
    try {
      bytes = bytesOf(await node.fs.readFile(path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      const reasons = { ...TO_READ, EISDIR: "this is a folder, not a file" };
      const words = inWords(WHERE, path, error, "it can't be read", reasons);
      // the disk's fault, or no file at all; what is refused otherwise may be given another time
      if (code !== "EIO" && code !== "EISDIR" && code !== "ELOOP") throw words;
      return { why: new Error(words.message.slice(`${WHERE}: `.length), { cause: error }) };
    }
    try {
      readCheckpoint(bytes, path);
      return { bytes };
    } catch (error) {
      return { why: error as Error };
    }
  }
}

async function makeFolder(node: Node, folder: string): Promise<void> {
  const { fs, path } = node;
  try {
    await fs.mkdir(folder); // one at a time: Node's way to make all of a path never ends below /proc
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await fs.stat(folder).catch(ignore))?.isDirectory()) return;
    const above = path.dirname(folder);
    if (code !== "ENOENT" || above === folder || (await fs.stat(above).catch(ignore))) throw error;
    await makeFolder(node, above);
    await makeFolder(node, folder);
  }
}

/** Runs when those that came before are done. */
function inTurn(folder: string, run: () => Promise<void>): Promise<void> {
  const turns = turnsOf();
  const done = (turns.get(folder) ?? Promise.resolve()).then(run, run);
  turns.set(folder, done);
  const end = (): void => void (turns.get(folder) === done && turns.delete(folder));
  done.then(end, end);
  return done;
}
