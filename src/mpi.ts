// wasmgrad/mpi: training on many processes and hosts.

// # Ranks
// Processes that train one model together, and the same within one process.
export type { Group } from "./distributed/group.ts";
export { localGroups } from "./distributed/localGroups.ts";
export { mpi, type MpiOptions } from "./distributed/mpi.ts";
