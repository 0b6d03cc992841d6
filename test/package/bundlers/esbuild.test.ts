import { describeBundled, emptyPage, run } from "../../support/bundled.ts";

async function build(folder: string, format: string, entries = ["main.js", "worker.js"]): Promise<void> {
  const tool = "node_modules/esbuild/bin/esbuild";
  emptyPage(folder, format === "iife" ? '<script src="./main.js"></script>' : undefined);
  await run(folder, tool, ...entries, "--bundle", "--outdir=dist", "--log-level=warning", ...format.split(" "));
}

describeBundled(
  { name: "esbuild", packages: ["esbuild@0.28.2"] },
  {
    esm: { single: true, build: (folder) => build(folder, "--format=esm") },
    "esm, split": { build: (folder) => build(folder, "--format=esm --splitting") },
    iife: {
      single: true,
      without: { own: "a script has no address to find a worker by" },
      build: (folder) => build(folder, "--format=iife", ["main.js"]),
    },
  },
);
