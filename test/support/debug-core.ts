// Everything that is loaded after this runs on the debug build of the core.
import { useCore } from "../../src/index.ts";
import { binaries, readBinary } from "./binaries.ts";

const modules = binaries.map(({ name, loaded }) => {
  const bytes = readBinary(`${name}.debug`);
  return [name, loaded === "at once" ? new WebAssembly.Module(bytes) : bytes] as const; // what is linked at once is compiled before
});
const { core, ...others } = Object.fromEntries(modules);
useCore(core!, others);
