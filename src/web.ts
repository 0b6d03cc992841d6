// wasmgrad/web: pages' own inputs and outputs: pixels, models and checkpoints in the browser's storage, and elements that show a training.
export { indexedDBCheckpoints, type PageCheckpoints, type PageCheckpointsOptions } from "./web/checkpoints.ts";
export type { Confusion, ConfusionData, ConfusionElement } from "./web/confusion.ts";
export type { Curve, CurveElement } from "./web/curve.ts";
export { defineElements } from "./web/elements.ts";
export type { SafetensorsOptions } from "./formats/safetensors.ts";
export { listModels, loadModel, removeModel, saveModel, type StoredModel } from "./web/models.ts";
export type { PixelArray, PixelOptions } from "./data/resize.ts";
export { fromPixels, type PixelSource } from "./web/pixels.ts";
