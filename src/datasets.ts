// wasmgrad/datasets: MNIST, the IDX format, labels that are words, texts as integers, and points in the plane.
export { readIdx, type IdxFile } from "./formats/idx.ts";
export { labelEncoder, type LabelEncoder } from "./data/labels.ts";
export {
  type EncodeOptions,
  type KeptVocabulary,
  vocabulary,
  type Vocabulary,
  type VocabularyOptions,
} from "./data/vocabulary.ts";
export { gate, type GateName } from "./data/gate.ts";
export { imageFolder } from "./data/imageFolder.ts";
export type { ImageFolder, ImageFolderOptions } from "./data/imageFiles.ts";
export type { PixelArray, PixelOptions } from "./data/resize.ts";
export { mnist } from "./data/mnist.ts";
export type { DigitSet, MnistFiles, MnistOptions } from "./data/mnistFiles.ts";
export {
  above,
  circles,
  curve,
  type CurveFunction,
  gaussians,
  moons,
  type Points,
  type PointsOptions,
  spirals,
  xor,
} from "./data/points.ts";
