// The examples that say whether they are right.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const run = (script: string, args: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, "node_modules", script), ...args], { cwd: root, encoding: "utf8" });

test("own-kernel: compiled with the command in its head, right in its gradients, and it learns", () => {
  const kernels = readFileSync(join(root, "examples/own-kernel/bump.kernels.ts"), "utf8");
  const [, command] = /^\/\/ {3}npx asc (.*)$/m.exec(kernels)!;
  run("assemblyscript/bin/asc.js", command!.split(" "));
  const out = run("tsx/dist/cli.mjs", ["examples/own-kernel/main.ts"]);
  expect(out).toContain("31 gradients agree with differences of the loss: true");
  expect(Number(/accuracy ([\d.]+) %/.exec(out)![1])).toBeGreaterThan(95);
});

test("custom-layer: right in its gradients, and nine targets of ten lie below what it learns", () => {
  const out = run("tsx/dist/cli.mjs", ["examples/custom-layer.ts"]);
  expect(out).toContain("37 gradients agree with differences of the loss: true");
  const share = Number(/([\d.]+) % of the targets/.exec(out)![1]);
  expect(share).toBeGreaterThan(87);
  expect(share).toBeLessThan(93);
});
