// Rank 1 throws; the others wait for it.
import { mpi } from "wasmgrad/mpi";

const { rank, size, gather } = await mpi();
if (rank === 1) throw new Error("what the program says");
await gather(Uint8Array.of(rank), new Uint8Array(size));
