// Rewrites several nodes into the one operator that they spell out, whatever the file's opset. They run after constants are folded and
// shapes are known, before layers are made. New operators are ONNX's own: Gelu (`approximate`), Swish, Mish, HardSwish, Softsign,
// Softplus, Sigmoid, Softmax, LogSoftmax, Relu, Clip (bounds as inputs), HardSigmoid, ThresholdedRelu, LeakyRelu, Shrink,
// LayerNormalization and RMSNormalization (a negative `axis`; scale and bias may be left out), GroupNormalization (a scale and a bias for
// each channel, which may be left out), LRN; and Conv and AveragePool with more pads.
import type { Pass } from "../workGraph.ts";
import { activations } from "./activations.ts";
import { branches, embeddingBags } from "./control.ts";
import { decompositions } from "./decompositions.ts";
import { duplicates } from "./duplicates.ts";
import { identities, scales } from "./identities.ts";
import { groupNorms, localResponses } from "./images.ts";
import { normalisations } from "./normalisations.ts";
import { pads } from "./pads.ts";
import { exponentials } from "./softmax.ts";
import { thresholds } from "./thresholds.ts";

/** The passes, in the order in which they run, after each folding: what the first ones find may tell shapes that others need. */
export const PATTERNS: readonly Pass[] = [
  branches,
  embeddingBags,
  identities,
  decompositions,
  pads,
  duplicates,
  thresholds,
  exponentials,
  activations,
  normalisations,
  groupNorms,
  localResponses,
  scales,
  identities,
];

export { lastResorts } from "./decompositions.ts";
