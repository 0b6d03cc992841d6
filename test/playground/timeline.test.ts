// Snapshots of a run: never more than there may be, evenly spread, the beginning always among them.
import { expect, test } from "vitest";
import { Runner } from "../../playground/src/play/runner.ts";
import { DEFAULT, type Setup } from "../../playground/src/play/setup.ts";
import { snapshotsOf, Timeline } from "../../playground/src/play/timeline.ts";
import { makeTraining } from "../../playground/src/play/training.ts";
import { generator } from "../support/seeded.ts";

const times = <S>(line: Timeline<S>): number[] => line.kept.map(({ at }) => at);

test("up to 240 updates each is kept; then every second, every fourth", () => {
  const line = new Timeline<string>();
  for (let at = 0; at < 240; at++) line.add(at, `${at}`);
  expect(times(line)).toEqual(Array.from({ length: 240 }, (_, i) => i));
  line.add(240, "240");
  expect(times(line)).toEqual(Array.from({ length: 121 }, (_, i) => 2 * i));
  for (let at = 241; at <= 100_000; at++) line.add(at, `${at}`);
  expect(line.apart).toBe(512);
  expect(times(line)).toEqual(Array.from({ length: 196 }, (_, i) => 512 * i));
  expect(line.kept.every(({ at, state }) => state === `${at}`)).toBe(true);
});

test("frames that come at uneven times are spread as evenly, and never too many", () => {
  const random = generator(3);
  const line = new Timeline<number>();
  let at = 0;
  for (let i = 0; i < 20_000; i++) {
    line.add(at, at);
    expect(line.kept.length).toBeLessThanOrEqual(240);
    at += 1 + Math.floor(random() * 30);
  }
  const all = times(line);
  expect(all[0]).toBe(0);
  expect(all.length).toBeGreaterThan(60);
  const gaps = all.slice(1).map((time, i) => time - all[i]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(line.apart);
  expect(Math.max(...gaps)).toBeLessThan(2 * line.apart + 31);
  expect(Math.log2(line.apart) % 1).toBe(0);
});

test("a time between two snapshots gives the one before", () => {
  const line = new Timeline<number>();
  for (const at of [0, 10, 20]) line.add(at, at);
  expect([-5, 0, 9, 10, 19, 500].map((at) => line.before(at)!.at)).toEqual([0, 0, 0, 10, 10, 20]);
  expect(new Timeline<number>().before(3)).toBeUndefined();
});

test("a run that goes on from a time has the past up to it; the first run's stays whole", () => {
  const line = new Timeline<number>();
  for (let at = 0; at < 1000; at++) line.add(at, at);
  const all = times(line);
  const second = line.branch(500);
  // every eighth was kept
  expect(times(second)).toEqual(all.filter((at) => at <= 496));
  expect(second.wants(503)).toBe(false);
  expect(second.wants(504)).toBe(true);
  second.add(504, -1);
  expect(second.before(600)!.state).toBe(-1);
  expect(times(line)).toEqual(all);
  expect(line.before(504)!.state).toBe(504);
});

test("large nets have fewer snapshots: 32 MB of them", () => {
  expect(snapshotsOf(700)).toBe(240);
  expect(snapshotsOf(2 ** 20)).toBe(32);
  const line = new Timeline<number>(snapshotsOf(2 ** 30));
  for (let at = 0; at < 100; at++) line.add(at, at);
  expect(line.kept.length).toBeLessThanOrEqual(4);
  expect(line.kept[0]!.at).toBe(0);
});

const SETUPS: Readonly<Record<string, Partial<Setup>>> = {
  adam: {},
  "momentum, dropout, a schedule": { optimizer: "momentum", dropout: 0.3, schedule: { name: "restarts", length: 40 } },
  "one batch an epoch": { data: "xor", batch: 0, optimizer: "rmsprop" },
  amsgrad: { data: "gaussians", classes: 3, optimizer: "amsgrad", l2: 0.001 },
};

test.each(Object.entries(SETUPS))("who goes back and on again has the same bits: %s", async (_name, patch) => {
  const setup = { ...DEFAULT, ...patch };
  const runner = new Runner(await makeTraining(setup));
  const { trainer, model, batches } = runner.training;
  const line = new Timeline<{ state: Uint8Array; fingerprint: string }>(8);
  const passed = new Map<number, string>();
  for (let epoch = 0; epoch <= 40; epoch++) {
    while (runner.updates < epoch * batches) await runner.advance(2, epoch * batches);
    expect(runner.betweenEpochs).toBe(true);
    passed.set(runner.updates, model.fingerprint());
    if (line.wants(runner.updates))
      line.add(runner.updates, { state: trainer.state(), fingerprint: model.fingerprint() });
  }
  expect(new Set(passed.values()).size).toBe(passed.size);
  // within an epoch: it is left as it is
  const stop = 40 * batches + Math.min(3, batches - 1);
  while (runner.updates < stop) await runner.advance(2, stop);
  for (const at of [line.kept[2]!.at, 0, line.kept.at(-1)!.at]) {
    const back = line.before(at)!;
    await runner.goBack(back.state.state);
    expect(runner.updates).toBe(at);
    expect(model.fingerprint()).toBe(back.state.fingerprint);
    for (const then of [at + batches, at + 7 * batches, 40 * batches].filter((v) => v <= 40 * batches)) {
      while (runner.updates < then) await runner.advance(2, then);
      expect(model.fingerprint(), `back to ${at}, on to ${then}`).toBe(passed.get(then));
    }
  }
  await runner.end();
});
