// In place of openRanks.ts where everything is in one file.
import type * as Ranks from "./openRanks.ts";

const refuse = (): never => {
  throw new Error("group: wasmgrad/single trains without groups; import from wasmgrad, and install it with a package manager");
};
export const training: typeof Ranks.training = refuse;
export const measuring: typeof Ranks.measuring = refuse;
