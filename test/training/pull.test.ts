// What batches are made of: rows that are put together and mixed, arrays in their order, and random numbers that are counted.
import { describe, expect, test } from "vitest";
import { type Batch, batches, type Row, rows, type Source } from "../../src/data/sources.ts";
import { samples } from "../../src/data/samples.ts";
import { batchesOfArrays, Pull, type PullOptions } from "../../src/training/pull.ts";
import { expectRefusal } from "../support/refusals.ts";

const USUAL: PullOptions = { seed: 5, measures: false, batchSize: 3, dropLast: false, where: "fit" };

/** The batches of some epochs. */
async function taken(source: Source, options: Partial<PullOptions> = {}, epochs = 1, first = 0): Promise<Batch[][]> {
  const pull = new Pull(source, { ...USUAL, ...options });
  const all: Batch[][] = [];
  for (let epoch = first; epoch < first + epochs; epoch++) {
    pull.begin(epoch);
    const some: Batch[] = [];
    for (let batch; (batch = await pull.next());) some.push(batch);
    all.push(some);
  }
  return all;
}

const numbers = (count: number): Row[] => Array.from({ length: count }, (_, i) => ({ x: [i], y: i }));
const ofRows = (epochs: readonly Batch[][]): unknown[] =>
  epochs.map((some) => some.flatMap(({ y }) => y as readonly number[]));

describe("rows", () => {
  test("make batches, of which the last may be short or left out", async () => {
    const lists = { x: [[0], [1], [2]], y: [0, 1, 2] };
    expect(await taken(rows(numbers(4)))).toEqual([[lists, { x: [[3]], y: [3] }]]);
    expect(await taken(rows(numbers(4)), { dropLast: true })).toEqual([[lists]]);
  });

  test("of one typed array that is used again are copied, and joined as that kind", async () => {
    const one = new Uint8Array(2);
    const again = function* () {
      for (let i = 0; i < 3; i++) yield { x: one.fill(i), y: i, ...(i === 1 && { sampleWeight: 2 }) };
    };
    const joined = { x: Uint8Array.of(0, 0, 1, 1, 2, 2), y: [0, 1, 2], sampleWeights: [1, 2, 1] };
    expect(await taken(rows(again))).toEqual([[joined]]);
    const scaled = function* () {
      for (const { x } of again()) yield { x: samples(x, 2, { scale: 0.5 }) };
    };
    expect(await taken(rows(scaled))).toEqual([[{ x: samples(joined.x, 2, { scale: 0.5 }), y: undefined }]]);
  });

  test("are mixed within the buffer, anew in each epoch, the same whatever came before", async () => {
    const mixed = (epochs: number, first: number) =>
      taken(rows(numbers(40), { shuffleBuffer: 10 }), {}, epochs, first).then(ofRows);
    const [a, b] = (await mixed(2, 0)) as number[][];
    expect(a).not.toEqual(b);
    for (const order of [a!, b!]) {
      expect(order.toSorted((p, q) => p - q)).toEqual(Array.from({ length: 40 }, (_, i) => i));
      // a row can't come before it has been read: at place i, i + 11 rows have
      order.forEach((row, i) => expect(row).toBeLessThanOrEqual(i + 10));
      expect(order.filter((row, i) => row !== i).length).toBeGreaterThan(20);
    }
    expect(await mixed(1, 1)).toEqual([b]);
  });
});

describe("epochs", () => {
  const list = numbers(5).map(({ x, y }): Batch => ({ x: x as number[], y: [y as number] }));

  test("an iterable begins again in each; with stepsPerEpoch it goes on, and begins again where it ends", async () => {
    expect(ofRows(await taken(batches(list), {}, 2))).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
    expect(ofRows(await taken(batches(list, { stepsPerEpoch: 3 }), {}, 3))).toEqual([
      [0, 1, 2],
      [3, 4, 0],
      [1, 2, 3],
    ]);
  });

  test("a function is called for each, and let go after stepsPerEpoch", async () => {
    const seen: unknown[] = [];
    const source = batches(
      async function* (epoch, random) {
        seen.push([epoch, random.integer(1000)]);
        try {
          yield* list;
        } finally {
          seen.push("returned");
        }
      },
      { stepsPerEpoch: 2 },
    );
    expect(ofRows(await taken(source, {}, 2, 7))).toEqual([
      [0, 1],
      [0, 1],
    ]);
    const [, , second] = seen;
    expect(seen).toEqual([[7, expect.any(Number)], "returned", [8, expect.any(Number)], "returned"]);
    seen.length = 0;
    await taken(source, {}, 1, 8);
    expect(seen[0]).toEqual(second);
    await taken(source, { measures: true }, 1, 8);
    expect(seen[2]).not.toEqual(second);
  });

  test("too few batches are refused", async () => {
    await expectRefusal(
      () => taken(batches(() => list, { stepsPerEpoch: 6 })),
      RangeError,
      "fit: the source gave 5 batches in epoch 0, but stepsPerEpoch is 6",
    );
    const once = (function* () {
      yield* list;
    })();
    await expectRefusal(
      () => taken(batches(once), {}, 2),
      RangeError,
      "fit: the source gave 0 batches in epoch 1; a generator can be gone through once: give a function of the epoch that makes a new one",
    );
    await expectRefusal(
      () => taken(rows([], { stepsPerEpoch: 2 })),
      RangeError,
      /^fit: the source gave 0 batches in epoch 0, but stepsPerEpoch is 2; a generator/,
    );
  });
});

test("map's random numbers are those of the epoch and the batch, however late it is", async () => {
  const draw = (late: number) => async (batch: Batch, random: { integer(count: number): number }) => {
    await new Promise((resolve) => setTimeout(resolve, late * Math.abs(1 - Number((batch.y as number[])[0]))));
    return { ...batch, y: [random.integer(2 ** 30)] };
  };
  const source = batches(numbers(3).map(({ x, y }) => ({ x: x as number[], y: [y as number] })));
  const all = ofRows(await taken(source, { map: draw(0) }, 2)) as number[][];
  expect(new Set(all.flat()).size).toBe(6);
  expect(ofRows(await taken(source, { map: draw(3) }, 1, 1))).toEqual([all[1]]);
});

test("arrays give rows of their own kind, which map may write to", async () => {
  const order = [2, 0, 1];
  const of = async (x: Parameters<typeof batchesOfArrays>[0]["x"]): Promise<Batch> => {
    const source = batchesOfArrays({ x, y: [0, 1, 2] }, { all: 3, trained: 3 }, USUAL, () => order);
    return (await taken(source))[0]![0]!;
  };
  expect(await of(Float64Array.of(1, 2, 3, 4, 5, 6))).toEqual({ x: Float64Array.of(5, 6, 1, 2, 3, 4), y: [2, 0, 1] });
  expect((await of([1, 2, 3, 4, 5, 6])).x).toEqual([5, 6, 1, 2, 3, 4]);
  expect((await of(samples(Uint8Array.of(1, 2, 3), 1, { scale: 2 }))).x).toEqual(
    samples(Uint8Array.of(3, 1, 2), 1, { scale: 2 }),
  );
  const nested = [[[1], [2]], [[3], [4]], [[5], [6]]]; // prettier-ignore
  const { x } = await of(nested);
  expect(x).toEqual([nested[2], nested[0], nested[1]]);
  (x as number[][][])[0]![0]![0] = 9;
  expect(nested[2]).toEqual([[5], [6]]);
});
