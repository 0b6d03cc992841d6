import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { idleTimer } from "../../../src/runtime/threads/idleTimer.ts";

/** A timer, and when it ended, since it was made. */
function start(inUse: () => boolean = () => false) {
  const begin = performance.now();
  const ends: number[] = [];
  const elapsed = (): number => performance.now() - begin;
  return { timer: idleTimer(inUse, () => ends.push(elapsed())), ends, elapsed };
}
const ended = (ends: readonly number[]): Promise<void> =>
  expect.poll(() => ends.length, { timeout: 5000, interval: 5 }).toBe(1);

/** Node's timers count in milliseconds, rounded. */
const ROUNDING = 2;

test("it ends once, after the time that is given", async () => {
  const { timer, ends } = start();
  timer.rest(60);
  await ended(ends);
  expect(ends[0]).toBeGreaterThanOrEqual(60 - ROUNDING);
  await sleep(150);
  expect(ends).toHaveLength(1);
});

test("the time begins again with each use", async () => {
  const { timer, ends, elapsed } = start();
  timer.rest(100);
  await sleep(50);
  const used = elapsed();
  timer.rest(100);
  await ended(ends);
  expect(ends[0]).toBeGreaterThanOrEqual(used + 100 - ROUNDING);
});

test("it doesn't end while it is in use", async () => {
  let inUse = true;
  const { timer, ends } = start(() => inUse);
  timer.rest(20);
  await sleep(150);
  expect(ends).toEqual([]);
  inUse = false;
  await ended(ends);
});

test("once stopped, it doesn't end; with the next use, it begins again", async () => {
  const { timer, ends } = start();
  timer.rest(20);
  timer.stop();
  await sleep(100);
  expect(ends).toEqual([]);
  timer.rest(20);
  await ended(ends);
});

test("after its end, too", async () => {
  const { timer, ends } = start();
  timer.rest(10);
  await ended(ends);
  timer.rest(10);
  await expect.poll(() => ends.length, { timeout: 5000, interval: 5 }).toBe(2);
});
