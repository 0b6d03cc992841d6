// Builds the site into dist/, the library first where it isn't built, and what the site is made of where it isn't installed.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const here = join(import.meta.dirname, "..");
const npm = (folder, ...args) =>
  execFileSync("npm", args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });

if (!existsSync(join(here, "../build/index.js"))) {
  if (!existsSync(join(here, "../node_modules"))) npm(join(here, ".."), "ci");
  npm(join(here, ".."), "run", "build");
}
if (!existsSync(join(here, "node_modules/lit"))) npm(here, "ci");
const { build } = await import("vite");
await build({ root: here, logLevel: process.argv.includes("--quiet") ? "warn" : "info" });
