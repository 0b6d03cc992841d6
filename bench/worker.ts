// Runs workloads in a process of their own and prints a JSON line for each result: node build/bench/worker.mjs W1 W2
import { workloads } from "./workloads.ts";

for (const name of process.argv.slice(2)) {
  const results = [await workloads[name as keyof typeof workloads]()].flat();
  for (const line of results) console.log(JSON.stringify(line));
}
process.exit(); // a pool of threads would wait for more
