// What losses of the binary "extra" need whose outputs become probabilities by softmax, a kernel of the rest of the core.
import { loadRest } from "../../../build/binaries.js";
import { loadExtra } from "../../../build/loadExtra.js";
import type { BinaryLoader } from "../../runtime/binaries.ts";

/** Loads both, without waiting. */
export function loadBoth(to: Pick<BinaryLoader, "link">): void {
  loadExtra(to);
  loadRest(to);
}
