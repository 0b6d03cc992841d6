// MPI's own functions, called through koffi: Open MPI, whose handles are addresses of its symbols, or MPICH, whose handles are numbers.
import type * as modules from "node:module";
import type * as systems from "node:os";
import type * as paths from "node:path";
import type * as processes from "node:process";
import { nodeModule } from "../util/node.ts";
import { alone, type Group } from "./group.ts";
import { type Launch, libraryNames, type Variables } from "./mpiEnvironment.ts";
import { waiterOf } from "./mpiWaiting.ts";

type Call = (...values: readonly unknown[]) => number;

/** What is used of koffi. */
interface Koffi {
  load(file: string, options: { readonly global: boolean }): Library;
}
interface Library {
  func(declaration: string): Call;
  symbol(name: string): bigint;
}

/** MPI_THREAD_FUNNELED: the thread that starts it makes all calls. */
const FUNNELED = 1;
/** Milliseconds that a rank waits for another, or for numbers that are on their way, before the event loop has its turn. */
const FOR_RANKS = 1;
const FOR_NUMBERS = 5;
/**
 * What UCX, which carries MPICH's messages and maybe Open MPI's, must not do in a process of an engine, unless a user has said otherwise. Its
 * hooks move the end of the heap to and fro while it starts, under the feet of the engine's other threads: a crash now and then. Its handler of
 * SIGSEGV takes the place of the engine's, by which WebAssembly's accesses out of bounds become errors.
 */
const UCX = { UCX_MEM_MMAP_HOOK_MODE: "none", UCX_ERROR_SIGNALS: "" };
/** Bytes that are enough for a MPI_Status. */
const STATUS = 64;
/** Bytes that are enough for the text of a version: MPI_MAX_LIBRARY_VERSION_STRING. */
const VERSION = 8192;

/** The group of all processes, as MPI knows it; `library` says which MPI it is. */
export type MpiGroup = Group & { readonly library: string };

