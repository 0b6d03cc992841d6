// What the tests use of TensorFlow.js, and models in memory.
import { foreignReader } from "../../support/foreignReaders.ts";

/** A tensor. */
export interface Tensor {
  readonly shape: number[];
  dataSync(): Float32Array;
  dispose(): void;
}

/** A value of a graph that is put together. */
export interface Symbolic {
  readonly shape: (number | null)[];
}

/** What a save handler gets. */
export interface Artifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
  readonly format?: string;
}

/** A model of TensorFlow.js. */
export interface TfModel {
  readonly inputs: Symbolic[];
  readonly outputs: Symbolic[];
  predict(x: Tensor | Tensor[]): Tensor | Tensor[];
  getWeights(): Tensor[];
  setWeights(weights: Tensor[]): void;
  save(handler: object): Promise<unknown>;
  resetStates(): void;
}

/** A layer of TensorFlow.js. */
export interface TfLayer {
  apply(x: Symbolic | Symbolic[]): Symbolic & Symbolic[];
}

type Make = (options?: object) => TfLayer;

export interface TensorFlow {
  readonly layers: Readonly<Record<string, Make>>;
  readonly io: {
    fromMemory(artifacts: object): object;
    withSaveHandler(handler: (artifacts: Artifacts) => Promise<object>): object;
  };
  readonly regularizers: { l1(options: object): object; l2(options: object): object; l1l2(options: object): object };
  readonly constraints: { maxNorm(options: object): object; nonNeg(): object };
  readonly serialization: { registerClass(made: unknown): void };
  input(options: { shape: readonly (number | null)[]; name?: string }): Symbolic;
  sequential(options: { layers: readonly (TfLayer | TfModel)[] }): TfModel & TfLayer;
  model(options: { inputs: Symbolic | Symbolic[]; outputs: Symbolic | Symbolic[]; name?: string }): TfModel & TfLayer;
  loadLayersModel(handler: object): Promise<TfModel>;
  tensor(values: ArrayLike<number>, shape: readonly number[]): Tensor;
  setBackend(name: string): Promise<boolean>;
}

let loaded: Promise<TensorFlow> | undefined;

/** TensorFlow.js on the processor. Its advice to install another package isn't shown. */
export function tensorFlow(): Promise<TensorFlow> {
  return (loaded ??= load());
}

async function load(): Promise<TensorFlow> {
  const { warn } = console;
  console.warn = () => {};
  try {
    const tf = foreignReader<TensorFlow>("@tensorflow/tfjs");
    await tf.setBackend("cpu");
    return tf;
  } finally {
    console.warn = warn;
  }
}

/** A model as its save handler gets it. */
export async function saved(tf: TensorFlow, model: TfModel): Promise<Artifacts> {
  let artifacts: Artifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return artifacts!;
}

/** The rows that a model makes of rows of each input, one output after another in each row. */
export function predicted(tf: TensorFlow, model: TfModel, inputs: readonly Float32Array[], rows: number): Float32Array {
  const tensors = inputs.map((values, i) => {
    const shape = model.inputs[i]!.shape.slice(1) as number[];
    return tf.tensor(values, [rows, ...shape]);
  });
  const given = model.predict(tensors.length === 1 ? tensors[0]! : tensors);
  const outputs = Array.isArray(given) ? given : [given];
  const parts = outputs.map((output) => output.dataSync());
  const width = parts.reduce((sum, part) => sum + part.length / rows, 0);
  const all = new Float32Array(rows * width);
  let at = 0;
  for (const part of parts) {
    const size = part.length / rows;
    for (let row = 0; row < rows; row++) all.set(part.subarray(row * size, (row + 1) * size), row * width + at);
    at += size;
  }
  return all;
}
