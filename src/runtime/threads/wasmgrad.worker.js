// The worker that the sources start, which is the built one.
export * from "../../../build/wasmgrad.worker.js";
