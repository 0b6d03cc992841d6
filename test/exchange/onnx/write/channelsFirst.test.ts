import { expect, test } from "vitest";
import * as w from "../../../../src/index.ts";
import { fromOnnx, toOnnx } from "../../../../src/onnx.ts";
import { normal } from "../../../support/seeded.ts";
import { axesOf, graphOf, onnxRuntime, worst } from "../runtime.ts";

const made = (input: number[] | ReturnType<typeof w.inputs>, ...layers: w.Layer[]): Promise<w.Model> =>
  w.sequential({ input, seed: 1 }, ...layers);
const padded = (filters: number): w.Layer => w.conv2d(filters, { kernelSize: 3, padding: "same" });

/** Inputs and outputs with their axes. */
function endsOf(bytes: Uint8Array): string[] {
  const { inputs, outputs } = graphOf(bytes);
  return [...inputs, ...outputs].map(({ name, type }) => `${name} ${axesOf(type).join(" ")}`);
}

/** How far what ONNX Runtime makes of the same bytes is from what the model predicts. */
async function away(model: w.Model, bytes: Uint8Array, x: Float32Array): Promise<number> {
  const { InferenceSession, Tensor } = onnxRuntime();
  const session = await InferenceSession.create(bytes, {});
  const axes = axesOf(graphOf(bytes).inputs[0]!.type).slice(1) as number[];
  const output = await session.run({ input: new Tensor("float32", x, [2, ...axes]) });
  await session.release();
  return worst(output["output"]!.data as Float32Array, model.predict(x));
}

test("images that a file has channels first come back as they were", async () => {
  const kinds: readonly (readonly [shape: number[], layers: w.Layer[]])[] = [
    [
      [6, 5, 3],
      [padded(4), w.relu(), padded(3)],
    ],
    [
      [6, 5, 1],
      [padded(4), padded(1)],
    ], // one channel: a reshape in place of a permute
    [
      [6, 5, 3],
      [w.residual(padded(3)), w.relu()],
    ],
    [
      [6, 5, 3],
      [w.relu(), w.clip({ low: -1, high: 1 }), padded(2), w.tanh()],
    ],
    [
      [6, 5, 3],
      [w.batchNorm(), w.upsample2d(2), w.flatten(), w.dense(3)],
    ],
  ];
  for (const [shape, layers] of kinds) {
    const model = await made(shape, ...layers);
    const first = toOnnx(model, { layout: "channelsFirst" });
    const read = await fromOnnx(first);
    expect(read.inputShape).toEqual([shape[2], shape[0], shape[1]]);
    const again = toOnnx(read, { layout: "channelsFirst" });
    expect(endsOf(again)).toEqual(endsOf(first));
    expect(endsOf(toOnnx(read))).toEqual(endsOf(first));
    expect(await away(read, again, normal(2 * shape[0]! * shape[1]! * shape[2]!, { seed: 2 }))).toBeLessThan(1e-5);
    // and taken with their channels last they are turned as before
    const last = await fromOnnx(first, { layout: "channelsLast" });
    expect(endsOf(toOnnx(last, { layout: "channelsFirst" }))).toEqual(endsOf(first));
  }
});

test("each of several inputs and outputs by itself", async () => {
  const loss = w.meanSquaredError();
  const both = w.outputs({ first: { shape: [2, 6, 5], loss }, last: { shape: [6, 5, 2], loss } });
  const model = await made(
    w.inputs({ theirs: [3, 6, 5], ours: [6, 5, 3] }),
    both.layer({
      first: [w.from("theirs"), w.permute([1, 2, 0]), padded(2), w.permute([2, 0, 1])],
      last: [w.from("ours"), padded(2)],
    }),
  );
  const ends = ["theirs N 3 6 5", "ours N 3 6 5", "first N 2 6 5", "last N 2 6 5"];
  expect(endsOf(toOnnx(model, { layout: "channelsFirst" }))).toEqual(ends);
});

test("a permute elsewhere is no sign of it", async () => {
  // behind what reads the image as it is; an input that is read both ways; an order that doesn't move the channels
  const behind = await made([6, 5, 6], padded(6), w.permute([1, 2, 0]), padded(2));
  expect(endsOf(toOnnx(behind, { layout: "channelsFirst" }))).toEqual(["input N 6 6 5", "output N 2 5 6"]);
  const branches = [[w.permute([1, 2, 0])], [padded(4)]].map((branch) => [...branch, w.flatten(), w.dense(2)]);
  const both = await made([6, 5, 3], w.add(branches));
  expect(endsOf(toOnnx(both, { layout: "channelsFirst" }))).toEqual(["input N 3 6 5", "output N 2"]);
  const mirrored = await made([6, 5, 3], w.permute([1, 0, 2]), padded(2));
  expect(endsOf(toOnnx(mirrored, { layout: "channelsFirst" }))).toEqual(["input N 3 6 5", "output N 2 5 6"]);
});
