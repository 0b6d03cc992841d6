// Real tables as CSV files under build/realTables, made of two of Debian's packages, which are unpacked there and not installed: that needs
// apt-get and a mirror.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import { type RColumn, readRData } from "./rData.ts";
import { holidayNames } from "./usHolidays.ts";

/** Where the files are. */
export const tables = join(import.meta.dirname, "../../build/realTables");

const PACKAGES = ["r-cran-modeldata", "weka"];
const MODELDATA = "usr/lib/R/site-library/modeldata/data";
const RDATA = ["Rdata.rdx", "Rdata.rdb"].map((file) => `${MODELDATA}/${file}`);
const GERMAN = "usr/share/doc/weka/examples/credit-g.arff";
/** What is written last. */
const LAST = "german-5-test.csv";

/** The days and months that the series are tested on. */
export const TEST_DAYS = 365;
export const TEST_MONTHS = 60;
/** The seeds of the splits of borrowers. */
export const SPLITS = [1, 2, 3, 4, 5] as const;

/** Whether the files are there. */
export const hasTables = (): boolean => existsSync(join(tables, LAST));

/** Tests that need them are skipped where they aren't, but not where everything has to run. */
export const skipsTables = !hasTables() && !process.env["CI"];

/** For the names of such tests. */
export const needsTables = skipsTables ? " (skipped: needs Debian's apt-get and a mirror, once)" : "";

/** Makes what isn't there. Without apt-get or a mirror that is a failure in CI alone. */
export function makeTables(): void {
  if (hasTables()) return;
  try {
    const root = unpacked();
    const files = { ...chicago(root), ...alcohol(root), ...credit(root), ...german(root) };
    for (const [name, columns] of Object.entries(files)) writeFileSync(join(tables, name), csvText(columns));
  } catch (error) {
    if (process.env["CI"]) throw error;
    const why = (error as Error).message;
    console.warn(
      `The real tables could not be made of Debian's packages ${PACKAGES.join(" and ")} and are left out: ${why}`,
    );
  }
}

/** The folder with the files that are read of the packages. */
function unpacked(): string {
  const root = join(tables, "packages");
  if ([...RDATA, GERMAN].every((path) => existsSync(join(root, path)))) return root;
  mkdirSync(root, { recursive: true });
  const run = (program: string, ...options: readonly string[]) =>
    execFileSync(program, options, { cwd: root, stdio: "pipe" });
  try {
    run("apt-get", "download", "-q", ...PACKAGES);
  } catch {
    run("apt-get", "update", "-q");
    run("apt-get", "download", "-q", ...PACKAGES);
  }
  for (const file of readdirSync(root).filter((name) => name.endsWith(".deb"))) run("dpkg-deb", "-x", file, ".");
  return root;
}

/** Daily riders at Clark and Lake (thousands), with the counts of 20 stations 14 days before, the weather and the home games. */
function chicago(root: string): Record<string, RColumn[]> {
  const all = readRData(join(root, MODELDATA), "Chicago");
  const date = all.find(({ name }) => name === "date")!;
  const days = [date, ...all.filter((column) => column !== date)];
  const holidays = [...days, { name: "holiday", cells: holidayNames(date.cells) }];
  return {
    ...inTime("chicago", days, TEST_DAYS),
    ...inTime("chicago-holidays", holidays, TEST_DAYS),
  };
}

/** Monthly sales of alcoholic drinks in the United States (millions of dollars). */
function alcohol(root: string): Record<string, RColumn[]> {
  const [date, sales] = readRData(join(root, MODELDATA), "drinks");
  return inTime("alcohol", [date!, { name: "sales", cells: sales!.cells }], TEST_MONTHS);
}

/** Borrowers of a Spanish bank: Status is good or bad. */
function credit(root: string): Record<string, RColumn[]> {
  return inClasses("credit", readRData(join(root, MODELDATA), "credit_data"), "Status");
}

/** Borrowers in Germany: class is good or bad. */
function german(root: string): Record<string, RColumn[]> {
  return inClasses("german", arffColumns(readFileSync(join(root, GERMAN), "utf8")), "class");
}

function inTime(name: string, columns: readonly RColumn[], tested: number): Record<string, RColumn[]> {
  const part = (from: number, to?: number) =>
    columns.map((column) => ({ name: column.name, cells: column.cells.slice(from, to) }));
  return {
    [`${name}.csv`]: part(0),
    [`${name}-train.csv`]: part(0, -tested),
    [`${name}-test.csv`]: part(-tested),
  };
}

/** The whole, and for each seed 70 % of the rows to train on and 30 % to test with, each with its share of the classes. */
function inClasses(name: string, columns: readonly RColumn[], target: string): Record<string, RColumn[]> {
  const files: Record<string, RColumn[]> = { [`${name}.csv`]: [...columns] };
  const classes = columns.find((column) => column.name === target)!.cells;
  const places = table({ place: classes.map((_, place) => place), [target]: classes }).infer({
    types: { place: "number" },
  });
  for (const seed of SPLITS) {
    const { train, test } = split(places, { by: "stratified", target, test: 0.3, seed });
    for (const [part, rows] of Object.entries({ train, test })) {
      const taken = Array.from(rows!.column("place").values!);
      files[`${name}-${seed}-${part}.csv`] = columns.map((column) => ({
        name: column.name,
        cells: taken.map((place) => column.cells[place]!),
      }));
    }
  }
  return files;
}

/** The columns of Weka's form of a table: @attribute lines with the names, then @data and lines of cells, "?" where one is missing. */
export function arffColumns(text: string): RColumn[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("%"));
  const start = lines.findIndex((line) => /^@data/i.test(line));
  const names = lines
    .slice(0, start)
    .flatMap((line) => /^@attribute\s+(?:'([^']+)'|(\S+))/i.exec(line)?.slice(1).filter(Boolean) ?? []);
  const rows = lines
    .slice(start + 1)
    .map((line) => line.match(/'[^']*'|[^,]+/g)!.map((cell) => cell.trim().replaceAll("'", "")));
  return names.map((name, place) => ({ name, cells: rows.map((row) => (row[place] === "?" ? "" : row[place]!)) }));
}

/** A CSV text: a header, then a line for each row. */
export function csvText(columns: readonly RColumn[]): string {
  const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = columns[0]!.cells.map((_, row) => columns.map(({ cells }) => quoted(cells[row]!)).join(","));
  return [columns.map(({ name }) => quoted(name)).join(","), ...lines, ""].join("\n");
}
