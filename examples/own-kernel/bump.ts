// A layer of one's own around kernels of one's own.
import { readFile } from "node:fs/promises";
import { type Layer, normal } from "wasmgrad";

// tells the types which kernels there are, so that a misspelt one is seen by the compiler
declare module "wasmgrad" {
  interface OwnKernels {
    bumpForward: true;
    bumpBackward: true;
  }
}

/** The compiled kernels. In a browser: `WebAssembly.compileStreaming(fetch("bump.wasm"))`. */
const kernels = async (): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(new URL("../../build/bump.wasm", import.meta.url)));

/** y = 1 / (1 + (x - c)^2), with a c for each number of the last axis, which is learned. Any shape. */
export function bump(): Layer {
  return {
    type: "bump",
    options: {},
    kernel: "bump", // bumpForward and bumpBackward
    load: (core) => core.load("bump", kernels),
    outputShape: (input) => input,
    parameters: (input) => [{ name: "centre", shape: [input.at(-1)!], initializer: normal({ deviation: 1 }) }],
    // the slots after x, y, dx and dy
    args: (context, input) => ({
      centre: context.parameter("centre"),
      dCentre: context.gradient("centre"),
      n: input.at(-1)!,
    }),
  };
}
