// The licences of what bundles contain: found here by the comments that the bundler writes above each file.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build as buildWith } from "esbuild";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const build = join(root, "build");

/** Packages that have a part in a bundle's text. */
function packagesIn(text: string): string[] {
  const marks = text.matchAll(/^\s*\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm);
  return [...new Set([...marks].map((mark) => mark[1]!))];
}

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

/** A package's version, and its licence in brackets. */
function versionOf(name: string): [string, string] {
  const { version, license } = JSON.parse(read("node_modules", name, "package.json")) as Record<string, string>;
  return [version!, `(${license})`];
}

/** The text of its licence. */
function licenceOf(name: string): string {
  const file = readdirSync(join(root, "node_modules", name)).find((found) => /^licen[cs]e/i.test(found))!;
  return read("node_modules", name, file).trim();
}

const notices = read("build/THIRD-PARTY-NOTICES");

const bundled = readdirSync(build, { encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .flatMap((file) => packagesIn(readFileSync(join(build, file), "utf8")).map((name) => [name, file] as const));

/** What draws the report is minified, without comments: here it is bundled again with them, more of it rather than less. */
const drawing = async (): Promise<string[]> => {
  const entryPoints = [join(root, "cli/report/page.ts")];
  const { outputFiles } = await buildWith({ entryPoints, bundle: true, format: "esm", platform: "node", write: false });
  return packagesIn(outputFiles[0]!.text);
};

test("each package that draws the report has its version and the text of its licence in the notices, or isn't in it", async () => {
  const script = read("build/report.js");
  const found = await drawing();
  expect(found.length).toBeGreaterThan(30);
  const named = found.filter((name) => notices.includes(`\n${name} ${versionOf(name).join(" ")}\n`));
  // what the build leaves out, and what only that asks for
  const left =
    /^(?:d3-(?:delaunay|dispatch|force|hierarchy|quadtree)|vega-(?:crossfilter|force|geo|hierarchy|label|regression|voronoi|wordcloud))$/;
  expect(found.filter((name) => !named.includes(name) && !left.test(name))).toEqual([]);
  for (const name of named) expect(notices).toContain(licenceOf(name));
  expect(script.length).toBeLessThan(600_000);
});

test("the command line's parser and charts, the parser of tables and what inflates zip files are known to be bundled, and nothing else", () => {
  expect(bundled.toSorted()).toEqual([
    ["commander", "cli.js"],
    ["fflate", "zip.js"],
    ["papaparse", "cli.js"],
    ["papaparse", "csvReader.js"],
    ["simple-ascii-chart", "cli.js"],
  ]);
});

test.each(bundled)("%s, which is in %s, has its version and the text of its licence in the notices", (name) => {
  expect(notices).toContain(`\n${name} ${versionOf(name).join(" ")}\n`);
  expect(licenceOf(name)).toMatch(/Copyright \(c\)/);
  expect(notices).toContain(licenceOf(name));
});

test("the notices are published", () => {
  const { files } = JSON.parse(read("package.json")) as { files: string[] };
  expect(files).toContain("build/THIRD-PARTY-NOTICES");
});
