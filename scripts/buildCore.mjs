// Compiles the binaries: `node scripts/buildCore.mjs`. Warnings are errors, except AS112 (v128 in an exported function), which is
// meant for functions that JavaScript calls; a test asserts that none of ours takes or returns a v128.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { LETTERS, textOf } from "./binaryText.mjs";

/**
 * Entries, and where each one's static data begins: below abi.ts's MEMORY_BASE, and apart. From 9216 on is left to kernels that
 * users compile themselves.
 */
const BINARIES = {
  core: { entry: "assembly/binaries/core.ts", memoryBase: 0 },
  extra: { entry: "assembly/binaries/extra.ts", memoryBase: 3072 },
  convolution: { entry: "assembly/binaries/convolution.ts", memoryBase: 4096 },
  sequence: { entry: "assembly/binaries/sequence.ts", memoryBase: 6144, more: ["--importTable"] },
  activations: { entry: "assembly/binaries/activations.ts", memoryBase: 8192 },
  // all of these once more, for several threads on one shared memory
  threads: { entry: "assembly/binaries/threads.ts", memoryBase: 0, more: ["--enable", "threads", "--sharedMemory"] },
};

mkdirSync("build", { recursive: true });
for (const [name, { entry, memoryBase, more = [] }] of Object.entries(BINARIES)) {
  for (const [target, file] of Object.entries({ release: name, debug: `${name}.debug` })) {
    const where = ["--outFile", `build/${file}.wasm`, "--memoryBase", String(memoryBase)];
    const { error, stderr } = await asc.main([
      entry,
      "--config",
      "asconfig.json",
      "--target",
      target,
      ...where,
      ...more,
    ]);
    const messages = stderr.toString();
    if (error || messages.includes("WARNING")) {
      process.stderr.write(messages || String(error));
      process.exit(1);
    }
  }

  // The types of the exports, without the wrapper that would come with them.
  rmSync(`build/${name}.js`);
  const types = readFileSync(`build/${name}.d.ts`, "utf8");
  rmSync(`build/${name}.d.ts`);
  writeFileSync(`build/${name}.exports.d.ts`, types);

  // The binary as a module, so that no bundler, server or content delivery network has to find a file.
  const text = textOf(readFileSync(`build/${name}.wasm`));
  writeFileSync(`build/${name}.binary.js`, `/** The binary as letters. */\nexport const binary =\n  "${text}";\n`);
  writeFileSync(`build/${name}.binary.d.ts`, "export declare const binary: string;\n");
}

writeFileSync(
  "build/letters.js",
  `/** Letters of the binaries. */\nexport const LETTERS = ${JSON.stringify(LETTERS)};\n`,
);
writeFileSync("build/letters.d.ts", "export declare const LETTERS: string;\n");

// The layout constants for TypeScript: the same lines, in reach of src/ and of what it is compiled to.
const abi = readFileSync("assembly/runtime/abi.ts", "utf8");
writeFileSync("build/abi.js", abi);
writeFileSync(
  "build/abi.d.ts",
  abi.replaceAll(/^(export const \w+) = .*;$/gm, "$1: number;").replaceAll("export const", "export declare const"),
);
