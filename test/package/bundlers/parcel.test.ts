import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codeIn } from "../../support/documents.ts";
import { describeBundled, shell } from "../../support/bundled.ts";

test("package.json names every entry for Parcel, which doesn't read its exports", () => {
  const { exports, alias } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, object>;
    alias: Record<string, string>;
  };
  const entries = Object.keys(exports).filter((name) => /^\.\/\w+$/.test(name));
  expect(Object.entries(alias)).toEqual(entries.map((name) => [name, `./build/${name.slice(2)}.js`]));
});

describeBundled(
  { name: "Parcel 2", long: true, packages: ["parcel@2.16.4"] },
  {
    build: {
      singleWorker: "its workers don't find a module that parts fetched later import back",
      without: { readme: "top-level await isn't supported" },
      // a cache would outlive the library that it is of
      build: (folder) => shell(folder, `${codeIn("docs/web.md", "Parcel", "sh").trim()} --no-cache --cache-dir=.cache`),
    },
  },
);
