// Bundles the measured programs as plain modules under build/, so that nothing translates TypeScript while they run.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";

/** The library itself is imported as it is published; both folders of programs are in build/, beside it. */
const library: Plugin = {
  name: "library",
  setup: (b) =>
    b.onResolve({ filter: /\/build\/(index|datasets)\.js$/ }, ({ path }) => ({
      path: `../${path.split("/").at(-1)!}`,
      external: true,
    })),
};

const shared: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  outExtension: { ".js": ".mjs" },
  packages: "external",
  plugins: [library],
  logLevel: "warning",
};

/** Our own programs, into build/bench. */
export async function bundleOwn(): Promise<void> {
  await build({ ...shared, entryPoints: ["bench/worker.ts"], outdir: "build/bench" });
}

/** The same programs with the library of another checkout, which is built: into build/bench/before. */
export async function bundleBefore(checkout: string): Promise<void> {
  const other: Plugin = {
    name: "other library",
    setup(b) {
      b.onResolve({ filter: /\/build\/(index|datasets)\.js$/ }, ({ path }) => ({
        path: pathToFileURL(resolve(checkout, "build", path.split("/").at(-1)!)).href,
        external: true,
      }));
      b.onResolve({ filter: /^[./]+\/(src|build)\// }, ({ path, importer }) =>
        /[\\/]bench[\\/]/.test(importer) ? { path: resolve(checkout, path.replace(/^[./]+/, "")) } : undefined,
      );
    },
  };
  const options = { ...shared, plugins: [other], outdir: "build/bench/before" };
  await build({ ...options, entryPoints: ["bench/worker.ts"] });
}

/** Those of the peers, into the folder where their packages are. */
export async function bundlePeers(folder: string): Promise<void> {
  const programs = ["brain", "convnet", "jax", "ort", "synaptic", "tfjs"];
  await build({ ...shared, entryPoints: programs.map((name) => `bench/peers/${name}.ts`), outdir: folder });
}
