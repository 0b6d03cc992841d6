// Files that a command will write.
import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Refuses a file that can't be written before the work, not after it. Nothing is made: an end of any kind leaves no file behind. */
export async function checkWritable(command: string, path: string): Promise<void> {
  const refuse = (code: string | undefined, cause?: unknown): never => {
    throw new Error(`${command}: ${path} can't be written (${code})`, { cause });
  };
  const known = await stat(path).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" && path !== "" ? undefined : refuse(error.code, error),
  );
  if (known?.isDirectory() || /[\\/]$/.test(path)) refuse("EISDIR");
  // a file is replaced by a new one in its folder, but for what isn't one, such as /dev/null
  const places = [...(known ? [path] : []), ...(known && !known.isFile() ? [] : [dirname(path)])];
  for (const place of places) {
    await access(place, constants.W_OK).catch((error: NodeJS.ErrnoException) =>
      refuse(error.code === "ENOENT" && path !== "" ? `ENOENT: there is no folder ${place}` : error.code, error),
    );
  }
}

/** The file that a path leads to, links followed: two paths are of one file if these are equal. A file needn't be there. */
export async function placeOf(path: string): Promise<string> {
  const whole = resolve(path);
  return realpath(whole).catch(async () => {
    const folder = dirname(whole);
    return join(await realpath(folder).catch(() => folder), basename(whole));
  });
}
