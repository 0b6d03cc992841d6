// Replaces a file as a whole (Node): whenever the process ends, the file has either what it had before or all of the new bytes.
import { bytesText } from "../runtime/arena.ts";
import {
  ignore,
  inWords,
  isRunning,
  machine,
  type Node,
  nodeModules,
  orNothing,
  rename,
  shared,
  temporaryPath,
} from "./system.ts";

/** Node's modules. Throws, saying what to do `instead`, where there is no file system. */
export function fileSystem(where: string, instead: string): Node {
  const node = nodeModules();
  if (!node) throw new Error(`${where}: there is no file system here; ${instead}`);
  return node;
}

/** Where bytes go. */
interface Place {
  /** The file itself, behind all links. */
  readonly target: string;
  readonly folder: string;
  /** Of the file that is there: what stays. */
  readonly old: { readonly mode: number; readonly uid: number; readonly gid: number } | undefined;
  /** It is a device or a pipe, which is written to. */
  readonly special: boolean;
}

/** A file that is being written, and the bytes that will be next. */
interface Queue {
  done: Promise<void>;
  next: { bytes: Uint8Array; readonly done: Promise<void> } | undefined;
}

/** The queues of all files. */
interface Writing {
  readonly queues: Map<string, Queue>;
  /** Calls look for their files one after another, so that they come to the queues in their order. */
  looking: Promise<unknown>;
}
const writing = (): Writing => shared("files", () => ({ queues: new Map(), looking: Promise.resolve() }));

/**
 * Replaces a file, or makes it. Of several calls for one file the last one counts; those whose bytes are out of date before it is their
 * turn are done when newer ones are written.
 *
 * @param where the function, for messages
 * @throws {Error} with the system's `code` and `cause`, if it can't be written; the file is then as it was
 */
export async function replaceFile(where: string, path: string | URL, bytes: Uint8Array): Promise<void> {
  const from = typeof process === "undefined" ? "" : process.cwd(); // of the call: it may be another one later
  try {
    // in line before anything is waited for
    const files = writing();
    const found = files.looking.then(async () => {
      const node = fileSystem(where, "modelToBytes(model) gives the same file as bytes");
      return { node, place: await placeOf(node, from, path) };
    });
    files.looking = found.catch(ignore);
    const { node, place } = await found;
    await enqueue(place.target, bytes, (all) => write(node, place, all));
  } catch (error) {
    const size = bytesText(bytes.length);
    throw worded(where, path, error, {
      ENOSPC: `no space is left for ${size}; the old file stays until the new one is complete`,
      EFBIG: `${size} is more than a file may have here`,
    });
  }
}

/**
 * Where a path's file is or will be, behind all links: `replaceFile` can write it. Nothing is made.
 *
 * @throws {Error} with the system's `code` and `cause`, if it can't be written
 */
export async function writableFile(where: string, path: string | URL): Promise<string> {
  const node = fileSystem(where, "run it in Node");
  const { access, constants } = node.fs;
  try {
    const { target, folder, special } = await placeOf(node, process.cwd(), path);
    await access(special ? target : folder, constants.W_OK);
    return target;
  } catch (error) {
    throw worded(where, path, error);
  }
}

/**
 * Writes a text behind what a file has. False if there is no such file.
 *
 * @throws {Error} with the system's `code` and `cause`, if it can't be written; there may be a part of the text then
 */
export async function appendToFile(where: string, path: string, text: string): Promise<boolean> {
  const { fs } = fileSystem(where, "run it in Node");
  try {
    const file = await fs.open(path, fs.constants.O_WRONLY | fs.constants.O_APPEND);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw worded(where, path, error);
  }
}

/** Calls `run` when its turn has come, or the bytes of a later call in its place. */
function enqueue(target: string, bytes: Uint8Array, run: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const { queues } = writing();
  const queue = queues.get(target);
  if (!queue) {
    const first: Queue = { done: run(bytes), next: undefined };
    queues.set(target, first);
    const end = (): void => {
      if (!first.next) queues.delete(target);
    };
    first.done.then(end, end);
    return first.done;
  }
  if (queue.next) {
    queue.next.bytes = bytes;
    return queue.next.done;
  }
  const start = (): Promise<void> => {
    const { bytes: newest } = queue.next!;
    queue.next = undefined;
    return run(newest);
  };
  const done = queue.done.then(start, start);
  queue.next = { bytes, done };
  queue.done = done;
  const end = (): void => {
    if (queue.done === done && !queue.next) queues.delete(target);
  };
  done.then(end, end);
  return done;
}

