// Labels that are words.
import { describe, expect, test } from "vitest";
import { labelEncoder } from "../../src/datasets.ts";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

test("the names are sorted by code units, whatever the order and language", () => {
  const names = ["Zebra", "ant", "cat", "Äffchen", "ant"];
  const encoder = labelEncoder(names);
  expect(encoder.names).toEqual(["Zebra", "ant", "cat", "Äffchen"]);
  expect(labelEncoder(names.toReversed()).names).toEqual(encoder.names);
  expect(labelEncoder(encoder.names).names).toEqual(encoder.names); // kept as JSON
  expect(encoder.encode(names)).toEqual(Int32Array.of(0, 1, 2, 3, 1));
  expect(encoder.decode([3, 0])).toEqual(["Äffchen", "Zebra"]);
  expect(encoder.decode(encoder.encode(names))).toEqual(names);
  expect(Object.isFrozen(encoder) && Object.isFrozen(encoder.names)).toBe(true);
});

test("labels of words train a model that answers in words", async () => {
  const y = ["no", "yes", "yes", "no"];
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore
  const answers = labelEncoder(y);
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(8), w.tanh(), w.dense(2));
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.1 }) });
  await trainer.fit({ x, y: answers.encode(y) }, { epochs: 200, batchSize: 4 });
  expect(answers.decode(model.classify(x))).toEqual(y);
  const hint = 'y[0] must be a number, got the string "no"; labelEncoder of wasmgrad/datasets makes labels of strings';
  await expectRefusal(() => trainer.fit({ x, y: y as never }), TypeError, `fit: ${hint}`);
  await expectRefusal(() => trainer.evaluate({ x, y: y as never }), TypeError, `evaluate: ${hint}`);
  await expectRefusal(
    () => trainer.fit({ x, y: y.map((name) => [name]) as never }),
    TypeError,
    `fit: ${hint.replace("[0]", "[0][0]")}`,
  );
});

describe("what is refused", () => {
  const { encode, decode } = labelEncoder(["dog", "cat"]);
  for (const [call, kind, message] of [
    [
      () => labelEncoder("cat" as never),
      TypeError,
      'labelEncoder: the labels must be an array of strings, got the string "cat"',
    ],
    [() => labelEncoder([]), RangeError, "labelEncoder: the list of labels is empty; at least one is needed"],
    [
      () => labelEncoder(new Int32Array(3) as never),
      TypeError,
      "labelEncoder: the labels must be an array of strings, got a Int32Array of 3; labels that are integers from 0 need no encoder",
    ],
    [
      () => labelEncoder(["a", 3] as never),
      TypeError,
      "labelEncoder: label 1 must be a string, got number 3; numbers from 0 need no encoder, of others make strings: String(3)",
    ],
    [() => labelEncoder(Array(2)), TypeError, "labelEncoder: label 0 must be a string, got undefined"],
    [
      () => encode(["cat", "dogs"]),
      RangeError,
      'encode: unknown label at 1: "dogs"; did you mean "dog"? Known: cat, dog',
    ],
    [() => encode(["cat "]), RangeError, 'encode: unknown label at 0: "cat "; did you mean "cat"? Known: cat, dog'],
    [() => encode([null] as never), TypeError, "encode: label 0 must be a string, got null"],
    [() => decode([2]), RangeError, "decode: label 0 must be a whole number of at most 1, got 2"],
    [() => decode([0.5]), RangeError, "decode: label 0 must be a whole number of 0 or more, got 0.5"],
    [() => decode(["cat"] as never), TypeError, 'decode: label 0 must be a whole number of 0 or more, got "cat"'],
    [() => decode(1 as never), TypeError, "decode: the labels must be an array of integers, got number 1"],
  ] as const) {
    test(message, () => expectRefusal(call, kind, message));
  }

  test("of many names a message lists the first", async () => {
    const many = labelEncoder(Array.from({ length: 5000 }, (_, i) => `class ${i}`));
    await expectRefusal(
      () => many.encode(["class 4999x"]),
      RangeError,
      /^encode: unknown label at 0: "class 4999x"; did you mean "class 4999"\? Known: class 0, .{800,2000} and 4900 more$/,
    );
  });
});
