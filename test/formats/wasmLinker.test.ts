import { describe, expect, test } from "vitest";
import { readWasm, type WasmBinary } from "../../src/formats/wasmBinary.ts";
import { WasmLinker } from "../../src/formats/wasmLinker.ts";
import * as w from "../../src/index.ts";
import { Arena } from "../../src/runtime/arena.ts";
import type { Core } from "../../src/runtime/core.ts";
import { callingThread } from "../../src/runtime/executor.ts";
import type { CoreExports } from "../../src/runtime/kernels.ts";
import { MEMORY_BASE } from "../../build/abi.js";
import { assembled, END, I32, MEMORY } from "../support/assembled.ts";
import { ofOneThread, readBinary } from "../support/binaries.ts";
import { exportedFunctions } from "../support/wasm.ts";

const UNARY = [[I32], [I32]] as const;

/** i32.add, i32.mul and i32.const of a small number. */
const [ADD, MUL] = [0x6a, 0x6c];
const small = (value: number): number[] => [0x41, value];

const run = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports => {
  expect(WebAssembly.validate(bytes)).toBe(true);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
};
const call = (exports: WebAssembly.Exports, name: string, ...values: number[]): number =>
  (exports[name] as (...all: number[]) => number)(...values);

/** A linker's binary of functions by their exported names. */
function linked(bytes: Uint8Array, names: readonly string[], table: readonly string[] = []): Uint8Array<ArrayBuffer> {
  const binary = readWasm(bytes, "hand");
  const linker = new WasmLinker();
  const take = (name: string): number => linker.take(binary, binary.exports.get(name)!, "hand");
  const exports = Object.fromEntries(names.map((name) => [name, take(name)]));
  return linker.write({ exports, table: table.map(take), pages: 1, data: [] });
}

describe("of one binary", () => {
  test("only what a function needs is taken: those that it calls, their types, globals", () => {
    const bytes = assembled({
      types: [[[], []], UNARY, [[I32, I32], [I32]]],
      imports: [MEMORY],
      functions: [
        [0, []],
        [1, [0x20, 0, ...small(3), MUL]],
        [2, [0x20, 0, 0x20, 1, ADD]],
        [1, [0x20, 0, 0x10, 1, 0x23, 1, ADD]],
      ],
      globals: [
        [I32, 0, ...small(1), END],
        [I32, 0, ...small(5), END],
      ],
      exports: { nothing: 0, add: 2, affine: 3 },
      data: [[0, ...small(8), END, 2, 6, 7]],
    });
    const result = linked(bytes, ["affine"]);
    const { types, functions, globals, exports, data } = readWasm(result, "result");
    expect([types.length, functions.length, globals.length]).toEqual([1, 2, 1]);
    expect([...exports.keys()]).toEqual(["affine"]);
    expect(data).toEqual([{ address: 8, bytes: Uint8Array.of(6, 7) }]);
    const its = run(result);
    expect(call(its, "affine", 4)).toBe(17);
    const memory = new Uint8Array((its["memory"] as WebAssembly.Memory).buffer);
    expect([...memory.subarray(7, 11)]).toEqual([0, 6, 7, 0]);
    expect(memory.length).toBe(65_536);
  });

  test("functions that call themselves, and each other", () => {
    const recursive = (callee: number): number[] =>
      [
        // if (x == 0) 1, else x * callee(x - 1)
        [0x20, 0, 0x45, 0x04, I32, ...small(1), 0x05],
        [0x20, 0, 0x20, 0, ...small(1), 0x6b, 0x10, callee, MUL, END],
      ].flat();
    const bytes = assembled({
      types: [UNARY],
      functions: [
        [0, [0x20, 0]],
        [0, recursive(1)],
        [0, recursive(3)],
        [0, recursive(2)],
      ],
      exports: { factorial: 1, inTurns: 2 },
    });
    const its = run(linked(bytes, ["factorial", "inTurns"]));
    expect([call(its, "factorial", 6), call(its, "inTurns", 6)]).toEqual([720, 720]);
  });

  test("functions that are called by their place in the table, which begins at 1", () => {
    const bytes = assembled({
      types: [UNARY, [[I32, I32], [I32]]],
      imports: [["env", "table", [1, 0x70, 0, 9]]],
      functions: [
        [0, [0x20, 0, ...small(2), MUL]],
        [0, [0x20, 0, ...small(1), ADD]],
        [1, [0x20, 0, 0x20, 1, 0x11, 0, 0]],
      ],
      exports: { twice: 0, next: 1, apply: 2 },
    });
    const its = run(linked(bytes, ["apply"], ["next", "twice"]));
    expect([call(its, "apply", 10, 1), call(its, "apply", 10, 2)]).toEqual([11, 20]);
    expect(() => call(its, "apply", 10, 0)).toThrow(WebAssembly.RuntimeError);
    expect(() => call(its, "apply", 10, 3)).toThrow(WebAssembly.RuntimeError);
    expect(its["table"]).toBe(undefined);
  });

  test("equal functions become one, also those that call equal ones", () => {
    const bytes = assembled({
      types: [UNARY],
      functions: [
        [0, [0x20, 0, ...small(3), MUL]],
        [0, [0x20, 0, ...small(3), MUL]],
        [0, [0x20, 0, 0x10, 0]],
        [0, [0x20, 0, 0x10, 1]],
      ],
      exports: { one: 2, other: 3 },
    });
    const result = linked(bytes, ["one", "other"]);
    expect(readWasm(result, "result").functions).toHaveLength(2);
    const its = run(result);
    expect([call(its, "one", 5), call(its, "other", 5)]).toEqual([15, 15]);
  });
});