/** What a path leads to, links followed, also where nothing is there yet. */
async function placeOf({ fs, path, url }: Node, from: string, given: string | URL): Promise<Place> {
  const text = typeof given === "string" ? given : url.fileURLToPath(given);
  let target = path.resolve(from, text);
  const stats = await fs.stat(target).catch(orNothing);
  // a path that ends in a slash is a folder's, whether it is there or not
  if (stats?.isDirectory() || /[\\/]$/.test(text)) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
  if (stats && !stats.isFile()) return { target, folder: path.dirname(target), old: undefined, special: true };
  if (stats) target = await fs.realpath(target);
  else target = await endOfLinks(fs, path, target);
  // renaming asks for the folder's permissions alone
  if (stats) await fs.access(target, fs.constants.W_OK);
  return { target, folder: path.dirname(target), old: stats, special: false };
}

/** Where a link leads whose end isn't there yet. */
async function endOfLinks(fs: Node["fs"], path: Node["path"], start: string): Promise<string> {
  let at = start;
  for (let i = 0; i < 40; i++) {
    const stats = await fs.lstat(at).catch(orNothing);
    if (!stats?.isSymbolicLink()) break;
    at = path.resolve(path.dirname(at), await fs.readlink(at));
  }
  return at;
}

async function write(node: Node, place: Place, bytes: Uint8Array): Promise<void> {
  const { fs } = node;
  const { target, folder, old } = place;
  if (place.special) return fs.writeFile(target, bytes);
  await removeRests(node, folder);
  const temporary = await temporaryPath(node, folder);
  // "wx": a file or link of this name is never written to. What has secrets is never readable by more than it was.
  const file = await fs.open(temporary, "wx", old ? 0o600 : 0o666).catch(async (error: NodeJS.ErrnoException) => {
    // a folder that is there, and takes no new names: below /proc
    const noNames = error.code === "ENOENT" && (await fs.stat(folder).catch(ignore));
    throw noNames ? Object.assign(error, { code: "EACCES" }) : error;
  });
  try {
    try {
      await file.writeFile(bytes);
      if (old) {
        const { uid, gid } = await file.stat();
        // only root may give files away; for others the new file is theirs
        if (uid !== old.uid || gid !== old.gid) await file.chown(old.uid, old.gid).catch(ignore);
        await file.chmod(old.mode & 0o7777);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fs, temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(ignore);
    throw error;
  }
  await syncFolder(fs, folder);
}

/** The new name is on the disk, too. Windows and some file systems can't; the file is complete all the same. */
async function syncFolder(fs: Node["fs"], folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // see above
  }
}

/** Folders that were looked through by this process. */
const lookedThrough = new Set<string>();
const TEMPORARY = /^\.wasmgrad-([0-9a-f]{8})-(\d+)-[0-9a-f]{16}\.tmp$/;
/** Milliseconds after which a temporary file of another machine has been left behind. */
const LEFT_BEHIND = 3_600_000;

/** Removes temporary files that ended processes left in a folder. Once is enough: each process leaves one at most of each file. */
async function removeRests(node: Node, folder: string): Promise<void> {
  if (lookedThrough.has(folder)) return;
  lookedThrough.add(folder);
  const { fs, path } = node;
  const here = await machine(node);
  for (const name of await fs.readdir(folder).catch((): string[] => [])) {
    const [, of, pid] = TEMPORARY.exec(name) ?? [];
    if (pid === undefined) continue;
    const file = path.join(folder, name);
    const old = async (): Promise<boolean> => Date.now() - (await fs.stat(file)).mtimeMs > LEFT_BEHIND;
    try {
      if ((of === here && !isRunning(Number(pid))) || (await old())) await fs.rm(file, { force: true });
    } catch {
      // another process was faster, or it isn't ours to remove
    }
  }
}

/** The system's error in words; any other as it is. */
const worded = (where: string, path: string | URL, error: unknown, reasons = SIZES): unknown =>
  (error as NodeJS.ErrnoException).code === undefined
    ? error
    : inWords(where, path, error, "it can't be written", reasons);

/** Where nobody knows how much is to be written. */
const SIZES = { ENOSPC: "no space is left", EFBIG: "the file may not be larger here" };
