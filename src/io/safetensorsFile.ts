// What a safetensors file of which tensors are read on demand gives, and what it may be read from.
import type { SafeTensor } from "../formats/safetensorsTypes.ts";

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
