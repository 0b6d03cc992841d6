// The worker of the sources: the built one.
export * from "../../../build/worker.js";
