// Runs the built library in a realm of its own, as jest's environments do: other constructors than those of Node's objects, and of
// the globals only what the window of jsdom has. Needs --experimental-vm-modules. Called with a program, whose export is printed.
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";

const root = join(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url)), "../..");

// no TextDecoder, TextEncoder, MessageChannel, setImmediate, structuredClone or fetch
const { setTimeout, clearTimeout, performance, AbortController, AbortSignal, URL, Buffer, process, console } =
  globalThis;
const globals = { setTimeout, clearTimeout, performance, AbortController, AbortSignal, URL, Buffer, process, console };
const context = vm.createContext(globals);
vm.runInContext("globalThis.window = globalThis.self = globalThis", context);

/** Modules by their addresses. */
const modules = new Map();

function find(specifier, from) {
  if (specifier.startsWith(".")) return resolve(dirname(from), specifier);
  const [, entry = "index"] = /^wasmgrad(?:\/(\w+))?$/.exec(specifier);
  return join(root, "build", `${entry}.js`);
}

async function builtin(name) {
  const found = await import(name);
  const keys = Object.keys(found);
  return new vm.SyntheticModule(
    keys,
    function fill() {
      for (const key of keys) this.setExport(key, found[key]);
    },
    { context },
  );
}

async function load(specifier, from) {
  const path = isBuiltin(specifier) ? specifier : find(specifier, from);
  if (!modules.has(path)) modules.set(path, isBuiltin(specifier) ? await builtin(path) : source(path, readFileSync(path, "utf8"))); // prettier-ignore
  return modules.get(path);
}

function source(path, code) {
  return new vm.SourceTextModule(code, {
    context,
    identifier: path,
    initializeImportMeta: (meta) => (meta.url = pathToFileURL(path).href),
    importModuleDynamically: async (specifier) => ready(await load(specifier, path)),
  });
}

async function ready(module) {
  if (module.status === "unlinked") await module.link((specifier, { identifier }) => load(specifier, identifier));
  await module.evaluate();
  return module;
}

const { namespace } = await ready(source(join(root, "program.js"), process.argv[2]));
process.stdout.write(JSON.stringify(namespace.default));
