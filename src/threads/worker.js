// The worker of the sources: the built one.
export * from "../../build/threads/worker.js";
