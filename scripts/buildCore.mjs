// Compiles the binaries: `node scripts/buildCore.mjs`. Warnings are errors, except AS112 (v128 in an exported function), which is
// meant for functions that JavaScript calls; a test asserts that none of ours takes or returns a v128.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { ALPHABET, encode } from "./binaryText.mjs";

/**
 * The binaries: name and entry, what each is for, the address where its constants begin (below abi.ts's MEMORY_BASE and apart; from
 * 9216 on is left to kernels that users compile themselves), and who loads it: a model's layers while it is made, or whatever needs
 * it, at once.
 */
const binaries = JSON.parse(readFileSync("assembly/binaries/list.json", "utf8"));

/** What is used of WebAssembly's objects: a program's compiler may know no types of WebAssembly's, as Node's have none. */
const WASM = {
  Module: "object",
  Memory: "{ readonly buffer: ArrayBuffer; grow(pages: number): number }",
  Table:
    "{ readonly length: number; get(index: number): any; set(index: number, value?: any): void; grow(places: number, value?: any): number }",
};

// What other scripts and the tests put into build/ stays; what an earlier build left goes.
const KEPT = ["bench", "fetched", "foreign", "nodes", "peers", "realTables", "runtimes", "test", "tools"];
mkdirSync("build", { recursive: true });
for (const entry of readdirSync("build")) {
  if (!KEPT.includes(entry)) rmSync(`build/${entry}`, { recursive: true, force: true });
}
/** Compiles entries into build/FILE.wasm, its types and a wrapper, which is removed. */
async function compile(entries, file, target, constants, flags) {
  const files = entries.map((entry) => `assembly/binaries/${entry}.ts`);
  const common = ["--config", "asconfig.json", "--target", target];
  const where = ["--outFile", `build/${file}.wasm`, "--memoryBase", String(constants)];
  const { error, stderr } = await asc.main([...files, ...common, ...where, ...flags]);
  const messages = stderr.toString();
  if (error || messages.includes("WARNING")) {
    process.stderr.write(messages || String(error));
    process.exit(1);
  }
  rmSync(`build/${file}.js`, { force: true });
}

/** What a binary consists of, if that is more than its own entry: pages get the parts of the core one by one. */
const parts = ({ name, loaded, rest = [] }) =>
  loaded === "for threads" ? binaries.flatMap((each) => [each.name, ...(each.rest ?? [])]) : [name, ...rest];

for (const binary of binaries) {
  const { name, constants: address, restConstants, rest = [], flags = [] } = binary;
  await compile(parts(binary), name, "release", address, flags);
  await compile(parts(binary), `${name}.debug`, "debug", address, flags);
  const texts = [];
  for (const part of [name, ...rest]) {
    const file = rest.length > 0 ? `${part}.part` : name;
    if (file !== name) await compile([part], file, "release", part === name ? address : restConstants, flags);

    // The types of the exports, without the wrapper that would come with them.
    const types = readFileSync(`build/${file}.d.ts`, "utf8").replaceAll(/WebAssembly\.(\w+)/g, (_, kind) => WASM[kind]);
    writeFileSync(`build/${part}.exports.d.ts`, types);

    texts.push([part === name ? "binary" : part, encode(readFileSync(`build/${file}.wasm`))]);
    if (file !== name) rmSync(`build/${file}.wasm`);
    rmSync(`build/${file}.d.ts`);
  }
  rmSync(`build/${name}.d.ts`, { force: true });

  // The binary as a module, so that no bundler, server or content delivery network has to find a file. A bundler drops the rest of the core
  // where nothing names it; elsewhere it is beside the core, where compression finds what both have.
  const constants = ([part, text]) => `/** A binary as text. */\nexport const ${part} =\n  "${text}";\n`;
  writeFileSync(`build/${name}.binary.js`, texts.map(constants).join(""));
  const types = texts.map(([part]) => `export declare const ${part}: string;\n`);
  writeFileSync(`build/${name}.binary.d.ts`, types.join(""));
}

writeFileSync(
  "build/binaryText.js",
  `/** The letters of binaries as text. */\nexport const ALPHABET = ${JSON.stringify(ALPHABET)};\n`,
);
writeFileSync("build/binaryText.d.ts", "export declare const ALPHABET: string;\n");

// What scripts/buildLibrary.mjs writes, for those who import it before.
writeFileSync("build/workerSource.d.ts", "export declare const source: string;\n");

