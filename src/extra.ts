// The binary with the kernels of rarer losses, optimizers, metrics and penalties.
import { binary } from "../build/extra.binary.js";
import { provide } from "./module.ts";

/** To be called by what makes something that needs the binary. */
export function provideExtra(): void {
  provide("extra", binary);
}
