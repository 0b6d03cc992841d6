// Words for what engines throw while a model is made. Fetched when they do.
export { explainBinary, explainPolicy } from "./policy.ts";

/** What to do where no memory can be had. `alive`: models that have one. */
export function explainMemory(owner: string, alive: number): RangeError {
  return new RangeError(
    `${owner}: the engine allows no more WebAssembly memories (${alive} models have one). ` +
      `Let some go, or let models share one: sequential({ core: other.core, ... })`,
  );
}
