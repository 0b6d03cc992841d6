// What reads the files that we write, and writes some that we read: ONNX Runtime and TensorFlow.js, from the npm registry, put under
// build/foreign before the tests begin. Nothing that their packages want to run when they are installed is run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const VERSIONS = { "onnxruntime-node": "1.30.0", "onnxruntime-web": "1.30.0", "@tensorflow/tfjs": "4.22.0" } as const;

const folder = join(import.meta.dirname, "../../build/foreign");

/** Where a package's files are. */
export const foreignFolder = (name: keyof typeof VERSIONS): string => join(folder, "node_modules", name);

/** Loads a package. Its own types aren't installed with the project: whoever asks says what is used of it. */
export function foreignReader<T>(name: keyof typeof VERSIONS): T {
  return createRequire(join(folder, "package.json"))(name) as T;
}

/** Installs what isn't there. */
export function installForeignReaders(): void {
  const names = Object.keys(VERSIONS) as (keyof typeof VERSIONS)[];
  if (names.every((name) => existsSync(foreignFolder(name)))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = names.map((name) => `${name}@${VERSIONS[name]}`);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], {
    cwd: folder,
    stdio: "pipe",
  });
}
