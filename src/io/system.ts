// What writing files asks of the system (Node): its modules, which processes run, and its errors in words.
import type * as promises from "node:fs/promises";
import type * as paths from "node:path";
import type * as random from "node:crypto";
import type * as system from "node:os";
import type * as urls from "node:url";
import { setTimeout } from "../runtime/timers.ts";
import { nodeModule } from "../util/node.ts";

/** What is used of Node, where there is a file system. */
export function nodeModules() {
  const fs = nodeModule<typeof promises>("node:fs/promises");
  const path = nodeModule<typeof paths>("node:path");
  const os = nodeModule<typeof system>("node:os");
  const url = nodeModule<typeof urls>("node:url");
  const crypto = nodeModule<typeof random>("node:crypto");
  return fs && path && os && url && crypto && { fs, path, os, url, crypto };
}
export type Node = NonNullable<ReturnType<typeof nodeModules>>;

/** What all copies of the library in a process share, such as one that was imported and one that was required: files are the process's. */
export function shared<T>(name: string, make: () => T): T {
  const all = globalThis as unknown as Record<symbol, T | undefined>;
  return (all[Symbol.for(`wasmgrad.${name}`)] ??= make());
}

export const ignore = (): void => {};

/** Of what isn't there: undefined. */
export const orNothing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
};

/** Milliseconds pass. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** Renames a file over another. Windows refuses for as long as another program, often a virus scanner, has it open. */
export async function rename(fs: Node["fs"], from: string, to: string): Promise<void> {
  for (let wait = 10; ; wait *= 2) {
    try {
      return await fs.rename(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (process.platform !== "win32" || !["EPERM", "EACCES", "EBUSY"].includes(code ?? "") || wait > 1000)
        throw error;
      await pause(wait);
    }
  }
}

/** A file's neighbour, of a name of its own: where a process leaves one behind, the next one to write removes it. */
export async function temporaryPath(node: Node, folder: string): Promise<string> {
  const random = node.crypto.randomBytes(8).toString("hex");
  return node.path.join(folder, `.wasmgrad-${await machine(node)}-${process.pid}-${random}.tmp`);
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** 8 hexadecimal digits for where the numbers of processes mean the same: the machine and, in Linux, the container. */
export async function machine({ fs, os }: Node): Promise<string> {
  const container = await fs.readlink("/proc/self/ns/pid").catch(() => "");
  let hash = 0x811c9dc5; // FNV-1a
  for (const letter of `${os.hostname()} ${container}`) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

export const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "the folder doesn't exist; make it first, as by mkdir(dirname(path), { recursive: true })",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "this is a folder; give the path of a file",
  EACCES:
    "no permission to write here; the file and its folder must be writable, as a new file takes the old one's place",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
};

/**
 * An error of the system in words, with its `code` and `cause`.
 *
 * @param what can't be done, if nobody has words for it: `it can't be written`
 * @param reasons by the system's code, in place of `REASONS` and besides them
 */
export function inWords(
  where: string,
  path: string | URL,
  cause: unknown,
  what: string,
  reasons: Readonly<Record<string, string>>,
): Error {
  const { code = "" } = cause as NodeJS.ErrnoException;
  const all: Readonly<Record<string, string>> = { ...REASONS, ...reasons };
  const known = code === "EPERM" ? "EACCES" : code === "EDQUOT" ? "ENOSPC" : code;
  const why = Object.hasOwn(all, known) ? all[known] : `${what}: ${(cause as Error).message}`;
  return Object.assign(new Error(`${where}: ${path}: ${why} (${code})`, { cause }), { code });
}
