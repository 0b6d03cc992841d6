// Every layer goes every way, and what arrives predicts the same; what is refused stands in outcomes.json, from which docs/exchange.md has
// its table. `OUTCOMES=write npx vitest run test/exchange/outcomes.test.ts` writes that file anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EVERY_LAYER } from "./everyLayer.ts";
import { gathered, type Outcomes, sent } from "./outcomes.ts";

const FILE = join(import.meta.dirname, "outcomes.json");
const found = new Map<string, Awaited<ReturnType<typeof sent>>>();

test.each(EVERY_LAYER)("$name", async (given) => {
  found.set(given.name, await sent(given));
});

test("what is refused is what the document says", () => {
  const outcomes = gathered(found);
  if (process.env["OUTCOMES"] === "write") writeFileSync(FILE, `${JSON.stringify(outcomes, null, 2)}\n`);
  expect(outcomes).toEqual(JSON.parse(readFileSync(FILE, "utf8")) as Outcomes);
});
