// Of its own, so that only who exports a model loads what writes the file.
export { modelToBytes } from "wasmgrad/files";
