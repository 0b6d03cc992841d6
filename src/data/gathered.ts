// All bytes of a source, for the readers of what can only be read as a whole.
import { beginning, joined, type Source } from "./byteSource.ts";

/** The most bytes of a source, and of one that is inflated. */
const MOST_BYTES = 2 ** 32 - 2 ** 16;
const MOST_INFLATED = 2 ** 30;

/** Bytes of the beginning, in which any header is. */
const START = 2 ** 17;

/** All bytes of a source. Nobody else has them. */
export interface Gathered {
  readonly bytes: Uint8Array;
  /** What messages begin with: the function and the source. */
  readonly name: string;
}

/**
 * Reads a source of which nothing has been taken, and closes it.
 *
 * @param sizeOf the bytes of a file of such a beginning; undefined if it doesn't say, 0 if it can't be read. No more than one beyond is
 *   taken: its reader says then what is wrong
 * @throws {Error} if it gives texts, is empty, or has more bytes than are read
 */
export async function gathered(
  where: string,
  { name, says, bad, content, gzipped, close }: Source,
  sizeOf: (start: Uint8Array) => number | undefined,
): Promise<Gathered> {
  try {
    if ("texts" in content) throw says("gives texts; give bytes");
    const start = joined(await beginning(content.bytes, START));
    if (start.length === 0) throw bad("is empty");
    const size = sizeOf(start) ?? MOST_BYTES;
    let bytes = start;
    let { length } = start;
    while (length <= size) {
      const { done, value } = await content.bytes.next();
      if (done) break;
      const end = length + value.length;
      const most = gzipped ? MOST_INFLATED : MOST_BYTES;
      if (end > most) {
        throw bad(
          `${gzipped ? "inflates to" : "has"} more than ${most} bytes; at most as many are read: write several files`,
        );
      }
      if (end > bytes.length) {
        // twice as much, but not more than is said, unless there is more
        const larger = new Uint8Array(Math.min(most, Math.max(end, Math.min(size, 2 * end))));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(value, length);
      length = end;
    }
    return { bytes: bytes.subarray(0, length), name: `${where}: ${name}` };
  } finally {
    await close();
  }
}
