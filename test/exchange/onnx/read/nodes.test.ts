// ONNX's node tests as files: what has layers gives the expected numbers, and the rest is refused in words that name the node.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOnnx, readOnnxTensor } from "../../../../src/formats/onnxFile.ts";
import type { OnnxTensor } from "../../../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../../../src/formats/onnxWriter.ts";
import { fromOnnx } from "../../../../src/onnx.ts";
import { sizeOf } from "../../../../src/util/shape.ts";
import { caseFolders, isThere } from "../../../onnx/archive.ts";

/** What can't be compared, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  test_training_dropout: "random numbers of training",
  test_training_dropout_default: "random numbers of training",
  test_gather_negative_indices: "an embedding looks up numbers from 0",
};

const numbers = ({ data }: OnnxTensor): Float32Array => Float32Array.from(data as Float32Array, Number);

/** Which inputs stay inputs: the first, the numbers that are looked up, or all that is computed with. Others become weights. */
function choices(operator: string, tensors: readonly OnnxTensor[]): readonly (readonly OnnxTensor[])[] {
  const [first, second] = tensors;
  if (operator === "Gather") return [[second!]];
  const isMask = ({ name }: OnnxTensor): boolean => /mask|nonpad/.test(name);
  if (operator === "Attention") return [tensors.filter((tensor) => !isMask(tensor)), tensors];
  return [tensors, [first!], tensors.slice(0, 2)];
}

type Verdict = "right" | "refused" | `wrong: ${string}`;

async function verdict(folder: string): Promise<Verdict | undefined> {
  const name = basename(folder);
  const model = readOnnx(readFileSync(join(folder, "model.onnx")), name);
  const { graph } = model;
  if ([...graph.inputs, ...graph.outputs].some(({ type }) => type?.kind !== "tensor")) return undefined;
  const tensor = (kind: string, i: number): OnnxTensor =>
    readOnnxTensor(readFileSync(join(folder, `test_data_set_0/${kind}_${i}.pb`)), name);
  const tensors = graph.inputs.map((value, i) => ({ ...tensor("input", i), name: value.name }));
  const expected = graph.outputs.map((_, i) => tensor("output", i));
  if (tensors.length === 0) return undefined;
  for (const inputs of choices(graph.nodes[0]!.operator, tensors)) {
    const names = inputs.map((each) => each.name);
    const file = writeOnnx({
      ...model,
      graph: {
        ...graph,
        inputs: graph.inputs.filter((value) => names.includes(value.name)),
        initializers: tensors.filter((each) => !names.includes(each.name)),
      },
    });
    let made;
    try {
      made = await fromOnnx(file, { name });
    } catch (error) {
      const { name: kind, message } = error as Error;
      if (kind !== "OnnxGraphError" && kind !== "FileError") return `wrong: ${kind} ${message}`;
      continue;
    }
    const byName = Object.fromEntries(inputs.map((each) => [each.name, numbers(each)]));
    const y = made.predict(made.inputs ? made.inputs.join(byName) : numbers(inputs[0]!));
    const rows = y.length / sizeOf(made.outputShape);
    const parts = expected.map(numbers);
    const wanted = Array.from({ length: rows }, (_, row) =>
      parts.flatMap((part) => [...part.subarray((row * part.length) / rows, ((row + 1) * part.length) / rows)]),
    ).flat();
    if (wanted.length !== y.length) return `wrong: ${y.length} numbers instead of ${wanted.length}`;
    const tolerance = expected.some(({ type }) => type === "float16")
      ? 1e-3
      : name.includes("averagepool")
        ? 1e-4
        : 1e-5;
    const odd = wanted.findIndex((value, i) => !(Math.abs(y[i]! - value) <= tolerance * Math.max(1, Math.abs(value))));
    return odd < 0 ? "right" : `wrong: ${y[odd]} instead of ${wanted[odd]} at ${odd}`;
  }
  return "refused";
}

describe.skipIf(!isThere())("ONNX's node tests", () => {
  test("are right, or refused", { timeout: 600_000 }, async () => {
    const found: Record<string, Verdict> = {};
    for (const folder of caseFolders()) {
      const name = basename(folder);
      if (name in DIFFERENT) continue;
      const is = await verdict(folder);
      if (is) found[name] = is;
    }
    const names = (kind: string): string[] => Object.keys(found).filter((name) => found[name]!.startsWith(kind));
    expect(names("wrong").map((name) => `${name} ${found[name]}`)).toEqual([]);
    expect(names("right").length).toBe(248);
  });
});
