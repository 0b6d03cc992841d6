// What 0.1.0 exported is still there: every name of every entry, every option of every function, every command. Recorded in
// 0.1.0/exports.json from the package as it was built; 0.1.0/types.ts does the same for types.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { ENTRIES, knownOptions } from "./options.ts";

type Names = Readonly<Record<string, readonly string[]>>;

interface Recorded {
  /** The kind of each export: "function", "class", ... */
  readonly entries: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Properties and methods of classes. */
  readonly members: Names;
  readonly options: Names;
  /** What package.json exports. */
  readonly paths: readonly string[];
  /** Words of each command's help. */
  readonly commands: Names;
}

const root = join(import.meta.dirname, "../..");
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "0.1.0/exports.json"), "utf8")) as Recorded;

const kindOf = (value: unknown): string =>
  typeof value === "function" && /^class\b/.test(String(value)) ? "class" : typeof value;

describe.each(Object.entries(recorded.entries))("%s", (entry, names) => {
  test.each(Object.entries(names))("exports %s, a %s", (name, kind) => {
    expect(kindOf(ENTRIES[entry]![name])).toBe(kind);
  });
});

describe("members", () => {
  test.each(Object.entries(recorded.members))("%s has all of its own", async (name, members) => {
    const model = await w.sequential({ input: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const trace = w.trace(trainer, [1], [1]);
    const error = new w.NonFiniteError("message", 1, undefined, "loss");
    const instances: Readonly<Record<string, object>> = {
      Model: model,
      Trainer: trainer,
      Trace: trace,
      NonFiniteError: error,
    };
    expect(members.filter((member) => !(member in instances[name]!))).toEqual([]);
  });
});

describe("options", async () => {
  const known = await knownOptions();
  test.each(Object.entries(recorded.options))("%s knows all of its own", (name, options) => {
    expect(known[name] ?? []).toEqual(expect.arrayContaining([...options]));
  });
});

describe("package", () => {
  const require = createRequire(join(root, "package.json"));
  test.each(recorded.paths)("has %s", (path) => {
    expect(existsSync(require.resolve(path))).toBe(true);
  });
});

describe("command line", () => {
  test.each(Object.entries(recorded.commands))(
    "wasmgrad %s: its help has every command, option and choice",
    (name, words) => {
      const args = [join(root, "build/cli.js"), ...(name === "" ? [] : [name]), "--help"];
      const help = execFileSync(process.execPath, args, { encoding: "utf8" });
      const written = new Set(help.match(/-{0,2}[a-zA-Z0-9][\w-]*/g));
      expect(words.filter((word) => !written.has(word))).toEqual([]);
    },
  );
});
