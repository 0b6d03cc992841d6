// Rank 1 comes to a collective only when rank 0 has had a hundred turns of its timer while it waited there.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { mpi } from "wasmgrad/mpi";

const [flag, which] = process.argv.slice(2);
const group = await mpi({ timeout: 30 });
const { rank, size } = group;
let turns = 0;
if (rank === 0) {
  const timer = setInterval(() => {
    if (++turns < 100) return;
    clearInterval(timer);
    writeFileSync(flag, "");
  }, 1);
} else {
  while (!existsSync(flag)) await sleep(1);
}
const all = new Uint8Array(size);
const numbers = new Float32Array(size);
const counts = new Int32Array(size).fill(1);
const places = Int32Array.from(counts, (_, r) => r);
if (which === "gather") await group.gather(Uint8Array.of(rank + 1), all);
else if (which === "exchange")
  await group.exchange(new Float32Array(size).fill(rank + 1), counts, places, numbers, counts, places);
else await group.collect(Float32Array.of(rank + 1), numbers, counts, places);
console.log(JSON.stringify({ rank, turns, all: which === "gather" ? [...all] : [...numbers] }));
