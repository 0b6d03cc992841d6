// Files of PyTorch, .pt and .pth. What reads them is fetched when it is first used.
import type { TorchFile } from "../../formats/torchFile.ts";
import { checkSource, type TableSource } from "../../data/tableSource.ts";

/**
 * Reads a file that PyTorch's `torch.save` wrote since version 1.6: a state dict, a checkpoint that has one among other things, or tensors.
 * Nothing in it is run: it may have tensors, numbers, texts, lists, tuples and dicts, and anything else is refused by its name.
 *
 * Dicts and lists within others are laid flat: `{ model: { "0.weight": ... }, epoch: 3 }` gives the tensor `model.0.weight` and the value
 * `epoch`; a tensor that was saved alone has the name `""`. Parameters and views become tensors of their own, the last axis contiguous. The
 * numbers are those of the file: float16 and bfloat16 as float32, bool as 0 and 1, int64 as float64 where all of a tensor are exact
 * (below 2^53), else as bigints.
 *
 * Time and memory are in proportion to the file: tensors take at most 8 bytes for each of its own.
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a ReadableStream, or an iterable of bytes;
 *   gzipped or not
 * @throws {TypeError} at once, if the source can't be used
 * @throws {FileError} if it is no file of `torch.save` or one of before 1.6, cut short or damaged; if it asks for any class or
 *   function but those of tensors and dicts, contains itself, or has views that together are more than 8 times its size
 * @throws {Error} if it can't be read
 * @see PyTorch, "Serialization semantics"
 * @example
 * const { tensors, values } = await readTorch("checkpoint.pt");
 * for (const [name, { shape, dtype }] of tensors) console.log(name, shape, dtype); // model.0.weight [2, 2] float32 ...
 * console.log(values.get("epoch")); // 3
 */
export async function readTorch(source: TableSource): Promise<TorchFile> {
  checkSource("readTorch", source);
  return (await import("./torchReader.ts")).torchOf(source);
}
