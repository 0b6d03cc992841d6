// Puts OUT into its place: whole, or not at all.
import { mkdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { draftOf, replaceFiles } from "../drafts.ts";
import { checkWritable, placeOf } from "../writable.ts";
import { refusal } from "./options.ts";

/** Files of OUT by their names within its folder, the main one last. */
export type Files = readonly (readonly [name: string, content: Uint8Array])[];

/** Refuses what can't be written, or would replace what is read, before any work. A folder that isn't there is made later. */
export async function checkPlace(
  file: string,
  makesFolder: boolean,
  inputs: readonly (readonly [what: string, path: string])[],
): Promise<void> {
  for (const [what, path] of inputs) {
    if ((await placeOf(path)) === (await placeOf(file)))
      throw refusal(`${file} would replace ${what}; give another file`);
  }
  const folder = dirname(file);
  const known = await stat(folder).catch((): undefined => {});
  if (makesFolder && !known) {
    await checkWritable("convert", join(dirname(folder), basename(folder)));
    return;
  }
  await checkWritable("convert", file);
}

/** Writes a single file. */
export const writeFile = (file: string, content: Uint8Array): Promise<void> =>
  replaceFiles("convert", [[file, content]]);

/** The shards that a model.json names, as far as these are names of files in its folder. */
function shardsOf(text: Uint8Array): string[] {
  try {
    const { weightsManifest } = JSON.parse(Buffer.from(text).toString("utf8")) as {
      weightsManifest: readonly { readonly paths: readonly string[] }[];
    };
    return weightsManifest
      .flatMap(({ paths }) => paths)
      .filter((name) => typeof name === "string" && /^[\w-][\w.-]*$/.test(name));
  } catch {
    return [];
  }
}

/**
 * Writes a model for TensorFlow.js: the shards under names that no file of the folder has, and then its model.json, which takes the place of
 * the one before: at any time that names shards which are there. The shards of the one before are taken away at last.
 *
 * @param file the path of model.json
 */
export async function writeFolder(file: string, files: Files): Promise<void> {
  const folder = dirname(file);
  const made = !(await stat(folder).catch((): undefined => {}));
  const before = made ? [] : shardsOf(await readFile(file).catch(() => new Uint8Array()));
  const [, json] = files.at(-1)!;
  const shards = files.slice(0, -1);
  const written: string[] = [];
  try {
    if (made) await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
      throw refusal(`${folder} can't be made (${cause.code})`, cause);
    }); // prettier-ignore
    const names = new Map<string, string>();
    for (const [name, content] of shards) {
      const free = await freeName(folder, name);
      names.set(name, free);
      const draft = await draftOf("convert", join(folder, free));
      try {
        await draft.write(content);
        written.push(free);
        await draft.keep();
      } finally {
        await draft.discard();
      }
    }
    await replaceFiles("convert", [[file, renamed(json, names)]]);
  } catch (error) {
    for (const name of written) await rm(join(folder, name), { force: true });
    if (made) await rmdir(folder).catch(() => {});
    throw error;
  }
  for (const name of before) if (!written.includes(name)) await rm(join(folder, name), { force: true });
}

/** A name that no file of the folder has: the given one, or with a number. */
async function freeName(folder: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const free = i === 1 ? name : name.replace(/(\.\w+)?$/, `-${i}$1`);
    if (!(await stat(join(folder, free)).catch((): undefined => {}))) return free;
  }
}

/** The model.json with the names that its shards have. */
function renamed(json: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  if ([...names].every(([name, free]) => name === free)) return json;
  const model = JSON.parse(Buffer.from(json).toString("utf8")) as { weightsManifest: { paths: string[] }[] };
  for (const group of model.weightsManifest) group.paths = group.paths.map((path) => names.get(path) ?? path);
  return Buffer.from(JSON.stringify(model));
}
