// Bundles the library and the command line: `node src/build.mjs`. A process that imports one file instead of eighty is ready
// three times sooner, and a page's bundler still drops what isn't used: nothing here has side effects.
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const shared = {
  bundle: true,
  format: "esm",
  target: "es2022",
  outdir: "build",
  chunkNames: "shared-[hash]",
  logLevel: "warning",
  minifySyntax: true, // constants are filled in
};

// Parts of earlier builds: their names change with their contents.
for (const file of readdirSync("build")) if (file.startsWith("shared-")) rmSync(`build/${file}`);

/** Imports that stay imports, of a file in build/. */
const outside = (filter, nameOf, from = /./) => ({
  name: "outside",
  setup: (b) =>
    b.onResolve({ filter }, ({ path, importer }) =>
      from.test(importer) ? { path: `./${nameOf(path)}`, external: true } : undefined,
    ),
});

/** What files may name: as modules of their own, so that a program that reads no files doesn't keep all of them. */
const NAMED = [
  "layers/index",
  "activations/index",
  "composites/index",
  "regularizers/index",
  "constraints/index",
  "initializers",
];

/** What is read when several threads are asked for. */
const LATER = ["threads/start"];

await build({
  ...shared,
  entryPoints: ["index", "datasets", "files", "matrix", "models", ...NAMED, ...LATER].map((name) => `src/${name}.ts`),
  outbase: "src",
  splitting: true,
  external: ["@assemblyscript/loader", "node:*"],
  plugins: [
    // a binary is read when the first model that needs it is made
    outside(/threads\.binary\.js$/, () => "../threads.binary.js"),
    outside(/\.binary\.js$/, (path) => path.split("/").at(-1)),
    outside(
      /^\.\.\/(?:\w+\/index|initializers)\.ts$/,
      (path) => path.replace("../", "").replace(/ts$/, "js"),
      /io.names\.ts$/,
    ),
  ],
});

// What workers run: all in one file, which users' bundlers find by its address.
await build({ ...shared, entryPoints: { "threads/worker": "src/threads/work.ts" } });

// The command line brings its parser and its charts along; the library stays outside, next to it.
const entry = /^(?:\.\.\/)+(index|datasets|files|matrix|models)\.ts$/;
await build({
  ...shared,
  entryPoints: { cli: "src/cli/main.ts" },
  platform: "node",
  plugins: [outside(entry, (path) => `${entry.exec(path)[1]}.js`)],
  banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
});
chmodSync("build/cli.js", 0o755);
