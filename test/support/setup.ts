// What is made ready before the first test: the kernels that exist for tests alone, the package, the other runtimes, other
// libraries, and tables of real data.
import { mkdirSync } from "node:fs";
import asc from "assemblyscript/asc";
import { installForeignReaders } from "./foreignReaders.ts";
import { installArmNode, installNodes } from "./nodes.ts";
import { pack } from "./packed.ts";
import { makeTables } from "./realTables.ts";
import { installRuntimes } from "./runtimes.ts";

const FLAGS =
  "--baseDir test/assembly/numeric -o ../../../build/test/elementary.wasm --initialMemory 1 --maximumMemory 65536 --disableWarning 112 -O3 --noAssert --runtime stub --enable simd --importMemory --zeroFilledMemory".split(
    " ",
  );

export async function setup(): Promise<void> {
  mkdirSync("build/test", { recursive: true });
  const { error, stderr } = await asc.main(["elementary.kernels.ts", ...FLAGS]);
  if (error) throw new Error(stderr.toString());
  pack();
  installNodes();
  installArmNode();
  installRuntimes();
  installForeignReaders();
  makeTables();
}
