// What a group's collectives are asked to do in tests, and what each rank must get: bits of every number, those of not-a-numbers too.
import type { Group } from "../../src/distributed/group.ts";

/** Where the numbers are. */
export const MEMORIES = ["plain", "wasm", "shared"] as const;
export type MemoryKind = (typeof MEMORIES)[number];

/** How many numbers go from one rank to another, at most: a few, and more than what goes at once. */
export const SCALES = [1, 5000] as const;

/** What a place holds to which nothing may come. */
const UNTOUCHED = 0xdeadbeef;

/** The bits of number i from a rank to another: not-a-numbers that signal, and carry where they are from; every other one is negative. */
const bitsOf = (from: number, to: number, i: number): number =>
  (0x7f800001 + from * 65536 + to * 8192 + i + (i % 2 === 0 ? 0 : 2 ** 31)) >>> 0;

/** How many go: of some pairs none. */
export const countOf = (from: number, to: number, scale: number): number => ((from * 3 + to * 5 + 2) % 4) * scale;

/** Places for as many, with gaps, the last first. */
function placesOf(counts: Int32Array): { places: Int32Array; length: number } {
  const places = new Int32Array(counts.length);
  let length = 1;
  for (let r = counts.length - 1; r >= 0; r--) {
    places[r] = length;
    length += counts[r]! + 2;
  }
  return { places, length };
}

/** What rank `rank` must get of an exchange. */
export function exchangedOf(rank: number, size: number, scale: number): Uint32Array {
  const counts = Int32Array.from({ length: size }, (_, r) => countOf(r, rank, scale));
  const { places, length } = placesOf(counts);
  const all = new Uint32Array(length).fill(UNTOUCHED);
  counts.forEach((count, r) => {
    for (let i = 0; i < count; i++) all[places[r]! + i] = bitsOf(r, rank, i);
  });
  return all;
}

/** What every rank must get of a collection: rank r gives what it would send to rank 0. */
export function collectedOf(size: number, scale: number): Uint32Array {
  return exchangedOf(0, size, scale);
}

/** What every rank must get of a gathering of so many bytes. */
export function gatheredOf(size: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: size * bytes }, (_, i) => (Math.floor(i / bytes) * 31 + (i % bytes) * 7) % 251);
}

/** Numbers on such a memory: at an address that is no multiple of a vector's. */
function numbers(kind: MemoryKind, length: number): { floats: Float32Array; bits: Uint32Array } {
  const pages = Math.ceil((length * 4 + 4) / 65536);
  const buffer =
    kind === "plain"
      ? new ArrayBuffer(length * 4 + 4)
      : new WebAssembly.Memory({ initial: pages, maximum: pages, shared: kind === "shared" }).buffer;
  const bits = new Uint32Array(buffer, 4, length);
  bits.fill(UNTOUCHED);
  return { floats: new Float32Array(buffer, 4, length), bits };
}

/** What a rank got. */
export interface Received {
  readonly exchanged: Uint32Array;
  readonly collected: Uint32Array;
}

/** Takes part in an exchange and a collection. */
export async function takePart(group: Group, memory: MemoryKind, scale: number): Promise<Received> {
  const { rank, size } = group;
  const countsFrom = (make: (r: number) => number): Int32Array => Int32Array.from({ length: size }, (_, r) => make(r));
  const counts = countsFrom((r) => countOf(rank, r, scale));
  const { places, length } = placesOf(counts);
  const from = numbers(memory, length);
  counts.forEach((count, r) => {
    for (let i = 0; i < count; i++) from.bits[places[r]! + i] = bitsOf(rank, r, i);
  });
  const toCounts = countsFrom((r) => countOf(r, rank, scale));
  const { places: toPlaces, length: toLength } = placesOf(toCounts);
  const to = numbers(memory, toLength);
  await group.exchange(from.floats, counts, places, to.floats, toCounts, toPlaces);

  const allCounts = countsFrom((r) => countOf(r, 0, scale));
  const { places: allPlaces, length: allLength } = placesOf(allCounts);
  const all = numbers(memory, allLength);
  const mine = from.floats.subarray(places[0]!, places[0]! + counts[0]!);
  await group.collect(mine, all.floats, allCounts, allPlaces);
  return { exchanged: to.bits, collected: all.bits };
}

/** Takes part in a gathering of so many bytes. */
export async function gather(group: Group, memory: MemoryKind, bytes: number): Promise<Uint8Array> {
  const { rank, size } = group;
  const mine = new Uint8Array(numbers(memory, Math.ceil(bytes / 4)).bits.buffer, 4, bytes);
  mine.set(gatheredOf(size, bytes).subarray(rank * bytes, (rank + 1) * bytes));
  const all = new Uint8Array(numbers(memory, Math.ceil((size * bytes) / 4)).bits.buffer, 4, size * bytes);
  await group.gather(mine, all);
  return all;
}

/** The bytes of a gathering: none, a few, and more than what goes at once. */
export const BYTES = [0, 1, 24, 100_003] as const;

/** What differs from what must be, as lines; none if all is right. */
export async function faultsOfGroup(group: Group): Promise<string[]> {
  const faults: string[] = [];
  const compare = (what: string, got: ArrayLike<number>, expected: ArrayLike<number>): void => {
    if (got.length !== expected.length) faults.push(`${what}: ${got.length} numbers, not ${expected.length}`);
    for (let i = 0; i < got.length; i++) {
      if (got[i] === expected[i]) continue;
      faults.push(`${what}: number ${i} is ${got[i]}, not ${expected[i]}`);
      return;
    }
  };
  for (const memory of MEMORIES) {
    for (const bytes of BYTES) {
      compare(`gather ${bytes} ${memory}`, await gather(group, memory, bytes), gatheredOf(group.size, bytes));
    }
    for (const scale of SCALES) {
      const { exchanged, collected } = await takePart(group, memory, scale);
      compare(`exchange ${scale} ${memory}`, exchanged, exchangedOf(group.rank, group.size, scale));
      compare(`collect ${scale} ${memory}`, collected, collectedOf(group.size, scale));
    }
  }
  return faults;
}
