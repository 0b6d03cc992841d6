// In place of openRanks.ts and openMeasuring.ts where everything is in one file.
import type * as Measuring from "./openMeasuring.ts";
import type * as Training from "./openRanks.ts";

const refuse = (): never => {
  throw new Error(
    "group: this bundle has no code for it; import from wasmgrad, not from wasmgrad/single or a script tag",
  );
};
export const training: typeof Training.training = refuse;
export const measuring: typeof Measuring.measuring = refuse;
