// A hash of memory, in parts, so that a page can draw between them.
import type { MemoryRange } from "./arena.ts";
import type { Core } from "./core.ts";
import { nextTask } from "./timers.ts";

/** Bytes of a part: a few milliseconds. */
const PART = 2 ** 22;

/** A hash of ranges, 16 hexadecimal digits, FNV-1a by words; of what is left behind the last whole word, by bytes. */
export async function memoryHash({ arena, exports }: Core, ranges: readonly MemoryRange[]): Promise<string> {
  let hash = 0xcbf29ce484222325n;
  for (const { address, bytes } of ranges) {
    const words = bytes >>> 2;
    for (let at = 0; at < words; at += PART / 4) {
      if (at > 0) await nextTask();
      hash = exports.hashWords(address + 4 * at, Math.min(PART / 4, words - at), hash);
    }
    for (let at = 4 * words; at < bytes; at++) {
      hash = BigInt.asUintN(64, (BigInt.asUintN(64, hash) ^ BigInt(arena.u8[address + at]!)) * 0x100000001b3n);
    }
  }
  return BigInt.asUintN(64, hash).toString(16).padStart(16, "0");
}
