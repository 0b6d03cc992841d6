// wasmgrad/web: pages' own inputs and outputs: pixels, models in the browser's storage, and elements that show a training.
export { fromPixels, type PixelArray, type PixelOptions, type PixelSource } from "./web/pixels.ts";
