// The programs of test/package/programs, as users would have written them, put into projects that have the library.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const programs = join(import.meta.dirname, "../package/programs");

/** Where a page without bundler finds an entry: "wasmgrad/files" in build/files.js. */
export const byPath = (entry: string): string =>
  `/node_modules/wasmgrad/build/${entry === "wasmgrad" ? "index" : entry.split("/")[1]}.js`;

/**
 * Writes them into a project.
 *
 * @param nameOf what an import of an entry says; default the entry
 */
export function writePrograms(folder: string, nameOf = (entry: string): string => entry): void {
  for (const file of readdirSync(programs)) {
    const text = readFileSync(join(programs, file), "utf8");
    writeFileSync(
      join(folder, file),
      text.replace(/from "(wasmgrad[^"]*)"/g, (_, entry: string) => `from ${JSON.stringify(nameOf(entry))}`),
    );
  }
}

/** What the programs give. */
export interface Outcomes {
  readonly xor: { readonly fingerprint: string; readonly classes: readonly number[]; readonly backend: object };
  readonly everything: Readonly<Record<string, unknown>>;
  readonly own: string;
}

/** What they give in this Node, in a project where they have been written as they are. */
export async function expectedOutcomes(folder: string): Promise<Outcomes> {
  const program = `
    const { everything, own } = await import("./everything.js");
    const { xor } = await import("./xor.js");
    console.log(JSON.stringify({ xor: await xor(), everything: await everything(), own: await own() }));`;
  const args = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  return JSON.parse(stdout) as Outcomes;
}
