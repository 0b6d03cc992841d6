// Batches of a table that is read while a model is trained.
import { describe, expect, test } from "vitest";
import { readCsv, table, type Pipeline, type Rows } from "../../../src/data.ts";
import type { Batch, Source } from "../../../src/data/sources.ts";
import { randomAt } from "../../../src/data/random.ts";
import { adam, dense, meanSquaredError, sequential, Trainer } from "../../../src/index.ts";
import { expectRefusal } from "../../support/refusals.ts";

const count = 1000;
const text = `a,b,y\n${Array.from({ length: count }, (_, i) => `${(i * 37) % 100},${["x", "y", "z"][i % 3]},${i % 50 === 3 ? "" : (i * 11) % 17}`).join("\n")}\n`;
const whole = (await table(readCsv({ text }))).infer();
const pipeline: Pipeline = whole.fit({ target: "y" });
const { x, y } = pipeline.transform(whole);
const width = pipeline.features.length;

async function gone(source: Source, epoch = 0): Promise<{ sizes: number[]; rows: string[] }> {
  const sizes: number[] = [];
  const rows: string[] = [];
  const open = source.batches as (epoch: number, random: unknown) => AsyncIterable<Batch>;
  for await (const batch of open(epoch, randomAt(1, 2, epoch))) {
    const { data } = batch.x as { data: Float32Array };
    const own = batch.y as Float32Array;
    sizes.push(own.length);
    own.forEach((target, i) => rows.push([...data.subarray(i * width, (i + 1) * width), target].join()));
  }
  return { sizes, rows };
}

const expected = Array.from(y!, (target, i) => [...x.subarray(i * width, (i + 1) * width), target].join());

test("in the source's order they are the rows that transform makes, to the bit", async () => {
  const { sizes, rows } = await gone(pipeline.batches(readCsv({ text }), { batchSize: 64, shuffleBuffer: 0 }));
  expect(rows).toEqual(expected);
  expect(sizes).toEqual([...Array.from({ length: 15 }, () => 64), 20]);
});

test("mixed they are the same rows, in each epoch in another order", async () => {
  for (const shuffleBuffer of [10, 300, 8192]) {
    const source = pipeline.batches(() => readCsv({ text }), { batchSize: 50, shuffleBuffer });
    const [first, second, again] = [await gone(source, 0), await gone(source, 1), await gone(source, 0)];
    expect(first.rows).not.toEqual(expected);
    expect(first.rows.toSorted()).toEqual(expected.toSorted());
    expect(second.rows).not.toEqual(first.rows);
    expect(again.rows).toEqual(first.rows);
    expect(first.sizes.every((size, i) => size === 50 || i === first.sizes.length - 1)).toBe(true);
  }
});

test("no more of a file is read ahead than the buffer and two pieces hold, however long it is", async () => {
  const [shuffleBuffer, batchSize] = [1000, 100];
  /** The most rows that were read and not yet given on, and how many were given in all. */
  async function ahead(rows: number): Promise<{ most: number; given: number }> {
    let [read, given, most] = [0, 0, 0];
    function* lines(): Generator<string> {
      yield "a,b,y\n";
      for (; read < rows; read += 500) {
        const some = Array.from(
          { length: 500 },
          (_, i) => `${((read + i) * 37) % 100},${"xyz"[i % 3]},${(i * 11) % 17}`,
        );
        yield `${some.join("\n")}\n`;
      }
    }
    const source = pipeline.batches(readCsv(lines()), { batchSize, shuffleBuffer });
    const open = source.batches as (epoch: number, random: unknown) => AsyncIterable<Batch>;
    for await (const { y: targets } of open(0, randomAt(1, 2, 0))) {
      most = Math.max(most, read - given);
      given += (targets as Float32Array).length;
    }
    return { most, given };
  }
  const [short, long] = [await ahead(100_000), await ahead(400_000)];
  expect([short.given, long.given]).toEqual([100_000, 400_000]);
  // a line is at least 6 characters long, a piece 2^18
  expect(short.most).toBeLessThan(shuffleBuffer + 2 * (2 ** 18 / 6));
  expect(long.most).toBe(short.most);
});

test("a model is trained and measured by them", async () => {
  const model = await sequential({ input: width, seed: 1 }, dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam() });
  const history = await trainer.fit(pipeline.batches(readCsv({ text }), { batchSize: 32 }), { epochs: 2 });
  expect(history.loss.length).toBe(2);
  const streamed = await trainer.evaluate(pipeline.batches(readCsv({ text }), { shuffleBuffer: 0 }));
  const inMemory = await trainer.evaluate({ x, y: y! });
  expect(streamed.loss).toBeCloseTo(inMemory.loss, 5);
});

describe("refused", () => {
  const parts = async function* (
    rows: readonly (readonly unknown[])[],
    columns = ["a", "b", "y"],
  ): AsyncGenerator<Rows> {
    yield { columns, rows, first: 100 };
  };
  const source = (rows: readonly (readonly unknown[])[], columns?: string[]): Promise<unknown> =>
    gone(pipeline.batches(() => parts(rows, columns)));

  test("at once", async () => {
    await expectRefusal(
      () => pipeline.batches(whole as never),
      TypeError,
      'pipeline.batches: the source must be what readCsv("rows.csv") gives, or a function that gives it, got an object (View); of a table that is in memory, transform gives x and y',
    );
    await expectRefusal(
      () => whole.fit().batches(readCsv({ text })),
      TypeError,
      "pipeline.batches: the pipeline has no target; fit it with one",
    );
  });

  test("while it is read, with the row of the file", async () => {
    await expectRefusal(
      () =>
        source([
          ["1", "x", "2"],
          ["many", "x", "3"],
        ]),
      RangeError,
      'pipeline.batches: column "a", row 101 is "many", which is no number; mend it, or leave the cell empty where the number is missing',
    );
    await expectRefusal(
      () => source([["1", "2"]], ["a", "y"]),
      RangeError,
      'pipeline.batches: column "b" is missing; the pipeline needs a, b, y; the rows have a, y',
    );
    await expectRefusal(
      () => source([["1", "x"]]),
      RangeError,
      "pipeline.batches: row 100 must be an array of 3 cells, got 2 cells",
    );
  });
});
