// Everything that is loaded after this runs on the debug build of the core.
import { readFileSync } from "node:fs";
import { useCore } from "../../src/index.ts";

useCore(readFileSync(new URL("../../build/core.debug.wasm", import.meta.url)));
