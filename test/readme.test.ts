// README.md, the front door: short, with links that lead somewhere and numbers that are still right. test/package/package.test.ts looks whether the package
// has what it links to.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PICTURE } from "../scripts/picture.ts";
import { textOf } from "../scripts/png.ts";
import { relativeLinks } from "./support/documents.ts";
import { goldenCases } from "./support/golden.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const chinese = readFileSync(join(root, "README.zh.md"), "utf8");

test("is read to the end: at most 12,000 bytes", () => {
  expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(12_000);
});

test.each([
  ["README.md", readme],
  ["README.zh.md", chinese],
])("the headings that %s links to are there", (_name, text) => {
  const anchored = relativeLinks(text).filter((link) => link.includes("#"));
  expect(anchored.length).toBeGreaterThan(0);
  const missing = anchored.filter((link) => {
    const [file, anchor] = link.split("#");
    const target = readFileSync(join(root, file!), "utf8");
    const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(/\s/g, "-"), // as on GitHub
    ); // prettier-ignore
    return !anchors.includes(anchor!);
  });
  expect(missing).toEqual([]);
});

test("the tests that it names are there", () => {
  const named = [...readme.matchAll(/npx vitest run ([^`]+)`/g)].flatMap(([, files]) => files!.split(" "));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("the Chinese one has the same code but for its comments, the same tables of numbers and names, and the same links", () => {
  const code = (text: string): string[] =>
    [...text.matchAll(/^```[^]*?^```$/gm)].map(([block]) =>
      block.replaceAll(/(?:#|\/\/) .*$/gm, "").replaceAll(/ +$/gm, ""),
    );
  expect(code(chinese)).toEqual(code(readme));
  const tables = (text: string): string[] =>
    [...text.matchAll(/^\|.*`\w+` `\w+`.*\||^\| .*\d\/s.*$/gm)].map(([row]) => row.replace(/\[[^\]]+\]/, ""));
  expect(tables(chinese)).toEqual(tables(readme));
  const links = (text: string): string[] => [...new Set(relativeLinks(text))].toSorted();
  expect(links(chinese).filter((link) => link !== "README.md")).toEqual(
    links(readme).filter((link) => link !== "README.zh.md"),
  );
  for (const number of readme.matchAll(/\b(?:\d+ kB|97\.88 %|99\.2 %|\d+ cases)/g))
    expect(chinese).toContain(number[0].replace(" cases", " 个"));
});

test("its numbers are those of the tests and of the picture", () => {
  expect(readme).toContain(`${goldenCases().length} cases computed by PyTorch`);
  const [, accuracy] = /([\d.]+ %) of the test images right/.exec(readme)!;
  expect(textOf(readFileSync(PICTURE))).toContain(`Test accuracy  ${accuracy}`);
});
