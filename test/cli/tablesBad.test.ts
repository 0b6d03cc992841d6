// What the commands on tables refuse: one clear message, exit code 1, and nothing is written or replaced.
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveModel, writeSafetensors } from "../../src/files.ts";
import { dense, sequential } from "../../src/index.ts";
import { csvText, type Outcome, rooms, runCommand } from "../support/commands.ts";

const cwd = mkdtempSync(join(tmpdir(), "wasmgrad-tables-bad-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const wasmgrad = (...args: string[]): Promise<Outcome> => runCommand(args, { cwd });
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(cwd, name), content);
const lines = (count: number, row: (i: number) => readonly (string | number)[]) =>
  Array.from({ length: count }, (_, i) => row(i));

/** Names and bytes of all files. */
const state = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(cwd, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => [join(parentPath, name), readFileSync(join(parentPath, name), "base64")]),
  );

/** The message of a command that is refused: without a stack, on its own, and all files are as they were. */
async function refusal(...args: string[]): Promise<string> {
  const before = state();
  const { code, out, err } = await wasmgrad(...args);
  // what was read may have been told
  expect(out).toMatch(/^(?:\S+ {2}[\d,]+ rows, \d+ columns? \(CSV with commas\)\nTarget {2}.*\n\n)?$/);
  expect(code).toBe(1);
  expect(state()).toEqual(before);
  return err.trimEnd();
}

beforeAll(async () => {
  put("rooms.csv", rooms);
  const of = (cells: string, row: number, text: string): string =>
    cells
      .split("\n")
      .map((line, i) => (i === row + 1 ? text : line))
      .join("\n");
  put("ragged.csv", of(rooms, 50, "1.5,2"));
  put("infinite.csv", of(of(rooms, 5, "inf,5,red,3"), 7, "-Infinity,0,red,3"));
  put("twice.csv", rooms.replace("floor", "size"));
  put("one-class.csv", csvText(["a", "answer"], lines(100, (i) => [i % 13, "yes"]))); // prettier-ignore
  put("keys.csv", csvText(["key", "b"], lines(5000, (i) => [`k${i}`, i % 7]))); // prettier-ignore
  put("no-target.csv", csvText(["a", "y"], lines(100, (i) => [i % 13, ""]))); // prettier-ignore
  put("same.csv", csvText(["a", "b", "y"], lines(100, (i) => [1, "x", i % 9]))); // prettier-ignore
  put("numbers.csv", csvText(["a", "y"], lines(10_000, (i) => [i % 13, (i * 7919) % 5000]))); // prettier-ignore
  put("decimals.csv", csvText(["a", "y"], lines(100, (i) => [i % 13, i / 2]))); // prettier-ignore
  put("alone.csv", csvText(["y"], lines(100, (i) => [(i * 7919) % 5000]))); // prettier-ignore
  put("few.csv", `${rooms.split("\n").slice(0, 7).join("\n")}\n`);
  put("names.csv", "a,b,y\n");
  put("empty.csv", "");
  const month = (i: number): string => `${2000 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")}-01`;
  put("months.csv", csvText(["month", "sold"], lines(120, (i) => [month(i), (i % 12) + i / 10]))); // prettier-ignore
  put("two-dates.csv", csvText(["month", "paid", "sold"], lines(120, (i) => [month(i), month(i + 2), i % 12]))); // prettier-ignore
  put("double.csv", csvText(["month", "sold"], lines(120, (i) => [month(i >> 1), i % 12]))); // prettier-ignore
  put("others.csv", csvText(["u", "v"], lines(50, (i) => [i, 1]))); // prettier-ignore
  put("wide.csv", `${lines(100_001, (i) => [`c${i}`]).join(",")}\n`); // prettier-ignore
  put("commas.csv.gz", gzipSync(Buffer.alloc(50_000_000, ",")));
  put("zeros.csv.gz", gzipSync(Buffer.concat([Buffer.from("a,y\n"), Buffer.alloc(50_000_000, "0")])));
  put("cut.csv.gz", gzipSync(rooms).subarray(0, 400));
  put("book.xlsx", Buffer.from([0x50, 0x4b, 3, 4, ...Buffer.from("xl/workbook.xml"), ...Buffer.alloc(100)]));
  put("bytes.csv", Buffer.from(Array.from({ length: 2560 }, (_, i) => i % 256)));
  // valid UTF-8 so far as the encoding is guessed by
  put("broken.csv", Buffer.concat([Buffer.from(`a,y\n${"1,2\n".repeat(75_000)}`), Buffer.from([0x31, 0x2c, 0xff, 0x0a])])); // prettier-ignore
  mkdirSync(join(cwd, "folder"));

  const trained = await wasmgrad(
    ..."train rooms.csv --target rent --epochs 3 --out rooms.st --no-report --checkpoints run".split(" "),
  );
  expect(trained.err).toBe("");
  const colours = await wasmgrad(
    ..."train rooms.csv --target colour --epochs 1 --out colours.st --no-report".split(" "),
  );
  expect(colours.err).toBe("");
  const bytes = readFileSync(join(cwd, "rooms.st"));
  put("cut.st", bytes.subarray(0, 3000));
  put("short.st", bytes.subarray(0, bytes.length - 8));
  put("empty.st", "");
  put("other.st", writeSafetensors([["w", { shape: [2], data: Float32Array.of(1, 2) }]]));
  await saveModel(await sequential({ input: 3, seed: 1 }, dense(1)), join(cwd, "bare.st"));
}, 300_000);

