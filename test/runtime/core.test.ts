// Loading the core: instances of their own, kernels by name, and binaries from elsewhere.
import { binaries } from "../support/binaries.ts";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { encode } from "../../scripts/binaryText.mjs";
import * as w from "../../src/index.ts";
import { decode } from "../../src/runtime/binaries.ts";
import { createCore } from "../../src/runtime/core.ts";
import { expectRefusal } from "../support/refusals.ts";

describe("createCore", () => {
  test("gives every caller a memory of its own", async () => {
    const [a, b] = [await createCore("test"), await createCore("test")];
    expect(a.arena.memory).not.toBe(b.arena.memory);
    const { address } = a.arena.allocate(64, "test", "a part");
    a.arena.f32[address / 4] = 3;
    expect(b.arena.f32[address / 4]).toBe(0);
  });

  test("knows each kernel by its name, in a place of its own", async () => {
    const core = await createCore("test");
    const names = ["denseForward", "denseBackward", "adamUpdate", "softmaxCrossEntropyLoss", "accuracyMetric"] as const;
    const places = names.map((name) => core.kernel(name));
    expect(new Set(places).size).toBe(names.length);
    names.forEach((name, i) => expect(core.exports.table.get(places[i]!)).toBe(core.exports[name]));
    await expectRefusal(
      () => core.kernel("denseSideways" as never),
      Error,
      "internal: the core has no kernel denseSideways; please report this",
    );
  });

  test("gives the same places in every instance", async () => {
    const [a, b] = [await createCore("test"), await createCore("test")];
    for (const name of ["reluForward", "meanSquaredErrorLoss", "adamUpdate", "gradientZero", "dropoutMask"] as const) {
      expect(a.kernel(name)).toBe(b.kernel(name));
    }
  });
});

describe("decode", () => {
  for (const { name } of binaries) {
    test(`gives the bytes of ${name} back, whose letters need no escape`, async () => {
      const { binary } = (await import(`../../build/${name}.binary.js`)) as { binary: string };
      expect(binary).toMatch(/^[ !#&(-;=>?@A-Z[\]_a-z{|}]+$/);
      expect(decode(binary)).toEqual(new Uint8Array(readFileSync(`build/${name}.wasm`)));
    });
  }

  test("knows every byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decode(encode(bytes))).toEqual(bytes);
  });
});

describe("load", () => {
  test("takes a compiled module, is asked for it once for all cores, and puts its functions behind the core's", async () => {
    const file = readFileSync(new URL("../../build/sequence.wasm", import.meta.url));
    let asked = 0;
    const binary = (): Promise<WebAssembly.Module> => {
      asked++;
      return WebAssembly.compile(file);
    };
    const cores = [await createCore("test"), await createCore("test")];
    for (const core of cores) {
      const { length } = core.exports.table;
      await Promise.all([core.load("test", binary), core.load("test", binary)]);
      expect(core.exports.table.length).toBeGreaterThan(length);
      const place = core.kernel("layerNormForward");
      expect(place).toBeGreaterThanOrEqual(length);
      expect((core.exports.table.get(place) as unknown as { length: number }).length).toBe(2);
    }
    expect(asked).toBe(1);
    expect(cores[0]!.kernel("rmsNormBackward")).toBe(cores[1]!.kernel("rmsNormBackward"));
  });
});

describe("no more memories", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("says how many there are, and what can be done", async () => {
    const { core } = await w.sequential({ input: 1 }, w.dense(1));
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function refuse() {
      throw new RangeError("WebAssembly.Memory(): could not allocate memory");
    });
    await expectRefusal(
      () => w.sequential({ input: 1 }, w.dense(1)),
      RangeError,
      /^sequential: the engine allows no more WebAssembly memories \([1-9]\d* models have one\)\. Let some go, or let models share one: sequential\(\{ core: other\.core, \.\.\. \}\)$/,
    );
    const shared = await w.sequential({ input: 1, core }, w.dense(1));
    expect(shared.predict([1]).length).toBe(1);
  });
});

describe("useCore", () => {
  const file = readFileSync(new URL("../../build/core.wasm", import.meta.url));

  async function trained(): Promise<string> {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() }).step([1, 2], [3]);
    return model.fingerprint();
  }

  test("takes bytes, a module, or the promise of one; the results are the same bits", async () => {
    const expected = await trained();
    for (const core of [file, new Uint8Array(file).buffer, new WebAssembly.Module(file), WebAssembly.compile(file)]) {
      w.useCore(core);
      expect(await trained()).toBe(expected);
    }
  });

  test("bytes that are no core are refused by the first model, not before", async () => {
    w.useCore(new Uint8Array(4));
    await new Promise((resolve) => setTimeout(resolve, 20)); // nothing is left unhandled
    await expect(w.sequential({ input: 1 }, w.dense(1))).rejects.toThrow(WebAssembly.CompileError);
    w.useCore(file);
  });

  test("models that exist already keep theirs", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const before = model.predict([1, 2]);
    w.useCore(new WebAssembly.Module(file));
    expect(model.predict([1, 2])).toEqual(before);
  });

  for (const [core, given] of [
    ["core.wasm", 'the string "core.wasm"'],
    [null, "null"],
    [undefined, "undefined"],
    [{}, "an object (Object)"],
    [[0, 97, 115, 109], "an array of 4"],
    [new URL("https://example.org/core.wasm"), "an object (URL)"],
    [w.useCore, "the function useCore; call it: useCore()"],
  ] as const) {
    test(`refuses at once what is no core: ${given}`, async () => {
      const expected = await trained();
      await expectRefusal(
        () => w.useCore(core as never),
        TypeError,
        `useCore: core must be a WebAssembly module or its bytes, got ${given}`,
      );
      // the one before is still in use
      expect(await trained()).toBe(expected);
    });
  }
});
