// W8: from a cold process to the end of the first operation, and what a browser downloads.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { type Result, result } from "./measure.ts";
import { START } from "./tasks.ts";

/**
 * Milliseconds that a process with this program takes over one with none, taking turns.
 *
 * @param folder where the program is, for its imports
 */
export function overBareNode(program: string, folder: string): Result {
  mkdirSync(folder, { recursive: true });
  const files = { empty: join(folder, "start-empty.mjs"), first: join(folder, "start-first.mjs") };
  writeFileSync(files.empty, "");
  writeFileSync(files.first, program);
  const run = (file: string): number => {
    const start = performance.now();
    const { stderr, status } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - start;
  };
  run(files.empty);
  run(files.first);
  const times = Array.from({ length: 11 }, () => run(files.first) - run(files.empty));
  return result(START.start, "ms", times);
}

/**
 * Bytes of a page's program, bundled and gzipped. What is imported dynamically isn't counted: other backends, threads.
 *
 * @param fetched files that the page loads besides
 */
export async function download(
  program: string,
  resolveDir: string,
  fetched: readonly Uint8Array[] = [],
): Promise<Result> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir, loader: "js" },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    write: false,
    outdir: "out",
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    external: ["node:*", "fs", "path", "os", "crypto", "util", "worker_threads", "perf_hooks", "child_process"],
  });
  const outputs = Object.entries(metafile.outputs);
  const entry = outputs.find(([, output]) => output.entryPoint !== undefined)![0];
  const needed = new Set([entry]);
  for (const name of needed)
    for (const { path, kind } of metafile.outputs[name]!.imports) if (kind === "import-statement") needed.add(path);
  const sizeOf = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;
  const code = outputFiles.filter(({ path }) => [...needed].some((name) => path.endsWith(name)));
  const bytes = [...code.map(({ contents }) => contents), ...fetched].reduce((sum, file) => sum + sizeOf(file), 0);
  return result(START.download, "bytes", [bytes]);
}
