// The group of the processes that mpirun has started. What calls MPI is fetched if there are any.
import { checkKeys, checkKind, checkPositive } from "../util/check.ts";
import { alone, type Group } from "./group.ts";
import { launchOf, type Variables } from "./mpiEnvironment.ts";

/** How `mpi` finds the others. */
export interface MpiOptions {
  /**
   * The file of MPI's library, or its name for the system's loader. Default: by what has started the process, `libmpi.so.40` for Open MPI,
   * `libmpich.so.12` for MPICH, and what macOS and Windows call them.
   */
  readonly library?: string | undefined;
  /**
   * Seconds that a rank waits for the others before it gives up, which ends the training of all; default 600. It has to be longer than an
   * epoch's callbacks and the slowest rank's part of an update take.
   */
  readonly timeout?: number | undefined;
}

/** A process has one group: MPI can be started once. */
let single: Group | undefined;
let first: { readonly settings: MpiOptions; readonly group: Promise<Group> } | undefined;

/**
 * The processes that `mpirun`, or `srun --mpi=pmix`, has started, for training and evaluating together: Open MPI or MPICH, which has to be
 * installed beside the npm package `koffi`. In a program that was started without them, and in pages, it is a group of one: there neither
 * is needed, and neither is loaded. Every process calls it; further calls give the same group.
 *
 * @param options.library the file of MPI's library; default: by what has started the process
 * @param options.timeout seconds that a rank waits for the others before it throws; default 600
 * @throws {RangeError} if the timeout isn't above 0
 * @throws {Error} if koffi or MPI isn't installed, if the library is another one than that of `mpirun`, if Slurm has started several
 *   processes without `--mpi=pmix`, or if a further call's options are others
 * @example
 * const group = await mpi(); // mpirun -np 4 node train.mjs
 * if (group.rank === 0) console.log(`${group.size} processes`);
 */
export async function mpi(options: MpiOptions = {}): Promise<Group> {
  checkKeys("mpi", options, ["library", "timeout"]);
  const { library, timeout = 600 } = options;
  if (library !== undefined) {
    checkKind(typeof library === "string" && library !== "", "mpi", "library", "a file's name", library);
  }
  checkPositive("mpi", "timeout", timeout);
  const { process } = globalThis as { process?: { readonly env?: Variables } };
  const launch = launchOf(process?.env ?? {});
  if (!launch) return (single ??= alone());
  if (first) {
    for (const name of ["library", "timeout"] as const) {
      if (options[name] === undefined || options[name] === first.settings[name]) continue;
      throw new Error(
        `mpi: a process has one group, whose ${name} is ${first.settings[name] ?? "the default"}, got ${options[name]}; ` +
          "give options in the first call",
      );
    }
    return first.group;
  }
  const group = import("./mpiLibrary.ts").then(({ openMpi }) => openMpi(launch, library, timeout));
  first = { settings: { library, timeout }, group };
  try {
    return await group;
  } catch (error) {
    first = undefined; // may be tried again
    throw error;
  }
}
