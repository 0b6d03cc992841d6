// Values as JSON and bytes: what is written is read as it was, whatever it is made of; what can't be written is refused by its place.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { readValue, writeValue } from "../../src/formats/values.ts";
import { expectRefusal } from "../support/refusals.ts";

/** Written and read again. */
const again = (value: unknown): unknown => readValue(writeValue(value, "it"));

/** The very same, as far as can be seen: signs of zero, keys and their order, kinds. */
function expectSame(value: unknown): void {
  const back = again(value);
  expect(back).toStrictEqual(value);
  expect(Object.is(back, value) || typeof value === "object").toBe(true);
  expect(writeValue(back, "it")).toEqual(writeValue(value, "it"));
}

describe("come back as they were:", () => {
  test.each([
    ["numbers", [0, -0, 1, -1.5, 1e300, 5e-324, 2 ** 53, NaN, Infinity, -Infinity, 0.1]],
    ["texts", ["", "text", '每日 \0\n\u2028 \ud800 "\\ 😀', "$", "__proto__"]],
    ["truths, null and undefined", [true, false, null, undefined]],
    ["bigints", [0n, -1n, 2n ** 200n, -(10n ** 50n)]],
    ["dates", [new Date(0), new Date(-1), new Date(8.64e15), new Date(NaN)]],
    ["arrays", [[], [[]], [1, [2, [3]]], [undefined, null]]],
    ["objects", [{}, { a: 1, b: { c: [] } }, { 2: "b", 1: "a", "": 0 }, { a: undefined }]],
    ["maps", [new Map(), new Map<unknown, unknown>([[1, "a"], [{}, []], [NaN, new Map([[null, undefined]])]])]], // prettier-ignore
    ["sets", [new Set(), new Set([1, "1", NaN, undefined, -1n])]],
  ])("%s", (_, values) => {
    for (const value of values) expectSame(value);
    expectSame(values);
    expectSame({ values: [values] });
  });

  test("typed arrays of every kind, by their bits", () => {
    for (const Kind of [
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Uint8Array,
      Uint8ClampedArray,
      Uint16Array,
      Uint32Array,
    ]) {
      const array = Kind.of(0, 1, 200, 3);
      expectSame(array);
      expectSame(new Kind(0));
      // a part of a larger buffer
      const part = new Kind(array.buffer, Kind.BYTES_PER_ELEMENT, 2);
      expect(again(part)).toStrictEqual(array.slice(1, 3));
    }
    expectSame(BigInt64Array.of(-1n, 2n));
    expectSame(BigUint64Array.of(1n, 2n ** 64n - 1n));
    const odd = new Float32Array(Uint32Array.of(0x7fc00001, 0x80000000, 1).buffer); // a NaN with a payload
    expect(new Uint32Array((again(odd) as Float32Array).buffer)).toEqual(new Uint32Array(odd.buffer));
  });

  test("as copies, at addresses of their own", () => {
    const written = writeValue({ a: Uint8Array.of(1, 2, 3), b: Float64Array.of(1) }, "it");
    const shifted = written.arrays.map((bytes) => {
      const all = new Uint8Array(bytes.length + 1);
      all.set(bytes, 1);
      return all.subarray(1);
    });
    const back = readValue({ ...written, arrays: shifted }) as { a: Uint8Array; b: Float64Array };
    expect(back).toStrictEqual({ a: Uint8Array.of(1, 2, 3), b: Float64Array.of(1) });
    shifted[0]![0] = 9;
    expect(back.a[0]).toBe(1);
    expect(back.a.buffer).not.toBe(back.b.buffer);
  });

  test("a Buffer and shared memory as a Uint8Array", () => {
    expect(again(Buffer.from([1, 2]))).toStrictEqual(Uint8Array.of(1, 2));
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
    expect(again(shared)).toStrictEqual(Uint8Array.of(7, 7));
  });

  test("objects whose keys have another meaning", () => {
    for (const value of [
      { $: "Map" },
      { $: "undefined", a: 1 },
      { $: 1 },
      { $: { $: { $: [] } } },
      { $: undefined, value: NaN },
      [{ $: "object", entries: [["a", 1]] }],
    ])
      expectSame(value);
    const own = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3, "$": 4}') as object;
    for (const value of [own, { inside: [own] }, JSON.parse('{"__proto__": null}')]) {
      const back = again(value) as object;
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      expect(Object.keys(back)).toEqual(Object.keys(value as object));
      expect(JSON.stringify(back)).toBe(JSON.stringify(value));
    }
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  test("keys in their order", () => {
    const value = { b: 1, a: Uint8Array.of(1), 7: Uint8Array.of(2), $: Uint8Array.of(3) };
    const back = again(value) as typeof value;
    expect(Object.keys(back)).toEqual(["7", "b", "a", "$"]);
    expect([back.a[0], back[7][0], back.$[0]]).toEqual([1, 2, 3]);
  });

  test("those of another realm, and without a prototype, as this one's", () => {
    const other = runInNewContext(`({
      object: { a: 1 }, array: [1, 2], map: new Map([[1, 2]]), set: new Set([1]), date: new Date(5),
      bytes: Uint8Array.of(1, 2), floats: Float32Array.of(1.5), big: 1n,
    })`) as object;
    expect(again(other)).toStrictEqual({
      object: { a: 1 },
      array: [1, 2],
      map: new Map([[1, 2]]),
      set: new Set([1]),
      date: new Date(5),
      bytes: Uint8Array.of(1, 2),
      floats: Float32Array.of(1.5),
      big: 1n,
    });
    expect(again(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
  });

  test("holes as undefined, and what is there twice as two", () => {
    // eslint-disable-next-line no-sparse-arrays
    expect(again([1, , 3])).toStrictEqual([1, undefined, 3]);
    const one = { a: 1 };
    const [first, second] = again([one, one]) as object[];
    expect(first).toStrictEqual(one);
    expect(first).not.toBe(second);
  });

  test("values as deep as may be", () => {
    const nest = (depth: number, inside: unknown, wrap: (value: unknown) => unknown): unknown => {
      let value = inside;
      for (let i = 0; i < depth; i++) value = wrap(value);
      return value;
    };
    const wraps: readonly ((value: unknown) => unknown)[] = [
      (value) => [value],
      (value) => ({ a: value }),
      (value) => ({ $: value }),
      (value) => new Map([[1, value]]),
      (value) => new Map([[value, 1]]),
      (value) => new Set([value]),
    ];
    for (const wrap of wraps) {
      for (const inside of [1, NaN, undefined, 1n, new Date(NaN), Uint8Array.of(1), {}]) {
        const value = nest(200, inside, wrap);
        expect(writeValue(again(value), "it")).toEqual(writeValue(value, "it"));
        expect(() => writeValue(nest(201, inside, wrap), "it")).toThrow(
          /^it: .* is more than 200 deep, or contains itself/,
        );
      }
    }
  });
});

describe("are refused, by their place:", () => {
  class Own {
    a = 1;
  }
  class Nothing extends (null as unknown as ObjectConstructor) {}
  const advice =
    ", which can't be written; make it of numbers, strings, arrays, plain objects, maps, sets and typed arrays";
  const rows: readonly (readonly [unknown, string])[] = [
    [() => 3, "it is a function"],
    [{ a: [1, () => 3] }, "a[1] is a function"],
    [{ a: { b: Symbol("x") } }, "a.b is a symbol"],
    [[new Own()], "[0] is an object (Own)"],
    [Object.create(Nothing.prototype) as object, "it is an object (Nothing)"],
    [Object.create({ a: 1 }) as object, "it is an object (Object)"],
    [new Map([[1, new Own()]]), ".value 0 is an object (Own)"],
    [{ map: new Map([["a", 1], [new Own() as never, 2]]) }, "map.key 1 is an object (Own)"], // prettier-ignore
    [{ set: new Set([/x/]) }, "set.value 0 is an object (RegExp)"],
    [new Error("x"), "it is an object (Error)"],
    [new ArrayBuffer(8), "it is an object (ArrayBuffer)"],
    [new DataView(new ArrayBuffer(8)), "it is an object (DataView)"],
    [new WeakMap(), "it is an object (WeakMap)"],
    [Promise.resolve(1), "it is an object (Promise)"],
    [Object(1), "it is an object (Number)"],
    [Object("text"), "it is an object (String)"],
    [new Proxy(() => 3, {}), "it is a function"],
    [{ "a\u202eb": Symbol("x") }, "a\\u202eb is a symbol"],
    // what calls itself something that it isn't
    [{ [Symbol.toStringTag]: "Map" }, "it is an object that calls itself Map"],
    [{ a: { [Symbol.toStringTag]: "Set" } }, "a is an object that calls itself Set"],
    [{ [Symbol.toStringTag]: "Date" }, "it is an object that calls itself Date"],
    [{ [Symbol.toStringTag]: "Uint8Array", byteLength: 3 }, "it is an object that calls itself Uint8Array"],
  ];
  for (const [value, what] of rows) {
    test(what, () => expectRefusal(() => writeValue(value, "where"), TypeError, `where: ${what}${advice}`));
  }

  test("what contains itself", () => {
    const array: unknown[] = [];
    array.push(array);
    const object: Record<string, unknown> = {};
    object["self"] = object;
    const map = new Map<unknown, unknown>();
    map.set(map, 1);
    const set = new Set();
    set.add(set);
    for (const value of [array, object, map, set]) {
      expect(() => writeValue(value, "where")).toThrow(/^where: .{1,80} is more than 200 deep, or contains itself/);
    }
  });

  test("with a short message, whatever the keys", () => {
    const deep = { ["x".repeat(10_000)]: { ["y".repeat(10_000)]: () => 3 } };
    expect(() => writeValue(deep, "where")).toThrow(/^where: x{1,80}.* is a function/);
    try {
      writeValue(deep, "where");
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300);
    }
  });
});

describe("what was never written is refused:", () => {
  const one = [Uint8Array.of(1, 2, 3, 4)];
  test.each([
    "",
    "{",
    "undefined",
    '{"$":"nonsense"}',
    '{"$":1}',
    '{"$":null}',
    '{"$":["Map"]}',
    '{"$":"__proto__"}',
    '{"$":"constructor"}',
    '{"$":"number","value":"1"}',
    '{"$":"number","value":["NaN"]}',
    '{"$":"number"}',
    '{"$":"bigint","value":"1.5"}',
    '{"$":"bigint","value":5}',
    '{"$":"bigint","value":""}',
    '{"$":"Date"}',
    '{"$":"Date","value":"2026"}',
    '{"$":"Date","value":{"a":1}}',
    '{"$":"Date","value":{"$":"bigint","value":"5"}}',
    '{"$":"Map"}',
    '{"$":"Map","pairs":{}}',
    '{"$":"Map","pairs":[1]}',
    '{"$":"Map","pairs":[[1]]}',
    '{"$":"Map","pairs":[[1,2,3]]}',
    '{"$":"Set","values":"text"}',
    '{"$":"object","entries":[1]}',
    '{"$":"object","entries":[[1,2]]}',
    '{"$":"object","entries":[[{"a":1},2]]}',
    '{"$":"Float32Array"}',
    '{"$":"Float32Array","array":1}',
    '{"$":"Float32Array","array":-1}',
    '{"$":"Float32Array","array":0.5}',
    '{"$":"Uint8Array","array":"0"}',
    '{"$":"Uint8Array","array":"length"}',
    '{"$":"Uint8Array","array":"map"}',
    '{"$":"Uint8Array","array":"constructor"}',
    '{"$":"Float64Array","array":0}', // 4 bytes
    '{"$":"DataView","array":0}',
    '{"$":"SharedArrayBuffer","array":0}',
    // more memory than the file has
    '[{"$":"Uint8Array","array":0},{"$":"Uint8Array","array":0}]',
  ])("%s", async (text) => {
    await expectRefusal(() => readValue({ text, arrays: one }), Error, "the text isn't that of a value");
  });

  test("what is nested too deep", () => {
    for (const depth of [202, 10_000, 1_000_000]) {
      expect(() => readValue({ text: "[".repeat(depth) + "]".repeat(depth), arrays: [] })).toThrow(
        /isn't that of a value/,
      );
    }
  });
});