// The list for TypeScript: names, the exports' types, and a loader for each binary that isn't always there.
const named = (loaded) => binaries.filter((binary) => binary.loaded === loaded).map(({ name }) => name);
const byLayers = named("by layers");
const extra = named("at once");
const rests = binaries.flatMap(({ rest = [] }) => rest);
const atOnce = [...extra, ...rests];
const capital = (name) => name[0].toUpperCase() + name.slice(1);
const linkType = (name) =>
  `export declare const load${capital(name)}: (to: { link(name: string, binary: () => object): void }) => void;`;
const others = [...byLayers, ...extra, ...named("for threads")];
// A file that can't be fetched is said in words: engines name the address at best.
const FETCHED = `const fetched = (name, file) =>
  file.catch((cause) => {
    throw new Error(
      \`sequential: \${name}.binary.js, which has the kernels of this model, could not be loaded (\${cause}); see that the network is there and \` +
        "that the server has the file, or what a bundler made of it, and make the model again. " +
        "Firefox asks for such a file only once: there the page must be loaded again. " +
        "Where import() isn't allowed, as in service workers, wasmgrad/single has all in one file",
      { cause },
    );
  });`;
/** What compiles a binary at once is only in programs that have one. */
const COMPILED = 'import { compileAtOnce } from "../src/runtime/binaries.ts";';
const fetched = (name) => `fetched("${name}", import("./${name}.binary.js"))`;
const lines = (list) => `${list.join("\n")}\n`;
writeFileSync(
  "build/binaries.js",
  lines([
    ...rests.map((name) => `import { ${name} } from "./core.binary.js";`),
    COMPILED,
    `export const OTHERS = ${JSON.stringify(others)};`,
    FETCHED,
    ...byLayers.map(
      (name) => `export const load${capital(name)} = (to) => to.load("${name}", () => ${fetched(name)});`,
    ),
    ...rests.map(
      (name) =>
        `export const load${capital(name)} = (to) => to.link("${name}", () => compileAtOnce("${name}", ${name}));`,
    ),
    ...named("for threads").map((name) => `export const read${capital(name)} = () => ${fetched(name)};`),
  ]),
);
writeFileSync(
  "build/binaries.d.ts",
  lines([
    ...["core", ...rests, ...others].map(
      (name) => `import type { instantiate as ${name} } from "./${name}.exports.js";`,
    ),
    `type Exports<T extends (...values: never) => Promise<unknown>> = Awaited<ReturnType<T>>;`,
    `/** What the core exports. */\nexport type CoreExports = Exports<typeof core>;`,
    `/** What the other binaries of one thread export. */`,
    `export type OtherExports = ${[...byLayers, ...atOnce].map((name) => `Exports<typeof ${name}>`).join(" & ")};`,
    ...atOnce.map((name) => `export type ${capital(name)}Exports = Exports<typeof ${name}>;`),
    `export type ThreadExports = Exports<typeof threads>;`,
    `/** The text of the binary for threads. */`,
    `export declare const readThreads: () => Promise<{ readonly binary: string }>;`,
    `/** Names of all binaries but the core. */`,
    `export declare const OTHERS: readonly (${others.map((name) => JSON.stringify(name)).join(" | ")})[];`,
    ...byLayers.map(
      (name) =>
        `export declare const load${capital(name)}: (to: {\n  load(name: string, binary: () => Promise<{ readonly binary: string }>): Promise<void>;\n}) => Promise<void>;`,
    ),
    ...rests.map(linkType),
  ]),
);

// Those that are linked at once bring their text along, so each is a module of its own: pages are in several files, and not all need it.
for (const name of extra) {
  const link = `export const load${capital(name)} = (to) => to.link("${name}", () => compileAtOnce("${name}", binary));`;
  writeFileSync(
    `build/load${capital(name)}.js`,
    lines([COMPILED, `import { binary } from "./${name}.binary.js";`, link]),
  );
  writeFileSync(`build/load${capital(name)}.d.ts`, lines([linkType(name)]));
}

// What bundlers and platforms make of `import core from "wasmgrad/core.wasm"`: useCore takes it.
writeFileSync(
  "build/wasm.d.ts",
  lines([
    `import type { WasmModule } from "./util/platform.js";`,
    `/** The binary, compiled. */`,
    `declare const module: WasmModule;`,
    `export default module;`,
  ]),
);

// The layout constants for TypeScript: the same lines, in reach of src/ and of what it is compiled to.
const abi = readFileSync("assembly/runtime/abi.ts", "utf8");
writeFileSync("build/abi.js", abi);
writeFileSync(
  "build/abi.d.ts",
  abi.replaceAll(/^(export const \w+) = .*;$/gm, "$1: number;").replaceAll("export const", "export declare const"),
);