describe("train refuses", () => {
  test.each([
    // files
    ["room.csv", "y", 'train: "room.csv" isn\'t there (ENOENT); did you mean "rooms.csv"?'],
    ["nowhere/x.csv", "y", 'train: "nowhere/x.csv" isn\'t there (ENOENT), nor is its folder "nowhere"'],
    ["folder", "y", 'train: "folder" is a directory; give one file in it'],
    ["empty.csv", "y", 'train: "empty.csv" is empty'],
    ["names.csv", "y", "train: names.csv has names of columns, but no rows"],
    ["ragged.csv", "rent", 'train: "ragged.csv": row 50 (counted from 0; line 52) has 2 cells, but there are 4 columns; add what is missing'], // prettier-ignore
    [
      "twice.csv",
      "rent",
      'train: "twice.csv": line 1 has the header "size" twice, of columns 1 and 2; rename one, or name them all with --columns and leave out the line',
    ],
    ["wide.csv", "c1", 'train: "wide.csv": line 1 has 100001 columns; at most 100000 are read. Is the delimiter the right one?'], // prettier-ignore
    ["cut.csv.gz", "rent", 'train: "cut.csv.gz" is gzipped, but damaged or cut short'],
    ["zeros.csv.gz", "y", 'train: "zeros.csv.gz": row 0 (counted from 0; line 2) has a cell in column 1 of more than 1048576 characters; is it CSV?'], // prettier-ignore
    [
      "bytes.csv",
      "y",
      'train: "bytes.csv" has a NUL at byte 0, so it is no text; if it is one in UTF-16, give --encoding utf-16le',
    ],
    [
      "book.xlsx",
      "y",
      'train: "book.xlsx" looks like a zip archive or an Excel workbook (.xlsx); save its sheet as CSV',
    ],
    // targets
    ["rooms.csv", "rnet", 'train: --target: rooms.csv has no column "rnet"; did you mean "rent"?\nIts columns: size, floor, colour, rent'], // prettier-ignore
    ["rooms.csv", "zzzzz", 'train: --target: rooms.csv has no column "zzzzz"\nIts columns: size, floor, colour, rent'],
    ["one-class.csv", "answer", 'train: target "answer" can\'t be predicted, it is a constant (all 100 cells are "yes"); there is nothing to predict; take another column'], // prettier-ignore
    ["no-target.csv", "y", 'train: target "y" can\'t be predicted, it is a constant (all cells are empty); there is nothing to predict; take another column'], // prettier-ignore
    ["keys.csv", "key", 'train: target "key" can\'t be predicted, it is an identifier (all 5,000 cells are different, and none has a space); if it is one, say so: --type key=number'], // prettier-ignore
    ["same.csv", "y", 'train: no column is left to learn from; these were left out:\n  a: constant: all 100 cells are 1\n  b: constant: all 100 cells are "x"'], // prettier-ignore
    ["alone.csv", "y", "train: no column is left to learn from"],
    ["few.csv", "rent", 'train: 6 rows with a "rent" are too few to learn from; at least 10 are needed'],
    ["infinite.csv", "rent", 'train: column "size" has numbers that are infinite or beyond float32 (3.4028235e38): "inf" in row 5, "-Infinity" in row 7; mend them, or take them as missing: --missing inf,-Infinity'], // prettier-ignore
  ])("%s --target %s", async (file, target, message) => {
    expect(await refusal("train", file, "--target", target)).toBe(`wasmgrad: ${message}`);
  });

  test("more columns than can be, of a file that is small: before it is inflated", async () => {
    expect(await refusal("train", "commas.csv.gz", "--target", "y")).toMatch(
      /^wasmgrad: train: "commas\.csv\.gz": line 1 has \d{6,7} columns; at most 100000 are read\. Is the delimiter the right one\?$/,
    );
  });

  test("bytes that aren't in the encoding, far from the beginning", async () => {
    expect(await refusal("train", "broken.csv", "--target", "y")).toBe(
      "wasmgrad: train: \"broken.csv\" isn't utf-8, which its beginning was taken for; give --encoding, or save it as UTF-8: byte 300006 isn't valid in it",
    );
  });

  test.each([
    ["rooms.csv rent --out nowhere/m.st", "train: nowhere/m.st can't be written (ENOENT: there is no folder nowhere)"],
    ["rooms.csv rent --report nowhere/r.html", "train: nowhere/r.html can't be written (ENOENT: there is no folder nowhere)"], // prettier-ignore
    ["rooms.csv rent --out folder", "train: folder can't be written (EISDIR)"],
    ["rooms.csv rent --out ./rooms.csv", "train: --out ./rooms.csv would replace the data; give another file"],
    ["rooms.csv rent --test few.csv --report few.csv", "train: --report few.csv would replace the file of --test; give another file"], // prettier-ignore
    ["rooms.csv rent --out a.st --report a.st", "train: --report a.st would replace --out; give another file"],
    ["rooms.csv rent --drop rent", "train: --drop: rent is the target; leave it out"],
    ["rooms.csv rent --drop flor", 'train: --drop: rooms.csv has no column "flor"; did you mean "floor"?\nIts columns: size, floor, colour, rent'], // prettier-ignore
    ["rooms.csv rent --drop size,floor,colour", "train: no column is left to learn from; these were left out:\n  size: left out by --drop\n  floor: left out by --drop\n  colour: left out by --drop"], // prettier-ignore
    ["rooms.csv rent --type colour=number", 'train: --type colour: it is to be "number", but no cell is one: "red" in row 0, "green" in row 1, "blue" in row 2 and so on'], // prettier-ignore
    ["rooms.csv rent --type floor=date", "train: --type floor: it is to be a date (yyyy-mm-dd), but 200 of 200 cells aren't: numbers such as 0"], // prettier-ignore
    ["rooms.csv rent --type floor=date:foo", 'train: --type floor: how dates are written must be "iso", or yyyy, mm and dd with signs between them, such as "dd/mm/yyyy", got "foo"'], // prettier-ignore
    ["rooms.csv rent --type flor=number", 'train: --type: rooms.csv has no column "flor"; did you mean "floor"?\nIts columns: size, floor, colour, rent'], // prettier-ignore
    ["rooms.csv rent --layers 60000,60000", "train: no room for the model's parameters; 14.4 GB more make 14.4 GB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set"], // prettier-ignore
    ["rooms.csv rent --layers 64,70000", "train: --layers: each must be a whole number of at most 65536, got 70000"],
    ["rooms.csv rent --split group", "train: --split group needs --group COLUMN: rows with the same word in it stay together"], // prettier-ignore
    ["rooms.csv rent --group colour", "train: --group is for --split group; add that, or leave --group out"],
    ["rooms.csv rent --split time", "train: there is no column of dates, so the order of the rows isn't known; say it: --time COLUMN"], // prettier-ignore
    ["rooms.csv rent --horizon 3", "train: --horizon is for --task series; give it, or leave --horizon out"],
    ["rooms.csv rent --costs 1,5", 'train: --costs must be of two classes, but numbers are predicted; leave them out'], // prettier-ignore
    ["rooms.csv colour --costs 1,5", "train: --costs must be of two classes, but there are 3; leave them out"],
    ["rooms.csv colour --task regression", 'train: target "colour" is a category, and --task regression predicts numbers; leave out --task, or give classification'], // prettier-ignore
    ["numbers.csv y --task classification", 'train: target must be a column of classes, but "y" (number) has 5,000 different values; leave out --task classification or --split stratified'], // prettier-ignore
    ["decimals.csv y --task classification", 'train: target must be a column of classes, but "y" (number) has 100 different values; leave out --task classification or --split stratified'], // prettier-ignore
    ["rooms.csv rent --task series", "train: --task series needs a column of dates, but there is none; say how they are written: --type when=date:dd/mm/yyyy"], // prettier-ignore
    ["two-dates.csv sold --task series", "train: --task series needs the column of dates that its rows follow, and there are several; give --time with one of month, paid"], // prettier-ignore
    ["double.csv sold --task series", 'train: column "month", rows 0 and 1 are both 2000-01-01, but a series has one row for each time; add them up, or take one series at a time'], // prettier-ignore
    ["months.csv sold --task series --split random", "train: a series is divided by time, but --split is random; leave it out"], // prettier-ignore
    ["rooms.csv rent --test others.csv", 'train: --test: others.csv: column "size" is missing; the pipeline needs size, floor, colour; the rows have u, v'], // prettier-ignore
    ["rooms.csv rent --test room.csv", 'train: "room.csv" isn\'t there (ENOENT); did you mean "rooms.csv"?'],
    ["rooms.csv rent --k-fold 300", "train: 200 rows can't be divided into 300 parts; at most 200 are there"],
    ["rooms.csv rent --seed 99999999999", "train: --seed must be a whole number of at most 4294967295, got 99999999999"], // prettier-ignore
    ["rooms.csv rent --checkpoints rooms.csv", "train: rooms.csv is a file; give a folder for the checkpoints"],
    ["rooms.csv rent --checkpoints run", 'train: run has a training already; "npx wasmgrad resume run" goes on with it; give another folder for a new one'], // prettier-ignore
  ])("%s", async (text, message) => {
    const [file, target, ...more] = text.split(" ");
    expect(await refusal("train", file!, "--target", target!, "--epochs", "1", ...more)).toBe(`wasmgrad: ${message}`);
  });

  test.each([
    ["--layers 0", 'argument \'0\' is invalid. It must be the units of each hidden layer, such as 64,32, or "none" for a linear model.'], // prettier-ignore
    ["--validation 0", "argument '0' is invalid. It must be a share of the rows above 0 and below 1, such as 0.2, or a number of rows."], // prettier-ignore
    ["--test 1.5", "argument '1.5' is invalid. It must be a share of the rows above 0 and below 1, such as 0.2, or a number of rows."], // prettier-ignore
    ["--k-fold 1", "argument '1' is invalid. It must be a whole number of 2 or more."],
    ["--epochs 0", "argument '0' is invalid. It must be a whole number of 1 or more."],
    ["--task clustering", "argument 'clustering' is invalid. Allowed choices are auto, regression, classification, series."], // prettier-ignore
    ["--type size=integer", "argument 'size=integer' is invalid. It must be a column and its type, such as zip=category; types are number, category, boolean, date, text, identifier, constant; of dates their writing, too: day=date:dd/mm/yyyy."], // prettier-ignore
    ["--costs 1", 'argument \'1\' is invalid. It must be two numbers: what a wrong "yes" costs, and what a wrong "no", such as 1,5.'], // prettier-ignore
    ["--decimal ;", "argument ';' is invalid. Allowed choices are ., ,."],
  ])("%s", async (text, message) => {
    const [option, value] = text.split(" ");
    const err = await refusal("train", "rooms.csv", "--target", "rent", option!, value!);
    expect(err).toMatch(/^error: option '--/);
    expect(err.slice(err.indexOf("argument"))).toBe(message);
  });

  test("without a target", async () => {
    expect(await refusal("train", "rooms.csv")).toBe("error: required option '--target <column>' not specified");
  });
});

describe("models that are refused", () => {
  test.each([
    ["room.st", 'room.st isn\'t there (ENOENT); did you mean "rooms.st"?'],
    ["nowhere/room.st", "nowhere/room.st isn't there (ENOENT), nor is its folder nowhere"],
    ["folder", "folder is a folder; give the file of a model"],
    ["empty.st", "empty.st is empty; give the file of a model, which train wrote"],
    ["other.st", "other.st: a safetensors file, but not a model of wasmgrad; its metadata has no architecture"],
    ["bare.st", "bare.st: a model without a pipeline, which takes arrays of numbers, not rows of a table; wasmgrad train makes models of tables"], // prettier-ignore
  ])("%s", async (model, message) => {
    for (const command of ["predict", "evaluate"]) {
      expect(await refusal(command, model, "rooms.csv")).toBe(`wasmgrad: ${command}: ${message}`);
    }
    if (model !== "bare.st") expect(await refusal("inspect", model)).toBe(`wasmgrad: inspect: ${message}`);
  });

  test("a file that is cut short, the data, and a checkpoint", async () => {
    for (const command of ["predict", "evaluate", "inspect"]) {
      const more = command === "inspect" ? [] : ["rooms.csv"];
      expect(await refusal(command, "cut.st", ...more)).toMatch(
        new RegExp(`^wasmgrad: ${command}: cut\\.st: cut short; the header needs \\d+ bytes, but there are 3000$`),
      );
      expect(await refusal(command, "short.st", ...more)).toMatch(
        new RegExp(`^wasmgrad: ${command}: short\\.st: cut short; `),
      );
      expect(await refusal(command, "rooms.csv", ...more)).toMatch(
        new RegExp(`^wasmgrad: ${command}: rooms\\.csv: not a safetensors file; its header would have \\d+ bytes$`),
      );
      const [checkpoint] = readdirSync(join(cwd, "run")).filter((name) => name.endsWith(".safetensors"));
      expect(await refusal(command, `run/${checkpoint}`, ...more)).toBe(
        `wasmgrad: ${command}: run/${checkpoint}: a checkpoint of a training, not a model; give the file that train wrote with --out; wasmgrad resume goes on with a training`,
      );
    }
  });
});

describe("rows that are refused", () => {
  beforeAll(() => {
    put("words.csv", "size,floor,colour\n1,2,red\nbig,2,blue\n");
    put("cases.csv", "Size,floor,colour\n1,2,red\n");
    put("far.csv", csvText(["size", "floor", "colour"], lines(60_000, (i) => [i === 59_000 ? "big" : 1, 2, "red"]))); // prettier-ignore
  });

  test.each([
    ["words.csv", 'column "size", row 1 (counted from 0) is "big", which is no number; mend it, or leave the cell empty where the number is missing'], // prettier-ignore
    ["far.csv", 'column "size", row 59000 (counted from 0) is "big", which is no number; mend it, or leave the cell empty where the number is missing'], // prettier-ignore
    ["infinite.csv", 'column "size", row 5 (counted from 0) is "inf", which is infinite or beyond float32 (3.4028235e38); mend it, or leave the cell empty'], // prettier-ignore
    ["others.csv", "others.csv has no columns size, floor, colour, which the model was trained on\nIts columns: u, v"],
    ["cases.csv", 'cases.csv has no column "size", which the model was trained on; is "size" what it calls "Size"?\nIts columns: Size, floor, colour'], // prettier-ignore
    ["ragged.csv", '"ragged.csv": row 50 (counted from 0; line 52) has 2 cells, but there are 4 columns; add what is missing'], // prettier-ignore
    ["room.csv", '"room.csv" isn\'t there (ENOENT); did you mean "rooms.csv"?'],
    ["empty.csv", '"empty.csv" is empty'],
  ])("predict rooms.st %s: what was there under --out stays", async (file, message) => {
    put("kept.csv", "as it was\n");
    expect(await refusal("predict", "rooms.st", file, "--out", "kept.csv")).toBe(`wasmgrad: predict: ${message}`);
  });

  test.each([
    ["words.csv", 'words.csv has no column "rent", which predictions are to be compared with\nIts columns: size, floor, colour'], // prettier-ignore
    ["others.csv", "others.csv has no columns size, floor, colour, rent, which the model was trained on\nIts columns: u, v"], // prettier-ignore
    ["ragged.csv", '"ragged.csv": row 50 (counted from 0; line 52) has 2 cells, but there are 4 columns; add what is missing'], // prettier-ignore
  ])("evaluate rooms.st %s", async (file, message) => {
    expect(await refusal("evaluate", "rooms.st", file)).toBe(`wasmgrad: evaluate: ${message}`);
  });

  test("evaluate: costs of three classes, or of numbers; a target without a value", async () => {
    expect(await refusal("evaluate", "colours.st", "rooms.csv", "--costs", "1,5")).toBe(
      "wasmgrad: evaluate: --costs are of two classes, but the model has 3; leave them out",
    );
    expect(await refusal("evaluate", "rooms.st", "rooms.csv", "--costs", "1,5")).toBe(
      "wasmgrad: evaluate: --costs are of two classes, but the model predicts numbers; leave them out",
    );
    put("unknown.csv", "size,floor,colour,rent\n1,2,red,\n");
    expect(await refusal("evaluate", "rooms.st", "unknown.csv")).toBe(
      'wasmgrad: evaluate: no row that can be predicted has a "rent" to compare with; predict needs none',
    );
  });

  test("--out: a folder, one that isn't there, the data, the model", async () => {
    const out = (path: string): Promise<string> => refusal("predict", "rooms.st", "rooms.csv", "--out", path);
    expect(await out("folder")).toBe("wasmgrad: predict: folder can't be written (EISDIR)");
    expect(await out("nowhere/p.csv")).toBe(
      "wasmgrad: predict: nowhere/p.csv can't be written (ENOENT: there is no folder nowhere)",
    );
    expect(await out("rooms.csv")).toBe("wasmgrad: predict: --out rooms.csv would replace the data; give another file");
    expect(await out("./rooms.st")).toBe(
      "wasmgrad: predict: --out ./rooms.st would replace the model; give another file",
    );
  });
});

test("a file that changes while it is read", async () => {
  const path = join(cwd, "growing.csv");
  writeFileSync(path, csvText(["size", "floor", "colour", "rent"], lines(1_500_000, (i) => [i % 19, i % 7, "red", i % 5]))); // prettier-ignore
  const reading = runCommand(["predict", "rooms.st", "growing.csv"], {
    cwd,
    look(out) {
      if (out !== "") appendFileSync(path, "1,2,red,3\n");
      return undefined;
    },
  });
  const { code, err } = await reading;
  expect(err).toMatch(
    /^wasmgrad: predict: "growing\.csv" changed while it was read: it had \d+ bytes, \d+ were read; read it again when nothing writes to it\n$/,
  );
  expect(code).toBe(1);
  rmSync(path);
});
