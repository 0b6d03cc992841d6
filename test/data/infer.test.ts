// What the columns of a table are taken for, and why.
import { describe, expect, test } from "vitest";
import type { Column } from "../../src/data/tableTypes.ts";
import type { InferOptions } from "../../src/data/infer.ts";
import { table } from "../../src/data/table.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";

const column = (cells: readonly unknown[], options: InferOptions = {}, name = "x"): Column =>
  table({ [name]: cells })
    .infer(options)
    .column(name);
const make = (count: number, cell: (i: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, i) => cell(i));
const typeAndReason = (...given: Parameters<typeof column>): [string, string] => {
  const { type, reason } = column(...given);
  return [type, reason];
};

describe("types and reasons", () => {
  const code = "digits that are codes, with zeros before them or more than 15";
  const cases: readonly [cells: readonly unknown[], type: string, reason: string, options?: InferOptions, name?: string][] = [
    [make(4454, (i) => (i < 20 ? "" : i % 98)), "number", "20 of 4,454 cells are empty; all others are numbers from 0 to 97"],
    [["1", "2.5", "-3e2"], "number", "all 3 cells are numbers from -300 to 2.5"],
    [make(6, (i) => i % 2), "number", "all 6 cells are numbers from 0 to 1"],
    [make(200, (i) => (i === 17 ? "many" : i * 3)), "number", '1 cell with words is taken as missing: "many" in row 17; all but these are numbers from 0 to 597'],
    [make(1000, (i) => (i % 150 === 17 ? `w${i}` : i * 3)), "number",
      '7 cells with words are taken as missing: "w17" in row 17, "w167" in row 167, "w317" in row 317 and so on; all but these are numbers from 0 to 2997'],
    [make(100, (i) => (i === 17 ? "many" : i * 3)), "text",
      'all 100 cells are different texts; 99 are numbers, but 1 is a word, 1 % or more ("many" in row 17); types: { x: "number" } takes the words as missing'],
    [["1", "NA", "?", "3", "-", "NaN", "null", "N/A"], "number",
      '6 of 8 cells are missing (1 "NA", 1 "?", 1 "-", 1 "NaN", 1 "null", 1 "N/A"); all others are numbers from 1 to 3'],
    [["1", "", "none", "3"], "number", '2 of 4 cells are missing (1 empty, 1 "none"); all others are numbers from 1 to 3', { missing: ["none"] }],
    [["1,5", "2", "3,25"], "number", "all 3 cells are numbers from 1.5 to 3.25, written with a decimal comma"],
    [["1.234,5", "2.000", "3"], "number", "all 3 cells are numbers from 3 to 2000, written with a decimal comma and separators of thousands"],
    [["1,234.5", "2,000", "3"], "number", "all 3 cells are numbers from 3 to 2000, written with separators of thousands"],
    [["1 234", "2 000 000", "3"], "number", "all 3 cells are numbers from 3 to 2000000, written with separators of thousands"],
    [["1,234", "2,500"], "text", 'commas may be decimals or thousands ("1,234" in row 0), so it isn\'t guessed; say which: decimal: "." or decimal: ","'],
    [["1,234", "2,500"], "number", "all 2 cells are numbers from 1.234 to 2.5, written with a decimal comma", { decimal: "," }],
    [["1,234", "2,500"], "number", "all 2 cells are numbers from 1234 to 2500, written with separators of thousands", { decimal: "." }],
    [["5 %", "12%"], "number", "all 2 cells are numbers from 0.05 to 0.12, percent, read as hundredths: 12 % is 0.12"],
    [["$5", "-$12.50", ""], "number", "1 of 3 cells is empty; all others are numbers from -12.5 to 5, with a $ before them"],
    [["1,234.50 €", "12 €"], "number", "all 2 cells are numbers from 12 to 1234.5, written with separators of thousands, with a € after them"],
    [["CHF 1'250", "20 CHF"], "number", "all 2 cells are numbers from 20 to 1250, written with separators of thousands, with CHF before or after them"],
    [make(200, (i) => (i === 17 ? "free" : `$${i}`)), "number", '1 cell with words is taken as missing: "free" in row 17; all but these are numbers from 0 to 199, with a $ before them'],
    [["1,234 €", "2,500 €"], "text", 'numbers with signs of currency whose commas may be decimals or thousands ("1,234 €" in row 0), so it isn\'t guessed; say which: decimal: "." or decimal: ","'],
    [["1,234 €", "2,500 €"], "number", "all 2 cells are numbers from 1.234 to 2.5, written with a decimal comma, with a € after them", { decimal: "," }],
    [["1.234 €", "250 €"], "text", 'numbers with signs of currency whose points may be decimals or thousands ("1.234 €" in row 0), so it isn\'t guessed; say which: decimal: "." or decimal: ","'],
    [["1.234 €", "250 €"], "number", "all 2 cells are numbers from 250 to 1234, written with separators of thousands, with a € after them", { decimal: "," }],
    [["$5", "12.50 €"], "text", 'numbers with different signs, such as $ and € ("$5" in row 0, "12.50 €" in row 1); types: { x: "number" } leaves the signs away'],
    [["$5", 12], "text", 'numbers with and without signs of currency ("$5" in row 0); types: { x: "number" } leaves the signs away'],
    [["LHX 5", "LHX 12"], "text", 'numbers with signs of currency ("LHX 5" in row 0); types: { x: "number" } leaves the signs away'],
    [["1.234,50 €", "$12"], "number", "as options say; all 2 cells are numbers from 12 to 1234.5, written with a decimal comma and separators of thousands", { types: { x: "number" } }],
    [["5 %", "12%"], "number", "as options say; all 2 cells are numbers from 0.05 to 0.12", { types: { x: "number" } }],
    [["$5", "12.50 €"], "number", "as options say; all 2 cells are numbers from 5 to 12.5", { types: { x: "number" } }],
    [["007", "123", "123"], "category", `all 3 cells are one of 2 words; ${code} ("007" in row 0); types: { x: "number" } reads them as numbers`],
    [["007", "123"], "number", "as options say; all 2 cells are numbers from 7 to 123", { types: { x: "number" } }],
    [["yes", "No", "YES"], "boolean", "all 3 cells are yes or no"],
    [[true, false, null], "boolean", "1 of 3 cells is empty; all others are true or false"],
    [["ja", "nein"], "boolean", "all 2 cells are ja or nein"],
    [["是", "否"], "boolean", "all 2 cells are 是 or 否"],
    [[0, 1, 1], "boolean", "as options say; all 3 cells are 1 or 0", { types: { x: "boolean" } }],
    [["2024-02-29", "2024-03-01T12:30:00Z"], "date", "all 2 cells are dates (yyyy-mm-dd), 2024-02-29 to 2024-03-01 12:30"],
    [["2024/02/29", "2024/03/01"], "date", "all 2 cells are dates (yyyy/mm/dd), 2024-02-29 to 2024-03-01"],
    [["1.2.2024", "29.02.2024 08:15"], "date", "all 2 cells are dates (dd.mm.yyyy), 2024-02-01 to 2024-02-29 08:15"],
    [["01/02/2024", "12/31/2024"], "date", "all 2 cells are dates (mm/dd/yyyy), 2024-01-02 to 2024-12-31"],
    [["01/02/2024", "31/12/2024"], "date", "all 2 cells are dates (dd/mm/yyyy), 2024-02-01 to 2024-12-31"],
    [["01/02/2024", "03/04/2024"], "text",
      'all 2 cells are dates as mm/dd/yyyy and as dd/mm/yyyy, too, so it isn\'t guessed; say which: types: { x: { type: "date", format: "dd/mm/yyyy" } }'],
    [["01/02/2024", "03/04/2024"], "date", "as options say; all 2 cells are dates (dd/mm/yyyy), 2024-02-01 to 2024-04-03", { types: { x: { type: "date", format: "dd/mm/yyyy" } } }],
    [["2024-01-02", "2024-01-03", "02.01.2024"], "text",
      'dates in two formats: 2 yyyy-mm-dd ("2024-01-02" in row 0) and 1 dd.mm.yyyy ("02.01.2024" in row 2); write all in one, or say which comes first: types: { x: { type: "date", format: ["yyyy-mm-dd", "dd.mm.yyyy"] } }'],
    [["2024-01-02", "02.01.2024"], "date", "as options say; all 2 cells are dates (yyyy-mm-dd, dd.mm.yyyy), 2024-01-02", { types: { x: { type: "date", format: ["yyyy-mm-dd", "dd.mm.yyyy"] } } }],
    [["2024-02-30", "2024-02-28"], "category", "all 2 cells are one of 2 words"],
    [make(500, (i) => (i === 3 ? "soon" : `2024-01-${10 + (i % 20)}`)), "date", '1 cell with something else is taken as missing: "soon" in row 3; all but these are dates (yyyy-mm-dd), 2024-01-10 to 2024-01-29'],
    [["Jun 12 1998", "June 13, 1998", "SEPT. 1 1998"], "date", "all 3 cells are dates (mmm dd yyyy), 1998-06-12 to 1998-09-01"],
    [["12 Jun 1998", "19 September 2003 08:15"], "date", "all 2 cells are dates (dd mmm yyyy), 1998-06-12 to 2003-09-19 08:15"],
    [["19-Sep-03", "1-jan-69"], "date", "all 2 cells are dates (dd-mmm-yy), 1969-01-01 to 2003-09-19; years of two digits: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999"],
    [["19-Sep-2003", "1-Jan-1969"], "date", "all 2 cells are dates (dd-mmm-yyyy), 1969-01-01 to 2003-09-19"],
    [["1949-01", "1949-12"], "date", "all 2 cells are dates (yyyy-mm), 1949-01-01 to 1949-12-01"],
    [["1998-99", "1999-00"], "category", "all 2 cells are one of 2 words"],
    [["19-Sop-03", "1-Jan-69"], "category", "all 2 cells are one of 2 words"],
    [[20240105, "20241231"], "number", "all 2 cells are numbers from 20240100 to 20241200"],
    [[20240105, "20241231"], "date", "as options say; all 2 cells are dates (yyyymmdd), 2024-01-05 to 2024-12-31", { types: { x: { type: "date", format: "yyyymmdd" } } }],
    [make(200, (i) => (i === 3 ? 20241399 : 20240101 + (i % 30))), "date", "as options say; 1 cell with something else is taken as missing; all but these are dates (yyyymmdd), 2024-01-01 to 2024-01-30", { types: { x: { type: "date", format: "yyyymmdd" } } }],
    [["a", "a", "a"], "constant", 'all 3 cells are "a"'],
    [[7, 7], "constant", "all 2 cells are 7"],
    [["", null], "constant", "all cells are empty"],
    [[4, 9, 2], "identifier", 'all 3 cells are numbers from 2 to 9, all different, and its name is one of identifiers; to learn from it, types: { customer_id: "number" }', {}, "customer_id"],
    [make(30, (i) => i + 1), "identifier", 'all 30 cells are numbers from 1 to 30, each 1 more than the one before: they count the rows; to learn from it, types: { row: "number" }', {}, "row"],
    [make(30, (i) => 1990 + i), "number", "all 30 cells are numbers from 1990 to 2019", {}, "year"],
    [[4, 9, 2], "number", "as options say; all 3 cells are numbers from 2 to 9", { types: { id: "number" } }, "id"],
    [make(30, (i) => `k${i}`), "identifier", "all 30 cells are different, and none has a space"],
    [make(30, (i) => `Ms. No. ${i}`), "text", "all 30 cells are different texts"],
    [make(400, (i) => `w${i % 25}`), "text", "25 different words in 400 cells: too many for a category (at most 20)"],
    [make(900, (i) => `w${i % 30}`), "category", "all 900 cells are one of 30 words"],
    [make(2000, (i) => `w${i % 100}`), "category", "all 2,000 cells are one of 100 words"],
    [make(200_000, (i) => `w${i % 100_000}`), "text", "100,000 different words in 200,000 cells: too many for a category (at most 1,000)"],
    [["1"], "number", "the only cell is the number 1"],
    [["", "4"], "number", "1 of 2 cells is empty; the only other is the number 4"],
    [[], "constant", "there are no rows"],
    [["", ""], "boolean", "as options say; all cells are empty", { types: { x: "boolean" } }],
    [[], "date", "as options say; there are no rows", { types: { x: "date" } }],
    [make(6, (i) => i % 3), "category", "as options say; 3 different words", { types: { x: "category" } }],
  ]; // prettier-ignore
  test.each(cases.map((each, i) => [`${i}: ${each[1]}, ${each[2].slice(0, 60)}`, each] as const))("%s", (_, each) => {
    const [cells, type, reason, options, name] = each;
    expect(typeAndReason(cells, options, name)).toEqual([type, reason]);
  });
});

