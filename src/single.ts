// wasmgrad/single: all entries but data and mpi in one file that asks for no other, without threads; for pages, workers and extensions that are one file.
export * from "./index.ts";
export * from "./datasets.ts";
export {
  modelFromBytes,
  modelToBytes,
  readSafetensors,
  type SafeTensor,
  type SafeTensorInput,
  type SafeTensors,
  type TensorData,
  type TensorType,
  writeSafetensors,
} from "./files.ts";
// composites and a layer are called `add`, `matmul` and `sum`, too; the last two have had these names here before
export { matmul as matmulLayer, sum as sumLayer } from "./index.ts";
export { add as matrixAdd, init, matmul, matrix, type Matrix, scale, sum, transpose } from "./matrix.ts";
export * from "./models.ts";
export * from "./web.ts";
