// What layers on sequences share, and the normalisation that goes with them: their binary.
import type { Core } from "../module.ts";

/** Loads the binary with the kernels of layers on sequences. */
export function loadSequenceKernels(core: Core): Promise<void> {
  return core.load("sequence", () => import("../../build/sequence.binary.js"));
}
