// Runs one fuzzer in a process of its own, and tells the seed of each input before it is tried.
import { type Failure, type Report, run } from "./engine.ts";
import { allFuzzers } from "./fuzzers.ts";

/** What is to be run. */
export interface Task {
  readonly name: string;
  readonly seed: number;
  readonly count: number;
  readonly most: number;
}

export type Message =
  { readonly begin: number; readonly refused: number } | { readonly failure: Failure } | { readonly report: Report };

const { name, ...options } = JSON.parse(process.argv[2]!) as Task;
process.on("SIGINT", () => {}); // Ctrl-C is for the process that began this one: it prints the figures
const tell = (message: Message): void => void process.send!(message);
const fuzzer = (await allFuzzers()).find((each) => each.name === name)!;
const report = await run(fuzzer, {
  ...options,
  begin: (seed, refused) => tell({ begin: seed, refused }),
  failed: (failure) => tell({ failure }),
});
tell({ report });
