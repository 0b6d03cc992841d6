import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { nextTask } from "../../../src/runtime/timers.ts";
import { idleTimer } from "../../../src/runtime/threads/idleTimer.ts";

/** A timer, and when it ended, since it was made. */
function start(inUse: () => boolean = () => false) {
  const begin = performance.now();
  const ends: number[] = [];
  const elapsed = (): number => performance.now() - begin;
  return { timer: idleTimer(inUse, () => ends.push(elapsed())), ends, elapsed };
}
const ended = (ends: readonly number[]): Promise<void> => expect.poll(() => ends.length, { interval: 5 }).toBe(1);

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
  timer.rest(2000);
  await sleep(50); // on a busy machine it is longer
  const used = elapsed();
  timer.rest(2000);
  await ended(ends);
  expect(ends[0]).toBeGreaterThanOrEqual(used + 2000 - ROUNDING);
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

test("while it is in use it looks once in a while, not all the time", async () => {
  let looks = 0;
  const { timer, ends } = start(() => ++looks < 5);
  timer.rest(20);
  await ended(ends);
  expect(looks).toBe(5);
  // five looks, 20 ms apart; every millisecond it would be 5 ms
  expect(ends[0]).toBeGreaterThanOrEqual(5 * 20 - 5 * ROUNDING);
});

test("what was in use ends its time after its last use", async () => {
  let inUse = true;
  const { timer, ends, elapsed } = start(() => inUse);
  timer.rest(40);
  await sleep(60);
  inUse = false;
  const used = elapsed();
  timer.rest(40);
  await ended(ends);
  expect(ends[0]).toBeGreaterThanOrEqual(used + 40 - ROUNDING);
});

test("fake timers don't stop it", async () => {
  const { timer, ends } = start();
  vi.useFakeTimers();
  try {
    timer.rest(10);
    for (let i = 0; i < 1e8 && ends.length === 0; i++) await nextTask();
    expect(ends).toHaveLength(1);
    timer.rest(10);
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  await sleep(50);
  expect(ends).toHaveLength(1);
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
  await expect.poll(() => ends.length, { interval: 5 }).toBe(2);
});
