import { describe, expect, test } from "vitest";
import { constant, leb, readWasm, renamedBody } from "../../src/formats/wasmBinary.ts";
import { assembled, END, I32, MEMORY } from "../support/assembled.ts";
import { binaries, readBinary } from "../support/binaries.ts";
import { refuses } from "../support/refusals.ts";
import { exportedFunctions } from "../support/wasm.ts";

const ALL = binaries.flatMap(({ name }) => [name, `${name}.debug`]);

const many = (count: number, byte: number): number[] => Array.from({ length: count }, () => byte);

/** Instructions with every kind of operand: those of plain bytes and integers, which have no names in them. */
const PLAIN: Readonly<Record<string, readonly number[]>> = {
  br_table: [0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 0, 0x0b],
  "typed select": [0x41, 1, 0x41, 2, 0x41, 3, 0x1c, 1, I32, 0x1a],
  "integers whose bytes look like instructions": [0x41, 0x90, 0x10, 0x1a, 0x42, 0x90, 0x90, 0x10, 0x1a],
  "floats whose bytes look like instructions": [0x43, 0x10, 1, 0x10, 1, 0x1a, 0x44, ...many(8, 0x10), 0x1a],
  "v128.const": [0xfd, 12, ...many(16, 0x10), 0x1a],
  shuffle: [0xfd, 12, ...many(16, 0), 0xfd, 12, ...many(16, 0), 0xfd, 13, ...many(16, 0x10), 0x1a],
  "a lane": [0xfd, 12, ...many(16, 0), 0xfd, 21, 15, 0x1a],
  "a load with a large offset": [0x41, 0, 0x28, 2, 0x90, 0x10, 0x1a],
  "a vector load": [0x41, 0, 0xfd, 0, 4, 0x10, 0x1a],
  "a load of one lane": [0x41, 0, 0xfd, 12, ...many(16, 0), 0xfd, 84, 0, 0x10, 7, 0x1a],
  "memory.copy and fill": [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 0, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0],
  "memory.size and grow": [0x3f, 0, 0x40, 0, 0x1a],
  atomics: [0x41, 0, 0xfe, 0x10, 2, 0x10, 0x1a, 0xfe, 3, 0],
  "saturating conversions": [0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a],
};

describe("readWasm", () => {
  test.each(ALL)("%s.wasm: its exported functions, with their types", (name) => {
    const bytes = readBinary(name);
    const { types, functions, bodies, exports, data } = readWasm(bytes, name);
    expect(functions).toHaveLength(bodies.length);
    const found = new Map(
      [...exports].map(([exported, index]) => {
        const [, from, ...rest] = types[functions[index]!]!;
        return [exported, { parameters: rest.slice(0, from), results: rest.slice(from! + 1) }];
      }),
    );
    expect(found).toEqual(exportedFunctions(bytes));
    for (const part of data) expect(part.address + part.bytes.length).toBeLessThan(10_240);
  });

  test("what is in a binary, byte by byte", () => {
    const bytes = assembled({
      types: [
        [[I32], [I32]],
        [[], []],
      ],
      imports: [MEMORY, ["env", "table", [1, 0x70, 1, 1, 200, 1]]],
      functions: [
        [0, [0x20, 0]],
        [1, []],
      ],
      globals: [
        [I32, 1, 0x41, 11, END],
        [0x7d, 0, 0x43, 11, 11, 11, 11, END],
      ],
      exports: { one: 0 },
      elements: [[0, 0x41, 1, END, 0]],
      data: [[0, 0x41, 0x80, 0x10, END, 2, 5, 6]],
    });
    const { types, functions, bodies, globals, exports, data } = readWasm(bytes, "hand");
    expect(types.map((type) => [...type])).toEqual([
      [0x60, 1, I32, 1, I32],
      [0x60, 0, 0],
    ]);
    expect(functions).toEqual([0, 1]);
    expect(bodies.map((body) => [...body])).toEqual([
      [0, 0x20, 0, END],
      [0, END],
    ]);
    expect(globals.map((global) => [...global])).toEqual([
      [I32, 1, 0x41, 11, END],
      [0x7d, 0, 0x43, 11, 11, 11, 11, END],
    ]);
    expect([...exports]).toEqual([["one", 0]]);
    expect(data).toEqual([{ address: 2048, bytes: Uint8Array.of(5, 6) }]);
  });

  const refused = (what: string): string => `hand: a binary that is taken apart must not have ${what}`;
  const type: readonly [readonly number[], readonly number[]] = [[], []];
  refuses([
    [
      () => readWasm(assembled({ types: [type], imports: [["js", "log", [0, 0]]] }), "hand"),
      RangeError,
      refused("an import that is no memory or table, such as js.log"),
    ],
    [
      () => readWasm(assembled({ imports: [["js", "zero", [3, I32, 0]]] }), "hand"),
      RangeError,
      refused("an import that is no memory or table, such as js.zero"),
    ],
    [
      () => readWasm(assembled({ types: [type], functions: [[0, []]], start: 0 }), "hand"),
      RangeError,
      refused("a function that is run at its start"),
    ],
    [
      () =>
        readWasm(
          assembled({
            types: [type],
            functions: [[0, []]],
            tables: [[0x70, 0, 1]],
            elements: [[0, 0x41, 0, END, 1, 0]],
          }),
          "hand",
        ),
      RangeError,
      refused("functions of its own in its table"),
    ],
    [
      () => readWasm(assembled({ imports: [MEMORY], data: [[1, 1, 7]] }), "hand"),
      RangeError,
      refused("memory that it fills later"),
    ],
  ]);
});

