// Reads the files of PyTorch from any source.
import { fileError } from "../../formats/fileError.ts";
import { readTorchFile, type TorchFile } from "../../formats/torchFile.ts";
import { openSource } from "../../data/byteSource.ts";
import { gathered } from "../../data/gathered.ts";
import { otherKind } from "../../data/otherKinds.ts";
import type { TableSource } from "../../data/tableSource.ts";

/** Of what else it may be, the reader has its own words. */
const OWN = /^a (?:PyTorch file|zip archive|Python pickle)/;

/** What `readTorch` does. */
export async function torchOf(source: TableSource): Promise<TorchFile> {
  // what doesn't begin as a zip file isn't read further
  const { bytes, name } = await gathered("readTorch", await openSource("readTorch", source), (start) =>
    start[0] === 0x50 ? undefined : 0,
  );
  const other = otherKind(bytes);
  if (other !== undefined && !OWN.test(other))
    throw fileError(`${name} `, 0, `is no file of torch.save, but looks like ${other}`);
  return readTorchFile(bytes, name);
}
