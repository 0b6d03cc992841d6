// The operator Attention of opset 23.
import type { Family } from "./operators.ts";

/** By operator. */
export const ATTENTION: Family = {};
