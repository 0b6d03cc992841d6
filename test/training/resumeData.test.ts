// Trainings that go on from a checkpoint: every kind of data.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as data from "../../src/data/sources.ts";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";
import { always, expectResumes, MemoryStore, ROWS, small, train, type Training, x, y } from "../support/resuming.ts";
import { generator, uniform, wholes } from "../support/seeded.ts";

/** Options of arrays: five batches, the last of which is short, in updates of two. */
const FIT: w.FitOptions = { epochs: 3, batchSize: 5, accumulate: 2 };

const trainingOn = (
  make: () => w.TrainingData | w.Source,
  options: () => w.FitOptions = () => FIT,
  parts: () => Partial<w.TrainerOptions> = () => ({}),
): Training => ({ trainer: () => small(parts()), data: make, options });

const listed = Array.from({ length: ROWS }, (_, r) => [...x.subarray(3 * r, 3 * r + 3)]);
const oneHot = Array.from(y, (label) => [Number(label === 0), Number(label === 1)]);
const sampleWeights = uniform(ROWS, { seed: 3, low: 0, high: 2 });
const bytes = Uint8Array.from(wholes(ROWS * 3, { seed: 4, below: 256 }));
const other = { x: x.map((value) => value + 0.1), y: y.map((label) => 1 - label) };

describe("arrays", () => {
  const KINDS: Readonly<Record<string, () => w.TrainingData>> = {
    "nested lists": () => ({ x: listed, y: [...y] }),
    "flat lists": () => ({ x: [...x], y: [...y] }),
    "typed arrays": () => ({ x, y }),
    "bytes with a scale": () => ({ x: w.samples(bytes, [3], { scale: 1 / 255 }), y }),
    "a data set": () => w.dataset({ x, y, sampleWeights }),
    "one-hot targets": () => ({ x, y: oneHot }),
    weights: () => ({ x, y, sampleWeights }),
  };
  for (const [name, make] of Object.entries(KINDS)) {
    test(name, async () => {
      await expectResumes(trainingOn(make));
      await expectResumes(trainingOn(make, () => ({ ...FIT, validationSplit: 0.25 })));
    });
  }

  test("a data set that is the same value each time", async () => {
    const set = w.dataset({ x, y });
    await expectResumes(trainingOn(() => set));
  });

  test("values as targets", async () => {
    const training: Training = {
      trainer: () => small({ loss: w.huber(), metrics: [w.r2()] }, {}, () => [w.dense(4), w.tanh(), w.dense(3)]),
      data: () => ({ x, y: listed }),
      options: () => FIT,
    };
    await expectResumes(training);
  });

  const OPTIONS: Readonly<Record<string, w.FitOptions>> = {
    "the stored order": { shuffle: false },
    "no batch that isn't full": { dropLast: true },
    "more rows in a batch than there are": { batchSize: 100, accumulate: 1, epochs: 4 },
    "batches of one row": { batchSize: 1, accumulate: 7, epochs: 2 },
    "a batch more than full ones": { batchSize: 21 },
    "an update of more batches than an epoch has": { accumulate: 99 },
    "one epoch": { epochs: 1 },
    "data to measure with": { validationData: other },
    "data to measure with, as a data set": { validationData: w.dataset({ ...other, sampleWeights }) },
  };
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(name, async () => {
      const norms =
        options.batchSize === 1 || options.batchSize === 21
          ? () => [w.dense(4), w.dropout(0.3), w.dense(2)]
          : undefined;
      const given = (): w.FitOptions => ({ ...FIT, ...options });
      const trainer = (): Promise<w.Trainer> => small({ metrics: [w.accuracy()] }, {}, norms);
      await expectResumes({ ...trainingOn(() => ({ x, y, sampleWeights }), given), trainer });
    });
  }
});

