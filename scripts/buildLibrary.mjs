// Bundles the library and the command line: `node scripts/buildLibrary.mjs`. Node takes most of a millisecond for each file that it imports,
// so nearly everything is in one. A page's bundler still drops what isn't used: nothing here has side effects.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { build, transform } from "esbuild";

const shared = {
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
  minifySyntax: true, // constants are filled in
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } }, // fields are declared for TypeScript alone
};

const BINARIES = JSON.parse(readFileSync("assembly/binaries/list.json", "utf8")).map(({ name }) => name);

/** The folders of the sources. */
const ROOMS = new Set(readdirSync("src"));

/** The packages of which files are in a bundle that is published: their names by their folders, since two versions may be. */
const packages = new Map();

/** Writes a bundle, and notes whose code is in it. */
async function bundle(options) {
  const { metafile } = await build({ ...shared, ...options, metafile: true });
  for (const path of Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
    const [folder, name] = /^.*?node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules\/)/.exec(path) ?? [];
    if (folder) packages.set(folder, name);
  }
}

/** Imports that stay imports: of what `nameOf` gives for them, if anything. */
const outside = (filter, nameOf) => ({
  name: `outside ${filter}`,
  setup: (b) =>
    b.onResolve({ filter }, (found) => {
      const path = found.kind === "entry-point" ? undefined : nameOf(found);
      return path && { path, external: true };
    }),
});

/** What a minimal program doesn't need: files of their own, fetched when they are first used. */
const LAZY = {
  threads: "src/runtime/threads/sharedCore.ts", // when several threads are asked for
  engineErrors: "src/runtime/engineErrors.ts", // when an engine refuses to make a model
  longPass: "src/runtime/longPass.ts", // when a pass takes longer than a slice of time
  offThread: "src/training/offThread.ts", // when a training runs in a worker
  startWorker: "src/runtime/threads/startWorker.ts", // with either
  predictAsync: "src/model/predictAsync.ts", // when it is called
  checkpointFile: "src/io/checkpointFile.ts", // when a checkpoint is read or written
  readModel: "src/io/readModel.ts", // when a model's file is read
  safetensorsReader: "src/io/safetensorsReader.ts", // when a file is opened, of which tensors are read on demand
  checkpointFolder: "src/io/checkpointFolder.ts", // when a folder of checkpoints is used
  ranks: "src/training/ranks.ts", // when `fit` is given a group
  rankTalk: "src/training/rankTalk.ts", // with either
  measureTogether: "src/training/measureTogether.ts", // when a group measures a model
  evaluate: "src/training/evaluate.ts", // when a model is measured
  callbackCalls: "src/training/callbackCalls.ts", // when `fit` is given callbacks
  keeper: "src/training/keeper.ts", // when checkpoints are made, or gone on from
  csvFile: "src/training/csvFile.ts", // when a training begins whose figures are written to a file
  feed: "src/training/feed.ts", // when data is made while training
  warnings: "src/training/warnings.ts", // when `fit` is first called
  mnistFiles: "src/data/mnistFiles.ts", // when the digits are read
  imageFiles: "src/data/imageFiles.ts", // when a folder of pictures is read
  byteSource: "src/data/byteSource.ts", // when a table or an array is read
  textSource: "src/data/textSource.ts", // when a table is read
  tableReader: "src/data/tableReader.ts", // when it is of any kind
  arrayReader: "src/data/arrayReader.ts", // when it is of NumPy, or an array is
  torchReader: "src/exchange/torch/torchReader.ts", // when a file of PyTorch is read
  mpiLibrary: "src/distributed/mpiLibrary.ts", // when a process is one of several
  zip: "src/formats/zip.ts", // when a zip file is read or written, such as npz
  csvReader: "src/data/csvReader.ts", // when it is CSV
  jsonLinesReader: "src/data/jsonLinesReader.ts", // when it is JSON lines
  pageCheckpoints: "src/web/pageCheckpoints.ts", // when a page keeps a training
};

/** Files of the binaries that are compiled at once. */
const atOnce = JSON.parse(readFileSync("assembly/binaries/list.json", "utf8")).flatMap(({ name, loaded }) =>
  loaded === "at once" ? [`${name}.binary.js`] : [],
);

/** What stays a file of its own: those, and binaries but for the small ones that modules may need at once. */
const apart = [
  outside(/^node:/, ({ path }) => path),
  ...Object.entries(LAZY).map(([name, path]) =>
    outside(new RegExp(`\\/${basename(path, ".ts")}\\.ts$`), () => `./${name}.js`),
  ),
  outside(/workerSource\.js$/, () => "./workerSource.js"), // read where a worker's file can't be loaded
  outside(/\.binary\.js$/, ({ path }) =>
    atOnce.some((file) => path.endsWith(`/${file}`)) ? undefined : `./${path.split("/").at(-1)}`,
  ),
];

