// What the environment says of how a process was started: by mpirun, by srun, or alone.

/** The environment's variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** How a process was started as one of several. */
export interface Launch {
  /** The kind of MPI whose `mpirun` it was. */
  readonly kind: "Open MPI" | "MPICH";
  /** How many there should be; undefined if nothing says so. */
  readonly size: number | undefined;
  /** The variable that says how many, or that there are several. */
  readonly variable: string;
}

/** The variables by which each way of starting is known, and the one with the number of processes. */
const WAYS = [
  { kind: "Open MPI", known: ["OMPI_COMM_WORLD_SIZE"], size: "OMPI_COMM_WORLD_SIZE" },
  { kind: "MPICH", known: ["PMI_SIZE", "PMI_RANK"], size: "PMI_SIZE" },
  { kind: "Open MPI", known: ["PMIX_RANK"], size: "SLURM_STEP_NUM_TASKS" },
] as const;

/**
 * How this process was started.
 *
 * @returns undefined if it is alone
 * @throws {Error} if Slurm has started several that can't know of each other
 */
export function launchOf(variables: Variables): Launch | undefined {
  for (const { kind, known, size: variable } of WAYS) {
    if (!known.some((name) => variables[name] !== undefined)) continue;
    const size = Number(variables[variable]);
    return size >= 1 ? { kind, size, variable } : { kind, size: undefined, variable: known.at(-1)! };
  }
  const tasks = Number(variables["SLURM_STEP_NUM_TASKS"] ?? 1);
  if (tasks > 1) {
    throw new Error(
      `mpi: Slurm started ${tasks} processes (SLURM_STEP_NUM_TASKS) without what connects them, so that each would train alone; start ` +
        "them with `srun --mpi=pmix` (`srun --mpi=list` says what this cluster has) or with mpirun",
    );
  }
  return undefined;
}

/** What the library of MPI may be called on a system, the likeliest first. */
export function libraryNames(kind: Launch["kind"], platform: string): readonly string[] {
  if (platform === "win32") return ["msmpi.dll"];
  const open = kind === "Open MPI";
  if (platform === "darwin") {
    const names = open ? ["libmpi.40.dylib", "libmpi.dylib"] : ["libmpi.12.dylib", "libmpich.12.dylib", "libmpi.dylib"];
    const folders = ["", "/opt/homebrew/lib/", "/usr/local/lib/", "/opt/local/lib/"];
    return folders.flatMap((folder) => names.map((name) => folder + name));
  }
  return open ? ["libmpi.so.40", "libmpi.so"] : ["libmpich.so.12", "libmpi.so.12", "libmpich.so"];
}