describe("map", () => {
  const noisy: NonNullable<w.FitOptions["map"]> = async ({ x: input, y: target }, random) => {
    const rows = input as Float32Array;
    if (random.uniform(0, 1) < 0.3) await sleep(0);
    return { x: rows.map((value) => value + random.uniform(-0.2, 0.2)), y: target };
  };

  test("with random numbers, on arrays", async () => {
    await expectResumes(
      trainingOn(
        () => ({ x, y, sampleWeights }),
        () => ({ ...FIT, map: noisy }),
      ),
    );
    const rest = { validationSplit: 0.25, dropLast: true, shuffle: false };
    await expectResumes(
      trainingOn(
        () => ({ x, y }),
        () => ({ ...FIT, ...rest, map: noisy }),
      ),
    );
  });

  test("of samples, and mixup", async () => {
    const mixed = { ...FIT, map: w.mixup({ classes: 2 }) };
    await expectResumes(
      trainingOn(
        () => ({ x, y }),
        () => mixed,
      ),
    );
    const same: NonNullable<w.FitOptions["map"]> = (batch) => batch;
    await expectResumes(
      trainingOn(
        () => ({ x: w.samples(bytes, [3], { scale: 1 / 255 }), y }),
        () => ({ ...FIT, map: same }),
      ),
    );
  });

  test("is asked for the batches that are computed, and for the one before them", async () => {
    let mapped: number[] = [];
    const count: NonNullable<w.FitOptions["map"]> = (batch) => {
      mapped.push((batch.x as Float32Array).length);
      return batch;
    };
    const training = trainingOn(
      () => ({ x, y }),
      () => ({ ...FIT, epochs: 1, map: count }),
    );
    const store = new MemoryStore();
    await train(training, false, { callbacks: always(store) });
    expect(mapped).toEqual([15, 15, 15, 15, 6]);
    mapped = [];
    await train(training, true, { resumeFrom: new MemoryStore(store.kept[3]!.bytes) });
    expect(mapped).toEqual([15, 6]);
  });
});

/** Batches of these rows, some of them short. */
const SIZES = [5, 3, 5, 4];
function batchesFrom(random: () => number): w.Batch[] {
  return SIZES.map((rows) => ({
    x: Float32Array.from({ length: 3 * rows }, () => random() - 0.5),
    y: Int32Array.from({ length: rows }, () => Math.floor(2 * random())),
  }));
}
const all = (): w.Batch[] => batchesFrom(generator(5));
const rowsOf = (count: number, seed = 6): w.Row[] => {
  const random = generator(seed);
  return Array.from({ length: count }, () => ({
    x: [random(), random(), random()],
    y: Math.floor(2 * random()),
    sampleWeight: random(),
  }));
};

describe("sources", () => {
  test("have cases for every function that makes one", () => {
    const makers = Object.entries(data).filter(([name, value]) => typeof value === "function" && name !== "isSource");
    expect(makers.map(([name]) => name).toSorted()).toEqual(["batches", "rows"]);
  });

  const SOURCES: Readonly<Record<string, () => w.Source>> = {
    "an array of batches": () => w.batches(all()),
    "an array of batches over epochs": () => w.batches(all(), { stepsPerEpoch: 3 }),
    "an array of batches, more of them than there are": () => w.batches(all(), { stepsPerEpoch: 7 }),
    "a function of the epoch": () =>
      w.batches(function* (epoch, random) {
        for (const batch of batchesFrom(generator(epoch))) {
          yield { ...batch, x: (batch.x as Float32Array).map((value) => value + random.uniform(-1, 1)) };
        }
      }),
    "a function of the epoch with steps": () =>
      w.batches(
        function* (epoch, random) {
          for (;;) {
            for (const batch of batchesFrom(generator(100 * epoch + random.integer(9)))) yield batch;
          }
        },
        { stepsPerEpoch: 3 },
      ),
    "an async function": () =>
      w.batches(async function* (epoch) {
        for (const batch of batchesFrom(generator(epoch))) {
          await sleep(0);
          yield batch;
        }
      }),
    "more and fewer batches from epoch to epoch": () => w.batches((epoch) => all().slice(0, [3, 1, 4][epoch % 3])),
    "an iterable that goes on": () =>
      w.batches(
        (function* () {
          const random = generator(8);
          for (;;) yield* batchesFrom(random);
        })(),
        { stepsPerEpoch: 3 },
      ),
    "an async iterable that goes on": () =>
      w.batches(
        (async function* () {
          const random = generator(9);
          for (;;) {
            await sleep(0);
            yield* batchesFrom(random);
          }
        })(),
        { stepsPerEpoch: 5 },
      ),
    "batches with weights": () =>
      w.batches(
        all().map((batch) => ({
          ...batch,
          sampleWeights: Array.from(batch.y as Int32Array, (label, row) => label + row / 4),
        })),
      ),
    "batches of bytes": () =>
      w.batches(
        [4, 3, 4].map((count, i) => ({
          x: w.samples(bytes.slice(9 * i, 9 * i + 3 * count), [3], { scale: 1 / 255 }),
          y: y.slice(i, i + count),
        })),
      ),
    rows: () => w.rows(rowsOf(22)),
    "rows of a function": () => w.rows((epoch) => rowsOf(17 + epoch, epoch)),
    "rows that are mixed": () => w.rows(rowsOf(22), { shuffleBuffer: 7 }),
    "rows that are mixed, over epochs": () => w.rows(rowsOf(22), { shuffleBuffer: 7, stepsPerEpoch: 3 }),
    "rows over epochs": () => w.rows(rowsOf(22), { stepsPerEpoch: 3 }),
    "rows of an async function, mixed": () =>
      w.rows(
        async function* (epoch, random) {
          for (const row of rowsOf(20, epoch)) {
            if (random.uniform(0, 1) < 0.2) await sleep(0);
            yield row;
          }
        },
        { shuffleBuffer: 5 },
      ),
    "rows of more than there are": () => w.rows(rowsOf(5), { stepsPerEpoch: 4, shuffleBuffer: 2 }),
  };
  for (const [name, make] of Object.entries(SOURCES)) {
    test(name, async () => {
      for (const accumulate of [1, 2]) {
        await expectResumes(
          trainingOn(
            make,
            () => ({ epochs: 3, batchSize: 5, accumulate }),
            () => ({ metrics: [w.accuracy(), w.f1()] }),
          ),
        );
      }
    });
  }

  test("rows without a last batch that isn't full", async () => {
    const options = (): w.FitOptions => ({ epochs: 3, batchSize: 5, dropLast: true });
    await expectResumes(trainingOn(() => w.rows(rowsOf(22), { shuffleBuffer: 4 }), options));
  });

  test("with map, with arrays and sources to measure with", async () => {
    const map: NonNullable<w.FitOptions["map"]> = (batch, random) => ({
      ...batch,
      x: (batch.x as Float32Array).map((value) => value * random.uniform(0.5, 1)),
    });
    for (const validationData of [
      () => other,
      () => w.batches(all()),
      () => w.batches((epoch) => batchesFrom(generator(epoch))),
      () => w.batches(all(), { stepsPerEpoch: 3 }),
      () => w.rows(rowsOf(22), { stepsPerEpoch: 2, shuffleBuffer: 3 }),
    ]) {
      const parts = () => ({ metrics: [w.accuracy()] });
      const options = (): w.FitOptions => ({ epochs: 3, batchSize: 5, validationData: validationData() });
      await expectResumes(
        trainingOn(
          () => w.batches(all()),
          () => ({ ...options(), map }),
          parts,
        ),
      );
      await expectResumes(trainingOn(() => ({ x, y }), options, parts));
    }
  });

  test("whose rows come in order, with layers that go on from batch to batch", async () => {
    const random = generator(3);
    const made = Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: 12 }, random), y: [0, 1] }));
    await expectResumes({
      async trainer() {
        const model = await w.sequential({ input: [2, 3], seed: 4 }, w.gru(4, { stateful: true }), w.dense(2));
        return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }) });
      },
      data: () => w.batches(made),
      options: () => ({ epochs: 3, accumulate: 3 }),
    });
  });
});

