// Everything, for several threads: one binary, so that every thread links the same kernels in the same order.
export * from "./core";
export * from "./activations";
export * from "./convolution";
export * from "./extra";
export * from "./sequence";
export { poolJoin, poolLead, poolServe } from "../runtime/pool";
