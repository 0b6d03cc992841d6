// Texts as integers.
import { describe, expect, test } from "vitest";
import { type KeptVocabulary, vocabulary } from "../../src/datasets.ts";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

describe("characters", () => {
  test("the most frequent first, equally frequent ones by code points, whatever the order of the texts", () => {
    const texts = ["banana", "cab", "\u{1f600}\ufb01"]; // as UTF-16, the emoji's first half comes before the ligature
    const letters = vocabulary(texts);
    expect(letters.tokens).toEqual(["", "\ufffd", "a", "b", "n", "c", "\ufb01", "\u{1f600}"]);
    expect(vocabulary(texts.toReversed(), { by: "character" }).tokens).toEqual(letters.tokens);
    expect(letters).toMatchObject({ by: "character", size: 8, padding: 0, unknown: 1, marks: [] });
    expect(letters.encode("bad\u{1f600}")).toEqual(Int32Array.of(3, 2, 1, 7));
    expect(letters.decode([3, 2, 1, 7, 0, 0])).toBe("ba\ufffd\u{1f600}");
    expect(letters.split("a\u{1f600}z")).toEqual(["a", "\u{1f600}", "z"]);
    expect([letters, letters.tokens, letters.marks].every(Object.isFrozen)).toBe(true);
  });

  test("beyond the basic plane, and halves of a pair that stand alone", () => {
    const rare = vocabulary(["\u{20bb7}野家\u{20bb7}", "\ud842"]);
    expect(rare.tokens.slice(2)).toEqual(["\u{20bb7}", "家", "野", "\ud842"]);
    expect(rare.encode("\u{20bb7}\ud842\udfb7")).toEqual(Int32Array.of(2, 2)); // the halves make the pair
    expect(rare.decode(rare.encode("野\u{20bb7}"))).toBe("野\u{20bb7}");
  });

  test("a size leaves out the rarest", () => {
    const letters = vocabulary(["aaabbc"], { size: 4 });
    expect(letters.tokens).toEqual(["", "\ufffd", "a", "b"]);
    expect(letters.encode("abc")).toEqual(Int32Array.of(2, 3, 1));
    expect(vocabulary(["aaabbc"], { size: 99 }).size).toBe(5);
  });

  test("the sign for what is unknown is unknown itself", () => {
    const letters = vocabulary(["a\ufffd\ufffd"]);
    expect(letters.tokens).toEqual(["", "\ufffd", "a"]);
    expect(letters.encode("\ufffda")).toEqual(Int32Array.of(1, 2));
    expect(letters.indexOf("\ufffd")).toBe(1);
  });
});

describe("words", () => {
  test("letters and digits, with apostrophes and hyphens inside; other signs by themselves", () => {
    const words = vocabulary(["Don't stop, well-known 007!", "naïve cafe\u0301 -- 'stop'"], { by: "word" });
    expect(words.split("Don't stop, well-known 007!")).toEqual(["Don't", "stop", ",", "well-known", "007", "!"]);
    expect(words.split("naïve cafe\u0301 -- 'stop'")).toEqual(["naïve", "cafe\u0301", "-", "-", "'", "stop", "'"]);
    expect(words.split(" \n")).toEqual([]);
    expect(words.tokens.slice(2, 5)).toEqual(["'", "-", "stop"]);
    expect(words.decode(words.encode("stop , 007"))).toBe("stop , 007");
    expect(words.decode(words.encode("stop it"))).toBe("stop \ufffd");
  });

  test("tokens of one's own, and marks", () => {
    const sounds = vocabulary([["HH", "AH0"], ["AH0", "<end>"]], { by: "word", marks: ["<begin>", "<end>"] }); // prettier-ignore
    expect(sounds.tokens).toEqual(["", "\ufffd", "<begin>", "<end>", "AH0", "HH"]);
    expect(sounds.indexOf("<end>")).toBe(3);
    expect(sounds.indexOf("K")).toBe(1);
    const row = sounds.encode(["<begin>", "HH", "AH0", "<end>"], { length: 6 });
    expect(row).toEqual(Int32Array.of(2, 5, 4, 3, 0, 0));
    expect(sounds.decode(row)).toBe("HH AH0");
  });

  test("marks that look like text aren't found in it", () => {
    const letters = vocabulary(["<end>"], { marks: ["<end>"] });
    expect(letters.decode(letters.encode("<end>"))).toBe("<end>");
    expect(letters.encode("<end>")).not.toContain(letters.indexOf("<end>"));
  });
});

test("padding and truncation, on either side", () => {
  const letters = vocabulary(["abc"]);
  const code = (text: string, options: Parameters<typeof letters.encode>[1]): number[] =>
    Array.from(letters.encode(text, options));
  expect(code("ab", { length: 4 })).toEqual([2, 3, 0, 0]);
  expect(code("ab", { length: 4, padding: "before" })).toEqual([0, 0, 2, 3]);
  expect(code("abc", { length: 2 })).toEqual([2, 3]);
  expect(code("abc", { length: 2, truncation: "before" })).toEqual([3, 4]);
  expect(code("abc", { length: 3, padding: "before", truncation: "before" })).toEqual([2, 3, 4]);
  expect(code("", { length: 2 })).toEqual([0, 0]);
  expect(code("", {})).toEqual([]);
});

