// What a worker does that trains on a copy of a core's memory: it links the same binaries to the same places of a table, writes what it
// is sent, runs passes, and sends back what is asked for.
import type { CoreExports } from "../kernels.ts";
import { appendFunction } from "../functionTable.ts";
import { type Answer, type Call, type Copy, copyOf, writeCopies } from "./copyMessages.ts";

let exports: CoreExports;
let memory: WebAssembly.Memory;

/** Begins a copy: a memory of the same size, with the same kernels at the same places of the table. */
export function beginCopy({ linked, bytes }: Copy): Answer {
  memory = new WebAssembly.Memory({ initial: bytes / 65536, maximum: bytes / 65536 });
  const env: { memory: WebAssembly.Memory; table?: WebAssembly.Table } = { memory };
  for (const { module, first } of linked) {
    const exported = new WebAssembly.Instance(module, { env }).exports as unknown as CoreExports;
    if (!env.table) exports = exported;
    const table = (env.table ??= exported.table);
    if (table.length < first) table.grow(first - table.length); // places of functions of JavaScript's, which aren't called here
    for (const value of Object.values(exported)) if (typeof value === "function") appendFunction(table, value);
  }
  return { done: 0, at: [] };
}

/** Answers a call. */
export function answer({ writes, program, passes, reads }: Call): Answer {
  const u8 = new Uint8Array(memory.buffer);
  writeCopies(u8, writes);
  const done = passes > 0 ? exports.runPasses(program, passes) >>> 0 : 0;
  return { done, at: copyOf(u8, reads) };
}
