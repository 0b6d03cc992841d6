// Records that threads share: what the flags and words of one say about it, and whether a program has any.
import * as abi from "../../../build/abi.js";
import { type ParallelKind, type RecordParts, type RecordRange, type Sharing, wordsOf } from "../record.ts";

/** How many times what is worth distributing is worth cutting into pieces: each packs its operands anew. */
const PIECES = 8;

/** The flag of each way of sharing. */
const FLAGS: Readonly<Record<ParallelKind, number>> = {
  rows: abi.FLAG_ROWS,
  elements: abi.FLAG_ELEMENTS,
  kernel: abi.FLAG_KERNEL,
  barrier: abi.FLAG_KERNEL,
};

/**
 * The flags of a record that say how threads share it, and after its arguments the moves: how far each argument moves per unit
 * and per thread. Undefined if distributing it isn't worth it.
 *
 * @param least operations from which on it is
 */
export function shareRecord(sharing: Sharing, { flags, words }: RecordParts, least: number): RecordParts | undefined {
  const { work, units, varies } = sharing;
  if (work < least) return undefined;
  const leastRows = varies ? Math.ceil(least / (work / units)) : 0;
  const power = leastRows > 1 ? 32 - Math.clz32(leastRows - 1) : 0;
  const nextUnit = wordsOf(sharing.args(1, 0));
  const nextThread = wordsOf(sharing.args(0, 1));
  const moves = words.flatMap((word, i) => {
    const unit = (nextUnit[i]! - word) >>> 0;
    const thread = (nextThread[i]! - word) >>> 0;
    const kept = word === 0 || (unit === 0 && thread === 0);
    return kept ? [] : [[abi.RECORD_ARGS + 4 * i, unit, thread] as const];
  });
  const all = [...words, ...moves.flat()];
  if (abi.RECORD_ARGS + 4 * all.length > abi.POOL_COPY_BYTES - 16) return undefined; // POOL_TAKEN is there
  const kind = sharing.kind;
  const fours = moves.some(([, unit]) => unit % 16 !== 0) ? abi.FLAG_FOURS : 0;
  const counts = (words.length << abi.FLAG_ARGS_SHIFT) | (moves.length << abi.FLAG_MOVES_SHIFT);
  const pieces = kind !== "barrier" && work >= PIECES * least ? abi.FLAG_PIECES : 0;
  return { flags: flags | FLAGS[kind] | pieces | fours | counts | (power << abi.FLAG_ROWS_SHIFT), words: all };
}

/**
 * Is there a record that threads share, and none that only the calling thread can run?
 *
 * @param u32 the memory
 * @param kernels the number of kernels that every thread has in its function table
 * @param shared what to answer if no record is shared
 */
export function isWorthSharing(
  u32: Uint32Array,
  { first, last }: RecordRange,
  kernels: number,
  shared = false,
): boolean {
  for (let at = first; at < last; at += u32[(at + abi.RECORD_BYTES) / 4]!) {
    if (u32[(at + abi.RECORD_KERNEL) / 4]! >= kernels) return false;
    if (u32[(at + abi.RECORD_FLAGS) / 4]! & abi.FLAG_SHARED) shared = true;
  }
  return shared;
}
