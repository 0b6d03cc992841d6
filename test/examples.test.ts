// The examples that need a step of their own before they run.
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
