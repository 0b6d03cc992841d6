// All layers of TensorFlow.js that are read, by class_name.
import { MERGE } from "./merge.ts";
import { PLAIN } from "./plain.ts";
import type { Convert } from "./reader.ts";
import { RECURRENT } from "./recurrent.ts";
import { WINDOWS } from "./windows.ts";
import { WRAPPERS } from "./wrappers.ts";

export const CONVERTERS: Readonly<Record<string, Convert>> = {
  ...PLAIN,
  ...WINDOWS,
  ...MERGE,
  ...RECURRENT,
  ...WRAPPERS,
};
