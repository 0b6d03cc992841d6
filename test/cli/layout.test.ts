// Text that fits the terminal.
import { afterEach, describe, expect, test, vi } from "vitest";
import { columns, fitLine, prose, table, width, wrap } from "../../cli/layout.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("columns", () => {
  test.each([
    [{ columns: 60 }, undefined, 60],
    [{ columns: 60 }, "100", 60],
    [{ columns: 0 }, undefined, 80],
    [{ columns: 0 }, "0", 80],
    [{ columns: 0 }, "72", 72],
    [{}, undefined, 80],
    [{}, "50", 50],
    [{}, "wide", 80],
    [{}, "", 80],
  ])("of %j with COLUMNS=%s are %d", (stream, variable, expected) => {
    vi.stubEnv("COLUMNS", variable);
    expect(columns(stream)).toBe(expected);
  });
});

describe("wrap", () => {
  test("ends lines at words", () => {
    expect(wrap("one two three four", 9)).toBe("one two\nthree\nfour");
    expect(wrap("one two three four", 9, "  ")).toBe("one two\n  three\n  four");
  });

  test("keeps a = 1, 90 % and ln 2 (0.69) together, unless they have no room at all", () => {
    expect(wrap("so that a = 1 holds", 11)).toBe("so that\na = 1 holds");
    expect(wrap("it is 90 % now", 8)).toBe("it is\n90 % now");
    expect(wrap("it is ln\u00a02 (0.69) now", 14)).toBe("it is\nln 2 (0.69)\nnow");
    expect(wrap("alpha = beta", 8)).toBe("alpha =\nbeta");
  });

  test("between Chinese characters, but not before their punctuation or after their brackets", () => {
    expect(wrap("一个神经元，学会（真的）了。", 10)).toBe("一个神经\n元，学会\n（真的）\n了。");
    expect(wrap("学习率 0.5 从大到小", 10)).toBe("学习率 0.5\n从大到小");
  });

  test("colours take no columns", () => {
    expect(width("\x1b[1mbold\x1b[22m 字")).toBe(7);
    expect(wrap("\x1b[1mone two\x1b[22m three", 7)).toBe("\x1b[1mone two\x1b[22m\nthree");
  });

  test("loses nothing: at every width the same words", () => {
    const text =
      "From update 40,012 on the weights repeat, to the last bit: w = 0, b = 0 (0.6931472), 99.5 % 每八次更新，重复一遍。";
    const letters = text.replaceAll(" ", "");
    for (let most = 1; most < 130; most++) {
      const lines = wrap(text, most);
      expect(lines.replaceAll(/\s/g, "")).toBe(letters);
      if (most >= 12) expect(Math.max(...lines.split("\n").map(width))).toBeLessThanOrEqual(most);
    }
  });
});

test("a formula's remark goes below it where there is no room beside it", () => {
  const line = "  K(x, c) = e^(-g |x - c|^2)        1 at c";
  expect(fitLine(line, 42)).toBe(line);
  expect(fitLine(line, 40)).toBe("  K(x, c) = e^(-g |x - c|^2)\n      1 at c");
});

test("prose: the source's lines are joined, formulas and empty lines stay", () => {
  expect(prose("one\ntwo\n\n  y = x\n  z = y\nthree", 80)).toBe("one two\n\n  y = x\n  z = y\nthree");
  expect(prose("神经\n元", 80)).toBe("神经元");
});

describe("table", () => {
  const plain = (text: string): string => text;
  const draw = (most: number): string =>
    table(["step", "gradient descent", "loss"], [["0", "0.693", "1"], ["10", "0.460", "2"]], plain, most); // prettier-ignore

  test("narrower gaps, then heads in lines, then parts", () => {
    expect(draw(32)).toBe(
      "  step   gradient descent   loss\n  ──────────────────────────────\n  0                 0.693      1\n  10                0.460      2",
    );
    expect(draw(28)).toBe(
      "  step gradient descent loss\n  ──────────────────────────\n  0               0.693    1\n  10              0.460    2",
    );
    expect(draw(24)).toBe(
      "         gradient\n  step    descent   loss\n  ──────────────────────\n  0         0.693      1\n  10        0.460      2",
    );
    expect(draw(18)).toBe(
      "        gradient\n  step   descent\n  ──────────────\n  0        0.693\n  10       0.460\n\n  step  loss\n  ──────────\n  0        1\n  10       2",
    );
  });
});
