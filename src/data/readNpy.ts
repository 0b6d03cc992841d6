// Arrays of numbers: npy and npz of NumPy, and IDX. What reads and writes them is fetched when it is first used.
import type { NpyArray, NpyInput } from "../formats/npy.ts";
import { checkSource, type TableSource } from "./tableSource.ts";

/** Options of `writeNpz`. */
export interface NpzOptions {
  /** Deflates the arrays, as `np.savez_compressed` does. Default false. */
  readonly compress?: boolean | undefined;
}

/**
 * Reads an array that NumPy's `np.save` wrote. The numbers are those of the file, the last axis contiguous also where it was the first:
 * bool as 0 and 1, float16 as float32, integers of 64 bits as bigints (`Float64Array.from(data, Number)` makes numbers of them).
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a ReadableStream, or an iterable of bytes;
 *   gzipped or not
 * @throws {TypeError} at once, if the source can't be used
 * @throws {FileError} if it is no npy file, cut short, has more bytes than it says, or holds no numbers. Python objects are
 *   pickles, and never read
 * @throws {Error} if it can't be read
 * @see NumPy, "numpy.lib.format"
 * @example
 * const file = await writeNpy({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
 * const { shape, data, dtype } = await readNpy(file); // or await readNpy("x.npy")
 * console.log(shape, data, dtype); // [2, 3] [1, 2, 3, 4, 5, 6] "float32"
 */
export async function readNpy(source: TableSource): Promise<NpyArray> {
  checkSource("readNpy", source);
  return (await import("./arrayReader.ts")).npyOf(source);
}

/**
 * Reads the arrays that NumPy's `np.savez` or `np.savez_compressed` wrote, by their names.
 *
 * Memory and time are in proportion to the file, and to what its arrays take: of compressed ones 1 GiB in all at most.
 *
 * @param source as of `readNpy`
 * @throws {TypeError} at once, if the source can't be used
 * @throws {FileError} if it is no npz file, damaged, cut short or encrypted, two arrays have one name, or one can't be read
 * @throws {Error} if it can't be read
 * @example
 * const file = await writeNpz({ x: { shape: [2, 1], data: Float32Array.of(1.5, 2.5) }, y: { shape: [2], data: Uint8Array.of(0, 1) } });
 * const arrays = await readNpz(file); // or await readNpz("digits.npz")
 * console.log([...arrays.keys()], arrays.get("x")!.data); // ["x", "y"] [1.5, 2.5]
 */
export async function readNpz(source: TableSource): Promise<ReadonlyMap<string, NpyArray>> {
  checkSource("readNpz", source);
  return (await import("./arrayReader.ts")).npzOf(source);
}

/**
 * Reads an IDX file, the format of MNIST, with numbers of any of its types.
 *
 * @param source as of `readNpy`
 * @throws {TypeError} at once, if the source can't be used
 * @throws {Error} if it can't be read, is no IDX file, cut short, or has more bytes than it says
 * @example
 * const { shape, data } = await readIdxFile(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 9)); // or await readIdxFile("t10k-labels-idx1-ubyte.gz")
 * console.log(shape, data); // [2] [5, 9]
 */
export async function readIdxFile(source: TableSource): Promise<NpyArray> {
  checkSource("readIdxFile", source);
  return (await import("./arrayReader.ts")).idxOf(source);
}

/**
 * Writes an array as NumPy's `np.save` does.
 *
 * @param array.shape sizes of all axes; [] for a single number
 * @param array.data a typed array of as many numbers, the last axis contiguous
 * @param array.dtype "bool" writes a Uint8Array, "float16" a Float32Array so, rounded to the nearest; default: the type of the data
 * @returns the file's bytes
 * @throws {TypeError | RangeError} if shape, data and dtype don't fit
 * @example
 * const file = await writeNpy({ shape: [3], data: Int32Array.of(1, 2, 3) });
 * console.log(file.length); // 140
 */
export async function writeNpy(array: NpyInput): Promise<Uint8Array<ArrayBuffer>> {
  return (await import("./arrayReader.ts")).npyFile(array);
}

/**
 * Writes arrays as NumPy's `np.savez` does: the same bytes for the same arrays.
 *
 * @param arrays by their names, each as for `writeNpy`
 * @param options.compress deflates them, as `np.savez_compressed` does; default false
 * @returns the file's bytes
 * @throws {TypeError | RangeError} if an array or an option can't be used, or a name can't be that of a file
 * @example
 * const file = await writeNpz({ weights: { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) } }, { compress: true });
 * console.log((await readNpz(file)).get("weights")!.shape); // [2, 2]
 */
export async function writeNpz(
  arrays: Readonly<Record<string, NpyInput>> | ReadonlyMap<string, NpyInput>,
  options: NpzOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await import("./arrayReader.ts")).npzFile(arrays, options);
}
