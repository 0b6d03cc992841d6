// wasmgrad/datasets: real data to start with.
export { readIdx, type IdxFile } from "./data/idx.ts";
export { type DigitSet, mnist, type MnistOptions } from "./data/mnist.ts";
