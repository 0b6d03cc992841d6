// The progress line: what it says, and that it is only written where there is a terminal.
import { afterEach, describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { durationText, figureText, Progress, terminal } from "../../src/training/progress.ts";

/** Something to write to that remembers. */
class Screen {
  readonly columns: number | undefined;
  readonly texts: string[] = [];

  constructor(columns?: number) {
    this.columns = columns;
  }

  write(text: string): void {
    this.texts.push(text);
  }
}

/** Back to the start of the line, and clear it. */
const OVER = "\r\x1b[2K";

describe("a line", () => {
  test("while an epoch runs: bar, rows, figures, speed, time left", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 12);
    progress.begin(5000);
    progress.update(7000, 2, 1500, 6000, { loss: 0.51239, accuracy: 0.875 });
    // 1,500 rows in 2 seconds, so 4,500 in 6
    expect(screen.texts).toEqual([
      `${OVER}epoch  3/12 ━━━━━━────────────────── 1500/6000  loss 0.5124  accuracy 0.8750  750 samples/s  6.0 s left`,
    ]);
  });

  test("of a source, whose rows nobody has counted or which has more than before", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 2);
    progress.begin(5000);
    progress.update(7000, 0, 1500, Infinity, { loss: 0.5 });
    progress.update(8000, 0, 1500, 1000, { loss: 0.5 });
    expect(screen.texts).toEqual([
      `${OVER}epoch 1/2 ──────────────────────── 1500 rows  loss 0.5000  750 samples/s`,
      `${OVER}epoch 1/2 ━━━━━━━━━━━━━━━━━━━━━━━━ 1500/1000  loss 0.5000  500 samples/s  0 ms left`,
    ]);
  });

  test("at the end of an epoch: it stays", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 3);
    progress.begin(1000);
    progress.end(1250, 0, 60_000, { loss: 0.03, validationLoss: 12.3456 });
    expect(screen.texts).toEqual([
      `${OVER}epoch 1/3 ━━━━━━━━━━━━━━━━━━━━━━━━  loss 0.0300  validationLoss 12.35  240,000 samples/s  250 ms`,
      "\n",
    ]);
  });

  test("ten times a second at most, but at once in a new epoch", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 2);
    progress.begin(1000);
    for (let now = 1001; now <= 1480; now++) progress.update(now, 0, now - 1000, 1000, { loss: 1 });
    expect(screen.texts.length).toBe(5);
    progress.begin(1480);
    progress.update(1481, 1, 1, 1000, { loss: 1 });
    expect(screen.texts.length).toBe(6);
  });

  test("is cut to the terminal's width", () => {
    for (const columns of [20, 60]) {
      const screen = new Screen(columns);
      const progress = new Progress(screen, 3);
      progress.begin(0);
      progress.update(200, 0, 10, 100, { loss: 1, accuracy: 0.5 });
      expect(screen.texts[0]!.length).toBe(OVER.length + columns);
    }
  });

  /** The line while an epoch runs, and what stays of it, on a terminal so wide. */
  function linesAt(columns: number | undefined, logs: w.Logs): { running: string; stays: string[] } {
    const screen = new Screen(columns);
    const progress = new Progress(screen, 3);
    progress.begin(0);
    progress.update(200, 0, 10, 100, logs);
    progress.end(2000, 0, 100, logs);
    const [running, stays, end] = screen.texts as [string, string, string];
    expect(end).toBe("\n");
    return { running: running.slice(OVER.length), stays: stays.slice(OVER.length).split("\n") };
  }

  test("a terminal that reports 0 columns has 80", () => {
    const logs = { loss: 1, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.25 };
    for (const columns of [0, -1, NaN]) expect(linesAt(columns, logs)).toEqual(linesAt(80, logs));
    expect(linesAt(0, logs).running.length).toBe(80);
  });

  test("where there is little room, the bar gets shorter, and speed and time are left out: the figures stay", () => {
    const logs = { loss: 1, accuracy: 0.5 };
    expect(linesAt(120, logs)).toEqual({
      running: "epoch 1/3 ━━────────────────────── 10/100  loss 1.0000  accuracy 0.5000  50 samples/s  1.8 s left",
      stays: ["epoch 1/3 ━━━━━━━━━━━━━━━━━━━━━━━━  loss 1.0000  accuracy 0.5000  50 samples/s  2.0 s"],
    });
    expect(linesAt(80, logs)).toEqual({
      running: "epoch 1/3 ━━───────────────── 10/100  loss 1.0000  accuracy 0.5000  50 samples/s",
      stays: ["epoch 1/3 ━━━━━━━━━━━━━━━━━━━  loss 1.0000  accuracy 0.5000  50 samples/s  2.0 s"],
    });
    expect(linesAt(60, logs)).toEqual({
      running: "epoch 1/3 ━──────────── 10/100  loss 1.0000  accuracy 0.5000",
      stays: ["epoch 1/3 ━━━━━━━━━━━━━  loss 1.0000  accuracy 0.5000  2.0 s"],
    });
    expect(linesAt(40, logs)).toEqual({
      running: "epoch 1/3 10/100  loss 1.0000  accuracy ",
      stays: ["epoch 1/3  loss 1.0000  accuracy 0.5000"],
    });
    expect(linesAt(30, logs).stays).toEqual(["epoch 1/3  loss 1.0000", "  accuracy 0.5000"]);
    expect(linesAt(5, logs).stays).toEqual(["epoch 1/3", "  loss 1.0000", "  accuracy 0.5000"]);
  });

  test("what stays is in lines no longer than the terminal is wide", () => {
    const logs = Object.fromEntries(["loss", "accuracy", "validationLoss", "f1"].map((name, i) => [name, i / 7]));
    for (let columns = 26; columns < 130; columns++) {
      const { running, stays } = linesAt(columns, logs);
      expect(running.length).toBeLessThanOrEqual(columns);
      for (const line of stays) expect(line.length).toBeLessThanOrEqual(columns);
      for (const name of Object.keys(logs)) expect(stays.join(" ")).toContain(`${name} 0.`);
    }
  });

  test("closes what an epoch left unfinished, once", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 3);
    progress.close();
    progress.begin(0);
    progress.close();
    expect(screen.texts).toEqual([]);
    progress.update(200, 0, 10, 100, { loss: 1 });
    progress.close();
    progress.close();
    expect(screen.texts.length).toBe(2);
    expect(screen.texts[1]).toBe("\n");
    progress.end(300, 0, 100, { loss: 1 });
    progress.close();
    expect(screen.texts.length).toBe(4);
  });

  test("of two at once, the one whose line stands there closes it", () => {
    const screen = new Screen();
    const [a, b] = [new Progress(screen, 2), new Progress(screen, 5)];
    for (const each of [a, b]) each.begin(0);
    a.update(200, 0, 10, 100, { loss: 1 });
    b.update(210, 0, 10, 100, { loss: 1 }); // over a's
    a.close();
    expect(screen.texts.length).toBe(2);
    b.close();
    expect(screen.texts.slice(2)).toEqual(["\n"]);
    a.update(400, 0, 10, 100, { loss: 1 });
    b.end(410, 0, 100, { loss: 1 }); // over a's, and ends the line
    a.close();
    expect(screen.texts.slice(4).length).toBe(2);
    expect(screen.texts.at(-1)).toBe("\n");
  });

  test("a terminal that can't be written to any more is no reason to throw", () => {
    const write = (): never => {
      throw new Error("write EIO");
    };
    const progress = new Progress({ write }, 2);
    progress.begin(0);
    progress.update(200, 0, 10, 100, { loss: 1 });
    progress.end(300, 0, 100, { loss: 1 });
    progress.close();
  });

  test("the bar grows from empty to full", () => {
    const screen = new Screen();
    const progress = new Progress(screen, 1);
    progress.begin(0);
    for (let i = 1; i <= 100; i++) progress.update(i * 200, 0, i, 100, { loss: 1 });
    const bars = screen.texts.map((line) => /[━─]+/.exec(line)![0]);
    expect(new Set(bars.map((bar) => bar.length))).toEqual(new Set([24]));
    expect([bars[0], bars[49], bars[99]]).toEqual(["─".repeat(24), "━".repeat(12) + "─".repeat(12), "━".repeat(24)]);
  });
});

