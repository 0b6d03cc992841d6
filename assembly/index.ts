// Everything that the core exports. A kernel's name is its file's stem and its role.
export { run, runPasses, runUpdate } from "./run";
export { batchCheckLoss, batchFirstNonFinite, batchGatherBytes, batchGatherWords } from "./batch";
export { hashWords } from "./hash";
export { mathPow } from "./math";
export { randomBits, randomMask, randomPermutation, randomUniform } from "./random";
export { productRows, productScratch, productTransposedA, productTransposedB } from "./matmul/product";
export * from "./layers";
export * from "./activations/index";
export * from "./losses";
export * from "./optimizers";
export { accuracyMetric } from "./metrics/accuracy";