/** Those for which package.json's "browser" names others for pages. */
const twice = ["progress", "replaceFile", "host"].map((name) =>
  outside(new RegExp(`\\/${name}\\.ts$`), () => `./${name}.js`),
);

/** What files may name: as modules of their own, so that a program that reads no files doesn't keep all of them. */
const NAMED = [
  "nn/layers/index",
  "nn/activations/index",
  "nn/composites/index",
  "nn/regularizers/index",
  "nn/constraints/index",
  "nn/initializers/index",
];

// All that the main entry reaches, in one file. What that exports besides the public names is for the other entries.
const { metafile } = await build({
  ...shared,
  entryPoints: ["index", ...NAMED].map((name) => `src/${name}.ts`),
  outdir: "build",
  plugins: [...apart, ...twice],
  write: false,
  metafile: true,
});
const reached = Object.keys(metafile.inputs).filter((path) => path.startsWith("src/"));
/** Modules in the order of their folders. Where those whose texts are alike are neighbours, gzip makes them smaller: 60 bytes of a minimal page. */
function inOrder(folders) {
  const rooms = folders.split(" ");
  const place = (path) => rooms.indexOf(rooms.findLast((room) => path.startsWith(`src/${room}/`)));
  return reached.filter((path) => !path.endsWith("/index.ts")).toSorted((one, other) => place(one) - place(other));
}
const modules = inOrder(
  "nn/metrics nn/layers util formats nn data nn/losses graph model training runtime inspect nn/optimizers",
);
const everything = { contents: modules.map((path) => `export * from "./${path}";`).join("\n"), resolveDir: "." };
/** The binaries that are in the bundle come first: in the middle they would keep what repeats around them out of gzip's window. */
const inject = atOnce.map((file) => `build/${file}`);
await bundle({ stdin: everything, outfile: "build/library.js", inject, plugins: [...apart, ...twice] });

/** Modules that only name what is in the library's file. */
const names = Object.fromEntries(
  ["index", ...NAMED].map((name) => {
    const exported = metafile.outputs[`build/${name}.js`].exports.toSorted();
    const path = `${"../".repeat(name.split("/").length - 1) || "./"}library.js`;
    return [name, `export {\n  ${exported.join(",\n  ")},\n} from "${path}";\n`];
  }),
);
for (const [name, text] of Object.entries(names)) writeFileSync(`build/${name}.js`, text);

// The other entries: what they have of their own, and names from that file.
const library = ({ path, importer, resolveDir }) => {
  const inside = relative(".", join(resolveDir, path));
  // models' files and checkpoints in pages: no second copy of all that reads them
  if (inside === "src/io/modelFile.ts" && importer.includes("/src/web/")) return "./files.js";
  if (!reached.includes(inside)) return undefined;
  const name = inside.slice("src/".length, -".ts".length);
  return isTable({ path, importer }) ? `./${name}.js` : "./library.js";
};
const ENTRIES = ["data", "datasets", "files", "matrix", "models", "mpi", "onnx", "tfjs", "torch", "web"]; // and the main one, and `single`
/** Does the registry take all of a module's names? */
const isTable = ({ path, importer }) =>
  importer.endsWith("/io/registry.ts") && NAMED.some((name) => path.endsWith(`/${name}.ts`));
/** Is it one of the entries that are in `single`? There, in CommonJS, they stay files of their own. */
const entryOf = ({ path, importer }) =>
  importer.endsWith("/src/single.ts") ? path.replace(/\.ts$/, ".js") : undefined;
/** For Node and, by package.json's "browser", for pages. */
const TWICE = ["training/progress", "io/replaceFile", "util/host"].flatMap((name) => [name, `${name}.browser`]);
await bundle({
  entryPoints: {
    ...Object.fromEntries([...ENTRIES, ...TWICE].map((name) => [basename(name), `src/${name}.ts`])),
    ...LAZY,
  },
  outdir: "build",
  plugins: [...apart, ...twice, outside(/^\./, library)],
});