describe("of several", () => {
  const keeping = (address: number, value: number): WasmBinary =>
    readWasm(
      assembled({
        types: [[[], [I32]]],
        imports: [MEMORY],
        // global += what is at the address
        functions: [[0, [0x23, 0, ...small(address), 0x2d, 0, 0, ADD, 0x24, 0, 0x23, 0]]],
        globals: [[I32, 1, ...small(value), END]],
        exports: { count: 0 },
        data: [[0, ...small(address), END, 1, value]],
      }),
      "hand",
    );

  test("each keeps its globals and constants, and they share a memory", () => {
    const [first, second] = [keeping(8, 2), keeping(9, 30)];
    const linker = new WasmLinker();
    const exports = { first: linker.take(first, 0, "hand"), second: linker.take(second, 0, "hand") };
    expect(exports.first).not.toBe(exports.second);
    const data = [{ address: 65_530, bytes: Uint8Array.of(1, 2) }];
    const its = run(linker.write({ exports, table: [], pages: 3, data }));
    expect([call(its, "first"), call(its, "second"), call(its, "first")]).toEqual([4, 60, 6]);
    const memory = new Uint8Array((its["memory"] as WebAssembly.Memory).buffer);
    expect(memory.length).toBe(3 * 65_536);
    expect([...memory.subarray(7, 12)]).toEqual([0, 2, 30, 0, 0]);
    expect([...memory.subarray(65_529, 65_533)]).toEqual([0, 1, 2, 0]);
  });

  test("a program calls functions with the addresses of records and its own argument", () => {
    const binary = readWasm(
      assembled({
        types: [[[I32, I32], []]],
        imports: [MEMORY],
        // the number at the address, times 10, plus the argument
        functions: [[0, [0x20, 0, 0x20, 0, 0x28, 2, 0, ...small(10), MUL, 0x20, 1, ADD, 0x36, 2, 0]]],
        exports: { digit: 0 },
      }),
      "hand",
    );
    const linker = new WasmLinker();
    const digit = linker.take(binary, 0, "hand");
    const addresses = [0, 4, 0, 60_000, 8, 0];
    const exports = { all: linker.addProgram(addresses.map((address) => [address, digit])) };
    const its = run(linker.write({ exports, table: [], pages: 1, data: [] }));
    call(its, "all", 7);
    const memory = new Uint32Array((its["memory"] as WebAssembly.Memory).buffer);
    expect([0, 4, 8, 60_000].map((address) => memory[address / 4])).toEqual([777, 7, 7, 7]);
  });
});

