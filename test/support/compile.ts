// Compiles the kernels that exist for tests alone, once a run.
import { mkdirSync } from "node:fs";
import asc from "assemblyscript/asc";

const FLAGS =
  "--baseDir test/assembly -o ../../build/test/elementary.wasm --initialMemory 1 --maximumMemory 65536 --disableWarning 112 -O3 --noAssert --runtime stub --enable simd --importMemory --zeroFilledMemory".split(
    " ",
  );

export default async function setup(): Promise<void> {
  mkdirSync("build/test", { recursive: true });
  const { error, stderr } = await asc.main(["elementary.kernels.ts", ...FLAGS]);
  if (error) throw new Error(stderr.toString());
}
