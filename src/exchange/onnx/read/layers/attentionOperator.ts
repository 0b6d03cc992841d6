// The operator Attention of opset 23.
import type { Family } from "./family.ts";

/** By operator. */
export const ATTENTION: Family = {};
