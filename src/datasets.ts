// wasmgrad/datasets: MNIST, the IDX format, and labels that are words.
export { readIdx, type IdxFile } from "./formats/idx.ts";
export { labelEncoder, type LabelEncoder } from "./data/labels.ts";
export { type DigitSet, mnist, type MnistFiles, type MnistOptions } from "./data/mnist.ts";