/** Starts MPI, once for a process, and gives the group. */
export function openMpi(launch: Launch, file: string | undefined, timeout: number): MpiGroup {
  const process = nodeModule<typeof processes>("node:process")!;
  for (const [variable, value] of Object.entries(UCX)) process.env[variable] ??= value;
  const { library, name: loaded } = load(
    installed(),
    file === undefined ? libraryNames(launch.kind, process.platform) : [file],
  );
  const number = new Int32Array(1);
  const text = new Uint8Array(VERSION);
  const call = (name: string, parameters: string): ((...values: readonly unknown[]) => void) => {
    const its = library.func(`int ${name}(${parameters})`);
    return (...values) => {
      const code = its(...values);
      if (code !== 0) throw new Error(`mpi: ${name} failed with MPI's error ${code}`);
    };
  };
  try {
    call("MPI_Get_library_version", "void *text, void *length")(text, number);
  } catch (cause) {
    throw new Error(
      `mpi: ${loaded} isn't a library of MPI 3 or later (${(cause as Error).message}); leave library out, or give the file of the MPI whose mpirun started this`,
      { cause },
    );
  }
  const version = new TextDecoder()
    .decode(text.subarray(0, number[0]))
    .replace(/[\0\n,].*/s, "")
    .replace(/ ?Version:\s*/, " ");
  const open = version.startsWith("Open MPI");
  const handle = open ? "void *" : "int ";
  const known = (symbol: string, constant: number): bigint | number => (open ? library.symbol(symbol) : constant);
  const WORLD = known("ompi_mpi_comm_world", 0x44000000);
  const FLOAT = known("ompi_mpi_float", 0x4c00040a);
  const BYTE = known("ompi_mpi_byte", 0x4c00010d);

  const asked = (its: string, parameters: string, ...values: readonly unknown[]): number => {
    call(its, `${parameters}void *result`)(...values, number);
    return number[0]!;
  };
  // another copy of this module may have done it
  if (!asked("MPI_Initialized", "")) {
    asked("MPI_Init_thread", "void *argc, void *argv, int required, ", null, null, FUNNELED);
    const finalize = call("MPI_Finalize", "");
    // Not after an error: the others wouldn't come, and mpirun ends them because of the exit code. MPI_Abort would end this process
    // before it has printed the error.
    process.once("exit", (code) => {
      if (code === 0 && !asked("MPI_Finalized", "")) finalize();
    });
  }
  const rank = asked("MPI_Comm_rank", `${handle}group, `, WORLD);
  const size = asked("MPI_Comm_size", `${handle}group, `, WORLD);
  if (launch.size !== undefined && launch.size !== size) {
    throw new Error(
      `mpi: ${launch.variable} says that there are ${launch.size} processes, but ${loaded} (${version}) finds ${size}: it isn't the MPI ` +
        "whose mpirun has started them; use that one's mpirun, or say its library, mpi({ library })",
    );
  }

  // MPICH takes no notice of places if there is one process
  if (size === 1) return { ...alone(), library: version };

  const test = call("MPI_Test", "void *request, void *done, void *status");
  const done = new Int32Array(1);
  const status = new Uint8Array(STATUS);
  const wait = waiterOf({ rank, size, timeout, crowded: isCrowded(process.env) });
  /** What MPI reads and writes until it is done: an array that nobody has any more would be freed. */
  const held = new Set<unknown>();
  /** Waits for what a call has begun. */
  const finish = (atOnce: number, arrays: unknown, begin: (request: BigUint64Array) => void): void | Promise<void> => {
    const request = new BigUint64Array(1); // a handle, of 4 or 8 bytes
    held.add(arrays);
    begin(request);
    const isDone = (): boolean => {
      test(request, done, status);
      if (done[0] === 0) return false;
      held.delete(arrays);
      return true;
    };
    return wait(isDone, atOnce);
  };

  const one = `void *from, int count, ${handle}type, `;
  const parts = (side: string): string =>
    `void *${side}, void *${side}Counts, void *${side}Places, ${handle}${side}Type, `;
  const end = `${handle}group, void *request`;
  const allgather = call("MPI_Iallgather", `${one}void *to, int toCount, ${handle}toType, ${end}`);
  const alltoallv = call("MPI_Ialltoallv", `${parts("from")}${parts("to")}${end}`);
  const allgatherv = call("MPI_Iallgatherv", `${one}${parts("to")}${end}`);
  return {
    rank,
    size,
    library: version,
    inPlace: true,
    gather(mine, all) {
      // copies: while this waits, a memory that grows may move what was given
      const from = mine.slice();
      const to = new Uint8Array(all.length);
      const { length } = mine;
      const waiting = finish(FOR_RANKS, [from, to], (request) =>
        allgather(from, length, BYTE, to, length, BYTE, WORLD, request),
      );
      if (waiting) return waiting.then(() => all.set(to));
      all.set(to);
    },
    exchange: (from, counts, places, to, toCounts, toPlaces) =>
      finish(FOR_NUMBERS, [from, counts, places, to, toCounts, toPlaces], (request) =>
        alltoallv(from, counts, places, FLOAT, to, toCounts, toPlaces, FLOAT, WORLD, request),
      ),
    collect: (mine, all, counts, places) =>
      finish(FOR_NUMBERS, [mine, all, counts, places], (request) =>
        allgatherv(mine, mine.length, FLOAT, all, counts, places, FLOAT, WORLD, request),
      ),
  };
}

/** Are there more ranks on this host than processors? */
function isCrowded({ OMPI_COMM_WORLD_LOCAL_SIZE, MPI_LOCALNRANKS }: Variables): boolean {
  const { availableParallelism } = nodeModule<typeof systems>("node:os")!;
  return Number(OMPI_COMM_WORLD_LOCAL_SIZE ?? MPI_LOCALNRANKS ?? 1) > availableParallelism();
}

/** Loads the first library that is there. */
function load(koffi: Koffi, names: readonly string[]): { library: Library; name: string } {
  const failures: string[] = [];
  for (const name of names) {
    try {
      return { library: koffi.load(name, { global: true }), name };
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `mpi: MPI's library could not be loaded (${failures[0]}); install Open MPI (Debian: openmpi-bin) or MPICH (mpich), or say where it ` +
      "is, mpi({ library })",
  );
}

/** The package koffi: of the user's project, or of the folder of this one. */
function installed(): Koffi {
  const { createRequire } = nodeModule<typeof modules>("node:module")!;
  const path = nodeModule<typeof paths>("node:path")!;
  for (const base of [path.resolve("package.json"), import.meta.url]) {
    try {
      return createRequire(base)("koffi") as Koffi;
    } catch (cause) {
      // in one file for all there is no address
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      if (!/MODULE_NOT_FOUND|ERR_INVALID_ARG/.test(code)) throw cause;
    }
  }
  throw new Error("mpi: the npm package koffi, which calls MPI, is not installed; run `npm install koffi`");
}
