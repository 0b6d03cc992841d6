// Pickles: what Python writes of numbers, texts, lists and dicts, what is refused in which words, and that nothing is called.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Pickled, readPickle } from "../../src/formats/pickle.ts";
import { refuses } from "../support/refusals.ts";
import { PYTHON } from "../support/torch.ts";
import { global, joined, list, type Part, pickle, text, tuple } from "../support/torchFiles.ts";

/** Rules that know one function, which gives its arguments, and persistent ids, which stand for themselves. */
const read = (bytes: Uint8Array): Pickled<never> =>
  readPickle<never>(bytes, {
    refuse: (why, at) => new Error(`the pickle, at byte ${at}, ${why}`),
    checkName: (name, at) => {
      if (name !== "a.tuple") throw new Error(`the pickle, at byte ${at}, asks for ${name}`);
    },
    call: (_, args) => ({ kind: "tuple", items: [...args] }),
    persistent: (id) => id,
  });

/** Lists, tuples and dicts as JavaScript's. */
const plain = (value: Pickled<never>): unknown => {
  if (value === null || typeof value !== "object") return value;
  if (value.kind === "dict") {
    return Object.fromEntries(
      Array.from({ length: value.pairs.length / 2 }, (_, i) => [
        plain(value.pairs[2 * i]!),
        plain(value.pairs[2 * i + 1]!),
      ]),
    );
  }
  return value.kind === "list" || value.kind === "tuple" ? value.items.map(plain) : value;
};

const hasPython = existsSync(PYTHON);

/** More than a thousand keys are written in parts, and what is there twice is written once. */
const VALUE = `{"a": [1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**53 - 1, -(2**53) + 1, 0.1, float("inf")], "text": "größer", "long": "x" * 300,
  "nested": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "no": None, "yes": True, "not": False, **{f"k{i}": [i] * 2 for i in range(1200)}}`;

test.skipIf(!hasPython && !process.env["CI"]).each([2, 3, 4, 5])(
  "what Python writes by protocol %i (skipped without python3)",
  (protocol) => {
    const program = `import pickle, sys; sys.stdout.buffer.write(pickle.dumps(${VALUE}, ${protocol}))`;
    const expected: Record<string, unknown> = {
      a: [1, -1, 255, 256, 65535, 65536, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 0.1, Infinity],
      text: "größer",
      long: "x".repeat(300),
      nested: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
      no: null,
      yes: true,
      not: false,
    };
    for (let i = 0; i < 1200; i++) expected[`k${i}`] = [i, i];
    expect(plain(read(execFileSync(PYTHON, ["-c", program])))).toEqual(expected);
  },
);

test("whole numbers of any length", () => {
  const long = (...bytes: number[]) => joined("\x8a", Uint8Array.of(bytes.length, ...bytes));
  const values = list(
    long(),
    long(255),
    long(255, 0),
    joined("\x8b\x09\0\0\0", new Uint8Array(8), "\x01"),
    "M\x01\x02",
  );
  expect(plain(read(pickle(values)))).toEqual([0, -1, 255, 2n ** 64n, 513]);
});

test("a list that is in two places is the same there", () => {
  const { items } = read(pickle("](]q\x01h\x01e")) as { readonly items: readonly unknown[] };
  expect(items[0]).toBe(items[1]);
});

test("a known call gives what the rules make of it", () => {
  expect(plain(read(pickle(global("a.tuple"), tuple(text("x"), "N"), "R")))).toEqual(["x", null]);
  expect(read(pickle(text("7"), "Q"))).toBe("7");
});

const of =
  (...parts: readonly Part[]) =>
  (): unknown =>
    read(pickle(...parts));

describe("refuses", () => {
  // prettier-ignore
  refuses([
    [of("cos\nsystem\n", tuple(text("touch x")), "R"), Error, "the pickle, at byte 2, asks for os.system"],
    // what else Python writes
    [of("C\x01a"), Error, /makes bytes; save numbers, x\.tolist\(\)$/],
    [of("\x8f"), Error, /makes a set; save a list$/],
    [of("I3\n"), Error, /makes an object as protocol 0, 1 or 5 may write it; torch\.save writes protocol 2$/],
    [of("\xff"), Error, /^the pickle, at byte 2, has ff, which is no opcode$/],
    // pickles that can't be
    [() => read(joined("N.")), Error, /at byte 0, is no pickle of protocol 2 or later, which begins with 80$/],
    [() => read(joined("\x80\x06N.")), Error, /is of protocol 6; 2 to 5 are read$/],
    [() => read(joined("\x80\x02N")), Error, /at byte 3, is cut short$/],
    [() => read(joined(pickle("N"), "N")), Error, /ends, but there are 5 bytes$/],
    [of("NN"), Error, /at byte 4, ends within a value$/],
    [of(), Error, /takes a value where there is none$/],
    [of("N("), Error, /takes a value where there is none$/],
    [of("t"), Error, /ends a list that it hasn't begun$/],
    [of("h\x05"), Error, /uses value 5 before it is kept$/],
    [of("Na"), Error, /takes a value where there is none$/],
    [of(tuple(), "Na"), Error, /adds to a tuple, which is no list$/],
    [of(tuple(), "NNs"), Error, /sets keys of a tuple, which is no dict$/],
    [of("}(Nu"), Error, /has a key without a value$/],
    [of("X\x01\0\0\0\xff"), Error, /has a text that isn't UTF-8$/],
    [of("X\xff\xff\xff\xff"), Error, /is cut short$/],
    [of("\x8b\0\x01\0\0", new Uint8Array(256)), Error, /has a whole number of 256 bytes; at most 255 are read$/],
    [of("\x95", new Uint8Array(8).fill(255)), Error, /is cut short$/],
  ]);
});
