// What training on several processes needs of them: a group, in which everyone has a rank, and three collectives.
import { checkKind, isObject } from "../util/check.ts";

/**
 * Processes that train together, as `mpi` of `wasmgrad/mpi` gives them, or members within one process, as `localGroups`
 * does. A group of one's own, over any network, is an object with these: three collectives, in which every rank takes
 * part with its own call, in the same order, and which may return promises. The arrays stay as they are until then.
 */
export interface Group {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /**
   * Numbers are sent and received by their addresses, which stay when a memory of WebAssembly grows: `exchange` and `collect` then get views of it. Default: they get
   * copies, since views end when something else lets the memory grow in the meantime.
   */
  readonly inPlace?: boolean;
  /**
   * Everyone's bytes to everyone, in the order of ranks.
   *
   * @param mine as many on every rank
   * @param all `size` times as many
   */
  gather(mine: Uint8Array, all: Uint8Array): void | Promise<void>;
  /**
   * A part of everyone's numbers to everyone: rank r gets `counts[r]` numbers of `from`, from `places[r]` on, and what rank r sends comes to `to`,
   * at `toPlaces[r]`, `toCounts[r]` numbers. The bits of the numbers are kept.
   */
  exchange(
    from: Float32Array,
    counts: Int32Array,
    places: Int32Array,
    to: Float32Array,
    toCounts: Int32Array,
    toPlaces: Int32Array,
  ): void | Promise<void>;
  /**
   * Everyone's numbers to everyone: those of rank r come to `all`, at `places[r]`, `counts[r]` numbers. The bits of the numbers are kept.
   *
   * @param mine it isn't a part of `all`
   */
  collect(mine: Float32Array, all: Float32Array, counts: Int32Array, places: Int32Array): void | Promise<void>;
}

/** Refuses what isn't a group. */
export function checkGroup(where: string, group: unknown, name = "group"): asserts group is Group {
  const its = group as Partial<Group>;
  const holds =
    isObject(group) &&
    [its.rank, its.size].every(Number.isInteger) &&
    [its.gather, its.exchange, its.collect].every((collective) => typeof collective === "function") &&
    its.rank! >= 0 &&
    its.rank! < its.size!;
  checkKind(holds, where, name, "a group such as await mpi() of wasmgrad/mpi gives", group);
}

/** The group of a process that is alone. */
export const alone = (): Group => ({
  rank: 0,
  size: 1,
  gather: (mine, all) => all.set(mine),
  exchange: (from, [count = 0], [place = 0], to, _counts, [toPlace = 0]) =>
    to.set(from.subarray(place, place + count), toPlace),
  collect: (mine, all, _counts, [place = 0]) => all.set(mine, place),
});
