// A small model for every layer, activation and composite, in the variants of its options: what all ways out of the library, and into it,
// are tested with.
import { ACTIVATIONS } from "./every/activations.ts";
import { COMPOSITES } from "./every/composites.ts";
import { IMAGES } from "./every/images.ts";
import { SEQUENCES } from "./every/sequences.ts";
import { casesOf, type EveryCase } from "./every/spec.ts";
import { VALUES } from "./every/values.ts";

export type { EveryCase };

/** All of them. Weights and rows are the same each time; no weight is 0 or 1 because it began so. */
export const EVERY_LAYER: readonly EveryCase[] = casesOf({
  ...VALUES,
  ...IMAGES,
  ...SEQUENCES,
  ...ACTIVATIONS,
  ...COMPOSITES,
});