// What workers run: all in one file, which users' bundlers find by its address. Its name is ours alone: where a bundler leaves the
// address as it is, a worker.js beside the bundle is the user's, and may be what is running.
const worker = { entryPoints: { "wasmgrad.worker": "src/runtime/threads/workerMain.ts" }, outdir: "build" };
await bundle({ ...worker, define: { THREADS: "true" }, footer: { js: "export {};" } }); // it is a module
// the same as a text, a script that needs no file and no module
const sourceText = async (threads) => {
  const define = { THREADS: String(threads) };
  const { outputFiles } = await build({ ...shared, ...worker, define, format: "iife", minify: true, write: false });
  const source = JSON.stringify(outputFiles[0].text.trim());
  return `/** The program of workers, as a script. */\nexport const source =\n  ${source};\n`;
};
writeFileSync("build/workerSource.js", await sourceText(true));

// The same for CommonJS, in a folder of its own, where package.json says what its files are: for programs that are compiled to
// CommonJS, and tools such as Jest that take nothing else. It has no import() and no import.meta, which they don't have either; so its
// binaries are read from their files as modules are, and its workers are made of their source.
const commonJs = {
  ...shared,
  format: "cjs",
  platform: "node",
  define: { "import.meta.url": "__filename" },
  supported: { "dynamic-import": false },
  plugins: apart,
};
const CJS = "build/cjs";
mkdirSync(CJS, { recursive: true });
writeFileSync(`${CJS}/package.json`, '{ "type": "commonjs" }\n');
await build({ ...commonJs, stdin: everything, outfile: `${CJS}/library.js` });
await build({
  ...commonJs,
  entryPoints: {
    ...Object.fromEntries([...ENTRIES, "single"].map((name) => [name, `src/${name}.ts`])),
    ...LAZY,
  },
  outdir: CJS,
  // the tables of what files may name are part of the entry for files: nothing is dropped here
  plugins: [...apart, outside(/^\./, (found) => entryOf(found) ?? (isTable(found) ? undefined : library(found)))],
});
await writeCommonJs("index", names["index"]);
await writeCommonJs("workerSource", readFileSync("build/workerSource.js", "utf8"));
for (const name of BINARIES) {
  const file = `require("fs").readFileSync(require("path").join(__dirname, "../${name}.wasm"))`;
  writeFileSync(`${CJS}/${name}.binary.js`, `"use strict";\n/** The binary's bytes. */\nexports.binary = ${file};\n`);
}

async function writeCommonJs(name, text) {
  const { code } = await transform(text, { format: "cjs", platform: "node", target: "es2022" });
  writeFileSync(`${CJS}/${name}.js`, code);
}

