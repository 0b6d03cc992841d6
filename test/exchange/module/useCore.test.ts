// Binaries that `useCore` was given: modules take their kernels from bytes, which compiled ones don't show.
import { expect, test } from "vitest";
import { exportModule } from "../../../src/files.ts";
import { dense, gelu, sequential, useCore } from "../../../src/index.ts";
import { readBinary } from "../../support/binaries.ts";
import { expectRefusal } from "../../support/refusals.ts";
import { imported } from "./imported.ts";

const make = () => sequential({ input: 3, seed: 1 }, dense(4), gelu(), dense(2));
const x = [1, -2, 3, 4, 5, -6];

test("given as bytes, they are taken from", async () => {
  useCore(readBinary("core"), { activations: readBinary("activations") });
  const model = await make();
  const module = await imported(exportModule(model));
  expect(module.predict(x)).toEqual(model.predict(x));
});

test("given compiled, one that the model needs is named; the others don't matter", async () => {
  useCore(readBinary("core"), { activations: new WebAssembly.Module(readBinary("activations")) });
  const model = await make();
  await expectRefusal(
    () => exportModule(model),
    Error,
    'exportModule: the binary "activations" was given compiled, so its kernels can\'t be taken from it; give its bytes instead',
  );
  const plain = await sequential({ input: 3 }, dense(2));
  expect((await imported(exportModule(plain))).predict(x)).toEqual(plain.predict(x));
  useCore(new WebAssembly.Module(readBinary("core")));
  await expectRefusal(
    async () => exportModule(await sequential({ input: 3 }, dense(2))),
    Error,
    'exportModule: the binary "core" was given compiled, so its kernels can\'t be taken from it; give its bytes instead',
  );
});
