// Keeps a folder for one training (Node): a lock file, in which the training says at every second that it is there. One that a killed
// process left behind is taken over.
import type * as files from "node:fs";
import type * as timers from "node:timers";
import { isRecord } from "../util/check.ts";
import { nodeModule } from "../util/node.ts";
import { ignore, isRunning, machine, type Node, orNothing, pause, rename, shared, temporaryPath } from "./system.ts";

const NAME = ".wasmgrad.lock";
/** Milliseconds between two signs of life. */
const BEAT = 1000;
/** A lock of which nothing else is known is watched so often, so many milliseconds apart: ten seconds. Time alone doesn't count: it passes while a machine sleeps. */
const LOOKS = 40;
const BETWEEN_LOOKS = 250;

/** Who holds a folder, as it is written in the lock file. */
interface Holder {
  /** Nobody else's. */
  readonly token: string;
  readonly pid: number;
  /** Where `pid` means something. */
  readonly machine: string;
  /** The start of the machine, and that of the process, in Linux: a number of a process is used again. */
  readonly boot?: string | undefined;
  readonly started?: string | undefined;
  /** When it was taken, in ISO 8601. */
  readonly since: string;
  /** Counts the signs of life. */
  readonly beat: number;
}

/** A folder that is held. */
export interface FolderLock {
  /** Throws if it is held no longer. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** A lock of this process. */
interface Own {
  readonly since: string;
  releasing?: Promise<void>;
  /** Removes the file, if it is still this one's. */
  remove?(this: void): void;
}

/** The locks of this process by their files, and what listens to its end while there are any. */
const ownLocks = () =>
  shared("locks", () => {
    const locks = new Map<string, Own>();
    return { locks, atExit: (): void => locks.forEach((lock) => lock.remove?.()) };
  });

/**
 * Takes a folder, which is there, for this training alone.
 *
 * @param folder its path behind all links
 * @param name the path for messages
 * @throws {Error} if another training holds it, or with the system's `code`
 */
export async function lockFolder(node: Node, folder: string, name: string): Promise<FolderLock> {
  const path = node.path.join(folder, NAME);
  const { locks, atExit } = ownLocks();
  for (let own = locks.get(path); own; own = locks.get(path)) {
    if (!own.releasing) throw inUse(name, process.pid, own.since);
    await own.releasing;
  }
  const own: Own = { since: new Date().toISOString() };
  if (locks.size === 0) process.on("exit", atExit);
  locks.set(path, own);
  const forget = (): void => {
    locks.delete(path);
    if (locks.size === 0) process.off("exit", atExit);
  };
  try {
    const holder = await newHolder(node, own.since);
    await take(node, path, name, holder);
    await removeClaims(node, folder, holder);
    return held(node, path, name, holder, own, forget);
  } catch (error) {
    forget();
    throw error;
  }
}

const inUse = (name: string, pid: number, since: string): Error =>
  new Error(
    `checkpoint: ${name} is in use by another training (process ${pid}, since ${since}); give each training a folder of its own`,
  );

async function newHolder(node: Node, since: string): Promise<Holder> {
  const { boot, started } = await startOf(node, process.pid);
  const token = node.crypto.randomBytes(16).toString("hex");
  return { token, pid: process.pid, machine: await machine(node), boot, started, since, beat: 0 };
}

/** When the machine and a process of it were started; has it ended, and waits for its parent to hear of it? */
async function startOf(
  { fs }: Node,
  pid: number,
): Promise<{ readonly boot?: string; readonly started?: string; readonly ended: boolean }> {
  try {
    const boot = (await fs.readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const text = await fs.readFile(`/proc/${pid}/stat`, "utf8");
    // the second field is a name in brackets, which may have brackets and spaces
    const [state = "", ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { boot, started: rest[18]!, ended: "ZX".includes(state) };
  } catch {
    return { ended: false };
  }
}

/** A lock's text: always of the same length, so that it is written over in place, also where no space is left. */
const textOf = ({ beat, ...rest }: Holder): string =>
  `${JSON.stringify(rest).slice(0, -1)},"beat":${String(beat).padStart(12)}}\n`;

/** What a lock says; undefined if that isn't all of one. */
function holderOf(text: string | undefined): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(text ?? "");
    if (!isRecord(holder)) return undefined;
    const { token, pid, machine: of, since, beat } = holder;
    const valid =
      typeof token === "string" &&
      /^[\da-f]{32}$/.test(token) &&
      Number.isSafeInteger(pid) &&
      (pid as number) > 0 &&
      typeof of === "string" &&
      typeof since === "string" &&
      /^[\d:.TZ-]{1,40}$/.test(since) &&
      typeof beat === "number";
    return valid ? (holder as unknown as Holder) : undefined;
  } catch {
    return undefined;
  }
}

const read = ({ fs }: Node, path: string): Promise<string | undefined> => fs.readFile(path, "utf8").catch(orNothing);

/**
 * Makes the file at `path` for a holder. One that nobody holds any more is replaced: by whoever has made the file with its token in its
 * name, which is one of all who try.
 */
async function take(node: Node, path: string, name: string, holder: Holder): Promise<void> {
  for (let round = 0; !(await create(node, path, textOf(holder))); round++) {
    const text = await read(node, path);
    if (text === undefined) {
      // it was released meanwhile; a link to nothing is there for ever
      if (round > 100) throw new Error(`checkpoints: ${name}: its lock is a link to nothing; remove ${NAME}`);
      await pause(10);
      continue;
    }
    const other = holderOf(text);
    const state = other ? await stateOf(node, other, holder) : "unknown";
    if (other && state === "alive") throw inUse(name, other.pid, other.since);
    if (state === "unknown" && !(await stays(node, path, text, name))) continue;
    const claim = `${path}.${other?.token ?? "half"}`;
    await take(node, claim, name, holder);
    try {
      // another one may have been faster until then
      if ((await read(node, path)) === text) return await replace(node, path, textOf(holder));
    } finally {
      await node.fs.rm(claim, { force: true });
    }
  }
}

/** Removes claims that killed processes left behind: the locks that they were on are gone. */
async function removeClaims({ fs, path }: Node, folder: string, { token }: Holder): Promise<void> {
  for (const name of await fs.readdir(folder).catch((): string[] => [])) {
    if (name.startsWith(`${NAME}.`) && !name.includes(token)) await fs.rm(path.join(folder, name)).catch(ignore);
  }
}

/** Writes a neighbour of a lock, and puts it there: whenever a process is killed, a lock is all of one. */
async function put(node: Node, path: string, text: string, there: (temporary: string) => Promise<void>): Promise<void> {
  const { fs } = node;
  const temporary = await temporaryPath(node, node.path.dirname(path));
  try {
    await fs.writeFile(temporary, text, { flag: "wx" });
    await there(temporary);
  } finally {
    await fs.rm(temporary, { force: true }).catch(ignore);
  }
}

const replace = (node: Node, path: string, text: string): Promise<void> =>
  put(node, path, text, (temporary) => rename(node.fs, temporary, path));

/** Makes the lock; false if there is one. */
async function create(node: Node, path: string, text: string): Promise<boolean> {
  let made = true;
  await put(node, path, text, async (temporary) => {
    try {
      await node.fs.link(temporary, path);
    } catch (error) {
      // some file systems have no links of this kind
      made = (error as NodeJS.ErrnoException).code !== "EEXIST" && (await createInPlace(node, path, text));
    }
  });
  return made;
}

async function createInPlace({ fs }: Node, path: string, text: string): Promise<boolean> {
  let file;
  try {
    file = await fs.open(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    await file.writeFile(text);
  } catch (error) {
    await fs.rm(path, { force: true }).catch(ignore);
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

async function stateOf(node: Node, other: Holder, own: Holder): Promise<"alive" | "dead" | "unknown"> {
  // after another start of the machine, or on another one of the same name, its process can't be asked
  if (other.machine !== own.machine || other.boot !== own.boot) return "unknown";
  if (!isRunning(other.pid)) return "dead";
  const { started, ended } = await startOf(node, other.pid);
  if (ended) return "dead";
  if (started === undefined || other.started === undefined) return "unknown";
  if (started !== other.started) return "dead";
  // this process: another thread of it, which may have ended
  return other.pid === own.pid ? "unknown" : "alive";
}

/** Watches a lock: does it stay as it is? Throws if its holder lives; false if it is another one, or gone, by then. */
async function stays(node: Node, path: string, text: string, name: string): Promise<boolean> {
  const before = holderOf(text);
  for (let i = 0; i < LOOKS; i++) {
    await pause(BETWEEN_LOOKS);
    const now = await read(node, path);
    if (now === text) continue;
    const holder = holderOf(now);
    if (holder && holder.token === before?.token) throw inUse(name, holder.pid, holder.since);
    // half of it was written before, or someone else was faster
    return false;
  }
  return true;
}

/** A lock that was taken. */
function held(node: Node, path: string, name: string, holder: Holder, own: Own, forget: () => void): FolderLock {
  const { fs } = node;
  const sync = nodeModule<typeof files>("node:fs")!;
  // Deno's own ones keep a process alive
  const { clearTimeout, setTimeout } = nodeModule<typeof timers>("node:timers")!;
  let { beat } = holder;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  const next = (): void => {
    timer = setTimeout(() => {
      beating = sign().then(next, next);
    }, BEAT);
    timer.unref();
  };
  /** Writes the next number, where this lock is still the one that is there: it is looked for and written to as one file. */
  const sign = async (): Promise<void> => {
    const file = await fs.open(path, "r+");
    try {
      if (holderOf(await file.readFile("utf8"))?.token !== holder.token) return;
      beat++;
      await file.write(textOf({ ...holder, beat }), 0);
    } finally {
      await file.close();
    }
  };
  own.remove = () => {
    try {
      if (holderOf(sync.readFileSync(path, "utf8"))?.token === holder.token) sync.unlinkSync(path);
    } catch {
      // it is gone, or can't be removed: it is taken over then
    }
  };
  next();
  return {
    async check() {
      const now = holderOf(await read(node, path));
      if (now?.token === holder.token) return;
      const why = now
        ? `another training has taken it over while this one stood still (process ${now.pid}, since ${now.since})`
        : `its file ${NAME} was removed`;
      throw new Error(
        `checkpoint: ${name} is no longer this training's: ${why}. Nothing is written to it; give each training a folder of its own`,
      );
    },
    release() {
      own.releasing ??= (async () => {
        clearTimeout(timer);
        await beating.catch(ignore);
        clearTimeout(timer);
        own.remove!();
        forget();
      })();
      return own.releasing;
    },
  };
}
