// Makes docs/api from the doc comments: `tsx scripts/api/make.ts`. With `--check` it changes nothing, and fails if docs/api is not
// what it would make, or if a comment or a link is at fault. Another project's folder may follow.
// TypeScript's compiler can't be called from JavaScript any more from version 7 on: an older one stands in this folder.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const versionOf = (file: string): unknown => (JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version;

function install(): void {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const current = Object.entries(dependencies).every(([name, version]) => {
    const file = join(here, "node_modules", name, "package.json");
    return existsSync(file) && versionOf(file) === version;
  });
  if (!current)
    execFileSync("npm", ["ci", "--ignore-scripts", "--silent", "--prefix", here], {
      stdio: "inherit",
      shell: process.platform === "win32",
    });
}

const check = process.argv.includes("--check");
const root = resolve(process.argv.slice(2).find((argument) => argument !== "--check") ?? join(here, "../.."));
install();
const { checkReference, makeReference } = await import("./reference.ts");
try {
  if (!check) makeReference(root);
  const faults = check ? checkReference(root) : [];
  if (faults.length > 0) {
    console.error(
      `${faults.join("\n")}\n${faults.length} ${faults.length === 1 ? "fault" : "faults"} in the reference`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
