// `--processes`: a command starts itself as many times by mpirun, and these processes train together.
import { spawn } from "node:child_process";
import { createRequire as requireFrom } from "node:module"; // what the bundle begins with has the other name
import { resolve } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { type Group, mpi } from "../../src/mpi.ts";
import { CODES, type SignalName, stoppable } from "../stop.ts";
import { errorsOf, failureText, tellBegun } from "./failures.ts";
import { type Places, startOf } from "./mpirun.ts";
import { outputOf, unreachableText } from "./mpirunErrors.ts";
import { isStarted, outputVariables, withoutTerminal } from "./terminal.ts";

/**
 * Passes of an update: they are shared out among the processes, of which there are as many at most. The result depends
 * on it, but not on their number.
 */
export const PASSES = 8;

/** Milliseconds from the first host that can't be reached until mpirun is asked to end, and from there until it is killed. */
const FURTHER = 500;

/** What a process writes that isn't the first of a group. */
const nothing = (): void => {};

/** A rank's part in what a command does. */
export interface Part {
  /** Undefined: the process trains alone. */
  readonly group: Group | undefined;
  /** Is it this process that writes files? */
  readonly isFirst: boolean;
  /** Writes a line, of the first process. */
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
  /** A place where all ranks end if one of them got a signal: outside `fit`, each would leave the others waiting. */
  stage(): Promise<void>;
}

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
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, SLURM_STEP_NUM_TASKS } = process.env;
  // of tasks of Slurm that nothing connects each would train alone, and write the same files: `mpi` refuses them
  return isStarted() || Number(OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? SLURM_STEP_NUM_TASKS) > 1;
}

/** Refuses numbers of processes that there can't be, before any is started. */
function checkProcesses(command: string, { processes, hosts }: ProcessOptions): void {
  if (processes === undefined) {
    if (!hosts) return;
    throw new Error(
      `${command}: --hosts needs --processes: how many there are on all of them, such as ${hosts.length}`,
    );
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
 * Does a command's work: here where it is for one process; in a rank with its group; or else starts the ranks, and waits for them. Ctrl-C ends it
 * between two steps.
 *
 * @param interrupted is called in the command that has started ranks where these ended too early: says how it goes on
 */
export async function together(
  command: string,
  options: ProcessOptions,
  write: (line: string) => void,
  work: (part: Part) => Promise<void>,
  interrupted: () => Promise<void>,
): Promise<void> {
  const go = (group: Group | undefined): Promise<void> =>
    stoppable((signal, abort) => {
      const isFirst = group === undefined || group.rank === 0;
      const stage = async (): Promise<void> => {
        await setImmediate();
        if (group && (await isAny(group, signal.aborted))) abort();
        signal.throwIfAborted();
      };
      return work({ group, isFirst, write: isFirst ? write : nothing, signal, stage });
    }, isStarted());
  const { processes, hosts, threads } = options;
  if (isRank() || (processes === 1 && !hosts)) {
    const group = await mpi();
    rank = group.rank;
    if (isStarted()) tellBegun(rank);
    if (rank > 0) withoutTerminal();
    else if (isStarted()) endWithStarter();
    checkProcesses(command, { ...options, processes: group.size });
    if (processes !== undefined && processes !== group.size) {
      throw new Error(
        `${command}: --processes is ${processes}, but mpirun has started ${group.size}; leave --processes out`,
      );
    }
    return go(group);
  }
  checkProcesses(command, options);
  if (processes === undefined) return go(undefined);
  checkKoffi(command, processes);
  await start(command, { processes, hosts }, threads, interrupted);
}

/** Ends this rank, and thereby all, if the command that started it is killed: it holds the other end of the input. */
function endWithStarter(): void {
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
  process.stdin.unref?.(); // a file has none
}

/** Is something so on any of the ranks? */
async function isAny(group: Group, here: boolean): Promise<boolean> {
  const all = new Uint8Array(group.size);
  await group.gather(Uint8Array.of(here ? 1 : 0), all);
  return all.includes(1);
}

/** What the binding of MPI needs. */
function checkKoffi(command: string, processes: number): void {
  const isThere = [resolve("package.json"), import.meta.url].some((base) => {
    try {
      return requireFrom(base).resolve("koffi") !== "";
    } catch {
      return false;
    }
  });
  if (!isThere) {
    throw new Error(
      `${command}: --processes ${processes} needs the npm package koffi, which isn't installed; run: npm install koffi`,
    );
  }
}

/** Starts this very command as ranks, shows what they write, and ends as they do. */
async function start(
  command: string,
  places: Places,
  threads: number | "auto",
  interrupted: () => Promise<void>,
): Promise<void> {
  const output = outputVariables();
  const env: NodeJS.ProcessEnv = { ...process.env, ...output };
  for (const [name, value] of Object.entries(output)) if (value === undefined) delete env[name];
  const passed = [...Object.keys(output), "COLUMNS"].filter((name) => env[name]);
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { words, variables, stop, isLoud } = startOf(command, places, threads, program, passed);
  // in a process group of its own Ctrl-C doesn't reach it, which would have it kill the ranks
  const child = spawn("mpirun", words, {
    env: { ...env, ...variables },
    detached: true,
    stdio: ["pipe", isLoud ? "pipe" : "inherit", "pipe"],
  });
  const said = child.stdout ? outputOf(child.stdout, (text) => process.stdout.write(text)) : () => [];
  const errors = child.stderr!;
  let asked = 0;
  const kill = (): void => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // all have ended
    }
  };
  const show = (line: string): void => {
    if (asked === 0) process.stderr.write(`${line}\n`);
  };
  /** Ends mpirun, which may wait for ever for hosts, when others that can't be reached had the time to be told, too. */
  const giveUp = async (): Promise<void> => {
    await sleep(FURTHER);
    child.kill("SIGTERM");
    await sleep(FURTHER);
    kill();
    // an ssh that still waits for another host holds them
    child.stdout?.destroy();
    errors.destroy();
  };
  let given: Promise<void> | undefined;
  const told = errorsOf(errors, places.processes, show, () => (given = giveUp()));
  const onSignal = (name: SignalName): void => {
    process.exitCode = CODES[name];
    asked++;
    if (asked <= 2) child.kill(stop);
    else kill();
  };
  const names = Object.keys(CODES) as SignalName[];
  for (const name of names) process.on(name, onSignal);
  try {
    const code = await new Promise<number>((end, reject) => {
      child.on("error", reject);
      child.on("close", (number, signal) => end(number ?? (signal === null ? 1 : 128)));
    });
    await given;
    if (asked > 0 && told.failures.length === 0) return;
    if (told.unreachable.length > 0) {
      throw new Error(`${command}: ${unreachableText(places.hosts ?? [], told.unreachable)}`);
    }
    if (told.failures.length > 0) throw new Error(failureText(told.failures));
    const died = told.died(said());
    if (!died) [...told.kept, ...said()].forEach(show);
    if (code !== 0) await interrupted();
    if (died) {
      const which = died.rank < 0 ? "a rank" : `rank ${died.rank}`;
      const why = died.signal === 9 ? ", as a system does that runs out of memory" : "";
      throw new Error(`${command}: ${which} was killed by signal ${died.signal}${why}, and all others ended with it`);
    }
    process.exitCode = [0, ...Object.values(CODES)].includes(code) ? code : 1;
  } finally {
    for (const name of names) process.off(name, onSignal);
  }
}
