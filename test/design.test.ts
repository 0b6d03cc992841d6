// What DESIGN.md says of the code is so.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const design = readFileSync(join(root, "DESIGN.md"), "utf8");

describe("the way of fit's data", () => {
  const [, chapter] = /^### The way of `fit`'s data\n([\s\S]*?)\n###? /m.exec(design)!;
  const rooms = [...chapter!.matchAll(/^(\d+)\. `([^`]+)` `([^`]+)`: /gm)];

  test("has at most 8 rooms, in order", () => {
    expect(rooms.map(([, number]) => Number(number))).toEqual(rooms.map((_, i) => i + 1));
    expect(rooms.length).toBeGreaterThan(3);
    expect(rooms.length).toBeLessThanOrEqual(8);
  });

  test.each(rooms.map(([, , file, name]) => [file!, name!] as const))("%s has %s", (file, name) => {
    const text = readFileSync(join(root, file), "utf8");
    expect(text).toMatch(new RegExp(`^(?:export (?:async )?function |  (?:async )?)${name}\\(`, "m"));
  });

  test("each room calls the next one's function, or hands over to it", () => {
    const calls = [
      ["src/training/trainer.ts", "return fit("],
      ["src/training/fitLoop.ts", "prepareData("],
      ["src/training/preparedData.ts", "flattenRows("],
      ["src/training/preparedData.ts", "targetsOf("],
      ["src/training/preparedData.ts", "arena.writeBytes("],
      ["src/training/fitLoop.ts", "bindData("],
      ["src/training/trainingProgram.ts", "batchGatherWords"],
    ] as const;
    for (const [file, call] of calls) expect(readFileSync(join(root, file), "utf8"), file).toContain(call);
  });
});

const chapters = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));

test.each(["README.md", "README.zh.md", "DESIGN.md", "CONTRIBUTING.md", ...chapters.map((file) => `docs/${file}`)])(
  "the files that %s names are there",
  (document) => {
    const text = readFileSync(join(root, document), "utf8");
    const named = [...text.matchAll(/(?<![\w/.-])((?:src|assembly|test|scripts|cli|examples|bench)\/[\w./-]*\w)/g)];
    const paths = named.map(([, path]) => path!).filter((path) => !IMAGINED.test(path));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  },
);

/** What a guide has the reader add. */
const IMAGINED = /\/(?:bell|NAME)\b/;