describe("renamedBody", () => {
  test.each(Object.entries(PLAIN))("%s: no number of it is a name", (_, code) => {
    const bytes = assembled({ types: [[[], []]], imports: [MEMORY], functions: [[0, code]] });
    expect(WebAssembly.validate(bytes)).toBe(true);
    const names: unknown[] = [];
    const body = readWasm(bytes, "hand").bodies[0]!;
    const renamed = renamedBody(body, (...name) => names.push(name), "hand");
    expect(names).toEqual([]);
    expect(renamed).toEqual([...body]);
  });

  test("calls, types and globals get other numbers, also such as take more bytes", () => {
    const body = [1, 2, I32, 0x10, 3, 0x11, 4, 0, 0x23, 5, 0x24, 6, 0x02, 7, 0xd2, 8, 0x12, 9, END, END];
    const names: (readonly [string, number])[] = [];
    const renamed = renamedBody(
      Uint8Array.from(body),
      (...name) => {
        names.push(name);
        return name[1] + 295;
      },
      "hand",
    );
    expect(names.map(([kind, index]) => `${kind} ${index}`)).toEqual([
      "function 3",
      "type 4",
      "global 5",
      "global 6",
      "type 7",
      "function 8",
      "function 9",
    ]);
    const n = (index: number): number[] => [((index + 295) & 127) | 128, (index + 295) >> 7];
    expect(renamed).toEqual([
      1,
      2,
      I32,
      0x10,
      ...n(3),
      0x11,
      ...n(4),
      0,
      0x23,
      ...n(5),
      0x24,
      ...n(6),
      0x02,
      ...n(7),
      0xd2,
      ...n(8),
      0x12,
      ...n(9),
      END,
      END,
    ]);
  });

  test.each([1, 63, 64, 100])("a block of type %i: it is a signed integer", (type) => {
    const types = Array.from({ length: 101 }, (_, i): [number[], number[]] => [i === type ? [] : [I32], [I32]]);
    types[0] = [[], [I32]];
    const block = [0x02, ...(type < 64 ? [type] : [type | 128, 0]), 0x41, 5, END];
    const bytes = assembled({ types, functions: [[0, block]] });
    expect(WebAssembly.validate(bytes)).toBe(true);
    const body = readWasm(bytes, "hand").bodies[0]!;
    const names: unknown[] = [];
    expect(renamedBody(body, (...name) => (names.push(name), type), "hand")).toEqual([...body]);
    expect(names).toEqual([["type", type]]);
    expect(renamedBody(Uint8Array.of(0, 0x02, 7, 0x41, 5, END, END), () => type, "hand")).toEqual([...body]);
  });

  test.each(ALL)("%s.wasm: names are of what there is, and with them the bodies are what they were", (name) => {
    const { types, functions, bodies, globals } = readWasm(readBinary(name), name);
    const most = { type: types.length, function: functions.length, global: globals.length };
    let calls = 0;
    for (const body of bodies) {
      const renamed = renamedBody(
        body,
        (kind, index) => {
          expect(index).toBeLessThan(most[kind]);
          calls++;
          return index;
        },
        name,
      );
      expect(Buffer.from(renamed).equals(body)).toBe(true);
    }
    expect(calls).toBeGreaterThan(10);
  });

  refuses([
    [
      () => renamedBody(Uint8Array.of(0, 0x06, 0x40, END, END), () => 0, "hand"),
      RangeError,
      "hand: a binary that is taken apart must not have the instruction 0x6",
    ],
    [
      () => renamedBody(Uint8Array.of(0, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 0, END), () => 0, "hand"),
      RangeError,
      "hand: a binary that is taken apart must not have memory or a table that it fills later",
    ],
  ]);
});

describe("integers", () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1])("leb(%i) is what engines read", (value) => {
    let read = 0;
    leb(value).forEach((byte, i, all) => {
      expect(byte >= 128).toBe(i < all.length - 1);
      read += (byte & 127) * 128 ** i;
    });
    expect(read).toBe(value);
  });

  test.each([0, 63, 64, 8191, 8192, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 64])(
    "constant(%i) is what engines read",
    (address) => {
      const bytes = assembled({
        types: [[[], [I32]]],
        functions: [[0, constant(address)]],
        exports: { address: 0 },
      });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      expect((exports["address"] as () => number)() >>> 0).toBe(address);
    },
  );
});
