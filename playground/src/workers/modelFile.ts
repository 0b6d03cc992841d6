// Reads digits with a model of the user's: apart from the worker that trains, for it brings every kind of layer.
import type { Model } from "wasmgrad";
import { modelFromBytes } from "wasmgrad/files";
import { listen, messageOf, say, show, SIZE } from "../digits/reader.ts";

const DIGITS = 10;

async function open(file: File): Promise<void> {
  let model: Model;
  try {
    model = await modelFromBytes(new Uint8Array(await file.arrayBuffer()), { name: file.name });
  } catch (error) {
    return say({ says: "trouble", trouble: "file", detail: messageOf(error) });
  }
  const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
  const [input, output] = [model.inputShape, model.outputShape];
  if (size(input) !== SIZE || size(output) !== DIGITS || model.inputs) {
    const detail = `${file.name}: ${input.join(" x ")} -> ${output.join(" x ")}`;
    return say({ says: "trouble", trouble: "file", detail });
  }
  show(model, "file", file.name);
}

listen((message) => message.do === "open" && open(message.file));
