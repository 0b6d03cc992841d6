// wasmgrad/mpi: processes that train one model together, on one host or many.
export type { Group } from "./distributed/group.ts";
export { localGroups } from "./distributed/localGroups.ts";
export { mpi, type MpiOptions } from "./distributed/mpi.ts";
