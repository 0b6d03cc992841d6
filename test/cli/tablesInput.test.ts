// Tables as they come: CSV with remarks, without names or with other signs, and rows from the standard input or a pipe.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvText, type Outcome, rooms, runCommand, type Running } from "../support/commands.ts";

const cwd = mkdtempSync(join(tmpdir(), "wasmgrad-input-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const wasmgrad = (args: readonly string[], how: Partial<Running> = {}): Promise<Outcome> =>
  runCommand(args, { cwd, ...how });
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(cwd, name), content);

async function output(args: readonly string[], how: Partial<Running> = {}): Promise<string> {
  const { code, out, err } = await wasmgrad(args, how);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

async function refusal(args: readonly string[], how: Partial<Running> = {}): Promise<string> {
  const { code, err } = await wasmgrad(args, how);
  expect(code).toBe(1);
  return err;
}

const train = (file: string, ...more: string[]): string[] =>
  ["train", file, "--target", "rent", "--epochs", "1", "--no-out", "--no-report", ...more]; // prettier-ignore

const bare = rooms.slice(rooms.indexOf("\n") + 1);
const NAMES = "size,floor,colour,rent";

/** Decimal commas, semicolons, and a letter that windows-1252 writes otherwise than UTF-8. */
const german = csvText(
  ["Größe", "Preis"],
  Array.from({ length: 60 }, (_, i) => [`${i % 17},5`, `${(i * 7) % 17},25`]),
)
  .replaceAll('"', "")
  .split("\n")
  .map((line, i) => (i === 0 ? line.replace(",", ";") : line.replace(/,(\d),/, ",$1;").replace(/^(\d+,\d+),/, "$1;")))
  .join("\n");

beforeAll(async () => {
  put("rooms.csv", rooms);
  put("remarks.csv", `# rents of rooms\n# in 2020, all\n${rooms}`);
  put("bare.csv", bare);
  put("spaces.txt", rooms.replaceAll(",", " "));
  put("wide.txt", rooms.replaceAll(",", "   "));
  put("flats.jsonl", '{"size":1,"rent":2}\n'.repeat(20));
  put("german.csv", german);
  put("latin.csv", Buffer.from(german, "latin1"));
  await output(["train", "rooms.csv", "--target", "rent", "--epochs", "3", "--test", "0.2", "--drop", "floor", "--out", "rooms.st", "--no-report"]); // prettier-ignore
  await output(["train", "german.csv", "--target", "Preis", "--epochs", "1", "--out", "german.st", "--no-report"]);
}, 300_000);

describe("CSV that is told", () => {
  test("--comment: lines before the names; without it, the message names it", async () => {
    const out = await output(train("remarks.csv", "--comment", "#"));
    expect(out).toMatch(/^remarks\.csv {2}200 rows, 4 columns \(CSV with commas\)\n/);
    expect(out).toContain(
      "\nAgain  npx wasmgrad train remarks.csv --target rent --epochs 1 --comment '#' --seed 1 --no-out --no-report\n",
    );
    const plain = await output(["predict", "rooms.st", "rooms.csv"]);
    expect(await output(["predict", "rooms.st", "remarks.csv", "--comment", "#"])).toBe(plain);
    const evaluated = await output(["evaluate", "rooms.st", "remarks.csv", "--comment", "#"]);
    expect(evaluated).toMatch(/^rent {2}predicted by rooms\.st for the rows of remarks\.csv\n/);
    for (const args of [train("remarks.csv"), ["predict", "rooms.st", "remarks.csv"]]) {
      expect(await refusal(args)).toBe(
        `wasmgrad: ${args[0]}: "remarks.csv": row 0 (counted from 0; line 2) has 2 cells, but there are 1 columns; cells that contain the delimiter "," must be quoted; if lines before it are remarks, --comment "#" leaves out those that begin with the sign\n`,
      );
    }
  });

  test("--columns, --header, --no-header: the same rows, named; a hint where there are no names", async () => {
    expect(await refusal(train("bare.csv"))).toBe(
      'wasmgrad: train: --target: bare.csv has no column "rent"\nIts columns: column1, column2, column3, column4\n' +
        'Its first line was taken for a row: --header takes it for the names, --columns a,b,c gives names; --comment "#" leaves out lines that begin with a sign\n',
    );
    const fingerprint = (out: string): string => /Fingerprint {2}(\w+)/.exec(out)![1]!;
    const named = await output(train("bare.csv", "--columns", NAMES));
    expect(named).toMatch(/^bare\.csv {2}200 rows, 4 columns \(CSV with commas\)\n/);
    expect(fingerprint(named)).toBe(fingerprint(await output(train("rooms.csv"))));
    expect(named).toContain(`--columns ${NAMES} --seed 1`);
    const plain = await output(["predict", "rooms.st", "rooms.csv"]);
    expect(await output(["predict", "rooms.st", "bare.csv", "--columns", NAMES])).toBe(plain);
    const numbered = await output(train("bare.csv", "--no-header").with(3, "column4"));
    expect(numbered).toContain("bare.csv  200 rows, 4 columns (CSV with commas, without a line of names,");
    expect(await refusal(train("bare.csv", "--header"))).toBe(
      'wasmgrad: train: "bare.csv": line 1 has the header "0" twice, of columns 1 and 2; rename one, or name them all with --columns and leave out the line\n',
    );
    expect(await refusal(["predict", "rooms.st", "bare.csv"])).toMatch(
      /^wasmgrad: predict: bare\.csv has no columns size, colour, which the model was trained on\nIts columns: column1, column2, column3, column4\nIts first line was taken for a row: /,
    );
  });

  test("spaces between the cells: a hint, and --delimiter", async () => {
    expect(await refusal(train("spaces.txt"))).toBe(
      'wasmgrad: train: --target: spaces.txt has no column "rent"\nIts columns: size floor colour rent\n' +
        'Its lines have 4 words each; if these are cells, divide them with --delimiter " "\n',
    );
    expect(await refusal(train("wide.txt"))).toMatch(
      /\nIts lines have 4 words each; if these are cells, make one space of several first \(tr -s " " < wide\.txt\), and divide them with --delimiter " "\n$/,
    );
    const out = await output(train("spaces.txt", "--delimiter", "space"));
    expect(out).toMatch(/^spaces\.txt {2}200 rows, 4 columns \(CSV with spaces\)\n/);
    expect(out).toContain("--delimiter ' ' --seed 1");
    const written = await output(["predict", "rooms.st", "spaces.txt", "--delimiter", " "]);
    expect(written).toMatch(/^size floor colour rent "predicted rent"\n0 0 red 0 -?[\d.]+\n/);
  });

  test.each([
    [["--encoding", "nope"], "--encoding must be one that TextDecoder knows, such as utf-8, gb18030 or windows-1252, got \"nope\""], // prettier-ignore
    [["--header", "--columns", NAMES], "--columns names the columns of a file without a line of names; leave out --header"], // prettier-ignore
    [["--columns", "a,b,c,a"], '--columns: names 0 and 3 (counted from 0) are both "a"; names must differ'],
    [["--delimiter", "#", "--comment", "#"], '--delimiter and --comment must differ, got "#" for both'],
  ])("%j is refused", async (options, message) => {
    expect(await refusal(train("bare.csv", ...options))).toBe(`wasmgrad: train: ${message}\n`);
  });

  test("of other kinds, and what is no sign or name", async () => {
    expect(await refusal(train("flats.jsonl", "--delimiter", ";", "--comment", "#"))).toBe(
      'wasmgrad: train: "flats.jsonl" is JSON lines, and --comment, --delimiter are for CSV alone; leave them out\n',
    );
    expect(await refusal(train("rooms.csv", "--delimiter", ""))).toMatch(
      /argument '' is invalid\. It must be what is between two cells, such as ";", "\|", tab or space\.\n$/,
    );
    expect(await refusal(train("rooms.csv", "--comment", ""))).toMatch(
      /argument '' is invalid\. It must be what the lines begin with, such as "#"\.\n$/,
    );
    expect(await refusal(train("rooms.csv", "--columns", "a,,b"))).toMatch(
      /argument 'a,,b' is invalid\. It must be a name for each column, with commas between them, such as size,floor,rent\.\n$/,
    );
  });

  test("semicolons and decimal commas stay; the output is UTF-8", async () => {
    const text = await output(["predict", "german.st", "german.csv"]);
    expect(text).toMatch(/^Größe;Preis;predicted Preis\n0,5;0,25;-?\d+,\d+\n1,5;7,25;-?\d+,\d+\n/);
    expect(await output(["predict", "german.st", "latin.csv", "--encoding", "latin1"])).toBe(text);
    // points, as in the file, though the delimiter would let commas be
    put("points.csv", rooms.replaceAll(",", ";"));
    expect(await output(["predict", "rooms.st", "points.csv"])).toMatch(/^(?:[^,]*\n)+$/);
    put("tabs.tsv", rooms.replaceAll(",", "\t"));
    expect(await output(["predict", "rooms.st", "tabs.tsv"])).toMatch(/^size\tfloor\tcolour\trent\tpredicted rent\n/);
  });
});

describe("rows that come from elsewhere", () => {
  test("- is the standard input; the files are called table", async () => {
    const out = await output(["train", "-", "--target", "rent", "--epochs", "3"], { input: rooms });
    expect(out).toMatch(/^the standard input {2}200 rows, 4 columns \(CSV with commas\)\n/);
    expect(out).toContain("\nModel  table-model.safetensors\nReport  table-report.html\n");
    expect(out).toContain("\nAgain  npx wasmgrad train - --target rent --epochs 3 --seed 1\n");
    expect(readFileSync(join(cwd, "table-report.html"), "utf8")).toContain("rent of the standard input");
    const model = "table-model.safetensors";
    const plain = await output(["predict", model, "rooms.csv"]);
    expect(await output(["predict", model, "-"], { input: rooms })).toBe(plain);
    expect(await output(["evaluate", model, "-"], { input: rooms })).toMatch(/for the rows of the standard input\n/);
    expect(await output(train("rooms.csv", "--test", "-"), { input: rooms })).toMatch(/\n {2}test +-?[\d.]+/);
    expect(await refusal(["predict", model, "-"], { input: "a,b\n1,2\n" })).toBe(
      "wasmgrad: predict: the standard input has no columns size, floor, colour, which the model was trained on\nIts columns: a, b\n",
    );
  });

  test("what can't be", async () => {
    expect(await refusal(train("-"), { input: "" })).toBe("wasmgrad: train: the standard input is empty\n");
    expect(await refusal(train("-", "--test", "-"), { input: rooms })).toBe(
      "wasmgrad: train: the data and --test can't both be the standard input; give a file for one\n",
    );
    expect(await refusal(train("-", "--checkpoints", "run"), { input: rooms })).toBe(
      "wasmgrad: train: --checkpoints: the standard input can't be read again, so the training couldn't be resumed; put the rows into a file\n",
    );
    expect(existsSync(join(cwd, "run/run.json"))).toBe(false);
  });

  test("Ctrl-C while more may come", async () => {
    const { code, err } = await wasmgrad(["predict", "rooms.st", "-"], {
      input: rooms.repeat(400).replaceAll(/(?<=\n)size.*\n/g, ""),
      open: true,
      look: (out) => (out === "" ? undefined : "SIGINT"),
    });
    expect([code, err]).toEqual([130, ""]);
  });

  test.skipIf(process.platform === "win32")("a pipe with a name", async () => {
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const reading = output(["predict", "rooms.st", "pipe"]);
    execFileSync("sh", ["-c", "cat rooms.csv > pipe"], { cwd });
    expect(await reading).toBe(await output(["predict", "rooms.st", "rooms.csv"]));
  });
});

describe("what is said", () => {
  test("a column that was meant: letters in another order or other capitals, or only the beginning", async () => {
    put(
      "films.csv",
      csvText(
        ["IMDB Rating", "Churned?", "x"],
        Array.from({ length: 30 }, (_, i) => [i, i % 2, i % 7]),
      ),
    );
    const asked = (name: string): Promise<string> => refusal(["train", "films.csv", "--target", name]);
    const rest = "\nIts columns: IMDB Rating, Churned?, x\n";
    for (const [name, meant] of [
      ["IMBD Rating", "IMDB Rating"],
      ["imdb rating", "IMDB Rating"],
      ["Churn", "Churned?"],
    ]) {
      // prettier-ignore
      expect(await asked(name!)).toBe(
        `wasmgrad: train: --target: films.csv has no column "${name}"; did you mean "${meant}"?${rest}`,
      );
    }
    expect(await asked("budget")).toBe(`wasmgrad: train: --target: films.csv has no column "budget"${rest}`);
  });

  test("a type is as --type says, a column is left out by --drop", async () => {
    const out = await output(train("rooms.csv", "--type", "colour=category", "--drop", "floor").with(3, "colour"));
    expect(out).toContain("\nTarget  colour (category: as --type says; 3 different words)");
    expect(out).toContain("; not used: floor (left out by --drop)\n");
  });

  test("Again and Command have the files that were named", async () => {
    const out = await output([...train("rooms.csv").slice(0, -2), "--out", "my rooms.st", "--report", "r.html"]);
    const command =
      "npx wasmgrad train rooms.csv --target rent --epochs 1 --seed 1 --out 'my rooms.st' --report r.html";
    expect(out.endsWith(`\nAgain  ${command}\n`)).toBe(true);
    expect(await output(["inspect", "my rooms.st"])).toContain(`\nCommand  ${command}\n`);
  });

  test("inspect: columns and those that aren't used, in the command's words", async () => {
    const holes = rooms.split("\n").map((line, i) => (i % 9 === 3 ? line.replace(/^[^,]*/, "") : line));
    const noted = holes.map((line, i) => (line === "" ? "" : `${line},${i === 0 ? "note" : `say ${i} of ${i * 7}`}`));
    put("noted.csv", noted.join("\n"));
    await output(["train", "noted.csv", "--target", "rent", "--epochs", "1", "--drop", "floor", "--out", "noted.st", "--no-report"]); // prettier-ignore
    const out = await output(["inspect", "noted.st"]);
    expect(out).toContain(
      "\nInputs  5 numbers from 2 columns\n  target rent: standardized\n  size (number, 2 numbers)\n    missing cells become ",
    );
    expect(out).toContain(", and one input more is 1 for them; ");
    expect(out).toContain("\n  colour (category, 3 numbers)\n    one-hot, 3 words\n\nNot used\n");
    expect(out).toMatch(/\nNot used\n(?: {2}.*\n)* {2}floor: left out by --drop\n/);
    expect(out).toMatch(/\nNot used\n(?: {2}.*\n)* {2}note: text: /);
    expect(out).not.toMatch(/types: |columns: \{|a feature is/);
  });

  test("evaluate: beside what the training measured on its own test rows", async () => {
    const out = await output(["evaluate", "rooms.st", "rooms.csv"]);
    for (const part of ["training", "validation", "test"]) expect(out).toMatch(new RegExp(`\\n {2}${part}, then +`));
    const document = JSON.parse(await output(["evaluate", "rooms.st", "rooms.csv", "--json"])) as Record<
      string,
      unknown
    >;
    const inspected = JSON.parse(await output(["inspect", "rooms.st", "--json"])) as Record<string, unknown>;
    expect(document["before"]).toEqual(inspected["metrics"]);
  });
});
