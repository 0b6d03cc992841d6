// Deno and Bun, from the npm registry, put under build/runtimes before the tests begin.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "./programs.ts";

const VERSIONS = { deno: "2.9.6", bun: "1.4.5" } as const;

export type Runtime = keyof typeof VERSIONS;

const folder = join(import.meta.dirname, "../../build/runtimes");

/** Where the platform's own package has the program, and where the package's install script moves or copies it. */
const PLACES = {
  deno: { scope: "@deno", inPackage: "deno", moved: "deno/deno" },
  bun: { scope: "@oven", inPackage: "bin/bun", moved: "bun/bin/bun.exe" },
} as const;

/** The installed program, or undefined. */
export function runtimePath(name: Runtime): string | undefined {
  const { scope, inPackage, moved } = PLACES[name];
  const modules = join(folder, "node_modules");
  const scoped = join(modules, scope);
  const packages = existsSync(scoped) ? readdirSync(scoped) : [];
  return [...packages.map((platform) => join(scoped, platform, inPackage)), join(modules, moved)].find(executable);
}

/** Installs what isn't there. Without a registry that is a failure in CI alone. */
export function installRuntimes(): void {
  const names = Object.keys(VERSIONS) as Runtime[];
  if (names.every((name) => runtimePath(name) !== undefined)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = names.map((name) => `${name}@${VERSIONS[name]}`);
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder, stdio: "pipe" });
  } catch (error) {
    if (process.env["CI"]) throw error;
    console.warn(`Deno and Bun could not be installed and are left out: ${(error as Error).message}`);
  }
}
