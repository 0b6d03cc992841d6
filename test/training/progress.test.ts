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

  /** What fit writes to a standard output that is a terminal or not. */
  async function written(
    tty: boolean,
    options: w.FitOptions,
    data: w.TrainingData = { x: [1, 2, 3], y: [1, 2, 3] },
  ): Promise<string[]> {
    Object.defineProperty(process.stdout, "isTTY", { value: tty, configurable: true });
    const texts: string[] = [];
    const write = (text: unknown): boolean => {
      texts.push(String(text));
      return true;
    };
    vi.spyOn(process.stdout, "write").mockImplementation(write as typeof process.stdout.write);
    const model = await w.sequential({ input: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    await trainer.fit(data, { epochs: 2, ...options });
    vi.restoreAllMocks();
    return texts;
  }

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
});
