// The command `resume`: goes on with a training that was begun with --checkpoints.
import { digits, digitsOptions } from "./digits.ts";
import { isRank, type ProcessOptions } from "./processes/together.ts";
import { openRun, type Run, type RunFile } from "./runs.ts";
import { keptOptions } from "./tables/keptTraining.ts";
import { train } from "./tables/train.ts";
import { closest } from "./text.ts";

/** What may be another one than at the beginning: the result is the same. */
export interface ResumeOptions extends Partial<ProcessOptions> {}

type Write = (line: string) => void;

/** How the training of each command goes on. */
const COMMANDS: Readonly<
  Record<string, (run: Run, file: RunFile, changed: ResumeOptions, write: Write) => Promise<void>>
> = {
  digits: (run, file, changed, write) => digits({ ...digitsOptions(run.folder, file), ...changed }, write, run),
  train: async (run, kept, changed, write) => {
    const { file, options, from } = await keptOptions(run.folder, kept);
    return train(file, { ...options, ...changed }, write, { run, from });
  },
};

/** Refuses to go on by updates that are summed in another way. */
function checkSame(folder: string, { options }: RunFile, { processes, hosts }: ResumeOptions): void {
  if (options["processes"] !== undefined) return;
  if (processes === undefined && hosts === undefined && !isRank()) return;
  throw new Error(
    `resume: the training in ${folder} was begun without --processes, and goes on in one process alone: its updates have other bits; leave out --processes and --hosts`,
  );
}

/** Goes on with the training in a folder, and prints what its command prints. */
export async function resume(folder: string, changed: ResumeOptions, write: Write): Promise<void> {
  const { run, file } = await openRun(folder);
  const known = Object.keys(COMMANDS);
  const go = Object.hasOwn(COMMANDS, file.command) ? COMMANDS[file.command] : undefined;
  if (!go) {
    const meant = closest(file.command, known);
    throw new Error(
      `resume: the training in ${folder} is of the command ${JSON.stringify(file.command)}, which this version doesn't know; ` +
        `known: ${known.join(", ")}${meant ? ` (did you mean ${meant}?)` : ""}`,
    );
  }
  checkSame(folder, file, changed);
  const { processes: _, hosts: _hosts, ...its } = file.options;
  // in ranks it was said already, by the command that started them or by the user's mpirun
  const options = isRank() || (changed.processes !== undefined && !changed.hosts) ? its : file.options;
  await go(run, { ...file, options }, changed, write);
}
