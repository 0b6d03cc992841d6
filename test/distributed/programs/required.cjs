// The CommonJS build, then the other one, in one process.
const { mpi } = require("wasmgrad/mpi");

void (async () => {
  const group = await mpi();
  const all = new Uint8Array(group.size);
  await group.gather(Uint8Array.of(group.rank), all);
  const other = await (await import("wasmgrad/mpi")).mpi();
  await other.gather(Uint8Array.of(other.rank), all);
  console.log(JSON.stringify({ rank: group.rank, size: group.size, other: [other.rank, other.size], all: [...all] }));
})();
