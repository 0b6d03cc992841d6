// Safetensors files of which tensors are read when they are asked for. What reads them is fetched when it is first used.
import type { BlobLike, Url } from "../util/platform.ts";
import type { BytesReader, SafetensorsFile } from "./safetensorsFile.ts";

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