describe("figures", () => {
  for (const [value, text] of [
    [0, "0.0000"],
    [0.12345, "0.1235"],
    [-0.5, "-0.5000"],
    [0.00099, "9.90e-4"],
    [1e-7, "1.00e-7"],
    [12.345, "12.35"],
    [123.45, "123.5"],
    [1234.5, "1235"],
    [999_999, "999999"],
    [2_500_000, "2.50e+6"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ] as const) {
    test(text, () => expect(figureText(value)).toBe(text));
  }
});

describe("durations", () => {
  for (const [seconds, text] of [
    [0, "0 ms"],
    [0.8304, "830 ms"],
    [1.25, "1.3 s"],
    [12.4, "12 s"],
    [99, "99 s"],
    [187, "3:07"],
    [3661, "61:01"],
  ] as const) {
    test(text, () => expect(durationText(seconds)).toBe(text));
  }
});

describe("fit", () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stdout, "isTTY");
  afterEach(() => {
    vi.restoreAllMocks();
    if (isTTY) Object.defineProperty(process.stdout, "isTTY", isTTY);
    else Reflect.deleteProperty(process.stdout, "isTTY");
  });

  type Make = () => Promise<w.Trainer>;
  const makeLine: Make = async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  };

  /** What is written to a standard output that is a terminal or not. */
  async function writtenBy(tty: boolean, run: (texts: string[]) => Promise<unknown>): Promise<string[]> {
    Object.defineProperty(process.stdout, "isTTY", { value: tty, configurable: true });
    const texts: string[] = [];
    const write = (text: unknown): boolean => {
      texts.push(String(text));
      return true;
    };
    vi.spyOn(process.stdout, "write").mockImplementation(write as typeof process.stdout.write);
    await run(texts);
    vi.restoreAllMocks();
    return texts;
  }

  /** What fit writes to a standard output that is a terminal or not. */
  const written = (
    tty: boolean,
    options: w.FitOptions,
    data: w.TrainingData = { x: [1, 2, 3], y: [1, 2, 3] },
  ): Promise<string[]> => writtenBy(tty, async () => (await makeLine()).fit(data, { epochs: 2, ...options }));

  test("writes nothing where there is no terminal", async () => {
    expect(await written(false, {})).toEqual([]);
    expect(terminal()).toBeUndefined();
  });

  test("writes nothing where that is asked for", async () => {
    expect(await written(true, { progress: false })).toEqual([]);
  });

  test("writes a line an epoch to a terminal", async () => {
    const texts = await written(true, { validationSplit: 0.34 });
    const lines = texts.join("").split("\n");
    expect(lines.length).toBe(3);
    const figures = String.raw`loss \S+  validationLoss \S+  [\d,]+ samples/s  [\d.]+ m?s$`;
    expect(lines[0]).toMatch(new RegExp(`epoch 1/2 ━{24}  ${figures}`));
    expect(lines[1]).toMatch(new RegExp(`epoch 2/2 ━{24}  ${figures}`));
    expect(lines[2]).toBe("");
  });

  test("counts the rows that are trained on: not those that dropLast leaves out, nor those that are measured with", async () => {
    const data = { x: new Float32Array(11), y: new Float32Array(11) };
    for (const [options, rows] of [
      [{ dropLast: true, batchSize: 4 }, "4/8"],
      [{ batchSize: 4 }, "4/11"],
      [{ dropLast: true, batchSize: 4, validationSplit: 0.1 }, "4/8"],
      [{ batchSize: 4, validationSplit: 0.2 }, "4/9"],
    ] as const) {
      // the line of an epoch's first batch
      const texts = await written(true, { ...options, epochs: 1 }, data);
      expect(texts[0]).toContain(` ${rows}  loss `);
      const counts = texts.join("").match(/ \d+\/\d+ {2}loss/g)!;
      for (const count of counts) {
        const [done, total] = count.match(/\d+/g)!.map(Number);
        expect(done).toBeLessThanOrEqual(total!);
      }
    }
  });

  const MANY = { x: new Float32Array(64), y: new Float32Array(64) };
  const stop: w.Callback = { onBatchEnd: (batch, _logs, state) => void (batch === 3 && state.stop()) };
  const thrower = (name: keyof w.Callback & string): w.Callback => ({
    [name]: (batch: number) => {
      if (name.includes("Batch") && batch < 3) return;
      throw new RangeError("enough");
    },
  });
  const aborter = (): w.FitOptions => {
    const controller = new AbortController();
    const onBatchEnd = (batch: number): void => void (batch === 3 && controller.abort(new Error("no time")));
    return { signal: controller.signal, callbacks: [{ onBatchEnd }] };
  };
  const ENDS: Readonly<Record<string, readonly [() => w.FitOptions, RegExp | undefined, w.TrainingData?, Make?]>> = {
    "stop()": [() => ({ callbacks: [stop] }), undefined],
    "an abort": [aborter, /^no time$/],
    "an error in onBatchBegin": [() => ({ callbacks: [thrower("onBatchBegin")] }), /^enough$/],
    "an error in onBatchEnd": [() => ({ callbacks: [thrower("onBatchEnd")] }), /^enough$/],
    "an error in onEpochBegin": [() => ({ callbacks: [thrower("onEpochBegin")] }), /^enough$/],
    "an error in onEpochEnd": [() => ({ callbacks: [thrower("onEpochEnd")] }), /^enough$/],
    "an error in onTrainBegin": [() => ({ callbacks: [thrower("onTrainBegin")] }), /^enough$/],
    "an error in onTrainEnd": [() => ({ callbacks: [stop, thrower("onTrainEnd")] }), /^enough$/],
    "a number that isn't finite": [
      () => ({ callbacks: [{ onBatchEnd() {} }], shuffle: false }),
      /^fit: the loss became NaN or infinite/,
      { x: MANY.x, y: MANY.y.map((_, i) => (i > 30 ? 1e30 : 0)) },
    ],
    "an error in a metric": [
      () => ({}),
      /^no such thing$/,
      MANY,
      async () => {
        const { model } = await makeLine();
        const result = (): never => {
          throw new Error("no such thing");
        };
        const metrics = [{ ...w.mae(), result }];
        return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), metrics });
      },
    ],
    "an error in a custom loss": [
      () => ({}),
      /^loss bad: compute threw Error: no$/,
      MANY,
      async () => {
        const { model } = await makeLine();
        let calls = 0;
        const compute = (): void => {
          if (++calls === 3) throw new Error("no");
        };
        return new w.Trainer(model, { loss: w.customLoss({ type: "bad", compute }), optimizer: w.sgd() });
      },
    ],
    "an error while it measures": [
      () => ({ callbacks: [{ onBatchEnd() {} }], validationSplit: 0.5 }),
      /^loss bad: compute threw Error: no$/,
      { x: MANY.x, y: MANY.y.map((_, i) => (i < 32 ? 0 : 9)) },
      async () => {
        const { model } = await makeLine();
        const compute = ({ rows, target }: w.CustomLossPass): void => {
          if (rows > 0 && target[0] === 9) throw new Error("no");
        };
        return new w.Trainer(model, { loss: w.customLoss({ type: "bad", compute }), optimizer: w.sgd() });
      },
    ],
  };
  for (const [name, [options, message, data = MANY, make = makeLine]] of Object.entries(ENDS)) {
    test(`after ${name}, the next output begins a line of its own`, async () => {
      let atEnd: string | undefined;
      const texts = await writtenBy(true, async (so) => {
        const trainer = await make();
        const { callbacks = [], ...others } = options();
        const onTrainEnd = (): void => void (atEnd = so.join(""));
        const run = trainer.fit(data, {
          epochs: 2,
          batchSize: 8,
          callbacks: [{ onTrainEnd }, ...callbacks],
          ...others,
        });
        if (message) await expect(run).rejects.toThrow(message);
        else await run;
      });
      const text = texts.join("");
      if (!/onTrainBegin|onEpochBegin/.test(name)) expect(text).toContain("epoch 1/2");
      expect(text).toMatch(/^$|[^\n]\n$/);
      // what is printed at the end of the training, too
      if (atEnd !== undefined) expect(atEnd).toMatch(/[^\n]\n$/);
    });
  }

  test("two at once: every line that stays is whole, and nothing stands behind one", async () => {
    const texts = await writtenBy(true, async () => {
      const trainers = [await makeLine(), await makeLine()];
      const options = { epochs: 3, batchSize: 1, callbacks: [{ onBatchEnd() {} }] };
      await Promise.all(trainers.map((trainer) => trainer.fit(MANY, options)));
    });
    const lines = texts.join("").split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) expect(line).toMatch(/samples\/s {2}[\d.]+ m?s(?: left)?$/);
    const stay = lines.filter((line) => !line.endsWith("left"));
    expect(stay.map((line) => /epoch \d\/3/.exec(line.split("\r").at(-1)!)![0]).toSorted()).toEqual(
      [1, 1, 2, 2, 3, 3].map((epoch) => `epoch ${epoch}/3`),
    );
  });

  test("a terminal that is closed meanwhile doesn't end the training", async () => {
    Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
    vi.spyOn(process.stdout, "write").mockImplementation((() => {
      process.nextTick(() => process.stdout.emit("error", new Error("write EIO")));
      return false;
    }) as typeof process.stdout.write);
    const trainer = await makeLine();
    await trainer.fit(MANY, { epochs: 3, batchSize: 8 });
    vi.restoreAllMocks();
    expect(trainer.epochs).toBe(3);
    await expect.poll(() => process.stdout.listenerCount("error")).toBe(0);
  });

  test("metrics are computed once an epoch, with the line and without: the line shows the loss until then", async () => {
    const counts: number[] = [];
    for (const tty of [false, true]) {
      let read = 0;
      // 7 ms a look at the clock, fewer than a slice has, so that there is a line for many batches
      const texts = await writtenBy(tty, async () => {
        const { model } = await makeLine();
        const auc = w.rocAuc();
        const result: w.Metric["result"] = (...args) => {
          read++;
          return auc.result(...args);
        };
        const metrics = [{ ...auc, result }];
        const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.sgd(), metrics });
        let now = performance.now();
        vi.spyOn(performance, "now").mockImplementation(() => (now += 7));
        const y = MANY.y.map((_, i) => i % 2);
        await trainer.fit({ x: MANY.x, y }, { epochs: 2, batchSize: 1, validationSplit: 0.5 });
      });
      counts.push(read);
      if (!tty) continue;
      const running = texts.filter((text) => text.includes(" left"));
      expect(running.length).toBeGreaterThan(20);
      for (const text of running) expect(text).toMatch(/\/32 {2}loss [\d.]+ {2}[\d,]+ samples/);
      expect(texts.filter((text) => / {2}loss \S+ {2}rocAuc \S+ {2}validationLoss/.test(text)).length).toBe(2);
    }
    expect(counts).toEqual([4, 4]); // two epochs, and what each is measured with
  });
});
