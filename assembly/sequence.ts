// The kernels of layers on sequences, and of the normalisation that goes with them: a binary of their own, as convolution.ts.
export { addBackward, addForward } from "./layers/add";
export { attentionBackward, attentionForward } from "./layers/attention";
export { batchNormBackward, batchNormForward } from "./layers/batchNorm";
export { concatBackward, concatForward } from "./layers/concat";
export { embeddingBackward, embeddingForward } from "./layers/embedding";
export { gaussianNoiseBackward, gaussianNoiseForward } from "./layers/gaussianNoise";
export { groupNormBackward, groupNormForward } from "./layers/groupNorm";
export { layerNormBackward, layerNormForward } from "./layers/layerNorm";
export { partBackward, partForward } from "./layers/part";
export { permuteBackward, permuteForward } from "./layers/permute";
export { positionalEmbeddingBackward, positionalEmbeddingForward } from "./layers/positionalEmbedding";
export { preluBackward, preluForward } from "./layers/prelu";
export { repeatVectorBackward, repeatVectorForward } from "./layers/repeatVector";
export { rmsNormBackward, rmsNormForward } from "./layers/rmsNorm";
export { sinusoidalEmbeddingBackward, sinusoidalEmbeddingForward } from "./layers/sinusoidalEmbedding";
export { spatialDropoutBackward, spatialDropoutForward, spatialDropoutMask } from "./layers/spatialDropout";
export { jointLoss } from "./losses/joint";
