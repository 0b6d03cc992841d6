// wasmgrad/datasets: real data to start with.
export { readIdx, type IdxFile } from "./formats/idx.ts";
export { type DigitSet, mnist, type MnistOptions } from "./data/mnist.ts";
