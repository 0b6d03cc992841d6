// The promise of groups: whoever runs which pass, all ranks get the same bits, the same for any number of them.
import { expect } from "vitest";
import type { Group } from "../../src/distributed/group.ts";
import { localGroups } from "../../src/distributed/localGroups.ts";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { normal, wholes } from "./seeded.ts";

/** Powers of two alone would pass by luck: many other orders of sums are the tree's for them. */
export const SIZES: readonly number[] = [1, 2, 3, 5, 6, 8];

/** Passes of an update: every size of `SIZES` has at least one. */
export const PASSES = 8;

/** Nobody waits for ever: rejects with what hasn't come to an end. */
export async function inTime<T>(promise: Promise<T>, what: string, seconds = 240): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no end after ${seconds} s`)), 1000 * seconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What all members of a group of so many give, in the order of ranks. */
export const members = <T>(size: number, member: (group: Group) => Promise<T>): Promise<T[]> =>
  inTime(Promise.all(localGroups(size).map(member)), `a group of ${size}`);

/** How all members of a group end: what they throw, or undefined. */
export async function thrown(size: number, member: (group: Group) => Promise<unknown>): Promise<(Error | undefined)[]> {
  const ends = await inTime(Promise.allSettled(localGroups(size).map(member)), `a group of ${size}`);
  return ends.map((end) => (end.status === "rejected" ? (end.reason as Error) : undefined));
}

/** What came of a training. */
export interface Outcome {
  readonly fingerprint: string;
  readonly state: Uint8Array;
  readonly history: w.History;
  readonly measured: unknown;
}

/** A training; its parts are made anew for every rank. */
export interface Together {
  trainer(rank: number): Promise<w.Trainer> | w.Trainer;
  data: w.TrainingData | ((rank: number) => w.TrainingData | w.Source);
  options?: w.FitOptions | ((rank: number) => w.FitOptions);
  /** What is measured afterwards; default the data, unless they are a source. */
  measured?: w.TrainingData | undefined;
}

const asked = <T>(given: T | ((rank: number) => T), rank: number): T =>
  typeof given === "function" ? (given as (rank: number) => T)(rank) : given;

/** Two epochs of 18 batches, the last of which is short, in three updates, the last of which has two. */
export const FIT: w.FitOptions = { epochs: 2, batchSize: 3, accumulate: PASSES, progress: false, warnings: false };
export const ROWS = 53;

/** Trains as one of a group, or without one. */
export async function trainAs(training: Together, group?: Group): Promise<Outcome & { readonly trainer: w.Trainer }> {
  const rank = group?.rank ?? 0;
  const trainer = await training.trainer(rank);
  const data = asked<w.TrainingData | w.Source>(training.data, rank);
  const own = asked(training.options ?? {}, rank);
  const history = await trainer.fit(data, { ...FIT, ...own, ...(group && { group }) });
  const toMeasure = training.measured ?? ("isSource" in data ? undefined : data);
  const measured = toMeasure && (await trainer.evaluate(toMeasure, { batchSize: 5, ...(group && { group }) }));
  return { fingerprint: trainer.model.fingerprint(), state: trainer.state(), history, measured, trainer };
}

/** The same, with a readable difference where they aren't. */
export function expectSame(given: Outcome, wanted: Outcome, where: string): void {
  expect(given.history, `${where}: history`).toEqual(wanted.history);
  expect(given.measured, `${where}: what evaluate gives`).toEqual(wanted.measured);
  expect(given.fingerprint, `${where}: fingerprint`).toBe(wanted.fingerprint);
  expect(Buffer.compare(given.state, wanted.state), `${where}: state`).toBe(0);
}

/** Trains in groups of several sizes; all ranks of all of them have the same. Returns it. */
export async function expectTogether(training: Together, sizes: readonly number[] = SIZES): Promise<Outcome> {
  let wanted: Outcome | undefined;
  for (const size of sizes) {
    const all = await members(size, (group) => trainAs(training, group));
    wanted ??= all[0]!;
    for (const [rank, outcome] of all.entries()) expectSame(outcome, wanted, `rank ${rank} of ${size}`);
  }
  expect(Object.values(wanted!.history).flat().every(Number.isFinite), "the history's numbers").toBe(true);
  return wanted!;
}

/** All figures are as near to others as rounding is. */
export function expectNear(given: object, wanted: object, relative: number, where = "figures"): void {
  expect(Object.keys(given), where).toEqual(Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted) as [string, number | number[]][]) {
    const its = (given as Record<string, number | number[]>)[name]!;
    [value].flat().forEach((number, i) => {
      const difference = Math.abs([its].flat()[i]! - number);
      expect(difference, `${where}: ${name} ${i}, ${number}`).toBeLessThanOrEqual(relative * Math.abs(number));
    });
  }
}

/** A training of a model towards any values, on numbers, or on numbers of words below this. */
export async function towards(
  make: () => Promise<w.Model>,
  {
    below,
    optimizer = () => w.adam({ learningRate: 0.01 }),
  }: { below?: number | undefined; optimizer?: () => w.Optimizer } = {},
): Promise<Together> {
  const model = await make();
  const count = ROWS * sizeOf(model.inputShape);
  const given = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
  const y = normal(ROWS * sizeOf(model.outputShape), { seed: 2 });
  return {
    trainer: async () => new w.Trainer(await make(), { loss: w.meanSquaredError(), optimizer: optimizer() }),
    data: { x: given, y },
  };
}

/** Rows of four numbers, with labels below 3, or two values. */
export const x = normal(ROWS * 4, { seed: 1 });
export const labels = wholes(ROWS, { seed: 2, below: 3 });
export const values = normal(ROWS * 2, { seed: 3 });

/** Statistics and masks: all that passes leave or draw. No biases before the statistics: their gradients are rounding errors alone. */
export const layers = (outputs = 3): w.Layer[] => [
  w.dense(6, { useBias: false }),
  w.batchNorm(),
  w.tanh(),
  w.dropout(0.3),
  w.dense(outputs),
];

/** A small trainer of these rows. */
export async function small(
  parts: Partial<w.TrainerOptions> = {},
  options: Omit<w.ModelOptions, "input"> = {},
  make: () => w.Layer[] = layers,
): Promise<w.Trainer> {
  const model = await w.sequential({ input: 4, seed: 7, ...options }, ...make());
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }), ...parts });
}

/** It measures, too. */
export const withAccuracy = (): Promise<w.Trainer> => small({ metrics: [w.accuracy()] });

/** What a failure leaves: everything that updates and passes change. */
export const leftOf = ({ model, updates, epochs }: w.Trainer) => ({
  parameters: model.parameters().map((its) => its.get()),
  passes: model.passes,
  updates,
  epochs,
});

/** The same of two values a row. */
export const regression = (parts: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> =>
  small({ loss: w.meanSquaredError(), ...parts }, {}, () => layers(2));

export const classes = { x, y: labels };
export const numbers = { x, y: values };
