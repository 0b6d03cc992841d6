// All operators that layers can say.
import type { Mapping } from "../mapping.ts";
import { activations } from "./activations.ts";
import { attentions } from "./attention.ts";
import { images } from "./images.ts";
import { losses } from "./losses.ts";
import { norms } from "./norms.ts";
import { optimizers } from "./optimizers.ts";
import { recurrents } from "./recurrent.ts";
import { resizes } from "./resize.ts";
import { shapes } from "./shapes.ts";

export const OPERATORS: Readonly<Record<string, Mapping>> = {
  ...activations,
  ...attentions,
  ...images,
  ...losses,
  ...norms,
  ...optimizers,
  ...recurrents,
  ...resizes,
  ...shapes,
};
