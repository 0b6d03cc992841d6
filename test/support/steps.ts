// Counts the steps that the library takes: how often each block of its TypeScript runs, as V8 counts for coverage. What the engine
// does inside of one call, such as `indexOf`, isn't counted.
import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

// a function that is thrown away loses its counts, one that is compiled into its caller isn't counted
for (const flag of ["--no-flush-bytecode", "--no-opt", "--no-maglev"]) setFlagsFromString(flag);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
// from here on for ever: only functions that are compiled later have counters of their blocks
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/**
 * Runs something, and returns how many blocks of src/ were run: in the search for addresses, and elsewhere. To be imported before
 * anything of src/ is called.
 */
export async function stepsOf(run: () => unknown): Promise<{ readonly addresses: number; readonly others: number }> {
  await session.post("Profiler.takePreciseCoverage"); // counts from 0
  await run();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const steps = { addresses: 0, others: 0 };
  for (const { url, functions } of result) {
    if (!url.includes("/src/")) continue;
    const where = url.includes("memoryPlanner") ? "addresses" : "others";
    for (const { ranges } of functions) for (const { count } of ranges) steps[where] += count;
  }
  return steps;
}
