// Inflates gzip files, as Node and browsers can do it by themselves, within a bound that the contents give.
// see: RFC 1952, "GZIP file format specification version 4.3"

/** Does it begin as a gzip file does? */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

/** The most bytes that a file may inflate to. */
const MOST_BYTES = 2 ** 30;

/**
 * Inflates a gzip file. A few bytes can inflate to very many: no more are taken than the header of the file inside says.
 *
 * @param name of the file, for messages
 * @param sizeOf the size that a file of such a beginning has; undefined while the beginning is too short to say, 0 if it is of
 *   another kind: the bytes so far are then returned, for its reader to refuse
 * @throws {Error} if it is damaged, cut short, or inflates to more
 */
export async function gunzip(
  bytes: Uint8Array,
  name: string,
  sizeOf: (start: Uint8Array) => number | undefined,
): Promise<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new Error(`${name}: it is gzipped, and there is no DecompressionStream here; give it as gunzip makes it`);
  }
  const inflating = new DecompressionStream("gzip");
  const writer = inflating.writable.getWriter();
  // its errors are the reader's, too
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = inflating.readable.getReader();
  let chunks: Uint8Array[] = [];
  let length = 0;
  let size: number | undefined;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (size === undefined) {
        chunks = [joined(chunks, length)];
        size = sizeOf(chunks[0]!);
        if (size === 0) break;
      }
      if (size !== undefined && size > MOST_BYTES) {
        throw new Error(`${name}: its header says ${size} bytes; at most ${MOST_BYTES} are inflated`);
      }
      if (length > (size ?? 4096)) {
        throw new Error(`${name}: it inflates to more than the ${size ?? 4096} bytes that its header says`);
      }
    }
  } catch (cause) {
    if ((cause as Error).message.startsWith(`${name}: `)) throw cause;
    throw new Error(`${name}: the gzip file is damaged or cut short`, { cause });
  } finally {
    reader.cancel().catch(() => undefined);
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
