// The files of `csvLogger`, written by real trainings and compared as texts.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { csvLogger } from "../../src/files.ts";
import {
  accuracy,
  type Callback,
  dense,
  type FitOptions,
  type History,
  meanSquaredError,
  mae,
  type Metric,
  sequential,
  sgd,
  softmaxCrossEntropy,
  Trainer,
} from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

let all: string;
let folder: string;
let path: string;
beforeAll(async () => void (all = await mkdtemp(join(tmpdir(), "wasmgrad-csv-"))));
beforeEach(async () => {
  folder = await mkdtemp(join(all, "test-"));
  path = join(folder, "training.csv");
});
afterAll(() => rm(all, { recursive: true, force: true }));

const text = (): Promise<string> => readFile(path, "utf8");

async function newTrainer(metrics: readonly Metric[] = []): Promise<Trainer> {
  const model = await sequential({ input: 2, seed: 1 }, dense(2));
  return new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.01 }), metrics });
}

const data = { x: [[0, 1], [1, 0], [1, 1], [0, 0]], y: [[1, 0], [0, 1], [1, 1], [0, 0]] }; // prettier-ignore

async function train(
  callbacks: readonly Callback[],
  options: FitOptions = {},
  metrics: readonly Metric[] = [],
): Promise<History> {
  return (await newTrainer(metrics)).fit(data, { epochs: 3, batchSize: 2, progress: false, ...options, callbacks });
}

/** What the file of a history must be. */
function fileOf(history: History, separator = ","): string {
  const names = Object.keys(history);
  const lines = history.loss.map((_, e) => [e + 1, ...names.map((name) => history[name]![e]!)]);
  return [["epoch", ...names], ...lines].map((cells) => `${cells.join(separator)}\n`).join("");
}

describe("the file", () => {
  test("has the history, line by line, in numbers that read back as the same ones", async () => {
    const model = await sequential({ input: 2, seed: 1 }, dense(2));
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd(), metrics: [accuracy()] });
    const history = await trainer.fit(
      { x: data.x, y: [0, 1, 1, 0] },
      { epochs: 3, validationSplit: 0.5, progress: false, callbacks: [csvLogger(path)] },
    );
    const [head, ...lines] = (await text()).trimEnd().split("\n");
    expect(head).toBe("epoch,loss,accuracy,validationLoss,validationAccuracy");
    expect(lines.map((line) => line.split(",").map(Number))).toEqual(
      history.loss.map((loss, e) => [
        e + 1,
        loss,
        history["accuracy"]![e],
        history["validationLoss"]![e],
        history["validationAccuracy"]![e],
      ]),
    );
    expect(await text()).toBe(fileOf(history));
  });

  test.each([",", ";", "\t"] as const)("with %j between figures", async (separator) => {
    const history = await train([csvLogger(path, { separator })], {}, [mae()]);
    expect(await text()).toBe(fileOf(history, separator));
  });

  test("by a file: URL, and through a link, which stays one", async () => {
    const other = join(folder, "other.csv");
    await symlink("training.csv", other);
    const history = await train([csvLogger(pathToFileURL(other))]);
    expect(await text()).toBe(fileOf(history));
    expect((await readdir(folder, { withFileTypes: true })).find(({ name }) => name === "other.csv")!.isSymbolicLink()).toBe(true); // prettier-ignore
  });

  test("has a line as soon as its epoch is over, and only whole lines", async () => {
    const seen: string[] = [];
    const look = { onEpochEnd: async () => void seen.push(await text()) };
    const history = await train([csvLogger(path), look]);
    const lines = fileOf(history).split(/(?<=\n)/);
    expect(seen).toEqual([2, 3, 4].map((count) => lines.slice(0, count).join("")));
  });

  test("what was there stays until the first epoch is over", async () => {
    await writeFile(path, "before\n");
    const seen: string[] = [];
    const look = { onEpochBegin: async () => void seen.push(await text()) };
    const history = await train([csvLogger(path), look], { epochs: 2 });
    expect(seen).toEqual(["before\n", fileOf({ ...history, loss: history.loss.slice(0, 1) })]);
    expect(await text()).toBe(fileOf(history));
  });

  test("begins anew with every training", async () => {
    const log = csvLogger(path);
    await train([log], { epochs: 5 });
    const history = await train([log], { epochs: 2 });
    expect(await text()).toBe(fileOf(history));
  });

  test("of a training that ends within its first epoch has no line", async () => {
    await writeFile(path, "before\n");
    await train([csvLogger(path), { onBatchEnd: (_batch, _logs, { stop }) => stop() }]);
    expect(await text()).toBe("epoch,loss\n");
  });

  test("that was removed while it trains is made again", async () => {
    const remove = { onEpochBegin: () => rm(path, { force: true }) };
    const history = await train([csvLogger(path), remove]);
    expect(await text()).toBe(fileOf(history));
  });

  test("may be a device", async () => {
    await train([csvLogger(devNull)]);
  });
});

