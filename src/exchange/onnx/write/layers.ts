// Which layer is written by what.
import { ACTIVATIONS } from "./activations.ts";
import { ATTENTION } from "./attention.ts";
import { CONVOLUTIONS } from "./convolution.ts";
import { dense, embedding, rbf, tiedDense } from "./dense.ts";
import { NORMS } from "./norms.ts";
import { OPERATORS } from "./operators.ts";
import type { LayerWriter } from "./place.ts";
import { POOLING } from "./pooling.ts";
import { RECURRENT } from "./recurrent.ts";
import { SHAPES } from "./shapes.ts";
import { sinusoidalEmbedding } from "./sinusoidal.ts";

/** Outside training it passes its input through. */
const passes: LayerWriter = ({ x }) => x;

/** By type. */
export const LAYER_WRITERS: Readonly<Record<string, LayerWriter>> = {
  ...ACTIVATIONS,
  ...ATTENTION,
  ...CONVOLUTIONS,
  ...NORMS,
  ...OPERATORS,
  ...POOLING,
  ...RECURRENT,
  ...SHAPES,
  activityPenalty: passes,
  augment2d: passes,
  dense,
  dropout: passes,
  embedding,
  gaussianNoise: passes,
  identity: passes,
  rbf,
  sinusoidalEmbedding,
  spatialDropout1d: passes,
  spatialDropout2d: passes,
  tiedDense,
};
