// Pasted tables: what is guessed, what is refused with its line, and that nothing is left out unless the user says so.
import { describe, expect, test } from "vitest";
import {
  type Choice,
  csvOf,
  guessChoice,
  MOST_ROWS,
  numberOf,
  pointsOf,
  readTable,
  type TablePoints,
  unreadable,
} from "../../playground/src/play/csv.ts";
import { generator } from "../support/seeded.ts";

const IRIS = `sepal length,sepal width,petal length,petal width,species
5.1,3.5,1.4,0.2,setosa
4.9,3.0,1.4,0.2,setosa
7.0,3.2,4.7,1.4,versicolor
6.4,3.2,4.5,1.5,versicolor
6.3,3.3,6.0,2.5,virginica
5.8,2.7,5.1,1.9,virginica
`;

function read(text: string, patch: Partial<Choice> = {}) {
  const table = readTable(text);
  return { table, outcome: pointsOf(table, { ...guessChoice(table), ...patch }) };
}
function points(text: string, patch: Partial<Choice> = {}): TablePoints {
  const { outcome } = read(text, patch);
  if ("problem" in outcome) throw new Error(outcome.problem.en);
  return outcome.points;
}
function problem(text: string, patch: Partial<Choice> = {}) {
  const { outcome } = read(text, patch);
  if (!("problem" in outcome)) throw new Error("there is no problem");
  expect(outcome.problem.zh).toMatch(/[一-鿿]/);
  return outcome.problem.en;
}

describe("guesses", () => {
  test.each([
    ["comma", "a,b,c\n1.5,2,0\n3,4.5,1\n", ",", "."],
    ["tab", "a\tb\tc\n1,5\t2\t0\n3\t4,5\t1\n", "\t", ","],
    ["semicolon with decimal commas", "1,5;2,25;0\n3,5;4,5;1\n", ";", ","],
    ["semicolon with points", "1.5;2;0\n3;4.5;1\n", ";", "."],
    ["bars", "1|2|0\n3|4|1\n", "|", "."],
    ["columns set with spaces", "  1.5   2  0\n  3   4.25  1\n", " ", "."],
    ["words with spaces", "1,2,red apple\n3,4,green pear\n", ",", "."],
    ["one broken line among many", `${"1,2,0\n".repeat(20)}what is this; then\n`, ",", "."],
  ])("%s", (_, text, delimiter, decimal) => {
    expect(readTable(text)).toMatchObject({ delimiter, decimal });
  });

  test("a header is one, and a row of data isn't", () => {
    expect(readTable(IRIS).header).toBe(true);
    expect(readTable("1,2,a\n3,4,b\n").header).toBe(false);
    expect(readTable("1,2,a\n3,4,b\n", { header: true }).columns.map(({ name }) => name)).toEqual(["1", "2", "a"]);
  });

  test("columns of x are numbers, the label is what is named so, or words, or the last", () => {
    expect(guessChoice(readTable(IRIS))).toMatchObject({ x: [0, 1], label: 4, task: "classes", normalise: true });
    expect(guessChoice(readTable("class,u,v\n0,1,2\n1,3,4\n"))).toMatchObject({ x: [1, 2], label: 0 });
    expect(guessChoice(readTable("a,1,2\nb,3,4\n"))).toMatchObject({ x: [1, 2], label: 0 });
    const values = Array.from({ length: 30 }, (_, i) => `${i},${i * i},${i / 7}`).join("\n");
    expect(guessChoice(readTable(values))).toMatchObject({ x: [0, 1], label: 2, task: "values" });
  });

  test("numbers are written as people write them, and nothing else is one", () => {
    expect(["1", " 2.5 ", "-3e-2", "−4", "+.5", "5."].map((cell) => numberOf(cell))).toEqual([
      1, 2.5, -0.03, -4, 0.5, 5,
    ]);
    expect(["1,5", "-0,25", "3"].map((cell) => numberOf(cell, ","))).toEqual([1.5, -0.25, 3]);
    for (const cell of ["", " ", "tall", "0x10", "1 000", "1.2.3", "NaN", "Infinity", "1,5", "1e", "-"])
      expect(numberOf(cell), cell).toBeNaN();
  });
});