test("values, codes and words", () => {
  expect(column(["1.234,5", "", "2.000", "-3"]).values).toEqual(Float64Array.of(1234.5, NaN, 2000, -3));
  expect(column(["b", "", "a", "b"])).toMatchObject({
    codes: Int32Array.of(1, -1, 0, 1),
    words: ["a", "b"],
    missing: 1,
  });
  expect(column([10, "9", "a", 10]).words).toEqual(["9", "10", "a"]);
  expect(column(["yes", "No", "", "YES"])).toMatchObject({ codes: Int32Array.of(1, 0, -1, 1), words: ["no", "yes"] });
  const when = column(["2024-03-01T12:30:00+02:00", "2024-03-01 12:30", "2024-03-01T12:30:05.25Z", "2024-03-01", ""]);
  expect(when.values).toEqual(Float64Array.of(...["T10:30Z", "T12:30Z", "T12:30:05.250Z", "T00:00Z"].map((time) => Date.parse(`2024-03-01${time}`)), NaN)); // prettier-ignore
  expect(when.at(0)).toEqual(new Date("2024-03-01T10:30:00Z"));
  expect([column([0, 1, "NA"], { types: { x: "boolean" } }).at(1), column(["a", ""]).at(1)]).toEqual([true, null]);
});

test("a raw table can be asked again, with other options", () => {
  const raw = table({ x: ["1", "2", "9"] });
  expect(raw.infer().column("x").values).toEqual(Float64Array.of(1, 2, 9));
  expect(raw.infer({ types: { x: "category" } }).column("x").words).toEqual(["1", "2", "9"]);
  expect(raw.infer({ missing: ["9"] }).column("x").type).toBe("number");
  expect(raw.infer().column("x").values).toEqual(Float64Array.of(1, 2, 9));
});

