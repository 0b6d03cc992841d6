// Bundles the command line with its parser and its charts into one file; the library stays outside, next to it.
import { chmodSync } from "node:fs";
import { build } from "esbuild";

const library = { name: "library", setup: (b) => b.onResolve({ filter: /^(\.\.\/)+(index|datasets|files|matrix)\.ts$/ }, ({ path }) => ({
  path: `./${path.replace(/^(\.\.\/)+/, "").replace(/\.ts$/, ".js")}`,
  external: true,
})) }; // prettier-ignore

await build({
  entryPoints: ["src/cli/main.ts"],
  outfile: "build/cli.js",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  plugins: [library],
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
chmodSync("build/cli.js", 0o755);
