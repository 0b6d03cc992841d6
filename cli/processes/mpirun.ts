// mpirun: which one there is, and how it is told what to start.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** How many processes, on which hosts. */
export interface Places {
  readonly processes: number;
  /** Default: on this one. */
  readonly hosts?: readonly string[] | undefined;
}

/** What it takes to start the ranks, and to have them stop when what is being done is over. */
export interface Start {
  readonly words: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** The signal to mpirun that reaches all ranks, and lets them end as they will. */
  readonly stop: NodeJS.Signals;
  /** Does it write to the output, too, when ranks have failed? */
  readonly isLoud: boolean;
}

const INSTALL = "(Debian: apt-get install openmpi-bin; macOS: brew install open-mpi)";

/** Which MPI the mpirun on the path is of. */
function kindOf(command: string, processes: number): "Open MPI" | "MPICH" {
  const { error, stdout = "", stderr = "" } = spawnSync("mpirun", ["--version"], { encoding: "utf8", timeout: 10_000 });
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Error(
      missing
        ? `${command}: --processes ${processes} needs mpirun, which isn't on this machine; install Open MPI or MPICH ${INSTALL}`
        : `${command}: --processes ${processes}: mpirun can't be started (${(error as NodeJS.ErrnoException).code})`,
      { cause: error },
    );
  }
  const said = `${stdout}\n${stderr}`;
  if (/Open MPI|OpenRTE|PRRTE/.test(said)) return "Open MPI";
  if (/HYDRA|MPICH/i.test(said)) return "MPICH";
  const first = said.trim().split("\n")[0]!.slice(0, 80);
  throw new Error(
    `${command}: --processes ${processes}: mpirun must be of Open MPI or MPICH ${INSTALL}, but "mpirun --version" says ${JSON.stringify(first)}`,
  );
}

/**
 * The hosts, each with how many processes are on it: one after the other is filled, the first ones have one more where
 * they don't divide evenly.
 */
function hostWords({ processes, hosts }: Places): string | undefined {
  if (!hosts) return undefined;
  const least = Math.floor(processes / hosts.length);
  return hosts.map((host, i) => `${host}:${least + (i < processes % hosts.length ? 1 : 0)}`).join(",");
}

/** mpirun takes a colon for the end of a program's words. */
function withoutColons(words: readonly string[]): string[] {
  const all: string[] = [];
  for (const word of words) {
    if (word !== ":") all.push(word);
    else if (all.at(-1)?.startsWith("--")) all.push(`${all.pop()}=:`);
    else all.push("./:");
  }
  return all;
}

/**
 * How mpirun starts a program as so many ranks.
 *
 * @param program the program and its words
 * @param passed names of variables that ranks on other hosts need
 */
export function startOf(
  command: string,
  places: Places,
  threads: number | "auto",
  program: readonly string[],
  passed: readonly string[],
): Start {
  const kind = kindOf(command, places.processes);
  const hosts = hostWords(places);
  const count = String(places.processes);
  const words = withoutColons(program);
  if (kind === "MPICH") {
    const its = ["-n", count, ...(hosts ? ["-hosts", hosts] : []), ...words];
    return { words: its, variables: {}, stop: "SIGTERM", isLoud: true };
  }
  const each = threads === "auto" ? 1 : threads;
  const cores = availableParallelism();
  return {
    words: [
      "-np",
      count,
      // bound, the threads of a rank would share a core, and so would two trainings, which are both given the first ones
      "--bind-to",
      "none",
      ...(hosts ? ["--host", hosts, ...passed.flatMap((name) => ["-x", name])] : []),
      ...words,
    ],
    variables: {
      // it counts cores, of which each may be two to the system
      ...(hosts || 2 * places.processes <= cores ? {} : OVERSUBSCRIBE),
      ...(!hosts && places.processes * each > cores ? { OMPI_MCA_mpi_yield_when_idle: "1" } : {}),
      ...(process.getuid?.() === 0 ? AS_ROOT : {}),
      ...(hosts ? WHOLE_NAMES : {}),
    },
    stop: "SIGUSR2",
    isLoud: false,
  };
}

/** More processes than it counts cores: of Open MPI 4, and of 5. */
const OVERSUBSCRIBE = {
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  PRTE_MCA_rmaps_default_mapping_policy: ":oversubscribe",
};

/** It would leave domains out, and ask ssh for another host. */
const WHOLE_NAMES = { OMPI_MCA_orte_keep_fqdn_hostnames: "1", PRTE_MCA_prte_keep_fqdn_hostnames: "1" };

/** As the user asked for it, who is root: in containers most are. */
const AS_ROOT = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  PRTE_ALLOW_RUN_AS_ROOT: "1",
  PRTE_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
};