describe("sources with a state of their own", () => {
  /** Batches of an order that is another one in each epoch, which is drawn when the iterator is asked for. */
  class Shuffled implements Iterable<w.Batch> {
    readonly asked: number[] = [];
    #at = { seed: 1, next: 0 };
    readonly #live: boolean;

    /** @param live its state is the object that it goes on to change */
    constructor({ seed = 1, live = false } = {}) {
      this.#at.seed = seed;
      this.#live = live;
    }

    *[Symbol.iterator](): Iterator<w.Batch> {
      const at = this.#at;
      while (at.next < 4) {
        const made = 10 * at.seed + at.next++;
        this.asked.push(made);
        yield batchesFrom(generator(made))[made % 2 === 0 ? 0 : 2]!;
      }
      at.seed++;
      at.next = 0;
    }

    state(): unknown {
      return this.#live ? this.#at : { ...this.#at };
    }

    restore(state: unknown): void {
      this.#at = state as { seed: number; next: number };
    }
  }

  /** As in docs/checkpoints.md. */
  class Documented {
    #line = 0;
    state = () => this.#line;
    restore = (line: unknown) => void (this.#line = line as number);
    *[Symbol.iterator](): Iterator<w.Batch> {
      while (this.#line < 4) {
        const value = this.#line++ / 4;
        yield {
          x: [
            [value, 1, 2],
            [1, value, 2],
          ],
          y: [0, 1],
        };
      }
      this.#line = 0;
    }
  }

  test.each([undefined, 3, 4, 5])("the documentation's, by steps of %s", async (stepsPerEpoch) => {
    const source = (): w.Source => w.batches(new Documented(), stepsPerEpoch === undefined ? {} : { stepsPerEpoch });
    await expectResumes(trainingOn(source, () => ({ epochs: 3, accumulate: 2 })));
  });

  /** Begins at the first one whenever the iterator is asked for, unless it was taken elsewhere. */
  class Listed extends Shuffled {
    #from = 0;
    #next = 0;

    override *[Symbol.iterator](): Iterator<w.Batch> {
      this.#next = this.#from;
      this.#from = 0;
      while (this.#next < 4) {
        this.asked.push(this.#next);
        yield all()[this.#next++]!;
      }
    }

    override state(): unknown {
      return this.#next;
    }

    override restore(state: unknown): void {
      this.#from = state as number;
    }
  }

  let made: Shuffled[] = [];
  const noted = (source: Shuffled): Shuffled => {
    made.push(source);
    return source;
  };
  test.each<readonly [string, () => w.Source]>([
    ["an iterable", () => w.batches(noted(new Shuffled()))],
    ["a list", () => w.batches(noted(new Listed()))],
    ["a list that goes on", () => w.batches(noted(new Listed()), { stepsPerEpoch: 4 })],
    ["a list that goes on, by fewer", () => w.batches(noted(new Listed()), { stepsPerEpoch: 3 })],
    ["an iterable whose state is the object that changes", () => w.batches(noted(new Shuffled({ live: true })))],
    ["an iterable that goes on", () => w.batches(noted(new Shuffled({ live: true })), { stepsPerEpoch: 4 })],
    ["an iterable that goes on, by more", () => w.batches(noted(new Shuffled()), { stepsPerEpoch: 6 })],
    ["what a function gives", () => w.batches((epoch) => noted(new Shuffled({ seed: epoch })))],
    [
      "what a function gives, with steps",
      () => w.batches((epoch) => noted(new Shuffled({ seed: epoch, live: true })), { stepsPerEpoch: 3 }),
    ],
  ])("%s", async (name, source) => {
    const training = trainingOn(source, () => ({ epochs: 3, batchSize: 5, accumulate: 2 }));
    const { kept } = await expectResumes(training);
    made = [];
    await train(training, false);
    const asked = made.flatMap((each) => each.asked);
    for (const i of [1, 4, 6, kept.length - 2]) {
      made = [];
      await train(training, true, { resumeFrom: new MemoryStore(kept[i]!.bytes) });
      // none that was computed before is asked for again
      const again = made.flatMap((each) => each.asked);
      if (!name.endsWith("with steps")) expect(again, `from ${i}`).toEqual(asked.slice(i + 1));
      else expect(again.length, `from ${i}`).toBeLessThanOrEqual(asked.length - i);
    }
    // to measure with, too
    const measured = (): w.FitOptions => ({ ...FIT, validationData: source() });
    await expectResumes(trainingOn(() => ({ x, y }), measured));
  });

  test("which is no plain value is refused", async () => {
    class Place {
      at = 1;
    }
    class Placed extends Listed {
      override state(): unknown {
        return new Place();
      }
    }
    const training = trainingOn(() => w.batches(new Placed()));
    await expectRefusal(
      () => train(training, false, { callbacks: always(new MemoryStore()) }),
      TypeError,
      "fit: the state of the source: it is an object (Place), which can't be written; make it of numbers, strings, arrays, plain objects, maps, sets and typed arrays",
    );
  });

  test("which isn't taken back any more is refused", async () => {
    const training = trainingOn(() => w.batches(new Listed()));
    const store = new MemoryStore();
    await train(training, false, { callbacks: always(store) });
    const changed = trainingOn(() => w.batches(all()));
    await expectRefusal(
      () => train(changed, true, { resumeFrom: new MemoryStore(store.kept[1]!.bytes) }),
      TypeError,
      "fit: resumeFrom: restore of the source must be a function, as the checkpoint has a state of the source, got undefined",
    );
  });

  test("rows, and one that is async", async () => {
    class Lines {
      asked = 0;
      #at = 0;
      async *[Symbol.asyncIterator](): AsyncIterator<w.Row> {
        const given = rowsOf(22);
        for (;;) {
          this.asked++;
          await sleep(0);
          yield given[this.#at++ % 22]!;
        }
      }
      state(): unknown {
        return new Map([["at", BigInt(this.#at)]]);
      }
      restore(state: unknown): void {
        this.#at = Number((state as Map<string, bigint>).get("at"));
      }
    }
    let lines!: Lines;
    const training = trainingOn(
      () => w.rows((lines = new Lines()) as AsyncIterable<w.Row>, { stepsPerEpoch: 4 }),
      () => ({ epochs: 2, batchSize: 3 }),
    );
    const { kept } = await expectResumes(training);
    await train(training, true, { resumeFrom: new MemoryStore(kept[5]!.bytes) });
    expect(lines.asked).toBeLessThanOrEqual(2 * 3);
  });

  test("mixed rows are gone through again, as what is held isn't in its state", async () => {
    class Lines {
      restored = false;
      *[Symbol.iterator](): Iterator<w.Row> {
        yield* rowsOf(22);
      }
      state(): unknown {
        throw new Error("isn't asked for");
      }
      restore(): void {
        this.restored = true;
      }
    }
    await expectResumes(
      trainingOn(
        () => w.rows(new Lines(), { shuffleBuffer: 4 }),
        () => ({ epochs: 2, batchSize: 5 }),
      ),
    );
  });
});
