// The rules that many options share.
import { describe, expect, test } from "vitest";
import * as check from "../../src/util/check.ts";
import { type Refusal, refuses } from "../support/refusals.ts";

describe("rules", () => {
  test("let through what they allow", () => {
    for (const value of [1, 2 ** 30]) check.checkWhole("f", "n", value);
    for (const value of [0, 5]) check.checkWhole("f", "n", value, 0);
    check.checkWhole("f", "n", 2 ** 40, 1, 2 ** 40);
    for (const value of [2 ** -126, 1.1754944e-38, 1, 3.4028235e38]) check.checkPositive("f", "n", value);
    for (const value of [0, -0, 2 ** -126, 3.4028235e38]) check.checkNotNegative("f", "n", value);
    for (const value of [0, 2 ** -126, 0.5, 0.99999994]) check.checkFraction("f", "n", value);
    for (const value of [0, -3.4028235e38, -1.1754944e-38, 0.1]) check.checkFinite("f", "n", value);
    expect([...check.checkWeights("f", "n", [0, 2 ** -126, 3.4028235e38], 3, "")]).toEqual(
      [0, 2 ** -126, 3.4028235e38].map(Math.fround),
    );
    check.checkOneOf("f", "n", "b", ["a", "b"]);
    for (const value of [[], [1], new Float32Array(1), new Uint8Array(0)]) check.checkNumbers("f", "n", value);
    expect(check.checkShape("f", "n", 3)).toEqual([3]);
    expect(check.checkShape("f", "n", [2, 1])).toEqual([2, 1]);
    check.checkKind(true, "f", "n", "a thing", null);
    check.checkKeys("f", { a: undefined, b: 1 }, ["a", "b", "c"]);
    check.checkKeys("f", {}, []);
  });

  refuses([
    [() => check.checkWhole("f", "n", 1, 2), RangeError, "f: n must be a whole number of 2 or more, got 1"],
    ...[2 ** 30 + 1, 5e9, 2 ** 53, 1e39].map((value): Refusal => [
      () => check.checkWhole("f", "n", value),
      RangeError,
      `f: n must be a whole number of at most 1073741824, got ${value}`,
    ]),
    [() => check.checkWhole("f", "n", 9, 1, 8), RangeError, "f: n must be a whole number of at most 8, got 9"],
    // what is a number of the kind, but not as a float32
    ...(
      [
        [check.checkPositive, "above 0", [5e-324, 1e-50, 1e-45, 1.1754942e-38, 3.4028236e38, 1e300]],
        [check.checkNotNegative, "0 or more", [5e-324, 1e-50, 1e-40, 3.4028236e38, 1e39]],
        [check.checkFinite, "a finite number", [-5e-324, 1e-50, -1e-40, -3.4028236e38, 1e39]],
        [check.checkFraction, "from 0 up to but not including 1", [1e-50, 1 - 2 ** -53, 1 - 1e-12, 0.99999998]],
      ] as const
    ).flatMap(([call, rule, values]) =>
      values.map((value): Refusal => [
        () => call("f", "n", value),
        RangeError,
        `f: n must be ${rule} as a float32 from 1.1754944e-38 to ${rule.includes("including 1") ? "0.99999994" : "3.4028235e38"}, got ${value}`,
      ]),
    ),
    ...[1e-50, 1e39].map((value): Refusal => [
      () => check.checkWeights("f", "n", [1, value], 2, ""),
      RangeError,
      `f: n[1] must be 0 or more as a float32 from 1.1754944e-38 to 3.4028235e38, got ${value}`,
    ]),
    [() => check.checkWhole("f", "n", 0.5), RangeError, "f: n must be a whole number of 1 or more, got 0.5"],
    [() => check.checkPositive("f", "n", 0), RangeError, "f: n must be above 0, got 0"],
    [() => check.checkPositive("f", "n", Infinity), RangeError, "f: n must be above 0, got Infinity"],
    [() => check.checkNotNegative("f", "n", -1e-9), RangeError, "f: n must be 0 or more, got -1e-9"],
    [() => check.checkNotNegative("f", "n", Infinity), RangeError, "f: n must be 0 or more, got Infinity"],
    [() => check.checkFraction("f", "n", 1), RangeError, "f: n must be from 0 up to but not including 1, got 1"],
    [() => check.checkOneOf("f", "n", "c", ["a", "b"]), RangeError, 'f: n must be one of a, b, got "c"'],
    [() => check.checkKeys("f", { c: 1 }, ["alpha"]), TypeError, 'f: unknown option "c". Known: alpha'],
    [
      () => check.checkKeys("f", { BATCH_size: 1 }, ["epochs", "batchSize"]),
      TypeError,
      'f: unknown option "BATCH_size"; did you mean "batchSize"? Known: epochs, batchSize',
    ],
    [
      () => check.checkKeys("f", { epoch: 1 }, ["batchSize", "epochs"]),
      TypeError,
      'f: unknown option "epoch"; did you mean "epochs"? Known: batchSize, epochs',
    ],
    [
      () => check.checkKeys("f", { lr: 1 }, ["learningRate"]),
      TypeError,
      'f: unknown option "lr"; did you mean "learningRate"? Known: learningRate',
    ],
    [() => check.checkKeys("f", { lr: 1 }, ["rate"]), TypeError, 'f: unknown option "lr". Known: rate'],
    [
      () => check.checkKeys("f", { activation: "relu" }, ["units"]),
      TypeError,
      'f: unknown option "activation"; an activation is a layer of its own: dense(10), relu(). Known: units',
    ],
    [() => check.checkKeys("f", { "": 1 }, ["alpha"]), TypeError, 'f: unknown option "". Known: alpha'],
    // names that every object has
    [() => check.checkKeys("f", { toString: 1 }, ["alpha"]), TypeError, 'f: unknown option "toString". Known: alpha'],
    [
      () => check.checkKeys("f", JSON.parse('{ "__proto__": 1 }') as object, ["alpha"]),
      TypeError,
      'f: unknown option "__proto__". Known: alpha',
    ],
    [() => check.checkKeys("f", null as never, []), TypeError, "f: options must be an object, got null"],
    [() => check.checkKeys("f", [] as never, []), TypeError, "f: options must be an object, got an array of 0"],
    [() => check.checkKeys("f", 0.1 as never, []), TypeError, "f: options must be an object, got number 0.1"],
  ]);

  // another kind is a TypeError, a number out of range a RangeError
  for (const [name, call, rule] of [
    ["checkWhole", check.checkWhole, "a whole number of 1 or more"],
    ["checkFinite", check.checkFinite, "a finite number"],
    ["checkPositive", check.checkPositive, "above 0"],
    ["checkNotNegative", check.checkNotNegative, "0 or more"],
    ["checkFraction", check.checkFraction, "from 0 up to but not including 1"],
  ] as const) {
    describe(`${name}, of what is no number`, () =>
      refuses(
        (
          [
            ["0.5", '"0.5"'],
            ["", '""'],
            [null, "null"],
            [undefined, "undefined"],
            [[0.5], "an array of 1"],
            [1n, "bigint 1"],
            [true, "boolean true"],
            [{}, "an object (Object)"],
          ] as const
        ).map(([value, given]): Refusal => [
          () => call("f", "n", value as never),
          TypeError,
          `f: n must be ${rule}, got ${given}`,
        ]),
      ));
  }

  refuses([
    [() => check.checkFinite("f", "n", -Infinity), RangeError, "f: n must be a finite number, got -Infinity"],
    [() => check.checkOneOf("f", "n", 3 as never, ["a", "b"]), RangeError, "f: n must be one of a, b, got 3"],
    [() => check.checkOneOf("f", "n", null as never, ["a"]), RangeError, "f: n must be one of a, got null"],
    [
      () => check.checkKind(false, "f", "n", "a thing", check.checkKind),
      TypeError,
      "f: n must be a thing, got the function checkKind; call it: checkKind()",
    ],
    [
      () => check.checkKind(false, "f", "n", "a thing", Promise.resolve(1)),
      TypeError,
      "f: n must be a thing, got a promise; did you forget await?",
    ],
    [
      () => check.withFirst<{ n: number }>("f", "n", 1, null as never),
      TypeError,
      "f: options must be an object, got null",
    ],
  ]);

  test("withFirst: a value alone, or an object of options, and what comes behind it", () => {
    const first = (value: unknown, more = {}): unknown => check.withFirst<{ n: unknown }>("f", "n", value, more);
    expect(first(3)).toEqual({ n: 3 });
    expect(first(3, { a: 1 })).toEqual({ n: 3, a: 1 });
    expect(first({ n: 3 }, { a: 1 })).toEqual({ n: 3, a: 1 });
    expect(first([2, 3])).toEqual({ n: [2, 3] });
    expect(first(null)).toEqual({ n: null });
    expect(first(undefined)).toEqual({ n: undefined });
  });
});

describe("long texts are cut", () => {
  const long = "x".repeat(1e6);
  const cut = `"${"x".repeat(80)}..."`;
  refuses([
    [() => check.checkWhole("f", "n", long as never), TypeError, `f: n must be a whole number of 1 or more, got ${cut}`],
    [() => check.checkOneOf("f", "n", long, ["a"]), RangeError, `f: n must be one of a, got ${cut}`],
    [() => check.checkKind(false, "f", "n", "a thing", long), TypeError, `f: n must be a thing, got the string ${cut}`],
    [() => check.checkKeys("f", { [long]: 1 }, ["a"]), TypeError, `f: unknown option ${cut}. Known: a`],
  ]); // prettier-ignore
});
