// Cores: instances of their own, and kernels by name.
import { afterEach, describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { createCore } from "../../src/runtime/core.ts";
import { readBinary } from "../support/binaries.ts";
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
    const names = ["denseForward", "denseBackward", "sgdUpdate", "meanSquaredErrorLoss", "gradientNorm"] as const;
    const places = names.map((name) => core.kernel(name));
    expect(new Set(places).size).toBe(names.length);
    names.forEach((name, i) => expect(core.exports.table.get(places[i]!)).toBe(core.exports[name]));
    await expectRefusal(
      () => core.kernel("denseSideways" as never),
      TypeError,
      "core.kernel: there is no kernel denseSideways; use what wasmgrad's functions return, or load its binary",
    );
  });

  test("gives the same places in every instance", async () => {
    const [a, b] = [await createCore("test"), await createCore("test")];
    for (const name of [
      "denseForward",
      "meanSquaredErrorLoss",
      "sgdUpdate",
      "gradientZero",
      "gradientCheck",
    ] as const) {
      expect(a.kernel(name)).toBe(b.kernel(name));
    }
  });
});

describe("load", () => {
  test("takes a compiled module, is asked for it once for all cores, and puts its functions behind the core's", async () => {
    const file = readBinary("sequence");
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
