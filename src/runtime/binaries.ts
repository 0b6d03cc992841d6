// Decodes and compiles the binaries of kernels, each once. assembly/binaries/list.json lists them.
import { OTHERS } from "../../build/binaries.js";
import { ALPHABET } from "../../build/binaryText.js";
import { checkKeys, checkKind, kindOf } from "../util/check.ts";
import type { Bytes, WasmModule } from "../util/platform.ts";
import type * as Words from "./engineErrors.ts";
import { explainBinary } from "./policy.ts";

/** A binary as the build writes it: text or, where it is read from a file, bytes. */
export type BinaryText = string | Uint8Array;

/** Gives a binary, as text or bytes, or compiled. */
export type Binary = () => Promise<{ readonly binary: BinaryText } | WasmModule>;

/** What loads binaries into a memory. */
export interface BinaryLoader {
  /**
   * Adds the kernels of another binary, once per name. It may import `env.memory` and `env.table`, the functions of all kernels.
   *
   * @param binary gives the module; it is called once, for all models
   */
  load(name: string, binary: Binary): Promise<void>;
  /** The same without waiting, of a small binary: `compileAtOnce` gives the module. */
  link(name: string, binary: () => WasmModule): void;
}

/** Binaries that are compiled, or being compiled, by their names. */
const modules = new Map<string, WasmModule | Promise<WasmModule>>();

type Source = WasmModule | Bytes | Promise<WasmModule>;

const isModule = (value: unknown): value is WasmModule => kindOf(value) === "WebAssembly.Module";

/**
 * Uses other builds of the binaries, or some that were compiled elsewhere, for everything made from now on: for pages whose
 * content security policy or platform doesn't let WebAssembly be compiled at run time. Not needed otherwise.
 *
 * @param core wasmgrad/core.wasm: a compiled module, the promise of one, or bytes
 * @param others.activations wasmgrad/activations.wasm, needed by gelu and others that are not relu, sigmoid, tanh or softmax
 * @param others.convolution wasmgrad/convolution.wasm, needed by layers on images alone
 * @param others.sequence wasmgrad/sequence.wasm, needed by layers on sequences and by normalisation alone
 * @param others.values wasmgrad/values.wasm, needed by operators on values alone: multiply, dot, matmul, sum and the like
 * @param others.extra wasmgrad/extra.wasm, needed by rmsprop, adagrad, adadelta, some losses, and metrics but accuracy; to be ready
 *   when a trainer is made, so give it compiled
 * @param others.losses wasmgrad/losses.wasm, needed by poisson, quantile, cosineSimilarity, focal, dice, tripletMargin and ctc; as extra
 * @param others.threads wasmgrad/threads.wasm, which models of several threads have in place of all the others
 * @throws {TypeError} if one is neither a module nor bytes
 * @example useCore(await readFile("node_modules/wasmgrad/build/core.wasm")); // with readFile from "node:fs/promises"
 */
export function useCore(core: Source, others: Readonly<Partial<Record<(typeof OTHERS)[number], Source>>> = {}): void {
  checkKeys("useCore", others, OTHERS);
  const given = Object.entries({ core, ...others }).map(([name, source]) => [name, checkSource(name, source)] as const);
  for (const [name, compiled] of given) {
    const module = compiled();
    // a failure is reported when the first model is made
    module.then(
      (binary) => modules.get(name) === module && modules.set(name, binary),
      () => {},
    );
    modules.set(name, module);
  }
}

/** Returns what compiles a source. Refuses what is neither a module nor bytes, nor promises a module. */
function checkSource(name: string, source: Source): () => Promise<WasmModule> {
  const check = (value: unknown, holds: boolean): void =>
    checkKind(holds, "useCore", name, "a WebAssembly module or its bytes", value);
  if (isModule(source)) return () => Promise.resolve(source);
  if (kindOf(source) === "Promise") {
    return async () => {
      const module = await source;
      check(module, isModule(module));
      return module;
    };
  }
  const view = ArrayBuffer.isView(source);
  check(source, view || /^(?:Shared)?ArrayBuffer$/.test(kindOf(source)));
  return async () => {
    // a copy: engines refuse bytes of shared memory
    const { buffer, byteOffset, byteLength } = view ? source : new Uint8Array(source as ArrayBuffer);
    return compileBytes(name, new Uint8Array(buffer, byteOffset, byteLength).slice());
  };
}

/** The bytes of what was compiled here. */
const sources = new WeakMap<WasmModule, Uint8Array>();

/** The bytes of a binary, if it was compiled here. */
export const bytesOfBinary = (module: WasmModule): Uint8Array | undefined => sources.get(module);

const compileBytes = (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule> =>
  WebAssembly.compile(bytes).then(
    (module) => (sources.set(module, bytes), module),
    (error: unknown) => explained(error, (its) => its.explainBinary(name, error)),
  );

/** Throws an error in words or, where they can't be fetched, as the engine does. */
export async function explained(error: unknown, words: (its: typeof Words) => unknown): Promise<never> {
  const its = await import("./engineErrors.ts").catch(() => undefined);
  throw its ? words(its) : error;
}

/** The bytes of a binary that may be text; scripts/binaryText.mjs describes the encoding. */
export function decode(text: BinaryText): Uint8Array<ArrayBuffer> {
  if (typeof text !== "string") return text as Uint8Array<ArrayBuffer>;
  const codes: number[] = [];
  for (let i = 0; i < ALPHABET.length; i++) codes[ALPHABET.charCodeAt(i)] = i;
  const bytes = new Uint8Array(text.length);
  let count = 0;
  let page = 0;
  for (let i = 0; i < text.length; i++) {
    const code = codes[text.charCodeAt(i)]!;
    if (code > 63) page = (code - 63) * 64;
    else {
      bytes[count++] = page + code - 4; // modulo 256
      page = 0;
    }
  }
  return bytes.subarray(0, count);
}

/** Compiles a small binary, without waiting. */
export function compileAtOnce(name: string, binary: BinaryText): WasmModule {
  const known = modules.get(name);
  if (known && !("then" in known)) return known;
  try {
    const bytes = decode(binary);
    const module = new WebAssembly.Module(bytes);
    modules.set(name, module);
    sources.set(module, bytes);
    return module;
  } catch (error) {
    throw explainBinary(name, error);
  }
}

/** Compiles a binary, once. A failure isn't kept: a file that could not be fetched is asked for again. */
export async function compile(name: string, read: Binary): Promise<WasmModule> {
  const known = modules.get(name);
  if (known) return known;
  const make = async (): Promise<WasmModule> => {
    const result = await read();
    return "binary" in result ? compileBytes(name, decode(result.binary)) : result;
  };
  const module = make();
  modules.set(name, module);
  module.catch(() => modules.get(name) === module && modules.delete(name));
  return module;
}
