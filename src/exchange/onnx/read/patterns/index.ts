// Rewrites several nodes into the one operator that they spell out. They run after constants are folded, before layers are made.
import type { Pass } from "../workGraph.ts";

/** The passes, in the order in which they run. */
export const PATTERNS: readonly Pass[] = [];
