// What names in data must not do: run in a shell, move a terminal's cursor, or lead an output to what is read.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { shellWord } from "../../cli/shell.ts";
import { noteSums } from "../../cli/tables/noteSums.ts";
import { shown } from "../../cli/text.ts";
import { rooms, runCommand } from "../support/commands.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-safe-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = [
  "plain",
  "a b",
  "it's",
  "$HOME",
  "`id`",
  "$(touch pwn)",
  "a\\b",
  "x!y",
  "two\nlines",
  "*",
  "~",
  "-",
  "a;b",
  '"',
];

test.skipIf(process.platform === "win32").each(NAMES)("a shell takes %j as it is", (name) => {
  const said = execFileSync("sh", ["-c", `printf %s ${shellWord(name)}`], { cwd: folder, encoding: "utf8" });
  expect(said).toBe(name);
});

test("control characters are written out, colours and ends of lines are not", () => {
  expect(shown("a\x1b[2Jb\x07\u202ec\r", true)).toBe("a\\u001b[2Jb\\u0007\\u202ec\\u000d");
  expect(shown("\x1b[1mbold\x1b[22m\n中 é\t", true)).toBe("\x1b[1mbold\x1b[22m\n中 é\t");
  expect(shown("\x1b[1mbold", false)).toBe("\\u001b[1mbold");
});

test("notes of pieces are added up, with the words of all", () => {
  const sums = noteSums();
  sums.add(["x: 1 cell is missing, done as the steps say, though none was in training", "other"]);
  sums.add(["x: 1,203 cells are missing, done as the steps say, though none was in training", "other"]);
  sums.add(['c: 1 cell has a word that no training row has ("a"); all its features are 0']);
  sums.add(['c: 2 cells have words that no training row has ("b", "(c)"); all its features are 0']);
  sums.add(['d: 1 cell has a word that no training row has ("a"); all its features are 0']);
  expect(sums.texts()).toEqual([
    "other",
    "x: 1,204 cells are missing, done as the steps say, though none was in training",
    'c: 3 cells have words that no training row has ("a", "b", "(c)"); all its features are 0',
    'd: 1 cell has a word that no training row has ("a"); all its features are 0',
  ]);
});

describe("outputs don't replace what a link leads to", () => {
  const refused = async (args: readonly string[], message: string): Promise<void> => {
    writeFileSync(join(folder, "rooms.csv"), rooms);
    expect(await runCommand(args, { cwd: folder })).toEqual({ code: 1, out: "", err: `wasmgrad: ${message}\n` });
    expect(readFileSync(join(folder, "rooms.csv"), "utf8")).toBe(rooms);
  };

  test("by its name, or its folder's", async () => {
    symlinkSync("rooms.csv", join(folder, "link.csv"));
    symlinkSync(".", join(folder, "sub"));
    const train = ["--target", "rent", "--no-report"];
    const advice = "would replace the data; give another file";
    await refused(["train", "link.csv", ...train, "--out", "rooms.csv"], `train: --out rooms.csv ${advice}`);
    await refused(["train", "sub/rooms.csv", ...train, "--out", "rooms.csv"], `train: --out rooms.csv ${advice}`);
  });
});

test("a column's name in the command that repeats a training runs nothing", async () => {
  const name = "rent$(touch pwn)\x1b[2J";
  writeFileSync(join(folder, "odd.csv"), rooms.replace("rent", name));
  const { code, out } = await runCommand(["train", "odd.csv", "--target", name, "--epochs", "1", "--no-report"], {
    cwd: folder,
  });
  expect(code).toBe(0);
  // eslint-disable-next-line no-control-regex
  expect(out).not.toMatch(/[\0-\x08\x0b-\x1f]/);
  expect(out).toContain("--target 'rent$(touch pwn)\\u001b[2J'");
});
