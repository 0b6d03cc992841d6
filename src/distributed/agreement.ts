// How ranks agree: everyone says something, or that it has failed, and learns what the others say. In whatever order one does what, its next
// collective is always such a meeting, so that a rank that fails is never waited for in vain.
import type { Group } from "./group.ts";

/** What a rank says: bytes; of a rank that has failed, about its failure. */
export interface Said {
  /** What it is about: a number from 1 on; 0 of a rank that has failed. */
  readonly topic: number;
  readonly bytes: Uint8Array;
}

/** Everyone's bytes to everyone, of any length, in the order of ranks. */
export async function agree(group: Group, mine: Said): Promise<Said[]> {
  const { size, rank } = group;
  const heads = new Uint32Array(2 * size);
  const head = Uint32Array.of(mine.topic, mine.bytes.length);
  // the ranks wait for each other here
  await group.gather(new Uint8Array(head.buffer), new Uint8Array(heads.buffer));
  const lengths = Array.from({ length: size }, (_, r) => heads[2 * r + 1]!);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const all = new Uint8Array(longest * size);
  if (longest > 0) {
    const padded = new Uint8Array(longest);
    padded.set(mine.bytes);
    await group.gather(padded, all);
  }
  return lengths.map((length, r) => ({
    topic: heads[2 * r]!,
    bytes: r === rank ? mine.bytes : all.slice(r * longest, r * longest + length),
  }));
}

/** The bytes that rank 0 has, to everyone. */
export async function broadcast(group: Group, bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const floats = Math.ceil(length / 4);
  const counts = new Int32Array(group.size);
  counts[0] = floats;
  const mine = new Float32Array(group.rank === 0 ? floats : 0);
  if (group.rank === 0) new Uint8Array(mine.buffer).set(bytes);
  const all = new Float32Array(floats);
  await group.collect(mine, all, counts, new Int32Array(group.size));
  return new Uint8Array(all.buffer, 0, length);
}
