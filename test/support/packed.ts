// The package as it is published, and projects of users that have it installed beside the tools that they use.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const packed = join(root, "build/test/packed");

/** Packs the library as it is built. Once, before the tests begin: test files run in parallel. */
export function pack(): void {
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", packed], { cwd: root, stdio: "pipe" });
}

/** The packed library. */
export function tarballPath(): string {
  return join(
    packed,
    readdirSync(packed).find((file) => file.endsWith(".tgz"))!,
  );
}

/**
 * A user's project under build/tools, with the packed library and other packages installed. Tools stay there between runs of the
 * tests; the library is always the one that was packed last, and files of an earlier run are gone.
 *
 * @param name of the folder: test files run in parallel, so each needs its own
 * @param packages with their exact versions, such as "vite@8.3.8", or "vite5@npm:vite@5.4.21"
 * @param manifest what else is in its package.json; default `{ type: "module" }`
 * @returns the folder
 */
export function project(name: string, packages: readonly string[] = [], manifest: object = { type: "module" }): string {
  const folder = join(root, "build/tools", name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file !== "node_modules") rmSync(join(folder, file), { recursive: true });
  }
  rmSync(join(folder, "node_modules/wasmgrad"), { recursive: true, force: true });
  const dependencies = Object.fromEntries([
    ...packages.map((text) => [text.slice(0, text.indexOf("@", 1)), text.slice(text.indexOf("@", 1) + 1)]),
    ["wasmgrad", `file:${tarballPath()}`],
  ]);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest, dependencies }));
  const how = ["--ignore-scripts", "--no-package-lock", "--prefer-offline", "--no-audit", "--no-fund"];
  execFileSync("npm", ["install", ...how], { cwd: folder, stdio: "pipe" });
  return folder;
}
