// Groups within one process: for tests, and for pages.
import { checkWhole } from "../util/check.ts";
import type { Group } from "./group.ts";

type Exchange = Parameters<Group["exchange"]>;
type Collect = Parameters<Group["collect"]>;

/** What the members have brought to a collective so far. */
interface Meeting {
  readonly given: unknown[];
  readonly done: Promise<void>;
  end(act: Promise<void>): void;
  left: number;
}

/**
 * The groups of so many members of one process, each of which trains a model of its own: for trying out what ranks do, in pages too, without
 * starting any. Nothing runs at once: it takes as long as one member alone.
 *
 * @param size how many members
 * @returns the groups of the members, in the order of their ranks
 * @throws {RangeError} if the size isn't a positive integer
 * @example
 * const trainings = localGroups(2).map(async (group) => {
 *   const its = await sequential({ input: 4, seed: 1 }, dense(1));
 *   await new Trainer(its, { loss: meanSquaredError(), optimizer: adam() }).fit({ x, y }, { accumulate: 4, group });
 *   return its.fingerprint();
 * });
 * const [first, second] = await Promise.all(trainings); // the same
 */
export function localGroups(size: number): Group[] {
  checkWhole("localGroups", "size", size, 1, 1024);
  let open: Meeting | undefined;
  /** Brings what a member has; once all have, `act` does what is to be done. */
  const meet = <T>(rank: number, given: T, act: (all: readonly T[]) => void): Promise<void> => {
    if (!open) {
      let end!: Meeting["end"];
      const done = new Promise<void>((resolve) => (end = resolve));
      open = { given: [], done, end, left: size };
    }
    const meeting = open;
    meeting.given[rank] = given;
    if (--meeting.left === 0) {
      open = undefined;
      // what is thrown, all throw
      meeting.end(new Promise((resolve) => resolve(act(meeting.given as T[]))));
    }
    return meeting.done;
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    gather: (mine: Uint8Array, all: Uint8Array) =>
      meet(rank, { mine, all }, (members) => {
        for (const { all: to } of members) members.forEach(({ mine: its }, r) => to.set(its, r * its.length));
      }),
    exchange: (...given: Exchange) =>
      meet(rank, given, (members) => {
        members.forEach(([, , , to, , toPlaces], receiver) => {
          members.forEach(([from, counts, places], sender) => {
            const place = places[receiver]!;
            to.set(from.subarray(place, place + counts[receiver]!), toPlaces[sender]!);
          });
        });
      }),
    collect: (...given: Collect) =>
      meet(rank, given, (members) => {
        for (const [, to, , places] of members) members.forEach(([its], r) => to.set(its, places[r]!));
      }),
  }));
}
