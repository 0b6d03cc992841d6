// The kernels of layers on sequences, and of the normalisation that goes with them: a binary of their own, as convolution.ts.
export { batchNormBackward, batchNormForward } from "./layers/batchNorm";
export { groupNormBackward, groupNormForward } from "./layers/groupNorm";
export { attentionBackward, attentionForward } from "./layers/attention";
export { embeddingBackward, embeddingForward } from "./layers/embedding";
export { layerNormBackward, layerNormForward } from "./layers/layerNorm";
export { permuteBackward, permuteForward } from "./layers/permute";
export { positionalEmbeddingBackward, positionalEmbeddingForward } from "./layers/positionalEmbedding";
export { preluBackward, preluForward } from "./layers/prelu";
export { repeatVectorBackward, repeatVectorForward } from "./layers/repeatVector";
export { rmsNormBackward, rmsNormForward } from "./layers/rmsNorm";
export { sinusoidalEmbeddingBackward, sinusoidalEmbeddingForward } from "./layers/sinusoidalEmbedding";
