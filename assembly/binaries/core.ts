// Exports of core.wasm, which every model needs, together with those of rest.ts. A kernel's name is its file's stem and its role.
export { run, runBegin, runEnd, runPasses, runUpdate } from "../runtime/run";
export { batchCheckLoss, batchFirstNonFinite, batchGatherBytes, batchGatherWords } from "../runtime/batch";
export { hashWords } from "../runtime/hash";
export { mathPow } from "../numeric/math";
export { randomBits, randomPermutation, randomUniform } from "../runtime/random";
export { gemm, gemmScratch } from "../matmul/gemm";
export { denseBackward, denseForward } from "../nn/layers/dense";
export { meanSquaredErrorLoss } from "../nn/losses/meanSquaredError";
export { sgdUpdate } from "../nn/optimizers/sgd";
export { gradientAdjust, gradientCheck, gradientNorm, gradientRate, gradientZero } from "../nn/optimizers/gradient";
