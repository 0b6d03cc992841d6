// The sources themselves: nothing whose result differs between engines.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Exact in every engine. */
const EXACT = ["sqrt", "abs", "floor", "ceil", "round", "trunc", "min", "max", "fround", "imul", "sign", "PI"];

const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, " ").replaceAll(/(^|\s)\/\/.*$/gm, " ");

/** Uses of Math (or AssemblyScript's copies of it) that engines may answer differently, and powers. */
function inexact(source: string): string[] {
  const code = withoutComments(source);
  const functions = code.match(/\b(?:Math|Mathf|NativeMath|NativeMathf|JSMath)\b(?:\.\w+)?/g) ?? [];
  // a power of two is exact, and is not computed while the program runs
  const powers = code.replaceAll(/\b2 \*\* \d+\b/g, "").match(/\S*\s*\*\*=?\s*\S*/g) ?? [];
  return [...functions.filter((use) => !EXACT.some((name) => use === `Math.${name}`)), ...powers];
}

function filesOf(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

describe("inexact arithmetic", () => {
  for (const folder of ["src", "assembly"]) {
    test(`is not in ${folder}`, () => {
      const files = filesOf(folder);
      expect(files.length).toBeGreaterThan(30);
      const found = files.flatMap((file) =>
        inexact(readFileSync(join(ROOT, file), "utf8")).map((use) => `${file}: ${use}`),
      );
      expect(found).toEqual([]);
    });
  }

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