describe("what is refused", () => {
  const raw = table({ age: [1, 2], when: ["01/02/2024", "03/04/2024"], word: ["a", "b"] });
  refuses([
    [() => raw.infer({ types: { wen: "date" } }), RangeError, 'infer: types: unknown column "wen"; did you mean "when"? Known: age, when, word'],
    [() => raw.infer({ types: { age: "float" as never } }), RangeError, 'infer: types.age must be one of number, category, boolean, date, text, identifier, constant, got "float"'],
    [() => raw.infer({ types: { when: { type: "date", format: "d/m/y" } } }), RangeError,
      'infer: types.when.format must be "iso", or yyyy, mm and dd with signs between them, such as "dd/mm/yyyy", got "d/m/y"'],
    [() => raw.infer({ types: { when: "date" } }), RangeError,
      'infer: types.when is "date", but the cells are dates as mm/dd/yyyy and as dd/mm/yyyy; say which: types: { when: { type: "date", format: "dd/mm/yyyy" } }'],
    [() => raw.infer({ types: { word: "date" } }), RangeError, 'infer: types.word is a date (yyyy-mm-dd), but 2 of 2 cells aren\'t: "a" in row 0, "b" in row 1'],
    [() => raw.infer({ types: { age: "date" } }), RangeError, "infer: types.age is a date (yyyy-mm-dd), but 2 of 2 cells aren't: numbers such as 1"],
    [() => raw.infer({ types: { word: "number" } }), RangeError, 'infer: types.word is "number", but no cell is one: "a" in row 0, "b" in row 1'],
    [() => raw.infer({ types: { word: "boolean" } }), RangeError,
      'infer: types.word is "boolean", which is one of true/false, yes/no, ja/nein, 是/否, 1/0, but the column has "a", "b"; of other words "category" does'],
    [() => raw.infer({ decimal: ";" as never }), RangeError, 'infer: decimal must be one of ., ,, got ";"'],
    [() => raw.infer({ missing: "NA" as never }), TypeError, 'infer: missing must be an array of words such as ["NA", "-"], got the string "NA"'],
    [() => raw.infer({ dtypes: {} } as never), TypeError, 'infer: unknown option "dtypes"; did you mean "types"? Known: types, missing, decimal'],
    [() => column([1, 2, Infinity]), RangeError,
      'infer: column "x" has numbers that are infinite or beyond float32 (3.4028235e38): "Infinity" in row 2; mend them, or take them as missing: missing: ["Infinity"]'],
    [() => column(["1", "1e39", "-inf", "4"]), RangeError,
      'infer: column "x" has numbers that are infinite or beyond float32 (3.4028235e38): "1e39" in row 1, "-inf" in row 2; mend them, or take them as missing: missing: ["1e39", "-inf"]'],
  ]); // prettier-ignore

  test("what the advice says works", async () => {
    expect(column(["1", "1e39", "4"], { missing: ["1e39"] }).values).toEqual(Float64Array.of(1, NaN, 4));
    expect(column(["5 %", "12%"], { types: { x: "number" } }).values).toEqual(Float64Array.of(0.05, 0.12));
    await expectRefusal(() => column(["1,234", "2,500"], { types: { x: "number" } }), RangeError,
      'infer: types.x is "number", but commas may be decimals or thousands ("1,234" in row 0), so it isn\'t guessed; say which: decimal: "." or decimal: ","'); // prettier-ignore
  });
});