describe("by its hooks", () => {
  const begin = async (log: Callback, state: unknown = undefined) => {
    const training = { model: (await newTrainer()).model, epochs: 5, batches: 2, updates: 0, stop: () => {} };
    await log.onTrainBegin!(training);
    if (state !== undefined) log.restore!(state, training);
    const epoch = async (number: number, logs: Record<string, number>): Promise<void> =>
      log.onEpochEnd!(number, logs as { loss: number }, training);
    return { training, epoch };
  };

  test("numbers are as JavaScript prints them", async () => {
    const { epoch } = await begin(csvLogger(path));
    await epoch(0, { loss: NaN, a: 0.1, b: 1e-320 });
    await epoch(1, { loss: Infinity, a: 1 / 3, b: 1e21 });
    expect(await text()).toBe(`epoch,loss,a,b\n1,NaN,0.1,1e-320\n2,Infinity,0.3333333333333333,1e+21\n`);
  });

  test("names are quoted where they have to be", async () => {
    const heads: string[] = [];
    for (const [name, separator] of [
      ["a,b", ","],
      ["a,b", ";"],
      ['say "a"', ","],
      ["a;b", ";"],
      ["a\nb", ";"],
    ] as const) {
      const { epoch } = await begin(csvLogger(path, { separator }));
      await epoch(0, { loss: 1, [name]: 1 });
      heads.push((await text()).replace(/\n1[,;]1[,;]1\n$/, ""));
    }
    expect(heads).toEqual([
      'epoch,loss,"a,b"',
      "epoch;loss;a,b",
      'epoch,loss,"say ""a"""',
      'epoch;loss;"a;b"',
      'epoch;loss;"a\nb"',
    ]);
  });

  test("a figure that comes later has a column of its own, one that is missing an empty cell", async () => {
    const { epoch } = await begin(csvLogger(path));
    await epoch(0, { loss: 1 });
    await epoch(1, { loss: 2, late: 3 });
    await epoch(2, { loss: 4 });
    expect(await text()).toBe("epoch,loss,late\n1,1,\n2,2,3\n3,4,\n");
  });

  test("a value that is given twice to one training writes once", async () => {
    const log = csvLogger(path);
    const { training, epoch } = await begin(log);
    await log.onTrainBegin!(training);
    await epoch(0, { loss: 1 });
    await epoch(0, { loss: 1 });
    await log.onTrainEnd!(training);
    await log.onTrainEnd!(training);
    expect(await text()).toBe("epoch,loss\n1,1\n");
  });

  /** Two epochs, the checkpoint after the first, and what the process writes before it is killed. */
  async function killed(): Promise<unknown> {
    const log = csvLogger(path);
    const { training, epoch } = await begin(log);
    await epoch(0, { loss: NaN, mae: 0.5 });
    const state = structuredClone(log.state!(training));
    await epoch(1, { loss: 1, mae: 0.25 });
    await writeFile(path, "2,1", { flag: "a" }); // half a line
    return state;
  }
  const END = "epoch,loss,mae\n1,NaN,0.5\n2,1,0.25\n3,0.75,0.125\n";

  test("a resumed training ends with the file of one that was never interrupted", async () => {
    const log = csvLogger(path);
    const { training, epoch } = await begin(log, await killed());
    await epoch(1, { loss: 1, mae: 0.25 });
    await epoch(2, { loss: 0.75, mae: 0.125 });
    await log.onTrainEnd!(training);
    expect(await text()).toBe(END);
  });

  test("what was written behind the checkpoint is gone once it is restored, and comes again", async () => {
    const state = await killed();
    const log = csvLogger(path);
    const { training } = await begin(log, state);
    await log.onTrainEnd!(training); // waits for what restore writes
    expect(await text()).toBe("epoch,loss,mae\n1,NaN,0.5\n");
  });

  test("killed between its begin and restore: nothing is lost", async () => {
    await killed();
    const before = await text();
    await begin(csvLogger(path));
    expect(await text()).toBe(before);
  });

  test("a file that is missing is written by restore", async () => {
    const state = await killed();
    await rm(path);
    const log = csvLogger(path);
    const { training, epoch } = await begin(log, state);
    await epoch(1, { loss: 1, mae: 0.25 });
    await epoch(2, { loss: 0.75, mae: 0.125 });
    await log.onTrainEnd!(training);
    expect(await text()).toBe(END);
  });

  test("a checkpoint of a training that is over gives all of it", async () => {
    const log = csvLogger(path);
    const { training, epoch } = await begin(log);
    await epoch(0, { loss: 1 });
    await log.onTrainEnd!(training);
    const state = structuredClone(log.state!(training));
    await rm(path);
    const again = csvLogger(path);
    const { training: second } = await begin(again, state);
    await again.onTrainEnd!(second);
    expect(await text()).toBe("epoch,loss\n1,1\n");
  });

  test("a checkpoint before the first epoch is over: the lines that a killed process wrote are gone", async () => {
    const log = csvLogger(path);
    const { training, epoch } = await begin(log);
    const state = structuredClone(log.state!(training));
    await epoch(0, { loss: 1 });
    const again = csvLogger(path);
    const resumed = await begin(again, state);
    await resumed.epoch(0, { loss: 2 });
    await again.onTrainEnd!(resumed.training);
    expect(await text()).toBe("epoch,loss\n1,2\n");
  });

  test("what another callback kept is refused", async () => {
    for (const state of [5, null, [], {}, { names: ["loss"], rows: [["1"]] }, { names: [1], rows: [] }]) {
      await expectRefusal(
        () => begin(csvLogger(path), state),
        TypeError,
        "csvLogger: the checkpoint holds something else than the lines of a CSV file",
      );
    }
  });

  test("what restore can't write is told by the next hook", async () => {
    const state = await killed();
    const log = csvLogger(path);
    const { training, epoch } = await begin(log);
    await rm(folder, { recursive: true });
    log.restore!(state, training);
    await expectRefusal(() => epoch(1, { loss: 1 }), Error, /^csvLogger: .*: the folder doesn't exist; .* \(ENOENT\)$/);
  });
});

describe("refused", () => {
  const UNUSABLE = /^csvLogger: the path must be a file's path, got /;
  test("arguments", async () => {
    for (const wrong of [undefined, null, 5, "", {}, ["a"]]) {
      await expectRefusal(() => csvLogger(wrong as never), TypeError, UNUSABLE);
    }
    await expectRefusal(
      () => csvLogger(path, { separator: "." as never }),
      RangeError,
      'csvLogger: separator must be one of "," ";" "\\t", got "."',
    );
    await expectRefusal(
      () => csvLogger(path, { delimiter: ";" } as never),
      TypeError,
      'csvLogger: unknown option "delimiter". Known: separator',
    );
  });

  /** What `fit` says, without having made an update. */
  async function before(file: string): Promise<string> {
    const trainer = await newTrainer();
    const refused: unknown = await trainer
      .fit(data, { progress: false, callbacks: [csvLogger(file)] })
      .catch((error: unknown) => error);
    expect(trainer.updates).toBe(0);
    expect(refused).toBeInstanceOf(Error);
    return (refused as Error).message;
  }

  test("a folder that is missing, before the first update", async () => {
    const file = join(folder, "none", "training.csv");
    expect(await before(file)).toBe(
      `csvLogger: ${file}: the folder doesn't exist; make it first, as by mkdir(dirname(path), { recursive: true }) (ENOENT)`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("a folder, what is below a file, and a name that is too long", async () => {
    await mkdir(join(folder, "logs"));
    await writeFile(path, "");
    const long = join(folder, "x".repeat(300));
    expect(await before(join(folder, "logs"))).toMatch(/logs: this is a folder; give the path of a file \(EISDIR\)$/);
    expect(await before(`${join(folder, "new")}/`)).toMatch(/this is a folder; give the path of a file \(EISDIR\)$/);
    expect(await before(join(path, "a.csv"))).toMatch(/a part of the path is a file, not a folder \(ENOTDIR\)$/);
    expect(await before(long)).toMatch(/the name is too long \(ENAMETOOLONG\)$/);
    expect((await readdir(folder)).toSorted()).toEqual(["logs", "training.csv"]);
  });

  test.skipIf(process.platform !== "linux")("no space for a line", async () => {
    const message = await train([csvLogger("/dev/full")]).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
    expect(message).toMatch(/^csvLogger: \/dev\/full: no space is left .*\(ENOSPC\)$/);
  });

  test("a file that can't be written any more: `fit` says so", async () => {
    const spoil = {
      async onEpochBegin(epoch: number): Promise<void> {
        if (epoch !== 1) return;
        await rm(path);
        await mkdir(path);
      },
    };
    await expectRefusal(
      () => train([csvLogger(path), spoil]),
      Error,
      `csvLogger: ${path}: this is a folder; give the path of a file (EISDIR)`,
    );
  });

  const taken = (): string =>
    `csvLogger: ${path} is being written by another csvLogger or training; give each a file of its own, as by csvLogger("other.csv")`;

  test("a second training with the same value, while the first runs", async () => {
    const log = csvLogger(path);
    let second: unknown;
    const inside = { onEpochEnd: async () => void (second ??= await train([log]).catch((error: unknown) => error)) };
    const history = await train([log, inside]);
    expect((second as Error).message).toBe(taken());
    expect(await text()).toBe(fileOf(history));
  });

  test("the same file by another value", async () => {
    await expectRefusal(() => train([csvLogger(path), csvLogger(path)]), Error, taken());
    // it isn't in use any more
    const history = await train([csvLogger(path)]);
    expect(await text()).toBe(fileOf(history));
  });

  test("not a training after one that an error ended, with the same value or another", async () => {
    const trainer = await newTrainer();
    const log = csvLogger(path);
    const fail = {
      onEpochEnd: () => {
        throw new Error("mine");
      },
    };
    const fit = (...callbacks: Callback[]): Promise<History> => trainer.fit(data, { progress: false, callbacks });
    for (const next of [() => fit(log), () => fit(csvLogger(path)), () => train([csvLogger(path)])]) {
      await expectRefusal(() => fit(log, fail), Error, "mine");
      const history = await next();
      expect(await text()).toBe(fileOf(history));
    }
  });
});
