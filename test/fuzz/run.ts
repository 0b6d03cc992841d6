// `npm run fuzz`: tries inputs of every reader and programs of the whole API, and prints the seed of each failure.
import { Command, InvalidArgumentError } from "commander";
import { fork } from "node:child_process";
import type { Failure, Report } from "./engine.ts";
import { allFuzzers } from "./fuzzers.ts";
import type { Message, Task } from "./child.ts";

/** An input that takes longer is a hang, in seconds: far more than any takes on a busy machine. */
const HANG = 900;

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
    return value;
  };

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly only: readonly string[];
  readonly most: number;
}

/** Ends what is running: its figures so far are printed. */
let stopping: (() => void) | undefined;
let stopped = false;
process.once("SIGINT", () => {
  stopped = true;
  stopping?.();
});

/** Runs one fuzzer in a process of its own: this one sees when it hangs or ends, and at which seed. */
function runInProcess(name: string, { seed, count, most }: Options): Promise<Report> {
  const task: Task = { name, seed, count, most };
  const child = fork(new URL("child.ts", import.meta.url), [JSON.stringify(task)]);
  return new Promise((resolve) => {
    let current = seed;
    let since = Date.now();
    let found = 0;
    let refused = 0;
    const give = (report: Report): void => {
      clearInterval(watch);
      child.removeAllListeners();
      child.kill();
      resolve(report);
    };
    const tell = ({ seed: own, fault, input }: Failure): void => {
      found++;
      console.log(
        `\n${name}, seed ${own}: ${fault}\n  again: npm run fuzz -- --only ${name} --seed ${own} --count 1\n${input.replaceAll(/^/gm, "  ")}`,
      );
    };
    const broken = (fault: string): void => {
      tell({ seed: current, fault, input: "" });
      give({ inputs: current - seed + 1, refused, failures: found });
    };
    const watch = setInterval(() => {
      if (Date.now() - since > HANG * 1000) broken(`takes more than ${HANG} s`);
    }, 1000);
    child.on("message", (message: Message) => {
      since = Date.now();
      if ("begin" in message) ({ begin: current, refused } = message);
      else if ("failure" in message) tell(message.failure);
      else give(message.report);
    });
    stopping = () => give({ inputs: current - seed, refused, failures: found });
    child.on("exit", (code, signal) => broken(`ends the process (${code ?? signal})`));
  });
}

const fuzzers = await allFuzzers();
const names = fuzzers.map(({ name }) => name);
const list = fuzzers.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join("\n");

const program = new Command()
  .name("npm run fuzz --")
  .description("Tries inputs that are made at random, by a seed, of every reader and of the whole API.")
  .option("--seed <n>", "of the first input; each further one has the next", whole(0), 1)
  .option("--count <n>", "inputs for each", whole(1), 100_000)
  .option("--only <names...>", "some of them")
  .option("--most <n>", "failures after which one ends", whole(1), 20)
  .addHelpText("after", `\nReaders and the API:\n${list}`)
  .action(async (options: Options) => {
    const { only = names } = options;
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) program.error(`unknown name ${unknown}. Known: ${names.join(", ")}`);
    let failures = 0;
    for (const name of only) {
      if (stopped) break;
      const begun = Date.now();
      const report = await runInProcess(name, options);
      failures += report.failures;
      const seconds = ((Date.now() - begun) / 1000).toFixed(0);
      console.log(
        `${name.padEnd(12)} ${report.inputs} inputs, ${report.refused} refused, ${report.failures} failures, ${seconds} s`,
      );
    }
    process.exitCode = failures > 0 ? 1 : 0;
  });

await program.parseAsync();
