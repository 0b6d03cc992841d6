// The licences of what bundles contain: found here by the comments that the bundler writes above each file.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const build = join(root, "build");

/** Packages that have a part in a file. */
function packagesIn(file: string): string[] {
  const marks = readFileSync(join(build, file), "utf8").matchAll(
    /^\s*\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
  );
  return [...new Set([...marks].map((mark) => mark[1]!))];
}

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");
const notices = read("build/THIRD-PARTY-NOTICES");

const bundled = readdirSync(build, { encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .flatMap((file) => packagesIn(file).map((name) => [name, file] as const));

test("the command line's parser and charts, the parser of tables and what inflates zip files are known to be bundled, and nothing else", () => {
  expect(bundled.toSorted()).toEqual([
    ["commander", "cli.js"],
    ["fflate", "zip.js"],
    ["papaparse", "csvReader.js"],
    ["simple-ascii-chart", "cli.js"],
  ]);
});

test.each(bundled)("%s, which is in %s, has its version and the text of its licence in the notices", (name) => {
  const { version, license } = JSON.parse(read("node_modules", name, "package.json")) as Record<string, string>;
  expect(notices).toContain(`\n${name} ${version} (${license})\n`);
  const file = readdirSync(join(root, "node_modules", name)).find((found) => /^licen[cs]e/i.test(found))!;
  const text = read("node_modules", name, file).trim();
  expect(text).toMatch(/Copyright \(c\)/);
  expect(notices).toContain(text);
});

test("the notices are published", () => {
  const { files } = JSON.parse(read("package.json")) as { files: string[] };
  expect(files).toContain("build/THIRD-PARTY-NOTICES");
});