/** A core that has all kernels from one linked binary of all of them. */
function coreOfOne(): Core {
  const linker = new WasmLinker();
  const taken = ofOneThread.flatMap(({ name }) => {
    const binary = readWasm(readBinary(name), name);
    return [...binary.exports].map(([kernel, index]) => [kernel, linker.take(binary, index, name)] as const);
  });
  const table = taken.map(([, index]) => index);
  const bytes = linker.write({ exports: Object.fromEntries(taken), table, pages: 400, data: [] });
  const functions = run(bytes);
  const exports = {
    ...functions,
    table: { get: (place: number) => functions[taken[place - 1]![0]] },
  } as unknown as CoreExports;
  const places = new Map(taken.map(([kernel], i) => [kernel, i + 1]));
  return {
    executor: callingThread(exports, "a test"),
    exports,
    arena: new Arena(functions["memory"] as WebAssembly.Memory, MEMORY_BASE),
    places,
    calls: [],
    linked: [],
    load: () => Promise.resolve(),
    link() {},
    kernel: (name) => places.get(name)!,
  };
}

describe("of all binaries of the library, with all that they export", () => {
  test("nothing is missing, and equal functions of several are there once", () => {
    const names = ofOneThread.flatMap(({ name }) => [...exportedFunctions(readBinary(name)).keys()]);
    const core = coreOfOne();
    expect([...core.places.keys()].toSorted()).toEqual(names.toSorted());
    expect(names.every((name) => typeof core.exports[name as "run"] === "function")).toBe(true);
  });

  const rows = (count: number, most: number): number[] =>
    Array.from({ length: count }, (_, i) => ((i * 37) % 101) % most);

  /** Models whose trainings need kernels of each binary: forward, backward, losses, updates, metrics, random numbers. */
  const TRAININGS: Readonly<Record<string, (core?: { core: Core }) => Promise<w.Trainer>>> = {
    "dense layers, sgd with momentum": async (more) => {
      const model = await w.sequential(
        { input: 8, seed: 3, ...more },
        w.dense(9),
        w.relu(),
        w.dropout(0.2),
        w.dense(4),
      );
      return new w.Trainer(model, {
        loss: w.softmaxCrossEntropy(),
        optimizer: w.sgd({ momentum: 0.9 }),
        metrics: [w.accuracy(), w.f1()],
      });
    },
    "images, rmsprop": async (more) => {
      const layers = [w.conv2d(4, { kernelSize: 3 }), w.batchNorm(), w.gelu(), w.maxPool2d(2), w.flatten(), w.dense(4)];
      const model = await w.sequential({ input: [6, 6, 1], seed: 3, ...more }, ...layers);
      return new w.Trainer(model, { loss: w.focal(), optimizer: w.rmsprop() });
    },
    "sequences, by steps, two values, adam": async (more) => {
      const layers = [
        w.embedding(5, 4, { embeddingsInitializer: w.orthogonal() }),
        w.timeDistributed(w.dense(4, { kernelRegularizer: w.l2(0.01) }), w.selu()),
        w.layerNorm(),
        w.multiply([[], w.dense(4, { kernelConstraint: w.maxNorm(2) })]),
        w.lstm(6),
        w.dense(4),
      ];
      const model = await w.sequential({ input: [7], seed: 3, ...more }, ...layers);
      return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
    },
  };

  test.each(Object.entries(TRAININGS))("%s: a training gives the same bits", async (_, make) => {
    const [plain, other] = [await make(), await make({ core: coreOfOne() })];
    expect(other.model.core).not.toBe(plain.model.core);
    const size = plain.model.inputShape.reduce((product, n) => product * n, 1);
    // focal takes a number from 0 to 1 for each output, the others a class
    const y = plain.loss?.type === "focal" ? rows(20 * 4, 2) : rows(20, 4);
    const data = { x: Float32Array.from(rows(20 * size, 5)), y };
    const options = { epochs: 3, batchSize: 6 };
    const [before, one, two] = [
      plain.model.fingerprint(),
      await plain.fit(data, options),
      await other.fit(data, options),
    ];
    expect(two.history).toEqual(one.history);
    expect(other.model.fingerprint()).toBe(plain.model.fingerprint());
    expect(plain.model.fingerprint()).not.toBe(before);
    expect(other.model.predict(data.x)).toEqual(plain.model.predict(data.x));
  });
});
