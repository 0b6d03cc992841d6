// Rank 1 is stopped, as a debugger or a full machine would; the others wait for it in a collective.
import { mpi } from "wasmgrad/mpi";

const group = await mpi({ timeout: 10 });
const { rank, size } = group;
const counts = new Int32Array(size).fill(1);
const places = Int32Array.from(counts, (_, r) => r);
await group.gather(Uint8Array.of(rank), new Uint8Array(size));
if (rank === 1) process.kill(process.pid, "SIGSTOP");
if (process.argv[2] === "gather") await group.gather(Uint8Array.of(rank), new Uint8Array(size));
else await group.exchange(new Float32Array(size), counts, places, new Float32Array(size), counts, places);
console.log(`rank ${rank} went on`);
