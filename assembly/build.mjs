// Compiles the core: `node assembly/build.mjs`. Warnings are errors, except AS112 (v128 in an exported function), which is
// meant for functions that JavaScript calls; a test asserts that none of ours takes or returns a v128.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import zopfli from "@gfx/zopfli";
import asc from "assemblyscript/asc";

mkdirSync("build", { recursive: true });
for (const target of ["release", "debug"]) {
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target]);
  const messages = stderr.toString();
  if (error || messages.includes("WARNING")) {
    process.stderr.write(messages || String(error));
    process.exit(1);
  }
}

// The types of the exports, without the wrapper that would come with them.
rmSync("build/core.js");
const types = readFileSync("build/core.d.ts", "utf8");
rmSync("build/core.d.ts");
writeFileSync("build/core.exports.d.ts", types);

// The binary as a module, deflated, so that no bundler, server or content delivery network has to find a file.
// Zopfli takes longer than zlib and makes 5 % less, which is half a kilobyte of every page.
const deflated = await promisify(zopfli.deflate)(readFileSync("build/core.wasm"), { numiterations: 50 });
writeFileSync(
  "build/core.binary.js",
  `/** The core, deflated, in base64. */\nexport const binary =\n  "${Buffer.from(deflated).toString("base64")}";\n`,
);
writeFileSync("build/core.binary.d.ts", "export declare const binary: string;\n");

// The layout constants for TypeScript: the same lines, in reach of src/ and of what it is compiled to.
const abi = readFileSync("assembly/abi.ts", "utf8");
writeFileSync("build/abi.js", abi);
writeFileSync(
  "build/abi.d.ts",
  abi.replaceAll(/^(export const \w+) = .*;$/gm, "$1: number;").replaceAll("export const", "export declare const"),
);
