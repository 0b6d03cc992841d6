// Exports of threads.wasm: all other binaries in one, for several threads, each of which then has the same kernels in the same order.
export * from "./core";
export * from "./activations";
export * from "./convolution";
export * from "./extra";
export * from "./sequence";
export { poolJoin, poolLead, poolServe } from "../runtime/pool";
