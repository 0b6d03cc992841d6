// Schedules one after another.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { refuses } from "../../support/refusals.ts";

const model = await w.sequential({ input: 2 }, w.dense(1));
const trainerWith = (schedule: w.Schedule): w.Trainer =>
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.8 }), schedule });

/** The rates of the first updates or epochs. */
const rates = (schedule: w.Schedule, count: number): number[] => {
  const { running } = trainerWith(schedule).trainerState;
  return Array.from({ length: count }, (_, t) => running.rate(t));
};

test("each begins with the optimizer's rate and a count of 0, where the one before it ends", () => {
  const first = w.linearWarmup({ length: 3 });
  const second = w.exponentialDecay({ gamma: 0.5 });
  const third = w.stepDecay({ stepSize: 2 });
  const all = rates(w.scheduleSequence([first, 3], [second, 4], third), 12);
  expect(all).toEqual([...rates(first, 3), ...rates(second, 4), ...rates(third, 5)]);
});

test("training has these rates, by updates and by epochs", async () => {
  for (const per of ["update", "epoch"] as const) {
    const schedule = w.scheduleSequence(
      [w.linearWarmup({ length: 2, per }), 2],
      w.exponentialDecay({ gamma: 0.5, per }),
    );
    const trainer = trainerWith(schedule);
    const seen: number[] = [];
    await trainer.fit(
      { x: [0, 1, 2, 3], y: [0, 1] },
      { batchSize: 1, epochs: 3, callbacks: [{ onBatchBegin: () => void seen.push(trainer.learningRate) }] },
    );
    const own = rates(schedule, 6);
    expect(seen).toEqual(per === "update" ? own : [0, 0, 1, 1, 2, 2].map((t) => own[t]));
  }
});

test("one may follow a value, from where it begins; a state keeps what it has seen", async () => {
  const per = "epoch";
  const plateau = w.reduceOnPlateau({ monitor: "loss", patience: 0, factor: 0.5 });
  const schedule = w.scheduleSequence([w.linearWarmup({ length: 2, per }), 2], plateau);
  const { running } = trainerWith(schedule).trainerState;
  running.rate(1);
  running.observe!(1); // of the warmup: not seen
  expect(running.rate(2)).toBe(0.8);
  running.observe!(1);
  running.observe!(1); // not better
  expect(running.rate(3)).toBe(0.4);
  const kept = running.state!();
  running.observe!(1);
  expect(running.rate(4)).toBe(0.2);
  running.restore!(kept);
  expect(running.rate(4)).toBe(0.4);
  expect(schedule.monitored!({ loss: 3 })).toBe(3);
});

describe("refusals", () => {
  const step = w.stepDecay({ stepSize: 2 });
  const epochs = w.stepDecay({ stepSize: 2, per: "epoch" });
  const plateau = w.reduceOnPlateau();
  const wrong = w.scheduleSequence as (...values: unknown[]) => w.Schedule;
  refuses([
    [
      () => wrong(step),
      TypeError,
      "scheduleSequence: the arguments must be [schedule, length], and a last schedule, got number 1",
    ],
    [() => wrong(step, step), TypeError, /^scheduleSequence: argument 1 must be \[schedule, length\], got an object/],
    [
      () => wrong([step, 2], [step, 2]),
      TypeError,
      "scheduleSequence: argument 2 must be a schedule without a length, got an array of 2",
    ],
    [
      () => wrong([step, 0], step),
      RangeError,
      "scheduleSequence: the length of argument 1 must be a whole number of 1 or more, got 0",
    ],
    [() => wrong([3, 1], step), TypeError, /^scheduleSequence: argument 1 must be a schedule such as linearWarmup/],
    [
      () => wrong([step, 1], epochs),
      RangeError,
      "scheduleSequence: stepDecay goes by updates, but stepDecay by epochs; give all the same `per`",
    ],
    [
      () => wrong([plateau, 1], plateau),
      RangeError,
      "scheduleSequence: one schedule can follow a monitored value, got 2",
    ],
  ]);
});
