// What an engine is asked to do.
import { dense, type Model, sequential } from "wasmgrad";
import { job } from "./job.ts";
import { type RunOptions, runs } from "./runs.ts";

export interface Task extends RunOptions {
  /** Everything, the four runs alone, or as many models as the engine allows. */
  readonly what: "job" | "runs" | "fill";
}

/** @param folder where the IDX files of MNIST are, for a page */
export async function work(tasks: readonly Task[], folder?: string): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const { what, ...options } of tasks) {
    results.push(await (what === "job" ? job(options, folder) : what === "runs" ? runs(options) : fill()));
  }
  return results;
}

/** Models are made and kept until the engine allows no more, or 500 are alive; says how it ended. */
async function fill(): Promise<string> {
  const models: Model[] = [];
  try {
    while (models.length < 500) models.push(await sequential({ input: 2 }, dense(1)));
    return `${models.length} models`;
  } catch (error) {
    return (error as Error).message;
  }
}
