// The oldest browsers that docs/web.md names: what the published files use, looked up in the tables of browsers' features that MDN keeps.
// It can't see what only running shows.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { project } from "../support/packed.ts";

const ROWS = { chrome: "Chrome, Edge", firefox: "Firefox", safari: "Safari, iOS" } as const;
type BrowserName = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as BrowserName[];

interface Support {
  readonly version_added: string | boolean | null;
  readonly flags?: unknown;
  readonly prefix?: string;
  readonly alternative_name?: string;
}
/** A feature's entry, where it has one, and those of its parts. */
interface Feature {
  readonly [part: string]: Feature;
}
const ENTRY = "__compat";
const entryOf = (feature: Feature): Record<string, Support | readonly Support[]> | undefined =>
  (feature[ENTRY] as { support?: Record<string, Support | readonly Support[]> } | undefined)?.support;

const document = readFileSync(join(import.meta.dirname, "../../docs/web.md"), "utf8");
const stated = Object.fromEntries(
  NAMES.map((name) => [name, Number(new RegExp(`^\\| ${ROWS[name]} \\| ([\\d.]+) \\|`, "m").exec(document)![1])]),
) as Record<BrowserName, number>;

let features: Feature;
let files: string[];
let all: string;
beforeAll(() => {
  const folder = project("browsers", ["@mdn/browser-compat-data@8.1.9"]);
  const data = join(folder, "node_modules/@mdn/browser-compat-data/data.json");
  features = JSON.parse(readFileSync(data, "utf8")) as Feature;
  const build = join(folder, "node_modules/wasmgrad/build");
  const scripts = readdirSync(build).filter((file) => file.endsWith(".js") && !/^(?:cli|report)\.js$/.test(file));
  expect(scripts).toContain("library.js");
  files = scripts.map((file) => readFileSync(join(build, file), "utf8"));
  all = files.join("\n");
}, 300_000);

/** The first version that has a feature, without flags and prefixes. */
function since(feature: Feature, name: BrowserName): number {
  const versions = [entryOf(feature)![name]].flat().map((support) => {
    if (!support || support.flags || support.prefix || support.alternative_name) return Infinity;
    const added = support.version_added;
    return typeof added === "string" ? Number.parseFloat(added.replace("≤", "")) : added === true ? 0 : Infinity;
  });
  return Math.min(...versions.map((version) => (Number.isNaN(version) ? Infinity : version)));
}

const find = (path: string): Feature => path.split(".").reduce((feature, part) => feature[part]!, features);

test("Firefox's and Safari's are the first that have what the table says", () => {
  expect(since(find("webassembly.fixed-width-SIMD"), "safari")).toBe(stated.safari);
  expect(since(find("javascript.builtins.Array.toSorted"), "firefox")).toBe(stated.firefox);
  expect(since(find("javascript.builtins.Array.toReversed"), "firefox")).toBe(stated.firefox);
  expect(all).toMatch(/\.toSorted\(/);
  expect(all).toMatch(/\.toReversed\(/);
  for (const name of NAMES) {
    for (const path of [
      "webassembly.fixed-width-SIMD",
      "javascript.builtins.Array.toSorted",
      "javascript.builtins.FinalizationRegistry",
      "javascript.operators.import_meta",
      "api.Worker.Worker.ecmascript_modules",
      "api.AbortSignal.throwIfAborted",
    ])
      expect(since(find(path), name), `${path} in ${name}`).toBeLessThanOrEqual(stated[name]);
  }
});

test("the syntax is none that those lack", async () => {
  const target = NAMES.map((name) => `${name}${stated[name]}`);
  expect((await transform("a?.b", { target: "chrome70" })).code).not.toContain("?."); // it would be written in another way
  for (const text of files) {
    const newest = await transform(text, { format: "esm", target: "esnext" });
    expect((await transform(text, { format: "esm", target })).code).toBe(newest.code);
  }
});

test("no built-in function or class of JavaScript is one that those lack", () => {
  // functions of several classes have one name: the oldest counts
  const oldest = new Map<string, Record<BrowserName, number>>();
  const collect = (feature: Feature): void => {
    for (const [key, inner] of Object.entries(feature)) {
      if (key === ENTRY) continue;
      if (entryOf(inner)) {
        const name = key.replace(/_static$/, "");
        const known = oldest.get(name) ?? { chrome: Infinity, firefox: Infinity, safari: Infinity };
        for (const browser of NAMES) known[browser] = Math.min(known[browser], since(inner, browser));
        oldest.set(name, known);
      }
      collect(inner);
    }
  };
  collect(find("javascript.builtins"));
  collect(find("webassembly.api"));
  expect(oldest.size).toBeGreaterThan(600);
  const used = new Set([...all.matchAll(/(?:\.|\bnew )([A-Za-z]\w*)(?=\()/g)].map(([, name]) => name!));
  const late = [...used].filter((name) => {
    const versions = oldest.get(name);
    // a function of ours may have the name of one, papaparse calls an option so, and fflate asks whether there is the second
    return (
      versions &&
      !["error", "captureStackTrace"].includes(name) &&
      !all.includes(` ${name}(`) &&
      NAMES.some((browser) => versions[browser] > stated[browser])
    );
  });
  expect(late).toEqual([]);
});
