// Groups within one process, and that of a process that is alone: every rank gets what the others send, bit by bit.
import { describe, expect, test } from "vitest";
import { alone, checkGroup } from "../../src/distributed/group.ts";
import { localGroups } from "../../src/mpi.ts";
import { faultsOfGroup } from "../support/collectives.ts";
import { refuses } from "../support/refusals.ts";

test.each([1, 2, 3, 5, 8])("%i members get what the others send", async (size) => {
  const groups = localGroups(size);
  expect(groups.map(({ rank }) => rank)).toEqual([...groups.keys()]);
  expect(groups.map((group) => group.size)).toEqual(groups.map(() => size));
  expect(await Promise.all(groups.map(faultsOfGroup))).toEqual(groups.map(() => []));
});

test("one that is alone gets what it sends", async () => {
  const group = alone();
  expect([group.rank, group.size]).toEqual([0, 1]);
  expect(await faultsOfGroup(group)).toEqual([]);
});

test("nobody goes on before all have come, and each group has its own meetings", async () => {
  const [first, second] = localGroups(2);
  const other = localGroups(2);
  const said: string[] = [];
  const come = async (group: typeof first, name: string): Promise<void> => {
    await group!.gather(Uint8Array.of(1), new Uint8Array(2));
    said.push(name);
  };
  const waiting = come(first, "first");
  void come(other[0], "other");
  await new Promise((go) => void setTimeout(go, 5));
  expect(said).toEqual([]);
  await Promise.all([waiting, come(second, "second")]);
  expect(said).toEqual(["first", "second"]);
});

test("what can't be brought to one, all throw", async () => {
  const short = localGroups(3).map((group) => group.gather(Uint8Array.of(1), new Uint8Array(group.rank === 1 ? 2 : 3)));
  const ends = await Promise.allSettled(short);
  expect(ends.map((end) => end.status === "rejected" && (end.reason as Error).name)).toEqual(
    ends.map(() => "RangeError"),
  );
});

describe("what is refused", () => {
  const sized = (size: unknown) => () => localGroups(size as number);
  const groupRule = "fit: group must be a group such as await mpi() of wasmgrad/mpi gives, got";
  const check = (group: unknown) => () => checkGroup("fit", group);
  refuses([
    [sized(0), RangeError, "localGroups: size must be a whole number of 1 or more, got 0"],
    [sized(1.5), RangeError, "localGroups: size must be a whole number of 1 or more, got 1.5"],
    [sized(1025), RangeError, "localGroups: size must be a whole number of at most 1024, got 1025"],
    [sized("2"), TypeError, 'localGroups: size must be a whole number of 1 or more, got "2"'],
    [check(localGroups), TypeError, `${groupRule} the function localGroups; call it: localGroups()`],
    [check(Promise.resolve(alone())), TypeError, `${groupRule} a promise; did you forget await?`],
    [check({ ...alone(), rank: 1 }), TypeError, `${groupRule} an object (Object)`],
    [check({ ...alone(), collect: undefined }), TypeError, `${groupRule} an object (Object)`],
    [check(null), TypeError, `${groupRule} null`],
  ]);

  test("but not one of the user's", () => {
    expect(() => checkGroup("fit", { ...alone(), rank: 2, size: 3 })).not.toThrow();
  });
});
