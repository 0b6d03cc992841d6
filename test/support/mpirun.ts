// Programs that are started by mpirun: Debian's Open MPI and MPICH, side by side.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installed } from "./programs.ts";

export type Mpi = "openmpi" | "mpich";

export const MPIS: readonly Mpi[] = ["openmpi", "mpich"];

const root = join(import.meta.dirname, "../..");

/** The variables by which a job finds what belongs to it. */
const MARK = "WASMGRAD_TEST_JOB";

export interface MpirunOptions {
  /** Beside those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The program that runs the ranks; default: the Node of the tests. */
  readonly node?: string;
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
  /** Arguments of mpirun, after those with which it starts more ranks than there are cores. */
  readonly launcher?: readonly string[];
  /** The words before mpirun, of a command that runs it somewhere else. */
  readonly through?: readonly string[];
  /** Is called with what was printed so far, each time that there is more; a signal that it gives goes to mpirun, once. */
  readonly look?: (stdout: string) => NodeJS.Signals | undefined;
  /** Milliseconds after which the job is killed; default 240,000. */
  readonly deadline?: number;
}

export interface Job {
  /** The exit code of mpirun; undefined if it had to be killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** How many processes of the job were left when mpirun had ended: they have been killed. */
  readonly left: number;
}

/** The variables of the tests, but for those that say that they are themselves a rank or a task. */
export function plainVariables(): Record<string, string> {
  const entries = Object.entries(process.env as Record<string, string>);
  return Object.fromEntries(entries.filter(([name]) => !/^(?:OMPI_|PMIX?_|SLURM_|HYDRA_|MPI)/.test(name)));
}

/** The processes that have the mark, and aren't over: ranks are in groups of their own, and one that is stopped ends by SIGKILL alone. */
function marked(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${MARK}=${mark}\0`);
      } catch {
        return false; // it has ended, or belongs to somebody else
      }
    })
    .map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** What of the job is still there a moment after its mpirun has ended. */
async function leftOf(mark: string): Promise<number[]> {
  for (let tries = 0; tries < 400 && marked(mark).length > 0; tries++) await sleep(50);
  return marked(mark);
}

/**
 * Runs a program as so many ranks, and waits until all have ended.
 *
 * @param program its path, from the root of the project
 * @param args of the program
 * @throws {Error} if the MPI isn't installed
 */
export async function mpirun(
  kind: Mpi,
  ranks: number,
  program: string,
  args: readonly string[] = [],
  {
    env = {},
    cwd = root,
    node = process.execPath,
    nodeArgs = [],
    launcher = [],
    through = [],
    look,
    deadline = 240_000,
  }: MpirunOptions = {},
): Promise<Job> {
  const command = installed(`mpirun.${kind}`);
  if (!command) {
    throw new Error(
      `mpirun.${kind} isn't installed; Debian: apt-get install ${kind === "openmpi" ? "openmpi-bin" : "mpich"}`,
    );
  }
  const polite =
    kind === "openmpi" ? ["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"] : [];
  const mark = randomUUID();
  const job = [...polite, ...launcher, "-np", String(ranks), node, ...nodeArgs, resolve(root, program), ...args];
  const [first, ...words] = [...through, command, ...job];
  const child = spawn(first!, words, {
    cwd,
    detached: true, // a group of its own
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...plainVariables(),
      NO_COLOR: "1",
      // containers and CI run as root
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      ...env,
      [MARK]: mark,
    },
  });
  let stdout = "";
  let stderr = "";
  let signal: NodeJS.Signals | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (signal) return;
    signal = look?.(stdout);
    if (signal) child.kill(signal);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const killAll = (): void => {
    kill(-child.pid!);
    marked(mark).forEach(kill);
  };
  const timer = setTimeout(killAll, deadline);
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    const left = await leftOf(mark);
    left.forEach(kill);
    if (!child.stdout.closed || !child.stderr.closed) await once(child, "close");
    return { code: code ?? undefined, stdout, stderr, left: left.length };
  } finally {
    clearTimeout(timer);
    killAll();
  }
}

/** What each rank has printed as a line of JSON that has a `rank`, in the order of ranks. */
export function linesByRank<T extends { readonly rank: number }>({ stdout }: Pick<Job, "stdout">): T[] {
  const lines = stdout.split(/\r?\n/).filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as T).toSorted((a, b) => a.rank - b.rank);
}