test("counts and ranges are those of slow, obvious code", () => {
  let seed = 7;
  const next = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let round = 0; round < 30; round++) {
    const rows = 20 + Math.floor(next() * 40_000);
    const cells = make(rows, () =>
      next() < 0.1 ? ["", "NA", "?"][Math.floor(next() * 3)] : (next() * 2000 - 1000).toFixed(round % 5),
    );
    const found = column(cells as string[]);
    const numbers = (cells as string[]).map((cell) => (/\d/.test(cell) ? Number(cell) : NaN));
    expect(found.type).toBe("number");
    expect(found.values).toEqual(Float64Array.from(numbers));
    expect(found.missing).toBe(numbers.filter((value) => Number.isNaN(value)).length);
    const real = numbers.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
    const text = (value: number | undefined): string => String(Number(value!.toPrecision(6)));
    expect(found.reason).toContain(`all others are numbers from ${text(real[0])} to ${text(real.at(-1))}`);
  }
});

test("numbers with signs, and dates with names of months, are read again from raw rows", () => {
  const columns = [
    ["$3.83", "-$12", "$1,250.50"],
    ["1.234,50 €", "2.000 €", "3 €"],
    ["1 250 €", "12 €", "3,5 €"],
    ["12 %", "3.5%", "-1 %"],
    ["12,5 %", "3%", "1 %"],
    ["₹ 100", "₹ 1,00,000", "₹ 5"],
    ["Jun 12 1998", "June 13, 1998", "Sept 1 1998"],
    ["19-Sep-03", "1-JAN-69", "31-dec-99"],
    ["2024-01", "2024-02", "2025-01"],
  ];
  const expected = [
    [3.83, -12, 1250.5],
    [1234.5, 2000, 3],
    [1250, 12, 3.5],
    [0.12, 0.035, -0.01],
    [0.125, 0.03, 0.01],
    undefined, // groups of two digits aren't read
    [Date.UTC(1998, 5, 12), Date.UTC(1998, 5, 13), Date.UTC(1998, 8, 1)],
    [Date.UTC(2003, 8, 19), Date.UTC(1969, 0, 1), Date.UTC(1999, 11, 31)],
    [Date.UTC(2024, 0), Date.UTC(2024, 1), Date.UTC(2025, 0)],
  ];
  columns.forEach((cells, i) => {
    const typed = table({ x: cells, y: [1, 2, 4] }).infer();
    expect(typed.column("x").values && [...typed.column("x").values!], cells[0]).toEqual(expected[i]);
    if (!expected[i]) return;
    const pipeline = typed.fit({ target: "y", task: "regression" });
    const raw = pipeline.transform(cells.map((x) => ({ x })));
    expect(raw.x).toEqual(pipeline.transform(typed).x);
    expect(pipeline.features.length).toBeGreaterThan(0);
  });
});
