// Adds kernels to the function table.
import type { WasmTable } from "../util/platform.ts";

/**
 * Adds a WebAssembly function to the table. Returns its index. In two steps, since what WebKit's `grow` writes can't be called.
 *
 * @see https://bugs.webkit.org/show_bug.cgi?id=315856
 */
export function appendFunction(table: WasmTable, kernel: unknown): number {
  const index = table.grow(1);
  table.set(index, kernel);
  return index;
}
