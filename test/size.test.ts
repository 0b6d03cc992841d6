// What a page downloads. The sizes are printed, so that a change can be seen.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ofOneThread } from "./support/binaries.ts";
import { bundleSizes, kernelSizes } from "./support/sizes.ts";

const BINARIES = ofOneThread.map(({ name }) => `${name}.wasm`);

const columns = (rows: readonly (readonly [string, ...number[]])[]): string =>
  rows
    .map(([name, ...figures]) => `  ${name.padEnd(34)}${figures.map((n) => String(n).padStart(9)).join("")}`)
    .join("\n");

test("a minimal dense program takes at most 31 kB, in one file without threads 45 kB, everything 159 kB, WebAssembly included", async () => {
  const sizes = await bundleSizes();
  const rows = sizes.map((s): [string, number, number] => [s.entry, s.minified, s.gzipped]);
  for (const name of BINARIES) {
    const binary = readFileSync(`build/${name}`);
    rows.push([`${name} alone`, binary.length, gzipSync(binary, { level: 9 }).length]);
  }
  console.log(`bytes of each entry as one bundled file: minified, gzipped\n${columns(rows)}`);
  const gzipped = (entry: string): number => sizes.find((s) => s.entry === entry)!.gzipped;
  expect(gzipped("a minimal dense program")).toBeLessThanOrEqual(31_000);
  expect(gzipped("the same of one file without threads")).toBeLessThanOrEqual(45_000);
  expect(gzipped("everything")).toBeLessThanOrEqual(159_000);
  // beyond what reads and writes models
  const beyond = gzipped("wasmgrad/web") - gzipped("modelToBytes and modelFromBytes");
  console.log(`wasmgrad/web takes ${beyond} bytes more than modelToBytes and modelFromBytes`);
  expect(beyond).toBeLessThanOrEqual(13_900);
});

test("docs/web.md says what each binary weighs, to a twentieth", () => {
  const rows = [
    ...readFileSync("docs/web.md", "utf8").matchAll(/^\| `(\w+\.wasm)` \| .* \| ([\d.]+) kB \| ([\d.]+) kB \|$/gm),
  ];
  expect(rows.map(([, name]) => name).toSorted()).toEqual([...BINARIES].toSorted());
  for (const [, name, ...written] of rows) {
    const binary = readFileSync(`build/${name}`);
    const sizes = [binary.length, gzipSync(binary, { level: 9 }).length];
    sizes.forEach((bytes, i) => expect(Math.abs((Number(written[i]) * 1000) / bytes - 1), name).toBeLessThan(0.05));
  }
});

test("every kernel has a size", () => {
  const sizes = BINARIES.flatMap((name) => kernelSizes(`build/${name}`));
  console.log(`bytes of each kernel\n${columns(sizes.map((s): [string, number] => [s.name, s.bytes]))}`);
  expect(sizes.length).toBeGreaterThan(50);
  for (const { name, bytes } of sizes) expect(bytes, name).toBeGreaterThan(0);
  const total = sizes.reduce((sum, s) => sum + s.bytes, 0);
  // bodies make up nearly all of the binary; the rest is types, names and sizes
  const bytes = BINARIES.reduce((sum, name) => sum + readFileSync(`build/${name}`).length, 0);
  expect(total).toBeGreaterThan(0.85 * bytes);
});
