// The code in README.md, in the chapters of docs/ and in the examples of every doc comment: type-checked strictly, and run.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transform } from "esbuild";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { documents, groupOf } from "../scripts/docs.ts";
import { readBinary } from "./support/binaries.ts";
import { docExamples, fencedBlocks, type Snippet } from "./support/documents.ts";
import { archive, dict, ordered, pickle, tensor, whole } from "./support/torchFiles.ts";

const root = join(import.meta.dirname, "..");
// inside the project, so that "wasmgrad" is the project itself
const folder = join(root, "build/test/documents");

/** The quick start trains on all of MNIST; test/package/package.test.ts runs it. */
const chapters = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`); // prettier-ignore
const blocks = [...fencedBlocks("README.md").slice(1), ...chapters.flatMap(fencedBlocks)];
const examples = docExamples("src");

/** What an example may take for granted: a small classifier and its data. */
const GIVEN = `
const x = Float32Array.from({ length: 24 }, (_, i) => Math.fround(((i * 7) % 11) / 11));
const y = [0, 1, 2, 0, 1, 2];
const data = { x, y };
const model = await w.sequential({ input: 4, seed: 1 }, w.dense(8), w.tanh(), w.dense(3));
const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
const pixels = new Uint8Array(784 * 2);
const labels = new Uint8Array(2);
void [readFile, x, y, data, model, trainer, pixels, labels];
`;

/** Examples may read and write files: this one is theirs. */
const FILE = "build/test/documents/model.safetensors";

/** Each keeps its training in a folder of its own. */
const RUNS = "build/test/documents/runs";

/** This one is PyTorch's. */
const TORCH = "build/test/documents/checkpoint.pt";

/** And these pictures. */
const PICTURES = "build/test/documents/pets";

const ENTRIES = [
  "wasmgrad",
  "wasmgrad/data",
  "wasmgrad/datasets",
  "wasmgrad/files",
  "wasmgrad/matrix",
  "wasmgrad/models",
  "wasmgrad/mpi",
  "wasmgrad/onnx",
  "wasmgrad/tfjs",
  "wasmgrad/torch",
  "wasmgrad/web",
];
let exported: Map<string, string>;

/** A module that runs the example in a function of its own, with everything it names imported. */
function moduleOf({ code, where }: Snippet): string {
  const imports = [...code.matchAll(/^import .*$/gm)].map((match) => match[0]);
  const body = code
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(/"(?:digits|model)\.safetensors"/g, JSON.stringify(FILE))
    .replaceAll('"pets"', JSON.stringify(PICTURES))
    .replaceAll('"checkpoint.pt"', JSON.stringify(TORCH))
    .replaceAll(/"(digits|small)\.mjs"/g, '"build/test/documents/$1.mjs"')
    .replaceAll('"training.csv"', JSON.stringify("build/test/documents/training.csv"))
    .replaceAll(/checkpoints\("[\w/-]+"/g, `checkpoints("${RUNS}/${where.replaceAll(/\W/g, "-")}"`)
    .replaceAll('"node_modules/wasmgrad/build/core.wasm"', '"build/core.wasm"');
  const declared = new Set([...body.matchAll(/\b(?:const|let|function) (\w+)/g)].map((match) => match[1]!));
  const imported = new Set(imports.flatMap((line) => line.match(/\w+/g) ?? []));
  const named = [...new Set(body.match(/\b\w+\b/g) ?? [])].filter(
    (name) => exported.has(name) && !declared.has(name) && !imported.has(name),
  );
  const lines = named.map((name) => `import { ${name} } from "${exported.get(name)}";`);
  const given = imported.has("w") ? [] : ['import * as w from "wasmgrad";'];
  if (!imported.has("readFile")) given.push('import { readFile } from "node:fs/promises";');
  return `${[...lines, ...imports, ...given].join("\n")}
export async function run(): Promise<void> {
${GIVEN}
  {
${body}
  }
}
`;
}

// what gives the core a binary gives it to those that run behind it, too
const givesCore = ({ code }: Snippet): boolean => code.includes("useCore(");
const all = [...blocks, ...examples].toSorted((a, b) => Number(givesCore(a)) - Number(givesCore(b)));
const fileOf = (i: number): string => join(folder, `example${i}.ts`);

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const pet of ["cat", "dog"]) {
    mkdirSync(join(root, PICTURES, pet), { recursive: true });
    for (const i of [1, 2, 3]) {
      const png = new PNG({ width: 8, height: 8 });
      png.data.fill(40 * i);
      writeFileSync(join(root, PICTURES, pet, `${i}.png`), PNG.sync.write(png));
    }
  }
  const weight = tensor({ shape: [2, 2] });
  const state = dict(["model", ordered(["0.weight", weight], ["0.bias", tensor({ shape: [2] })])], ["epoch", whole(3)]);
  writeFileSync(join(root, TORCH), archive(pickle(state)));
  exported = new Map();
  for (const entry of ENTRIES.toReversed()) {
    for (const name of Object.keys((await import(entry)) as object)) exported.set(name, entry);
  }
  all.forEach((snippet, i) => writeFileSync(fileOf(i), moduleOf(snippet)));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.json",
      compilerOptions: { noUnusedLocals: false, rootDir: "../../..", lib: ["ES2023", "DOM"] },
      include: ["*.ts"],
      exclude: [],
    }),
  );
});

describe("documents", () => {
  test("there is something to test", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(17);
    expect(examples.length).toBeGreaterThan(40);
  });

  test("every function that users call has an example or a one-line use in its comment", () => {
    const commented = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, "src", file), "utf8"))
      .join("\n");
    const without = [...exported.keys()].filter((name) => {
      const at = commented.search(new RegExp(`export (?:async )?(?:function|class) ${name}\\b`));
      const comment = commented.slice(commented.lastIndexOf("/**", at), at);
      return at >= 0 && !comment.trimEnd().endsWith("*/");
    });
    expect(without).toEqual([]);
  });

  const factories = [
    "layers",
    "composites",
    "activations",
    "losses",
    "optimizers",
    "metrics",
    "regularizers",
    "constraints",
  ];
  test.each(factories)("the comments of all %s have an example and say what is thrown", (group) => {
    for (const { name, comment } of groupOf(group)) {
      expect(comment, `the comment of ${name}`).toContain("@example");
      // constraints without options take nothing that could be wrong
      if (name !== "nonNeg") expect(comment, `the comment of ${name}`).toContain("@throws");
    }
  });

  test.each(["schedules", "initializers"])("all %s have an example", (group) => {
    const made = groupOf(group);
    expect(made.length).toBeGreaterThan(6);
    for (const { name, comment } of made) expect(comment, `the comment of ${name}`).toContain("@example");
  });

  test.each([...documents()])("the tables of %s are what `npm run docs` writes", (file, text) => {
    expect(readFileSync(join(root, file), "utf8")).toBe(text);
  });

  test.each(["src/graph", "src/runtime"])("%s/README.md names the files of the folder, all of them", (documented) => {
    const text = readFileSync(join(root, documented, "README.md"), "utf8");
    const named = [...text.matchAll(/`([\w/]+\.ts)`/g)]
      .map(([, file]) => file!)
      .filter((file) => !file.startsWith("assembly/"));
    const files = readdirSync(join(root, documented), { recursive: true, encoding: "utf8" });
    expect(new Set(named.map((file) => basename(file)))).toEqual(
      new Set(files.filter((file) => file.endsWith(".ts")).map((file) => basename(file))),
    );
  });

  test("all examples type-check", () => {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { stdio: "pipe" });
  });

  for (const [i, snippet] of all.entries()) {
    test(`runs: ${snippet.where}`, async () => {
      const { code } = await transform(readFileSync(fileOf(i), "utf8"), { loader: "ts", format: "esm" });
      const script = join(folder, `example${i}.mjs`);
      writeFileSync(script, code);
      const { run } = (await import(script)) as { run(): Promise<void> };
      const print = vi.spyOn(console, "log").mockImplementation(() => {}); // examples print
      await run();
      (await import("wasmgrad")).useCore(readBinary("core")); // what one example hands over, others don't have
      const printed = print.mock.calls.flat().join(" ");
      print.mockRestore();
      // a fingerprint that a document gives is what everybody gets
      for (const [, hash] of snippet.code.matchAll(/\/\/ ([0-9a-f]{16})\b/g)) expect(printed).toContain(hash);
    });
  }
});
