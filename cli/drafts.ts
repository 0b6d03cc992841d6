// Files that are replaced as a whole: what is written goes to a file beside them, which takes their place in the end.
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file that is being written. */
export interface Draft {
  write(content: string | Uint8Array): Promise<void>;
  /** Puts it in its place. */
  keep(): Promise<void>;
  /** Leaves nothing of it. Once it is kept, does nothing. */
  discard(): Promise<void>;
}

/** Begins a file. What isn't one, such as a pipe or /dev/null, is written to at once. */
export async function draftOf(command: string, path: string): Promise<Draft> {
  const refuse = (cause: NodeJS.ErrnoException): never => {
    throw new Error(`${command}: ${path} can't be written (${cause.code})`, { cause });
  };
  const known = await stat(path).catch((): undefined => {});
  const special = known !== undefined && !known.isFile();
  const target = known ? await realpath(path).catch(refuse) : path; // a link goes on leading to the file
  const draft = special ? target : join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  const handle: FileHandle = await open(draft, special ? "w" : "wx", known?.mode).catch(refuse);
  let over = false;
  const close = async (): Promise<void> => {
    over = true;
    await handle.close();
  };
  return {
    async write(content) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done).catch(refuse);
        done += bytesWritten;
      }
    },
    async keep() {
      if (over) return;
      await close();
      if (!special) await rename(draft, target).catch(refuse);
    },
    async discard() {
      if (!over) await close().catch(() => {});
      if (!special) await rm(draft, { force: true });
    },
  };
}

/** Writes files; where one can't be written, all stay as they were. */
export async function replaceFiles(
  command: string,
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): Promise<void> {
  const drafts: Draft[] = [];
  try {
    for (const [path, content] of files) {
      const draft = await draftOf(command, path);
      drafts.push(draft);
      await draft.write(content);
    }
    for (const draft of drafts) await draft.keep();
  } finally {
    for (const draft of drafts) await draft.discard();
  }
}
