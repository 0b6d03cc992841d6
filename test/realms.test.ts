// Values of another realm: what a frame, node:vm, or a test runner with a page of its own gives. `instanceof` knows none of them.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readIdx } from "../src/datasets.ts";
import { modelFromBytes, modelToBytes, readSafetensors, writeSafetensors } from "../src/files.ts";
import * as w from "../src/index.ts";
import { init, matmul, matrix, transpose } from "../src/matrix.ts";

/** The same numbers in an array of another realm. */
const elsewhere = <T extends Float32Array | Uint8Array = Uint8Array<ArrayBuffer>>(
  kind: string,
  values: ArrayLike<number>,
): T => runInNewContext(`${kind}.from(values)`, { values: Array.from(values) }) as T;

const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3));

test("typed arrays are rows, targets, weights and values", async () => {
  const x = [1, 2, 3, 4];
  const expected = model.predict(x);
  for (const kind of ["Array", "Float32Array", "Float64Array", "Uint8Array", "Uint8ClampedArray", "Int16Array"]) {
    expect(model.predict(elsewhere(kind, x)), kind).toEqual(expected);
  }
  const own = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
  const trainer = new w.Trainer(own, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
  const data = { x: elsewhere("Float32Array", x), y: elsewhere("Uint8Array", [0, 1]) };
  await trainer.fit({ ...data, sampleWeights: elsewhere("Float32Array", [1, 1]) }, { progress: false });
  const [weight] = own.parameters();
  weight!.set(elsewhere("Float32Array", new Float32Array(6)));
  expect(weight!.get()).toEqual(new Float32Array(6));
});

test("bytes are files, those of a Buffer and of shared memory too", async () => {
  const bytes = modelToBytes(model);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  for (const given of [elsewhere("Uint8Array", bytes), Buffer.from(bytes), shared]) {
    expect((await modelFromBytes(given)).fingerprint()).toBe(model.fingerprint());
    expect([...readSafetensors(given).tensors.keys()]).toEqual(["dense1.weight", "dense1.bias"]);
  }
  expect(readIdx(elsewhere("Uint8Array", [0, 0, 8, 1, 0, 0, 0, 1, 7]), "labels").shape).toEqual([1]);
  const tensor = { shape: [1], data: elsewhere<Float32Array>("Float32Array", [NaN]) };
  expect(writeSafetensors([["w", tensor]])).toEqual(
    writeSafetensors([["w", { shape: [1], data: Float32Array.of(NaN) }]]),
  );
});

test("a header that can't be read says why", () => {
  const file = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b);
  expect(() => readSafetensors(file, "f")).toThrow("f: not a safetensors file; its header is not a JSON object");
  try {
    readSafetensors(file, "f");
  } catch (error) {
    expect((error as Error).cause).toBeInstanceOf(SyntaxError);
  }
});

test("arrays are matrices", async () => {
  await init();
  const a = matrix(1, 2, elsewhere("Float32Array", [1, 2]));
  expect(matmul(a, transpose(a)).data).toEqual(Float32Array.of(5));
});

test("promises are told of await", async () => {
  const promise = runInNewContext("Promise.resolve(1)") as never;
  const text = "got a promise; did you forget await?";
  expect(() => modelToBytes(promise)).toThrow(`modelToBytes: the argument must be a model, ${text}`);
  expect(() => w.backend(promise)).toThrow(`backend: the argument must be a model, ${text}`);
  expect(() => w.dense(promise)).toThrow(`dense: units must be a whole number of 1 or more, ${text}`);
  expect(() => w.dense(1, promise)).toThrow(`dense: options must be an object, ${text}`);
  expect(() => model.predict(promise)).toThrow(text);
});

// classes of another realm, or of the other copy in a process, are other classes
test("no instanceof on what users give", () => {
  const found = ["src", "cli", "lessons"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        readFileSync(path.join(folder, file), "utf8")
          .split("\n")
          .filter((line) => /\binstanceof\b/.test(line) && !/^\s*(\*|\/\/)|`instanceof`/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      ),
  );
  expect(found).toEqual([]);
});
