// Lets records call functions that users write in JavaScript.
//
// A function table holds WebAssembly functions only; a module that imports a JavaScript function and exports it again turns it
// into one. A core has one such kernel per role; an argument of the record says by a number which function is called.
import { RECORD_ARGS } from "../../../build/abi.js";
import type { Arena } from "../../runtime/arena.ts";
import type { Core } from "../../runtime/core.ts";
import type { KernelName } from "../../runtime/kernels.ts";
import { isObject } from "../../util/check.ts";
import { appendFunction } from "../../runtime/functionTable.ts";
import { explainPolicy } from "../../runtime/policy.ts";
import type { WasmModule } from "../../util/platform.ts";

/** Works on a record: `args` is the index of its arguments in `arena.u32`. */
export type Call = (arena: Arena, args: number, rows: number, core: Core) => void;

/** The kernels, and the index of the argument that says which function they call: the first after those of all records. */
const SLOTS = {
  customForward: 4,
  customBackward: 5,
  customLoss: 7,
  customMetric: 3,
  customUpdate: 4,
} as const satisfies Partial<Record<KernelName, number>>;

/** (module (import "e" "f" (func (param i32 i32))) (export "f" (func 0))) */
const PASS_ON = [
  [0, 97, 115, 109, 1, 0, 0, 0], // magic number, version
  [1, 6, 1, 96, 2, 127, 127, 0], // types: one, of two i32 and no result
  [2, 7, 1, 1, 101, 1, 102, 0, 0], // imports: e.f, a function of type 0
  [7, 5, 1, 1, 102, 0, 0], // exports: f, function 0
];

let passOn: WasmModule | undefined;

/** Adds the kernels that call JavaScript functions to a core, if it doesn't have them. */
export function placeKernels(core: Core): void {
  if (core.places.has("customForward")) return;
  const calls = callsOf(core);
  try {
    passOn ??= new WebAssembly.Module(Uint8Array.from(PASS_ON.flat()));
    for (const [name, slot] of Object.entries(SLOTS)) {
      const f = (record: number, rows: number): void => {
        const args = ((record >>> 0) + RECORD_ARGS) / 4;
        calls[core.arena.u32[args + slot]!]!(core.arena, args, rows >>> 0, core);
      };
      const kernel = new WebAssembly.Instance(passOn, { e: { f } }).exports["f"];
      core.places.set(name, appendFunction(core.exports.table, kernel));
    }
  } catch (error) {
    throw explainPolicy(
      "customLayer, customLoss, customMetric, customOptimizer",
      error,
      "; functions of JavaScript need it, with useCore as without",
    );
  }
}

/** The core's own list, not one of this module's: another copy of the library may have placed the kernels. */
const callsOf = (core: Core): Call[] => core.calls as Call[];

/** The number of a function in a core that has the kernels: the one that it has already, or the next. */
export function numberOf(call: Call, core: Core): number {
  const calls = callsOf(core);
  const number = calls.indexOf(call);
  return number >= 0 ? number : calls.push(call) - 1;
}

/** A view of `count` float32 numbers of the memory. Valid until the memory grows. */
export function floats(arena: Arena, address: number, count: number): Float32Array {
  return new Float32Array(arena.memory.buffer, address, count);
}

/**
 * Calls a function of the user's, and puts the layer, loss or metric in front of the message of what it throws.
 *
 * @param arena the memory that the function has views of
 */
export function callUser<T>(where: string, name: string, call: () => T, arena?: Arena): T {
  const buffer = arena?.memory.buffer;
  const checkGrowth = (cause?: unknown): void => {
    if (arena?.memory.buffer === buffer) return;
    const rule = "it must use no model that shares this memory";
    throw new Error(`${where}: ${name} made the memory grow that its arrays are views of; ${rule}`, { cause });
  };
  const refuse = (asked: string): never => {
    const rule = "compute that before, or with a model that has a memory of its own";
    throw new Error(`${asked} can't be called within ${name} of ${where}, in the middle of a pass; ${rule}`);
  };
  let result: T;
  try {
    if (arena) arena.refuse = refuse;
    result = call();
  } catch (error) {
    checkGrowth(error);
    throw new Error(`${where}: ${name} threw ${String(error)}`, { cause: error });
  } finally {
    if (arena) arena.refuse = undefined;
  }
  checkGrowth();
  if (isObject(result) && "then" in result && typeof result.then === "function") {
    Promise.resolve(result).catch(() => {}); // this error is enough
    throw new TypeError(`${where}: ${name} must be done when it returns, but it returned a promise`);
  }
  return result;
}

/** A word that can be part of a parameter's name: what files and messages are made of. */
export function isWord(name: unknown): name is string {
  return typeof name === "string" && /^[a-z]\w*$/i.test(name);
}
