// What `mnist` needs where files are handed over or gzipped: a part of its own, since most programs read plain files of a folder.
import { gunzip } from "../formats/gzip.ts";
import { checkKind, isObject, isRecord, kindOf, valueText } from "../util/check.ts";
import type { FileLike } from "../util/platform.ts";
import { unknownText } from "../util/suggest.ts";

/** The contents of a gzipped IDX file, no more than its header says. */
export const inflate = (bytes: Uint8Array, name: string): Promise<Uint8Array> => gunzip(bytes, name, idxSize);

/** Names as they are given, with `.gz` or a folder's, or written as train-images.idx3-ubyte, as ours. */
const plainName = (name: string): string =>
  name
    .replace(/^.*[\\/]/, "")
    .replace(/\.gz$/i, "")
    .replace(".idx", "-idx");

/**
 * Reads files that were handed over, by name.
 *
 * @param known the names of all that are needed
 */
export function fromFiles(from: unknown, known: readonly string[]): (file: string) => Promise<Uint8Array> {
  const isList = Array.isArray(from) || kindOf(from) === "FileList";
  const holds = isList || isRecord(from);
  checkKind(holds, "mnist", "from", "a directory, a URL, the four files by their names, or a list of Files", from);
  const given = isList
    ? Array.from(from as ArrayLike<FileLike>, (file, i): [string, unknown] => {
        const isFile = isObject(file) && "name" in file && typeof file.name === "string" && kindOf(file) === "File";
        checkKind(isFile, "mnist", `from[${i}]`, "a File", file);
        return [file.name, file];
      })
    : Object.entries(from as object);
  const files = new Map<string, unknown>();
  for (const [name, file] of given) {
    const plain = plainName(name);
    // a list may be all that a folder has
    if (isList && !known.includes(plain)) continue;
    if (!known.includes(plain)) {
      throw new RangeError(`mnist: ${unknownText("file in from,", name, known)}`);
    }
    const kind = kindOf(file);
    checkKind(
      /^(?:Uint8Array|Blob|File)$/.test(kind),
      "mnist",
      `from[${valueText(name)}]`,
      "a Uint8Array, Blob or File",
      file,
    );
    files.set(plain, file);
  }
  const missing = known.filter((name) => !files.has(name));
  if (missing.length > 0) {
    const there = given.map(([name]) => valueText(name)).slice(0, 20);
    throw new RangeError(`mnist: from has no ${missing.join(", ")}; it has ${there.join(", ") || "nothing"}`);
  }
  return async (name) => {
    const file = files.get(name)!;
    if (kindOf(file) === "Uint8Array") return file as Uint8Array;
    try {
      return new Uint8Array(await (file as Blob).arrayBuffer());
    } catch (cause) {
      throw new Error(`mnist: ${name} can't be read any more (${String(cause)}); choose it again`, { cause });
    }
  };
}

/** The size of the IDX file that begins so, once there is enough of it; 0 if it is none. */
function idxSize(start: Uint8Array): number | undefined {
  if (start.length < 4) return undefined;
  const axes = start[3]!;
  if (start[0] !== 0 || start[1] !== 0 || axes > 3) return 0;
  const header = 4 + 4 * axes;
  if (start.length < header) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  let size = 1;
  for (let axis = 0; axis < axes; axis++) size *= view.getUint32(4 + 4 * axis);
  return header + size;
}
