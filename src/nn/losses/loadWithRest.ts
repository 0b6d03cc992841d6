// What losses of the binary "losses" need whose outputs become probabilities by a kernel of the rest of the core.
import { loadRest } from "../../../build/binaries.js";
import { loadLosses } from "../../../build/loadLosses.js";
import type { BinaryLoader } from "../../runtime/binaries.ts";

/** Loads both, without waiting. */
export function loadWithRest(to: Pick<BinaryLoader, "link">): void {
  loadLosses(to);
  loadRest(to);
}
