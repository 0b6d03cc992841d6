// The floor plan: arrows point down, and there are no circles. Imports of types and import() count.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { circles, importsBetween, roomOf, sourcesBelow, upwardImports } from "./support/imports.ts";

const root = join(import.meta.dirname, "..");

/** Folders from the top floor down: a file may import its own folder's, and those of the floors below. */
const SRC = [
  ["src"], // the entries
  ["src/web"],
  ["src/tables"],
  ["src/inspect"],
  ["src/training"],
  ["src/exchange"],
  ["src/io"],
  ["src/model", "src/zoo"],
  ["src/nn"],
  ["src/graph"],
  ["src/data", "src/distributed"],
  ["src/runtime"],
  ["src/formats"],
  ["src/util"],
];
const ASSEMBLY = [
  ["assembly/binaries"],
  ["assembly/nn"],
  ["assembly/convolve"],
  ["assembly/matmul"],
  ["assembly/runtime"],
  ["assembly/numeric"],
];

/** Of the playground, a house of its own: the same order as in DESIGN.md. */
const PLAYGROUND = [
  ["src/pages", "src/workers"],
  ["src"], // the script for other pages
  ["src/play", "src/lessons"],
  ["src/elements"],
  ["src/steps", "src/digits"],
  ["src/shell"],
  ["src/look"],
];

describe.each([
  ["src", SRC, 150],
  ["assembly", ASSEMBLY, 100],
] as const)("%s", (folder, floors, least) => {
  const imports = importsBetween(sourcesBelow(root, [folder]));

  test("no import runs upwards", () => {
    expect(imports.size).toBeGreaterThan(least);
    expect([...imports.values()].flat().filter((target) => imports.has(target)).length).toBeGreaterThan(least);
    expect(upwardImports(imports, floors)).toEqual([]);
  });

  test("there is no circle", () => {
    expect(circles(imports)).toEqual([]);
  });

  test("every file is in a room of the plan", () => {
    expect([...imports.keys()].filter((path) => !floors.flat().includes(roomOf(path)))).toEqual([]);
  });
});

test("every file at the root of src is an entry of the package", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports).map((name) => /^\.(?:\/(\w+))?$/.exec(name));
  const entries = names.flatMap((match) => (match ? [`src/${match[1] ?? "index"}.ts`] : []));
  const files = [...sourcesBelow(root, ["src"]).keys()].filter((path) => path.split("/").length === 2);
  expect(files.toSorted()).toEqual(entries.toSorted());
});

describe("playground", () => {
  const all = importsBetween(sourcesBelow(join(root, "playground"), ["src"]));
  const inside = new Map([...all].map(([path, targets]) => [path, targets.filter((target) => all.has(target))]));

  test("no import runs upwards", () => {
    expect(inside.size).toBeGreaterThan(100);
    expect([...inside.values()].flat().length).toBeGreaterThan(400);
    expect(upwardImports(inside, PLAYGROUND)).toEqual([]);
  });

  test("there is no circle", () => {
    expect(circles(inside)).toEqual([]);
  });

  test("every file is in a room of the plan", () => {
    expect([...inside.keys()].filter((path) => !PLAYGROUND.flat().includes(roomOf(path)))).toEqual([]);
  });
});

describe("apps", () => {
  const apps = sourcesBelow(root, ["cli", "lessons", "examples", "bench"]);
  const inside = [...importsBetween(apps)].flatMap(([path, targets]) =>
    targets.filter((target) => /^(?:src|build)\/.+\//.test(target)).map((target) => `${path} -> ${target}`),
  );

  test("use the public entries only", () => {
    expect(apps.size).toBeGreaterThan(50);
    expect(inside.filter((arrow) => !arrow.startsWith("bench/"))).toEqual([]);
  });

  test("but that the benchmark may look into the runtime, the graph and what ranks do", () => {
    expect(inside.length).toBeGreaterThan(0);
    expect(
      inside.filter((arrow) => !/^bench\/.* -> (?:src\/(?:runtime|graph|distributed)|build\/peers)\//.test(arrow)),
    ).toEqual([]);
  });
});

describe("what is put in by hand is seen", () => {
  const files = new Map([
    ["src/index.ts", 'export { a } from "./nn/a.ts";'],
    ["src/nn/a.ts", 'import { b } from "../runtime/b.ts";\nexport const a = b;'],
    ["src/runtime/b.ts", "export const b = 1;"],
    ["src/runtime/c.ts", 'import { b } from "./b.ts";'],
  ]);
  const withLine = (path: string, line: string) =>
    importsBetween(new Map([...files, [path, `${line}\n${files.get(path)}`]]));

  test("as it is, there is nothing", () => {
    expect(upwardImports(importsBetween(files), SRC)).toEqual([]);
    expect(circles(importsBetween(files))).toEqual([]);
  });

  test.each([
    'import { a } from "../nn/a.ts";',
    'import type { a } from "../nn/a.ts";',
    'export * from "../nn/a.ts";',
    'import "../nn/a.ts";',
    'export const later = () => import("../nn/a.ts");',
    'export type A = typeof import("../nn/a.ts").a;',
    'import { a } from "../nn/a.js";',
    "export const later = () => import(`../nn/a.ts`);",
    'const types = "image/*"; import { a } from "../nn/a.ts"; // */',
    'import type { a } from "../../build/nn/a.js";',
  ])("an import upwards: %s", (line) => {
    const imports = withLine("src/runtime/b.ts", line);
    expect(upwardImports(imports, SRC)).toEqual(["src/runtime/b.ts -> src/nn/a.ts"]);
    expect(circles(imports)).toEqual([["src/nn/a.ts", "src/runtime/b.ts"]]);
  });

  test.each(['import type { c } from "./c.ts";', 'export const later = () => import("./c.ts");'])(
    "a circle in one folder: %s",
    (line) => {
      const imports = withLine("src/runtime/b.ts", line);
      expect(upwardImports(imports, SRC)).toEqual([]);
      expect(circles(imports)).toEqual([["src/runtime/b.ts", "src/runtime/c.ts"]]);
    },
  );

  test("an import from a folder of the same floor", () => {
    const imports = importsBetween(
      new Map([
        ["src/zoo/a.ts", 'import "../model/b.ts";'],
        ["src/model/b.ts", ""],
      ]),
    );
    expect(upwardImports(imports, SRC)).toEqual(["src/zoo/a.ts -> src/model/b.ts"]);
  });

  test.each(['import { a } from "wasmgrad";', 'import "../../test/support/a.ts";', 'import "../../cli/main.ts";'])(
    "an import of what isn't below: %s",
    (line) => {
      expect(upwardImports(withLine("src/runtime/b.ts", line), SRC)).toHaveLength(1);
    },
  );

  test("what a comment says is no import", () => {
    expect(circles(withLine("src/runtime/b.ts", '// import "../nn/a.ts";\n/* import "../nn/a.ts"; */'))).toEqual([]);
  });
});
