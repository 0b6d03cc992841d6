// wasmgrad/datasets: MNIST, the IDX format, and labels that are words.
export { readIdx, type IdxFile } from "./formats/idx.ts";
export { labelEncoder, type LabelEncoder } from "./data/labels.ts";
export { mnist } from "./data/mnist.ts";
export type { DigitSet, MnistFiles, MnistOptions } from "./data/mnistFiles.ts";
