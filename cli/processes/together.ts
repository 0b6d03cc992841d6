// `--processes`: a command starts itself as many times by mpirun, and these processes train together.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { type Group, mpi } from "../../src/mpi.ts";
import { fitted } from "../command.ts";
import { CODES, type SignalName } from "../stop.ts";
import { shown } from "../text.ts";
import { failureText, failuresOf } from "./failures.ts";
import { type Places, startOf } from "./mpirun.ts";
import { isStarted, outputVariables, withoutTerminal } from "./terminal.ts";

/** Passes of an update: they are shared out among the processes, of which there are as many at most. The result depends on it, but not on their number. */
export const PASSES = 8;

/** How a command is run on several processes. */
export interface ProcessOptions {
  /** Default: the training is in this process alone, by updates that aren't cut into passes. */
  readonly processes?: number;
  /** Default: all are on this machine. */
  readonly hosts?: readonly string[];
  readonly threads: number | "auto";
}

/** The rank of this process, as it fails before or after its group. */
let rank = 0;
export const rankHere = (): number => rank;

/** Was this process started by mpirun or srun, with others? */
export function isRank(): boolean {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, SLURM_NTASKS } = process.env;
  const size = OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? (PMIX_RANK === undefined ? undefined : SLURM_NTASKS);
  return isStarted() || Number(size) > 1;
}

/** Refuses numbers of processes that there can't be, before any is started. */
function checkProcesses(command: string, { processes, hosts }: ProcessOptions): void {
  if (processes === undefined) {
    if (hosts) throw new Error(`${command}: --hosts needs --processes: how many there are on all of them, such as ${hosts.length}`);
    return;
  }
  if (processes > PASSES) {
    throw new Error(
      `${command}: --processes may be at most ${PASSES}, since an update has ${PASSES} passes to share out, got ${processes}; more cores are used by --threads`,
    );
  }
  if (hosts && hosts.length > processes) {
    throw new Error(
      `${command}: --hosts has ${hosts.length} hosts for ${processes} ${processes === 1 ? "process" : "processes"}; give --processes ${hosts.length} or more, or fewer hosts`,
    );
  }
}

/**
 * Does a command's work: here where it is for one process; in a rank with its group; or else starts the ranks, and waits for them.
 *
 * @param work is told the group, if there is one, and whether this process is the one that writes
 */
export async function together(
  command: string,
  options: ProcessOptions,
  work: (group: Group | undefined) => Promise<void>,
): Promise<void> {
  const { processes, hosts, threads } = options;
  const isOne = isRank();
  if (isOne || (processes === 1 && !hosts)) {
    const group = await mpi();
    rank = group.rank;
    if (rank > 0) withoutTerminal();
    checkProcesses(command, { ...options, processes: group.size });
    if (processes !== undefined && processes !== group.size) {
      throw new Error(`${command}: --processes is ${processes}, but mpirun has started ${group.size}; leave --processes out`);
    }
    return work(group);
  }
  checkProcesses(command, options);
  if (processes === undefined) return work(undefined);
  checkKoffi(command, processes);
  await start(command, { processes, hosts }, threads);
}

/** What the binding of MPI needs. */
function checkKoffi(command: string, processes: number): void {
  try {
    createRequire(import.meta.url).resolve("koffi");
  } catch (cause) {
    throw new Error(`${command}: --processes ${processes} needs the npm package koffi: npm install koffi`, { cause });
  }
}

/** Variables that ranks on other hosts need. */
const PASSED = ["COLUMNS"];

/** Starts this very command as ranks, shows what they write, and ends as they do. */
async function start(command: string, places: Places, threads: number | "auto"): Promise<void> {
  const output = outputVariables();
  const passed = [...Object.keys(output).filter((name) => output[name] !== undefined), ...PASSED].filter(
    (name) => output[name] ?? process.env[name],
  );
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { words, variables, stop } = startOf(command, places, threads, program, passed);
  const env: NodeJS.ProcessEnv = { ...process.env, ...variables, ...output };
  for (const [name, value] of Object.entries(output)) if (value === undefined) delete env[name];
  // in a process group of its own Ctrl-C doesn't reach it, which would have it kill the ranks
  const child = spawn("mpirun", words, { env, detached: true, stdio: ["ignore", "inherit", "pipe"] });
  const failures = failuresOf(child.stderr, (line) => process.stderr.write(`${line}\n`));

  let asked = 0;
  const onSignal = (name: SignalName): void => {
    process.exitCode = CODES[name];
    asked++;
    if (asked <= 2) child.kill(stop);
    else if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const names = Object.keys(CODES) as SignalName[];
  for (const name of names) process.on(name, onSignal);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (number, signal) => resolve(number ?? (signal === null ? 1 : 128)));
    });
    if (failures().length > 0) throw new Error(failureText(failures()));
    if (asked === 0) process.exitCode = code;
  } finally {
    for (const name of names) process.off(name, onSignal);
  }
}
