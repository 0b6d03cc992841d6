// Everything that is loaded after this runs on the debug build of the core.
import { readFileSync } from "node:fs";
import { useCore } from "../../src/index.ts";

const debug = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../build/${name}.debug.wasm`, import.meta.url)));

useCore(debug("core"), {
  activations: debug("activations"),
  convolution: debug("convolution"),
  sequence: debug("sequence"),
  extra: new WebAssembly.Module(debug("extra")),
  threads: debug("threads"),
});
