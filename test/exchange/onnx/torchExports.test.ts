// Files of torch.onnx.export, of some 200 networks: they give PyTorch's outputs, for other numbers of rows too, are trained, and saved.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { fromOnnx } from "../../../src/onnx.ts";
import { randomUniform } from "../../../src/data/random.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { needsTorch, skipsTorch } from "../../support/torch.ts";
import { REFUSED } from "./refused.ts";
import { torchBytes, type TorchExport, torchExports, torchRows, type TorchRows } from "./torchFiles.ts";

const TOLERANCE = 1e-5;
const all = torchExports();

type Tensor = TorchRows["x"][number];

/** Rows in which a model takes several inputs, or the numbers of one. */
function joined(model: w.Model, x: readonly Tensor[]): Float32Array {
  const data = x.map((tensor) => Float32Array.from(tensor.data as Float32Array));
  return model.inputs ? model.inputs.join(Object.fromEntries(data.map((own, at) => [`x${at}`, own]))) : data[0]!;
}

/** The outputs side by side in each row. */
function beside({ rows, y }: TorchRows): Float32Array {
  const sizes = y.map(({ shape }) => sizeOf(shape) / rows);
  const width = sizes.reduce((total, size) => total + size, 0);
  const result = new Float32Array(rows * width);
  let column = 0;
  for (const [at, { data }] of y.entries()) {
    const size = sizes[at]!;
    for (let row = 0; row < rows; row++) {
      const own = (data as Float32Array).subarray(row * size, (row + 1) * size);
      result.set(own, row * width + column);
    }
    column += size;
  }
  return result;
}

/** The largest difference, against the larger of 1 and the number itself. */
function worst(given: Float32Array, wanted: Float32Array): number {
  expect(given.length).toBe(wanted.length);
  return given.reduce((most, value, at) => {
    const error = Math.abs(value - wanted[at]!) / Math.max(1, Math.abs(wanted[at]!));
    return error <= most ? most : error;
  }, 0);
}

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
  const bytes = torchBytes(file.name);
  const model = await fromOnnx(bytes, { name: file.name });
  const [own, other] = await torchRows(file);
  for (const rows of [own, other])
    expect(worst(model.predict(joined(model, rows.x)), beside(rows)), `${rows.rows} rows`).toBeLessThanOrEqual(
      TOLERANCE,
    );
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
      test.each(files)(`$name is refused: ${refused.why}`, async ({ name }) => {
        await expect(fromOnnx(torchBytes(name), { name })).rejects.toThrow(refused.says);
      });
    } else test.each(files)("$name", check);
  }
});
