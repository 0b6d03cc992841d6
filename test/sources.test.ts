// The sources themselves: nothing whose result differs between engines.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { docExamples, fencedBlocks } from "./support/documents.ts";

const ROOT = join(import.meta.dirname, "..");

/** Exact in every engine. */
const EXACT = [
  "sqrt",
  "abs",
  "floor",
  "ceil",
  "round",
  "trunc",
  "min",
  "max",
  "fround",
  "imul",
  "sign",
  "clz32",
  "PI",
  "LN2",
];

/** Printed with a few digits, and never calculated with. */
const PRINTED = [
  "lessons/newton.ts: Math.log",
  "examples/programs/vae.ts: Math.log",
  ...[
    "Math.exp",
    "Math.log",
    "Math.log1p",
    "Math.tanh",
    "evaluate(expression.base) ** evaluate(expression.exponent);",
  ].map((use) => `src/inspect/values.ts: ${use}`),
];

/** Reads recordings: what a network then makes of the numbers is the same in every engine, the numbers may differ in their last digits. */
const PREPARES = ["examples/programs/sound.ts"];

const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, " ").replaceAll(/(^|\s)\/\/.*$/gm, " ");

/** Uses of Math (or AssemblyScript's copies of it) that engines may answer differently, and powers. */
function inexact(source: string): string[] {
  const code = withoutComments(source);
  const functions = code.match(/\b(?:Math|Mathf|NativeMath|NativeMathf|JSMath)\b(?:\.\w+)?/g) ?? [];
  // a power of two is exact, and is not computed while the program runs
  const powers = code.replaceAll(/\b2 \*\* -?\d+\b/g, "").match(/\S*\s*\*\*=?\s*\S*/g) ?? [];
  return [...functions.filter((use) => !EXACT.some((name) => use === `Math.${name}`)), ...powers];
}

function filesOf(folder: string, kind = /\.[cm]?[jt]s$/): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return filesOf(path, kind);
    return kind.test(path) ? [path] : [];
  });
}

describe("inexact arithmetic", () => {
  // examples are copied, layers and losses in TypeScript among them
  for (const [folder, least] of [
    ["src", 100],
    ["assembly", 100],
    ["cli", 5],
    ["lessons", 5],
    ["examples", 5],
  ] as const) {
    test(`is not in ${folder}`, () => {
      const files = filesOf(folder).filter((file) => !PREPARES.includes(file));
      expect(files.length).toBeGreaterThan(least);
      const found = files.flatMap((file) =>
        inexact(readFileSync(join(ROOT, file), "utf8")).map((use) => `${file}: ${use}`),
      );
      expect(found.filter((use) => !PRINTED.includes(use))).toEqual([]);
    });
  }

  test("is not in the documents' examples", () => {
    const documents = ["README.md", ...filesOf("docs", /\.md$/)].flatMap((file) => fencedBlocks(join(ROOT, file)));
    const snippets = [...documents, ...docExamples(join(ROOT, "src"))];
    expect(snippets.length).toBeGreaterThan(100);
    expect(snippets.flatMap(({ where, code }) => inexact(code).map((use) => `${where}: ${use}`))).toEqual([]);
  });

  test("would be seen", () => {
    expect(inexact("const y = Math.exp(x) + Math.max(x, 0);")).toEqual(["Math.exp"]);
    expect(inexact("const { sin } = Math;")).toEqual(["Math"]);
    expect(inexact("y = Mathf.sqrt(x)")).toEqual(["Mathf.sqrt"]);
    expect(inexact("y = Math.random()")).toEqual(["Math.random"]);
    expect(inexact("y = x ** 2 + 2 ** n; y **= 3;")).toEqual(["x ** 2", "2 ** n;", "y **= 3;"]);
    expect(inexact("y = 2 ** 32; // Math.exp, x ** y\n/** Math.log */\n/* a ** b */")).toEqual([]);
    expect(inexact('const url = "https://example.org"; y = Math.cos(x);')).toEqual(["Math.cos"]);
  });
});
