// The programs of this folder, as mpirun starts them.
import { join } from "node:path";
import { build } from "esbuild";

/** Where a program is, once it is bundled, from the root of the project. */
export const bundled = (name: string): string => `build/test/mpiRuns/${name}.mjs`;

/** Bundles a program of this folder. Several test files may do so at the same time: each has its own. */
export async function bundle(name: string): Promise<string> {
  const outfile = join(import.meta.dirname, "../../../..", bundled(name));
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  await build({ entryPoints, outfile, bundle: true, packages: "external", format: "esm", logLevel: "error" });
  return bundled(name);
}
