// The worker that the sources start, which is the built one.
export * from "../../../build/worker.js";