// Its types are copies: what a file is, a module or CommonJS, is said by the folder that it is in.
const types = readdirSync("build", { recursive: true }).filter((file) => file.endsWith(".d.ts"));
for (const file of types.filter((path) => !/[\\/]/.test(path) || ROOMS.has(path.split(/[\\/]/)[0]))) {
  const text = readFileSync(join("build", file), "utf8")
    // what the build writes is beside the folders of src
    .replaceAll(/"\.\.\/((?:\.\.\/)*)build\//g, (_, up) => `"${up || "./"}`)
    // a program that imports both has these names from one
    .replaceAll(/^declare global \{\n.*?^\}\n/gms, "");
  mkdirSync(dirname(join(CJS, file)), { recursive: true });
  writeFileSync(join(CJS, file), text);
}

// All entries in one file that asks for no other, without threads. A bundler of it drops what isn't used, as from many files: nothing here is
// an object of a whole module, which it couldn't take apart.
const single = {
  ...shared,
  entryPoints: { single: "src/single.ts" },
  outdir: "build",
  define: { "import.meta.url": "undefined" }, // nothing is beside this file
  inject: ["build/core.binary.js", ...inject],
  plugins: [
    {
      name: "source",
      setup: (b) => b.onLoad({ filter: /workerSource\.js$/ }, async () => ({ contents: await sourceText(false) })),
    },
    inPlaceOf(/threads.sharedCore\.ts$/, "src/runtime/threads/noThreads.ts"),
    inPlaceOf(/workerFile\.ts$/, "src/runtime/threads/noWorkerFile.ts"),
    inPlaceOf(/openKeeper\.ts$/, "src/training/noKeeper.ts"),
    inPlaceOf(/(?:ranks|measureTogether)\.ts$/, "src/training/noRanks.ts"),
    inPlaceOf(/progress\.ts$/, "src/training/progress.browser.ts"),
    inPlaceOf(/replaceFile\.ts$/, "src/io/replaceFile.browser.ts"),
    inPlaceOf(/host\.ts$/, "src/util/host.browser.ts"),
    { name: "flat", setup: (b) => b.onLoad({ filter: /(?:src[\\/].*\.ts|build[\\/]binaries\.js)$/ }, flat) },
  ],
};
// the order that is the best of this file
const firsts = inOrder(
  "graph nn/optimizers nn nn/metrics nn/layers model runtime util nn/losses data inspect formats training",
);
const bare = firsts.map((path, i) => `import * as _${i} from "./${path}";`);
const singleEntry = [...bare, 'export * from "./src/single.ts";'].join("\n");
const ofStdin = {
  entryPoints: undefined,
  outdir: undefined,
  outfile: "build/single.js",
  stdin: { contents: singleEntry, resolveDir: "." },
};
await bundle({ ...single, ...ofStdin });
// the same for a script tag: its names are those of the global `wasmgrad`
await bundle({
  ...single,
  entryPoints: { "wasmgrad.min": "src/single.ts" },
  format: "iife",
  globalName: "wasmgrad",
  minify: true,
});

function inPlaceOf(filter, path) {
  const setup = (b) =>
    b.onResolve({ filter }, ({ importer }) =>
      importer.endsWith(path) ? undefined : { path: join(process.cwd(), path) },
    );
  return { name: path, setup };
}

/** Nothing in place of modules. */
function without(filter) {
  const setup = (b) => {
    b.onResolve({ filter }, ({ path }) => ({ path, namespace: "nothing" }));
    b.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "export {};" }));
  };
  return { name: `without ${filter}`, setup };
}

/** A source in which modules are imported name by name: those of `import()`, and those that are used as tables. */
async function flat({ path }) {
  const imports = [];
  const asObject = async (from) => {
    const inPlace = from
      .replace(/sharedCore\.ts$/, "noThreads.ts")
      .replace(/(?:ranks|measureTogether)\.ts$/, "noRanks.ts");
    const file = join(dirname(path), inPlace);
    const built = await build({
      ...shared,
      entryPoints: [file],
      plugins: apart,
      outdir: "build",
      write: false,
      metafile: true,
    });
    const exported = Object.values(built.metafile.outputs)[0].exports;
    const prefix = `flat${imports.length}_`;
    imports.push(`import { ${exported.map((name) => `${name} as ${prefix}${name}`).join(", ")} } from "${from}";\n`);
    return `{ ${exported.map((name) => `${name}: ${prefix}${name}`).join(", ")} }`;
  };
  let contents = readFileSync(path, "utf8");
  for (const [found, from] of contents.matchAll(/(?<!typeof )\bimport\("(\.[^"]+)"\)/g))
    contents = contents.replace(found, `Promise.resolve(${await asObject(from)})`);
  if (path.endsWith("registry.ts")) {
    for (const [found, name, from] of contents.matchAll(/^import \* as (\w+) from "(\..+)";$/gm))
      contents = contents.replace(found, `const ${name} = ${await asObject(from)};`);
  }
  return { contents: `${contents}\n${imports.join("")}`, loader: path.endsWith(".ts") ? "ts" : "js" };
}

// The command line brings its parser and its charts along; the library stays outside, next to it.
const entry = /^(?:\.\.\/)+src\/(index|data|datasets|files|matrix|models|mpi|onnx|tfjs|torch|web)\.ts$/;
const entries = outside(entry, ({ path }) => `./${entry.exec(path)[1]}.js`);
await bundle({
  entryPoints: { cli: "cli/main.ts" },
  outdir: "build",
  platform: "node",
  // a training's report, and the plotting library that draws it, are read when one is made
  plugins: [entries, outside(/\/report\/page\.ts$/, () => "./report.js")],
  banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
});
chmodSync("build/cli.js", 0o755);
/** Parts of the plotting library that register themselves, though no chart of the report asks for them: a fifth of it. */
const UNUSED = /^vega-(?:crossfilter|force|geo|hierarchy|label|regression|voronoi|wordcloud)$/;
await bundle({
  entryPoints: { report: "cli/report/page.ts" },
  outdir: "build",
  platform: "node",
  plugins: [entries, without(UNUSED)],
  minify: true, // nearly all of it is the plotting library
});

// Their licences ask that the text goes with the code.
const notices = [...packages]
  .toSorted(([at, a], [other, b]) => (a === b ? (at < other ? -1 : 1) : a < b ? -1 : 1))
  .map(([folder, name]) => {
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)\b/i.test(file));
    if (texts.length === 0) throw new Error(`${name} is bundled, but ${folder} has no text of its licence`);
    const text = texts.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
const line = `\n${"-".repeat(80)}\n\n`;
writeFileSync(
  "build/THIRD-PARTY-NOTICES",
  ["Files of this folder contain code of these packages, under their own licences.\n", ...notices].join(line),
);
