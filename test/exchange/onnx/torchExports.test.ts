// Files of torch.onnx.export, of some 200 networks: they give PyTorch's outputs, for other numbers of rows too, are trained, and saved.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { fromOnnx } from "../../../src/onnx.ts";
import { randomUniform } from "../../../src/data/random.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { needsTorch, skipsTorch } from "../../support/torch.ts";
import { REFUSED } from "./refused.ts";
import { beside, checkOutputs, joined, TOLERANCE, worst } from "./torchChecks.ts";
import { torchBytes, type TorchExport, torchExports, torchRows, type TorchRows } from "./torchFiles.ts";

const all = torchExports();

type Tensor = TorchRows["x"][number];

/** Images [rows, channels, ...] as [rows, ..., channels]. */
function channelsLast({ shape, data }: Tensor): Float32Array {
  const [rows, channels, ...places] = shape as [number, number, ...number[]];
  const count = sizeOf(places);
  const from = data as Float32Array;
  const result = new Float32Array(from.length);
  for (let row = 0; row < rows; row++)
    for (let channel = 0; channel < channels; channel++)
      for (let place = 0; place < count; place++)
        result[(row * count + place) * channels + channel] = from[(row * channels + channel) * count + place]!;
  return result;
}

const lastShape = ([channels, ...places]: readonly number[]): number[] => [...places, channels!];

/** The numbers of an image whose channels come last where the model has them so. */
function laidOut(tensor: Tensor, shape: readonly number[]): Float32Array {
  const own = tensor.shape.slice(1);
  const last = own.length > 1 && lastShape(own).join() === shape.join() && own.join() !== shape.join();
  return last ? channelsLast(tensor) : Float32Array.from(tensor.data as Float32Array);
}

async function checkLayouts(bytes: Uint8Array, own: TorchRows): Promise<void> {
  const model = await fromOnnx(bytes, { layout: "channelsLast" });
  const [x] = own.x as readonly [Tensor];
  const [y] = own.y as readonly [Tensor];
  const given = model.predict(laidOut(x, model.inputShape));
  expect(worst(given, laidOut(y, model.outputShape)), "channels last").toBeLessThanOrEqual(TOLERANCE);
}

/** 20 steps of Adam towards numbers at random lower the loss. */
function checkTraining(model: w.Model, x: Float32Array, y: Float32Array): void {
  const random = randomUniform(7, 0);
  const target = y.map((value) => value + random() - 0.5);
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.003 }) });
  const losses = Array.from({ length: 21 }, () => trainer.step(x, target).loss);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
}

/** The first file of each network is laid out, saved and trained; with LONG=1 all are. */
const isThorough = (file: TorchExport): boolean =>
  Boolean(process.env["LONG"]) || all.find(({ kind }) => kind === file.kind) === file;

async function check(file: TorchExport): Promise<void> {
  const bytes = torchBytes(file);
  const model = await fromOnnx(bytes, { name: file.name });
  const [own, other] = await torchRows(file);
  checkOutputs(model, [own, other]);
  if (!isThorough(file)) return;
  const x = joined(model, other.x);
  const again = await modelFromBytes(modelToBytes(model));
  expect(again.predict(x), "saved").toEqual(model.predict(x));
  if (file.inputs.length === 1 && file.outputs === 1) await checkLayouts(bytes, own);
  checkTraining(model, x, beside(other));
}

describe.skipIf(skipsTorch)(`files of torch.onnx.export${needsTorch}`, () => {
  for (const kind of new Set(all.map((file) => file.kind))) {
    const files = all.filter((file) => file.kind === kind);
    const refused = REFUSED[kind];
    if (refused) {
      test.each(files)(`$name is refused: ${refused.why}`, async (file) => {
        await expect(fromOnnx(torchBytes(file), { name: file.name })).rejects.toThrow(refused.says);
      });
    } else test.each(files)("$name", check);
  }
});
