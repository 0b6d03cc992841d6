// Jest and Vitest in projects of their own, with the checks of test/package/programs/checks.js.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { nodePath, type NodeVersion } from "./nodes.ts";
import { expectedOutcomes, writePrograms } from "./userPrograms.ts";

const FILES = ["xor.js", "everything.js", "checks.js"];

/** What stands before the checks: what the runner has of its own. */
const HEADS = {
  jest: "const fakeTimers = (on) => (on ? jest.useFakeTimers() : jest.useRealTimers());",
  esm: `import { expect, jest, test } from "@jest/globals";
    const fakeTimers = (on) => (on ? jest.useFakeTimers() : jest.useRealTimers());`,
  vitest: `import { expect, test, vi } from "vitest";
    const fakeTimers = (on) => (on ? vi.useFakeTimers() : vi.useRealTimers());`,
};

/**
 * Writes the checks as checks.test.js, beside the programs, and gives what they compare with.
 *
 * @param commonJs the same by \`require\`, as compilers write it
 */
export async function writeChecks(folder: string, head: keyof typeof HEADS, commonJs: boolean): Promise<string> {
  writePrograms(folder);
  for (const file of ["attempt.js", "page.js", "page.html", "worker.js"]) rmSync(join(folder, file));
  const right = await expectedOutcomes(folder);
  for (const file of FILES) {
    let text = readFileSync(join(folder, file), "utf8");
    if (file === "checks.js") {
      text = `${HEADS[head]}\n${text}`;
      rmSync(join(folder, file));
    }
    if (commonJs) ({ code: text } = await transform(text, { format: "cjs", target: "es2022" }));
    writeFileSync(join(folder, file.replace("checks.js", "checks.test.js")), text);
  }
  return JSON.stringify(right);
}

/** Runs a program of a project's in a version of Node, and gives what it says. */
export async function runTool(
  folder: string,
  version: NodeVersion,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: "", CI: "1", NO_COLOR: "1", ...env } };
  try {
    const { stdout, stderr } = await promisify(execFile)(nodePath(version), args, options);
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${args.join(" ")}: ${stdout}${stderr}`, { cause: error });
  }
}
