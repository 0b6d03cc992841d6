// wasmgrad/datasets: MNIST, and the IDX format.
export { readIdx, type IdxFile } from "./formats/idx.ts";
export { type DigitSet, mnist, type MnistOptions } from "./data/mnist.ts";