describe("points", () => {
  test("are the table's numbers, its words classes in the order of the alphabet", () => {
    const { x, y, names, said } = points("x1,x2,label\n1,2,no\n3,4,yes\n-1.5,0,no\n", { normalise: false });
    expect([...x]).toEqual([1, 2, 3, 4, -1.5, 0]);
    expect([...y]).toEqual([0, 1, 0]);
    expect(names).toEqual(["no", "yes"]);
    expect(said).toEqual([]);
  });

  test("are normalised by default, and it is said by what", () => {
    const { x, said } = points("a,b,c\n1,10,u\n3,10,v\n");
    expect([...x]).toEqual([-1, 0, 1, 0]);
    expect(said.map(({ en }) => en)).toEqual([
      "a: 2 (its mean) is subtracted, then divided by 1 (its standard deviation).",
      "b: every row has 10, so it is 0 here and tells nothing.",
    ]);
    expect(said[0]!.zh).toBe("a：减去均值 2，再除以标准差 1。");
  });

  test("of values lie between -1 and 1", () => {
    const { y, names, said } = points("0,0,10\n1,0,20\n0,1,40\n", { task: "values" });
    expect(y).toEqual(Float32Array.of(-1, -1 / 3, 1));
    expect(names).toEqual([]);
    expect(said.at(-1)!.en).toBe("3: 10 to 40 are shown as −1 to 1.");
  });

  test("of more than two columns are the first two principal components", () => {
    // a plane within four columns: u and v, of variances 8 and 2
    const random = generator(5);
    const uv = Array.from({ length: 200 }, () => [random() - 0.5, (random() - 0.5) / 2] as const);
    const text = uv.map(([u, v], i) => `${u + v},${u - v},${0.5 * u},${2 * v},${i % 2 ? "a" : "b"}`).join("\n");
    const { x, said } = points(text, { x: [0, 1, 2, 3], label: 4, normalise: false });
    expect(said.at(-1)!.en).toBe(
      "x1 and x2 are the first two principal components of 4 columns: they keep 100 % of the variance.",
    );
    // distances stay what they are
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Math.sqrt(Array.from(a).reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0));
    const row = (i: number): number[] => [uv[i]![0] + uv[i]![1], uv[i]![0] - uv[i]![1], uv[i]![0] / 2, 2 * uv[i]![1]];
    for (let i = 1; i < 200; i++)
      expect(distance(x.subarray(2 * i, 2 * i + 2), x.subarray(0, 2))).toBeCloseTo(distance(row(i), row(0)), 5);
    const variance = (k: number): number => uv.reduce((sum, _, i) => sum + x[2 * i + k]! ** 2, 0);
    expect(variance(0)).toBeGreaterThanOrEqual(variance(1));
  });

  test("come out as CSV that is read as the same points", () => {
    const { x, y, names } = points(IRIS);
    const again = points(csvOf(x, y, names), { normalise: false });
    expect(again).toMatchObject({ x, y, names });
    expect(csvOf([1, 2], [0], ['say "a, b"'])).toBe('x1,x2,label\n1,2,"say ""a, b"""\n');
  });
});

describe("what can't be used", () => {
  const HOLES = 'height,width,kind\n1,2,a\ntall,3,b\n,4,a\n5,1e99,b\n6,"7\n",a\n7,8,\n9,9,b\n';

  test("is listed with its line, and its rows are left out only when the user says so", () => {
    const { outcome } = read(HOLES);
    expect(outcome.bad.map(({ line, column, cell, why }) => `${line} ${column} ${cell} ${why.en}`)).toEqual([
      "3 height tall is no number",
      "4 height  is missing",
      "5 width 1e99 is not finite as a 32-bit number",
      "8 kind  is missing",
    ]);
    expect(problem(HOLES)).toBe(
      "4 of 7 rows have cells that can't be used. Mend them in the text, or leave these rows out.",
    );
    expect(points(HOLES, { leaveOut: true, normalise: false }).x).toEqual(Float32Array.of(1, 2, 6, 7, 9, 9));
  });

  test.each([
    ["a header alone", "a,b,c\n", {}, "There is a header, but no row below it. Paste at least two rows."],
    ["one row", "1,2,3\n", {}, "Only one row can be used, and at least two are needed: a net learns from differences."],
    [
      "one class",
      "1,2,a\n3,4,a\n",
      {},
      'All rows are of one class, "a": there is nothing to tell apart. Choose another column as the label, or add rows of another class.',
    ],
    [
      "eleven classes",
      Array.from({ length: 11 }, (_, i) => `${i},${i},k${i}`).join("\n"),
      { x: [0, 1], label: 2, task: "classes" as const },
      'Column "3" has 11 different labels; up to 10 classes can be told apart on the screen. Choose another column, or take its numbers as values.',
    ],
    [
      "words alone",
      "hello world\nthis is text\n",
      {},
      "Two columns of numbers (x1, x2) and one of labels are needed. Choose them, or another separator above.",
    ],
    [
      "the label among x",
      "1,2,3\n4,5,6\n",
      { x: [0, 2], label: 2 },
      'Column "3" is chosen as x and as the label: the answer would be among the questions. Choose another.',
    ],
  ])("%s", (_, text, patch, message) => {
    expect(problem(text, patch)).toBe(message);
  });

  test("nothing, and bytes that are no text, are said before anything is read", () => {
    expect(unreadable("  \n\n")!.en).toBe(
      "There is nothing to read yet. Paste rows of numbers, one point a line: x1, x2, label.",
    );
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452000001f4", "hex").toString("utf8");
    expect(unreadable(png)!.en).toContain("This is not a text file");
    expect(unreadable(png)!.zh).toContain("这不是文本文件");
    expect(unreadable(IRIS)).toBeUndefined();
  });

  test("100,000 rows: every 20th is used, over the whole table", () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `${i % 97},${i % 89},${i < 50_000 ? "a" : "b"}`).join("\n");
    const { y, said } = points(text);
    expect(y.length).toBe(MOST_ROWS);
    expect(y.reduce((sum, v) => sum + v, 0)).toBe(MOST_ROWS / 2);
    expect(said[0]!.en).toBe("100000 rows are more than this page draws: every 20th is used, 5000 in all.");
  });

  test("Windows' and old Macs' line ends, a byte order mark, and empty lines count as lines", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const { outcome } = read(["\uFEFFa,b,c", "1,2,u", "", "x,4,v", "5,6,u", ""].join(end));
      expect(outcome.bad).toMatchObject([{ line: 4, column: "a", cell: "x" }]);
    }
  });
});
