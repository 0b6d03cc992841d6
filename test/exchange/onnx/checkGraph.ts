// A graph as a file: the model that is read gives what ONNX Runtime gives, and is the same once it is saved.
import { expect } from "vitest";
import { randomUniform } from "../../../src/data/random.ts";
import { writeOnnx } from "../../../src/formats/onnxWriter.ts";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import { fromOnnx } from "../../../src/onnx.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { type GraphParts, onnxModel } from "../../support/onnxGraphs.ts";
import { onnxRuntime } from "./runtime.ts";

/** Shapes of inputs by their names. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

const TOLERANCE = 1e-5;

/** Numbers from -1 to 1. */
function numbers(shape: readonly number[], seed: number): Float32Array {
  const random = randomUniform(seed, 0);
  return Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1);
}

/** A weight with numbers at random. */
export const weight = (parts: GraphParts, ...shape: readonly number[]): string =>
  parts.weight(shape, [...numbers(shape, 100 + parts.initializers.length)]);

/** Compares a model with the file's own runtime. */
export async function check(
  inputs: Shapes,
  make: (parts: GraphParts) => string | readonly string[],
  opset: number,
): Promise<void> {
  const bytes = writeOnnx(onnxModel(inputs, make, opset));
  const { InferenceSession, Tensor } = onnxRuntime();
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const given = Object.entries(inputs).map(([name, shape], i) => [name, numbers(shape, i + 1), shape] as const);
  const feeds = Object.fromEntries(given.map(([name, data, shape]) => [name, new Tensor("float32", data, shape)]));
  const results = await session.run(feeds);
  const wanted = session.outputNames.map((name) => results[name]!.data as Float32Array);
  await session.release();
  const model = await fromOnnx(bytes);
  const x = model.inputs
    ? model.inputs.join(Object.fromEntries(given.map(([name, data]) => [name, data])))
    : given[0]![1];
  const y = model.predict(x);
  const rows = y.length / sizeOf(model.outputShape);
  const beside = Array.from({ length: rows }, (_, row) =>
    wanted.flatMap((each) => [...each.subarray((row * each.length) / rows, ((row + 1) * each.length) / rows)]),
  ).flat();
  expect(y.length).toBe(beside.length);
  beside.forEach((value, i) =>
    expect(Math.abs(y[i]! - value)).toBeLessThanOrEqual(TOLERANCE * Math.max(1, Math.abs(value))),
  );
  const again = await modelFromBytes(modelToBytes(model));
  expect(again.predict(x)).toEqual(y);
}
