// Binaries: their text, that each is compiled once, and others' builds in place of the library's.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { encode } from "../../scripts/binaryText.mjs";
import * as w from "../../src/index.ts";
import { compile, compileAtOnce, decode } from "../../src/runtime/binaries.ts";
import { binaries, readBinary } from "../support/binaries.ts";
import { expectRefusal } from "../support/refusals.ts";

describe("decode", () => {
  test("gives two binaries of the core's text, which together have the functions of core.wasm", async () => {
    const { binary, rest } = await import("../../build/core.binary.js");
    const functions = (bytes: Uint8Array<ArrayBuffer>): string[] =>
      WebAssembly.Module.exports(new WebAssembly.Module(bytes))
        .filter(({ kind }) => kind === "function")
        .map(({ name }) => name);
    const [first, second] = [functions(decode(binary)), functions(decode(rest))];
    expect(second).toContain("adamUpdate");
    expect([...first, ...second].toSorted()).toEqual(functions(readBinary("core")).toSorted());
    expect(binary + rest).toMatch(/^[ !#&(-;=>?@A-Z[\]_a-z{|}]+$/);
  });

  for (const { name } of binaries.filter((each) => each.loaded !== "always")) {
    test(`gives the bytes of ${name} back, whose letters need no escape`, async () => {
      const { binary } = (await import(`../../build/${name}.binary.js`)) as { binary: string };
      expect(binary).toMatch(/^[ !#&(-;=>?@A-Z[\]_a-z{|}]+$/);
      expect(decode(binary)).toEqual(readBinary(name));
    });
  }

  test("knows every byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decode(encode(bytes))).toEqual(bytes);
  });
});

describe("compile", () => {
  const text = encode(readBinary("extra"));
  const broken = encode(Uint8Array.of(0, 97, 115, 109));

  test("reads a binary once, for all that ask for it, also at the same time", async () => {
    let reads = 0;
    const read = async (): Promise<{ binary: string }> => {
      reads++;
      return { binary: text };
    };
    const [a, b] = await Promise.all([compile("once", read), compile("once", read)]);
    expect(a).toBeInstanceOf(WebAssembly.Module);
    expect(b).toBe(a);
    expect(await compile("once", read)).toBe(a);
    expect(await compile("another name", read)).not.toBe(a);
    expect(reads).toBe(2);
  });

  test("a failure isn't kept: it is read again", async () => {
    let reads = 0;
    const read = async (): Promise<{ binary: string }> => {
      if (++reads === 1) throw new Error("no network");
      return { binary: text };
    };
    const both = await Promise.allSettled([compile("fails once", read), compile("fails once", read)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(reads).toBe(1);
    expect(await compile("fails once", read)).toBeInstanceOf(WebAssembly.Module);
  });

  test("nor is it by a memory that the kernels were for", async () => {
    const { core } = await w.sequential({ input: 1 }, w.dense(1));
    let network = false;
    const read = async (): Promise<{ binary: string }> => {
      if (!network) throw new Error("no network");
      return { binary: encode(readBinary("activations")) };
    };
    await expect(core.load("fails for a memory", read)).rejects.toThrow("no network");
    network = true;
    await core.load("fails for a memory", read);
    expect(core.kernel("geluForward")).toBeGreaterThan(0);
  });

  test("what is given by useCore while a binary is read isn't forgotten when that fails", async () => {
    const failing = compile("convolution", () => Promise.reject(new Error("no network")));
    const given = new WebAssembly.Module(readBinary("convolution"));
    w.useCore(readBinary("core"), { convolution: given });
    await expect(failing).rejects.toThrow("no network");
    expect(await compile("convolution", () => Promise.reject(new Error("not called")))).toBe(given);
  });

  test("takes a module as it is", async () => {
    const module = new WebAssembly.Module(decode(text));
    expect(await compile("a module", async () => module)).toBe(module);
  });

  test("without waiting: the same module again, also for those that wait", async () => {
    const module = compileAtOnce("at once", text);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain("randomNormal");
    expect(compileAtOnce("at once", "not read")).toBe(module);
    expect(await compile("at once", () => Promise.reject(new Error("not called")))).toBe(module);
  });

  test("what is no binary is refused by the engine", async () => {
    expect(() => compileAtOnce("broken", broken)).toThrow(WebAssembly.CompileError);
    await expect(compile("broken, later", async () => ({ binary: broken }))).rejects.toThrow(WebAssembly.CompileError);
  });
});

describe("useCore", () => {
  const file = readBinary("core");

  async function trained(): Promise<string> {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() }).step([1, 2], [3]);
    return model.fingerprint();
  }

  test("takes bytes, a module, or the promise of one; the results are the same bits", async () => {
    const expected = await trained();
    for (const core of [file, file.buffer, new WebAssembly.Module(file), WebAssembly.compile(file)]) {
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

  test("takes bytes of shared memory and a part of a buffer, and modules of another realm", async () => {
    const expected = await trained();
    const shared = new SharedArrayBuffer(file.length + 8);
    const part = new Uint8Array(shared, 8);
    part.set(file);
    const whole = new SharedArrayBuffer(file.length);
    new Uint8Array(whole).set(file);
    const elsewhere: unknown = runInNewContext("new WebAssembly.Module(file)", { file });
    expect(elsewhere).not.toBeInstanceOf(WebAssembly.Module);
    for (const core of [part, whole as never, elsewhere as WebAssembly.Module]) {
      w.useCore(core);
      expect(await trained()).toBe(expected);
    }
    w.useCore(file);
  });

  test("sets nothing if one of several can't be used", async () => {
    const expected = await trained();
    const other = new Uint8Array(4);
    const refused = () => w.useCore(other, { extra: "extra.wasm" as never });
    await expectRefusal(
      refused,
      TypeError,
      'useCore: extra must be a WebAssembly module or its bytes, got the string "extra.wasm"',
    );
    expect(await trained()).toBe(expected);
  });

  test("of two calls the later counts, whichever promise ends first", async () => {
    const later = new WebAssembly.Module(file);
    const slow = new Promise((resolve) => setTimeout(resolve, 20)).then(() => new WebAssembly.Module(file));
    w.useCore(slow);
    w.useCore(later);
    await slow;
    expect(await compile("core", () => Promise.reject(new Error("not called")))).toBe(later);
  });

  test("a promise of something else is refused by the first model", async () => {
    w.useCore(Promise.resolve("core.wasm" as never));
    await expect(w.sequential({ input: 1 }, w.dense(1))).rejects.toThrow(
      'useCore: core must be a WebAssembly module or its bytes, got the string "core.wasm"',
    );
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