test("kept as JSON, it is the same again", () => {
  for (const made of [
    vocabulary(["a\u{1f600}\ud842"], { marks: ["<end>"] }),
    vocabulary(["b c c"], { by: "word", size: 4 }),
  ]) {
    const text = JSON.stringify(made);
    const again = vocabulary(JSON.parse(text) as KeptVocabulary);
    expect(JSON.stringify(again)).toBe(text);
    expect(again.encode("a b c")).toEqual(made.encode("a b c"));
    expect(again).toMatchObject({ by: made.by, marks: made.marks, tokens: made.tokens, size: made.size });
  }
});

test("padding counts nothing where lengths, a mask and labels of -1 say so", async () => {
  const texts = ["to be", "or", "not to be"];
  const letters = vocabulary(texts);
  const predict = async (length: number): Promise<number[]> => {
    const given = w.inputs({ letters: length, lengths: 1, mask: length });
    const model = await w.sequential(
      { input: given, seed: 1 },
      w.embedding(letters.size, 4),
      w.selfAttention({ heads: 1, keyMask: "mask" }),
      w.gru(5, { lengths: "lengths" }),
      w.dense(2),
    );
    const rows = texts.map((text) => letters.encode(text, { length }));
    const mask = rows.map((row) => row.map((index) => (index === letters.padding ? 0 : 1)));
    return Array.from(model.predict(given.join({ letters: rows, lengths: texts.map((text) => text.length), mask })));
  };
  expect(await predict(20)).toEqual(await predict(9));
  const labels = letters.encode("or", { length: 4 }).map((index) => (index === letters.padding ? -1 : index));
  const model = await w.sequential({ input: 4, seed: 1 }, w.embedding(letters.size, 4), w.dense(letters.size));
  const trainer = new w.Trainer(model, { loss: w.sequenceCrossEntropy(), optimizer: w.sgd() });
  const short = await trainer.evaluate({ x: [letters.encode("ro", { length: 4 })], y: [labels] });
  const other = await trainer.evaluate({ x: [letters.encode("ronn")], y: [labels] });
  expect(short.loss).toBe(other.loss);
});

describe("what is refused", () => {
  const letters = vocabulary(["ab"], { marks: ["<end>"] });
  const { encode, decode, split, indexOf } = letters;
  const kept = letters.toJSON();
  for (const [call, kind, message] of [
    [
      () => vocabulary("ab" as never),
      TypeError,
      'vocabulary: texts must be an array of strings, got the string "ab"; of one text, give [text]',
    ],
    [
      () => vocabulary([3] as never),
      TypeError,
      "vocabulary: text 0 must be a string or an array of tokens, got number 3",
    ],
    [() => vocabulary([["a", 3]] as never), TypeError, "vocabulary: text 0, token 1, must be a string, got number 3"],
    [
      () => vocabulary([["a", ""]]),
      RangeError,
      'vocabulary: text 0, token 1, must not be empty: "" stands for padding; leave it out',
    ],
    [
      () => vocabulary([]),
      RangeError,
      "vocabulary: the texts have no tokens, of an array of 0; at least one character is needed",
    ],
    [
      () => vocabulary([" "], { by: "word" }),
      RangeError,
      "vocabulary: the texts have no tokens, of an array of 1; at least one word is needed",
    ],
    [
      () => vocabulary(["a"], { by: "letter" as never }),
      RangeError,
      'vocabulary: by must be one of character, word, got "letter"',
    ],
    [
      () => vocabulary(["a"], { size: 3, marks: ["<end>"] }),
      RangeError,
      "vocabulary: size must be a whole number of 4 or more, got 3",
    ],
    [
      () => vocabulary(["a"], { marks: ["<end>", "<end>"] }),
      RangeError,
      'vocabulary: marks must be different tokens, but marks[1], "<end>", is a second one',
    ],
    [
      () => vocabulary(["a"], { maxTokens: 3 } as never),
      TypeError,
      'vocabulary: unknown option "maxTokens"; did you mean "size"? Known: by, size, marks',
    ],
    [
      () => vocabulary(kept, { size: 3 }),
      RangeError,
      "vocabulary: a kept one takes no options, got size; it has those that it was made with",
    ],
    [
      () => vocabulary({ ...kept, tokens: ["a", "b"] }),
      RangeError,
      'vocabulary: tokens must begin with "", "\ufffd" and the marks, but tokens[0] is "a"; give what JSON.stringify made of a vocabulary',
    ],
    [
      () => vocabulary({ ...kept, tokens: [...kept.tokens, "a"] }),
      RangeError,
      'vocabulary: tokens must be different tokens, but tokens[5], "a", is a second one',
    ],
    [() => encode(3 as never), TypeError, "encode: the text must be a string or an array of tokens, got number 3"],
    [() => encode("a", 4 as never), TypeError, "encode: options must be an object, got number 4"],
    [() => encode("a", { length: 0 }), RangeError, "encode: length must be a whole number of 1 or more, got 0"],
    [
      () => encode("a", { length: 2, padding: "left" as never }),
      RangeError,
      'encode: padding must be one of after, before, got "left"',
    ],
    [
      () => encode("a", { maxLength: 2 } as never),
      TypeError,
      'encode: unknown option "maxLength"; did you mean "length"? Known: length, padding, truncation',
    ],
    [() => decode([5]), RangeError, "decode: index 0 must be a whole number of at most 4, got 5"],
    [() => decode([-1]), RangeError, "decode: index 0 must be a whole number of 0 or more, got -1"],
    [() => decode("a" as never), TypeError, 'decode: the indices must be an array of integers, got the string "a"'],
    [() => split(3 as never), TypeError, "split: the text must be a string, got number 3"],
    [() => indexOf(3 as never), TypeError, "indexOf: the token must be a string, got number 3"],
  ] as const) {
    test(message, () => expectRefusal(call, kind, message));
  }
});
