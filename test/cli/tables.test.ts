// `train`, `predict`, `evaluate` and `inspect` as users run them: what they print, and the files that they write.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { width } from "../../cli/layout.ts";
import { plainText, runInTerminal, screen } from "../../scripts/terminal.ts";
import { readCsv, type Rows } from "../../src/data.ts";
import { csvText, type Outcome, program, rooms, runCommand } from "../support/commands.ts";
import { installed } from "../support/programs.ts";

const cwd = mkdtempSync(join(tmpdir(), "wasmgrad-tables-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const wasmgrad = (...args: string[]): Promise<Outcome> => runCommand(args, { cwd });
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(cwd, name), content);
const read = (name: string): string => readFileSync(join(cwd, name), "utf8");

async function output(...args: string[]): Promise<string> {
  const { code, out, err } = await wasmgrad(...args);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

/** A document of --json, as far as it is looked at. */
interface Document extends Readonly<Record<string, unknown>> {
  readonly metrics: Readonly<Record<"train" | "validation" | "test", Readonly<Record<string, number>> | null>>;
  readonly baselines: readonly { readonly name: string; readonly metrics: Document["metrics"] }[];
  readonly folds: { readonly k: number };
}

const json = async (...args: string[]): Promise<Document> => JSON.parse(await output(...args, "--json")) as Document;

/** All rows of a CSV text. */
async function rowsOf(text: string): Promise<{ columns: readonly string[]; rows: readonly (readonly unknown[])[] }> {
  const pieces: Rows[] = [];
  for await (const piece of readCsv({ text }, { header: true })) pieces.push(piece);
  return { columns: pieces[0]!.columns, rows: pieces.flatMap(({ rows }) => rows as (readonly unknown[])[]) };
}

/** Rows of two classes, of which one is rare, and with missing cells. */
const loans = csvText(
  ["amount", "job", "repaid"],
  Array.from({ length: 400 }, (_, i) => [
    (i * 7919) % 211,
    i % 11 === 0 ? "" : ["baker", "cook"][i % 2]!,
    (i * 7919) % 211 > 190 ? "no" : "yes",
  ]),
);
const month = (i: number): string => `${2000 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")}-01`;
const monthRows = Array.from({ length: 120 }, (_, i) => [month(i), 100 + i + 10 * (i % 12)]);

beforeAll(async () => {
  put("rooms.csv", rooms);
  put("loans.csv", loans);
  put("months.csv", csvText(["month", "sold"], monthRows.slice(0, 108)));
  put("later.csv", csvText(["month", "sold"], monthRows.slice(108)));
  await output(..."train rooms.csv --target rent --epochs 10 --out rooms.st --no-report".split(" "));
  await output(..."train loans.csv --target repaid --epochs 5 --out loans.st --no-report".split(" "));
  await output(..."train months.csv --target sold --task series --epochs 5 --out months.st --no-report".split(" "));
}, 300_000);

describe("train", () => {
  test("without options: what is decided is said, and the model and the report are there", async () => {
    const out = await output("train", "loans.csv", "--target", "repaid", "--epochs", "5");
    const headings = out.match(/^(?=[A-Z])[A-Z][a-z ]*(?= {2}|$)/gm);
    expect(headings).toEqual([
      "Target",
      "Rows",
      "Inputs",
      "Network",
      "What may be wrong with the data",
      "Trained",
      "Verdict",
      "How good it is",
      "Beside simple answers",
      "Confusion",
      "What the columns are worth",
      "Fingerprint",
      "Model",
      "Report",
      "Again",
    ]);
    expect(out).toContain("loans.csv  400 rows, 3 columns (CSV with commas)\n");
    expect(out).toContain("\nTarget  repaid (boolean: all 400 cells are yes or no)\n");
    expect(out).toContain("\nRows  400 rows: 320 to train, 80 to validate; at random, of each class its share\n");
    expect(out).toContain("rows of rare classes counted more: no ");
    expect(out).toMatch(
      /\nVerdict {2}Predicts repaid of 80 rows that it wasn't trained on with AUC [\d.]+, [\d.]+ % of/,
    );
    expect(out).toMatch(/\nTrained {2}5 epochs; that with the least loss on the validation rows, [1-5], was kept \(/);
    for (const label of ["training", "validation", "this model", "always the most frequent", "logistic model"]) {
      expect(out).toMatch(new RegExp(`^ {2}${label} +[\\d.]+ +[\\d.]+ +[\\d.]+ +[\\d.]+$`, "m"));
    }
    expect(out.endsWith("\nAgain  npx wasmgrad train loans.csv --target repaid --epochs 5 --seed 1\n")).toBe(true);
    expect(read("loans-report.html")).toContain("<title>repaid of loans.csv");
    const again = await output("train", "loans.csv", "--target", "repaid", "--epochs", "5");
    expect(again.replaceAll(/\([\d.]+ s with all\s+comparisons\)/g, "")).toBe(
      out.replaceAll(/\([\d.]+ s with all\s+comparisons\)/g, ""),
    );
  });

  test("--json: one document, with a test part and without", async () => {
    const args = ["train", "loans.csv", "--target", "repaid", "--epochs", "3", "--no-report", "--out", "j.st"];
    const alone = await json(...args);
    expect(alone["task"]).toBe("classification");
    expect(alone["rows"]).toMatchObject({ total: 400, train: 320, validation: 80, test: 0, left: 0 });
    expect(Object.keys(alone.metrics)).toEqual(["train", "validation", "test"]);
    expect(alone.metrics.test).toBe(null);
    for (const name of ["accuracy", "rocAuc", "logLoss", "f1"]) {
      expect(alone.metrics.validation![name]!).toEqual(expect.any(Number));
    }
    expect(alone.baselines.map(({ name }) => name)).toEqual(["majority", "logistic"]);
    expect(alone.baselines[0]!.metrics.test).toBe(null);
    expect(alone["files"]).toEqual({ model: "j.st" });
    const tested = await json(...args, "--test", "0.25", "--k-fold", "2");
    expect(tested["rows"]).toMatchObject({ total: 400, train: 220, validation: 80, test: 100 });
    expect(tested.metrics.test!["rocAuc"]).toEqual(expect.any(Number));
    expect(tested.baselines[1]!.metrics.test!["rocAuc"]).toEqual(expect.any(Number));
    expect(tested.folds.k).toBe(2);
    const inspected = await json("inspect", "j.st");
    for (const key of ["task", "target", "metrics", "baselines", "fingerprint", "command", "rows"]) {
      expect(inspected[key]).toEqual(tested[key]);
    }
    expect(inspected["files"]).toEqual({ model: "j.st" });
    const evaluated = await json("evaluate", "j.st", "loans.csv");
    expect(evaluated["task"]).toBe("classification");
    expect(evaluated["rows"]).toEqual({ total: 400, test: 400 });
    expect(evaluated.metrics.train).toEqual(tested.metrics.train);
    expect(evaluated.metrics.test!["rocAuc"]).toEqual(expect.any(Number));
    expect(evaluated["fingerprint"]).toBe(tested["fingerprint"]);
    expect(evaluated["files"]).toEqual({ model: "j.st", data: "loans.csv" });
  });

  test("--test FILE is what evaluate says of the file", async () => {
    put("others.csv", loans.split("\n").filter((_, i) => i % 3 === 0).join("\n")); // prettier-ignore
    const args = ["train", "loans.csv", "--target", "repaid", "--epochs", "3", "--no-report", "--out", "t.st"];
    const trained = await json(...args, "--test", "others.csv");
    const { metrics } = await json("evaluate", "t.st", "others.csv");
    expect(metrics).toEqual(trained.metrics);
  });

  test("what is worse than the mean ends with saying so; a series with the value that it is learned relative to", async () => {
    const noise = Array.from({ length: 400 }, (_, i) => [
      (i * 7919) % 101,
      (i * 104_729) % 97,
      (i * i * i * 31 + 5 * i * i) % 89,
    ]);
    put("noise.csv", csvText(["a", "b", "y"], noise));
    const noisy = await output(..."train noise.csv --target y --epochs 40 --no-out --no-report".split(" "));
    expect(noisy.replaceAll(/\s+/g, " ")).toMatch(
      / Verdict Predicts y of 80 rows .*\. ! That is (?:worse|hardly better) than always saying the mean: .* How good it is /,
    );
    const months = await output(..."train months.csv --target sold --task series --epochs 5 --no-out --no-report".split(" ")); // prettier-ignore
    const flat = months.replaceAll(/\s+/g, " ");
    const [, before] = /less (the value \d+ rows? before),/.exec(flat)!;
    expect(months).toMatch(new RegExp(`^ {2}${before} +-?[\\d.]+ `, "m"));
    expect(flat).toContain(`saying ${before} is off by`);
    expect(flat).toContain(`${before}, which the change is learned from, isn't`);
    expect(flat).toMatch(
      /Rows 108 rows: \d+ to train, .*; the first \d+ to train can't be predicted: too few rows before/,
    );
  });

  test("words in a column of numbers are missing, which is said", async () => {
    const odd = rooms.split("\n").map((line, i) => (i === 51 ? line.replace(/^[^,]*/, "n.v.") : line)).join("\n"); // prettier-ignore
    put("odd.csv", odd);
    const args = ["train", "odd.csv", "--target", "rent", "--epochs", "1", "--no-out", "--no-report"];
    expect(await output(...args)).toContain('\n  · size: 1 cell with words is taken as missing: "n.v." in row 50\n');
    put("odder.csv", odd.split("\n").map((line, i) => (i % 50 === 9 ? line.replace(/^[^,]*/, "?!") : line)).join("\n")); // prettier-ignore
    const text = await output(...args.with(1, "odder.csv"));
    expect(text.replaceAll(/\s+/g, " ")).toContain("--type size=number takes the words as missing");
    expect(await output(...args.with(1, "odder.csv"), "--type", "size=number")).toContain(
      '\n  · size: 5 cells with words are taken as missing: "?!" in row 8',
    );
  });

  test("dates in two formats aren't guessed; --type says how they are written", async () => {
    const rows = Array.from({ length: 100 }, (_, i) => [i % 2 ? `2020-01-${10 + (i % 18)}` : `02/${10 + (i % 18)}/2020`, i % 7]); // prettier-ignore
    put("two.csv", csvText(["day", "y"], rows));
    const args = ["train", "two.csv", "--target", "y", "--epochs", "1", "--no-out", "--no-report"];
    const { err } = await wasmgrad(...args);
    expect(err).toBe(
      'wasmgrad: train: no column is left to learn from; these were left out:\n  day: text: dates in two formats: 50 yyyy-mm-dd ("2020-01-11" in row 1) and 50 mm/dd/yyyy ("02/10/2020" in row 0); write all in one, or say which comes first: --type day=date:yyyy-mm-dd+mm/dd/yyyy\n',
    );
    const typed = await output(...args, "--type", "day=date:mm/dd/yyyy+yyyy-mm-dd");
    expect(typed).toContain("--type day=date:mm/dd/yyyy+yyyy-mm-dd --seed 1 --no-out --no-report\n");
  });

  test("--missing, --decimal, BOM, semicolons, another encoding, no header", async () => {
    const cells = rooms.split("\n").map((line) => line.replaceAll(",", ";").replaceAll(".", ","));
    const text = cells.map((line, i) => (i === 3 ? line.replace(/^[^;]*/, "inf") : line)).join("\n");
    put("bom.csv", `\ufeff${text.replaceAll("red", "grün")}`);
    const args = ["train", "bom.csv", "--target", "rent", "--epochs", "1", "--no-out", "--no-report"];
    expect(await output(...args, "--missing", "inf", "--decimal", ",")).toContain(
      "bom.csv  200 rows, 4 columns (CSV with semicolons)\n",
    );
    put("latin.csv", Buffer.from(text.replaceAll("red", "grün").replace("inf", "1"), "latin1"));
    expect(await output(...args.with(1, "latin.csv"))).toContain("(CSV with semicolons, in windows-1252)\n");
    put("bare.csv", rooms.slice(rooms.indexOf("\n") + 1));
    expect(await output(...args.with(1, "bare.csv").with(3, "column4"))).toContain(
      "(CSV with commas, without a line of names,",
    );
  });

  test("one epoch, a linear model, more than 12 classes, long names", async () => {
    const long = "a name that is much longer than a line of a narrow terminal has room for, and goes on and on";
    put(
      "long.csv",
      csvText([long, "b", "y"], Array.from({ length: 300 }, (_, i) => [i % 15, i % 7, `class ${i % 15} ${long}`])), // prettier-ignore
    );
    const args = ["train", "long.csv", "--target", "y", "--epochs", "1", "--layers", "none", "--no-report"];
    const { out, err, code } = await runCommand(args, { cwd, columns: 60 });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/\nTrained {2}1 epoch \(/);
    expect(out).toContain("Network  linear, ");
    expect(out.replaceAll(/\s+/g, " ")).toContain("Confusion what is confused most often, of 15 classes");
    const wide = out.split("\n").filter((line) => width(line) > 60 && !line.startsWith("Again  "));
    expect(wide).toEqual([]);
  });

  test.each(["train", "predict", "evaluate", "inspect"])(
    "%s --help has an example, and the exit codes",
    async (name) => {
      const out = await output(name, "--help");
      expect(out).toMatch(new RegExp(`\\nExamples?\\n  npx wasmgrad ${name} `));
      expect(out).toContain("The exit code is 0, 1 if something was refused or failed, or 130 or 143 if");
    },
  );
});

describe.runIf(installed("script", "--version"))("in a terminal", () => {
  test.each([60, 80, 120])("of %d columns, no line is longer, and no line of progress stays", (columns) => {
    const args = "train loans.csv --target repaid --epochs 8 --no-report --out terminal.st --k-fold 2".split(" ");
    const written = runInTerminal([process.execPath, program, ...args], cwd, columns);
    // eslint-disable-next-line no-control-regex -- what begins a line anew
    const shown = written.split("\r\x1b[2K").map((line) => plainText(screen(line)).split("\n")[0]!);
    for (const stage of [
      "epoch 1 of at most 8",
      "comparing with simple models ...",
      "cross-validating ...",
      "asking what each column is worth ...",
    ]) {
      expect(shown.some((line) => line.startsWith(stage.slice(0, columns - 2)))).toBe(true);
    }
    const lines = plainText(screen(written)).split("\n");
    expect(lines.filter((line) => width(line) > columns && !line.startsWith("Again  "))).toEqual([]);
    expect(lines.filter((line) => line.includes(" ..."))).toEqual([]);
    expect(lines[0]).toBe("loans.csv  400 rows, 3 columns (CSV with commas)");
    expect(lines.findIndex((line) => line.startsWith("Rows  400 rows"))).toBeLessThan(6);
  });
});

describe("predict", () => {
  test("CSV with quotes, other delimiters, Chinese: cells are what they were, in their order", async () => {
    const cells = [
      ["1.5", "2", "red", 'say "hi"; twice', "北京"],
      ["2", "3", "blue", "two\nlines", "=1+1"],
      ["0.5", "1", "green", "", " spaces "],
    ];
    const quoted = (cell: string): string => (/[";\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const text = [["size", "floor", "colour", "note", "城市"], ...cells]
      .map((row) => row.map(quoted).join(";"))
      .join("\r\n");
    put("new.csv", text);
    const { columns, rows } = await rowsOf(await output("predict", "rooms.st", "new.csv"));
    expect(columns).toEqual(["size", "floor", "colour", "note", "城市", "predicted rent"]);
    expect(rows.map((row) => row.slice(0, 5))).toEqual(cells);
    expect(rows.map((row) => Number.isFinite(Number(row[5])) && row[5] !== "")).toEqual([true, true, true]);
    put("new.csv.gz", gzipSync(text));
    expect(await output("predict", "rooms.st", "new.csv.gz")).toBe(await output("predict", "rooms.st", "new.csv"));
    put("new.tsv", text.replaceAll(";", "\t").replace("\t twice", "; twice")); // prettier-ignore
    const tabs = await rowsOf(await output("predict", "rooms.st", "new.tsv"));
    expect(tabs.rows.map((row) => row[5])).toEqual(rows.map((row) => row[5]));
  });

  test("JSON lines and JSON; what the model doesn't look at may be anything", async () => {
    const objects = [
      { size: 1.5, floor: 2, colour: "red", extra: { a: [1] } },
      { size: null, floor: 3, colour: "violet", extra: true },
    ];
    put("new.jsonl", objects.map((each) => `${JSON.stringify(each)}\n`).join(""));
    put("new.json", JSON.stringify(objects));
    const { code, out, err } = await wasmgrad("predict", "rooms.st", "new.jsonl");
    expect(code).toBe(0);
    expect(err).toBe(
      "predict: size: 1 cell is missing, done as the steps say, though none was in training\n" +
        'predict: colour: 1 cell has a word that no training row has ("violet"); all its features are 0\n',
    );
    expect(out).toMatch(
      /^size,floor,colour,extra,predicted rent\n1\.5,2,red,"\{""a"":\[1\]\}",-?[\d.]+\n,3,violet,true,-?[\d.]+\n$/,
    );
    expect((await wasmgrad("predict", "rooms.st", "new.json")).out).toBe(out);
  });

  test("classes with their probabilities; a column of the same name stays", async () => {
    put("again.csv", "amount,job,predicted repaid\n20,cook,maybe\n205,,no\n");
    const { columns, rows } = await rowsOf(await output("predict", "loans.st", "again.csv"));
    expect(columns).toEqual([
      "amount",
      "job",
      "predicted repaid",
      "predicted repaid (2)",
      "probability of no",
      "probability of yes",
    ]);
    for (const row of rows) {
      expect(["no", "yes"]).toContain(row[3]);
      expect(Number(row[4]) + Number(row[5])).toBeCloseTo(1, 5);
    }
    expect(rows.map((row) => row[2])).toEqual(["maybe", "no"]);
  });

  test("a series: rows that come after those of the training, with their values or without", async () => {
    const { rows } = await rowsOf(await output("predict", "months.st", "later.csv"));
    expect(rows.length).toBe(12);
    for (const row of rows) expect(String(row[2])).toMatch(/^\d+(\.\d+)?$/);
    const evaluated = await json("evaluate", "months.st", "later.csv");
    expect(evaluated["rows"]).toEqual({ total: 12, test: 12 });
    put("next.csv", `month\n${month(108)}\n`);
    const next = await rowsOf(await output("predict", "months.st", "next.csv"));
    expect(next.columns).toEqual(["month", "predicted sold"]);
    expect(next.rows).toEqual([[month(108), rows[0]![2]]]);
  });

  test("--out is replaced as a whole; a file without rows has a header alone", async () => {
    put("out.csv", "before\n");
    const { code, out, err } = await wasmgrad("predict", "rooms.st", "rooms.csv", "--out", "out.csv");
    expect([code, out, err]).toEqual([0, "", "predict: 200 rows with predictions: out.csv\n"]);
    expect(read("out.csv")).toBe(await output("predict", "rooms.st", "rooms.csv"));
    put("none.csv", "size,floor,colour\n");
    expect(await output("predict", "rooms.st", "none.csv")).toBe("size,floor,colour,predicted rent\n");
    expect(readdirSync(cwd).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("many rows come in pieces, in their order, and memory stays small; a reader that stops early is no error", async () => {
    const count = 300_000;
    put("many.csv", csvText(["id", "size", "floor", "colour"], Array.from({ length: count }, (_, i) => [i, i % 19, i % 7, "red"]))); // prettier-ignore
    // 64 MB of objects: all rows at once need several times that
    const command = [process.execPath, "--max-old-space-size=64", program, "predict", "rooms.st", "many.csv"];
    const text = execFileSync(command[0]!, command.slice(1), { cwd, encoding: "utf8", maxBuffer: 2 ** 28 });
    const lines = text.trimEnd().split("\n");
    expect(lines.length).toBe(count + 1);
    expect(lines.every((line, i) => i === 0 || line.startsWith(`${i - 1},`))).toBe(true);
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [program, "predict", "rooms.st", "many.csv"], { cwd });
      child.stdout.once("data", () => child.stdout.destroy());
      child.on("close", resolve);
    });
    expect(code).toBe(0);
    rmSync(join(cwd, "many.csv"));
  });
});

describe("evaluate and inspect", () => {
  test("evaluate: the file beside what the training measured, and a threshold by cost", async () => {
    const out = await output("evaluate", "loans.st", "loans.csv", "--costs", "1,5");
    expect(out).toMatch(/^repaid {2}predicted by loans\.st for the rows of loans\.csv\n/);
    for (const label of ["these 400 rows", "training, then", "validation, then"]) {
      expect(out).toMatch(new RegExp(`^ {2}${label} +[\\d.]+ +[\\d.]+ +[\\d.]+ +[\\d.]+$`, "m"));
    }
    expect(out).toMatch(/\nThreshold {2}errors cost least, [\d.]+ a row, if yes is said from a probability of [\d.]+/);
  });

  test("inspect: what goes in, the network, the figures, the command", async () => {
    const out = await output("inspect", "loans.st");
    expect(out).toMatch(/^loans\.st {2}predicts repaid \(classification: no, yes\)\n/);
    expect(out).toMatch(/^ {2}validation +[\d.]+ /m);
    expect(out).toContain(
      "\nCommand  npx wasmgrad train loans.csv --target repaid --epochs 5 --seed 1 --out loans.st --no-report\nFingerprint  ",
    );
  });
});
