// Safetensors files of which tensors are read when they are asked for. What reads them is fetched when it is first used.
import type { SafeTensor } from "../formats/safetensorsTypes.ts";
import type { BlobLike, Url } from "../util/platform.ts";

/** Bytes that can be read from any place. */
export interface BytesReader {
  /** How many there are. */
  readonly size: number;
  /** Gives those from `from` up to `to`, exclusive: as many, which nobody changes later. */
  read(from: number, to: number): Uint8Array | Promise<Uint8Array>;
}

/** What a file's header says of a tensor. */
export interface TensorInfo {
  /** The type of its numbers in the file, `"F32"`; also one that isn't read. */
  readonly dtype: string;
  /** Sizes of its axes; empty for a single number. */
  readonly shape: readonly number[];
  /** Bytes that it takes in the file. */
  readonly bytes: number;
}

/** A safetensors file of which only the header has been read. */
export interface SafetensorsFile {
  /** What the header says of each tensor, in its order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The texts of the header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads one tensor, as `readSafetensors` gives it, in the memory of its own numbers. Several may be read at once.
   *
   * @throws {RangeError} if there is no such tensor, or no memory for it
   * @throws {FileError} if its type isn't read, or the file has become shorter
   * @throws {Error} if the file was closed, or can't be read
   */
  read(name: string): Promise<SafeTensor>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

/**
 * Opens a safetensors file of any size and reads its header: names, types, shapes and texts. Tensors are read one at a time, when they are asked
 * for. A type that isn't read (F4, F6_E2M3, F6_E3M2, F8_E8M0, C64) is refused when its tensor is asked for; the others can be read. A checksum
 * of `modelToBytes`, which is over all tensors, stays among the metadata and isn't compared.
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), a File or Blob, bytes, or `{ size, read(from, to) }`, such as requests for ranges
 *   of a URL
 * @throws {TypeError} if the source can't be used
 * @throws {FileError} if it is no safetensors file, cut short or damaged, or its tensors overlap or leave bytes out
 * @throws {Error} if it can't be read, with the system's `code`
 * @example
 * const file = await openSafetensors(modelToBytes(model)); // or await openSafetensors("large.safetensors")
 * for (const [name, { dtype, shape }] of file.tensors) console.log(name, dtype, shape); // dense1.weight F32 [4, 8] ...
 * const { data } = await file.read("dense1.weight");
 * await file.close();
 */
export async function openSafetensors(
  source: string | Url | BlobLike | Uint8Array | BytesReader,
): Promise<SafetensorsFile> {
  return (await import("./safetensorsReader.ts")).opened(source);
}
