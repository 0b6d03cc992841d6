// Runs workloads in a process of their own and prints a JSON line for each result: node bench/worker.ts W1 W2
import { workloads } from "./workloads.ts";

for (const name of process.argv.slice(2)) {
  const results = [await workloads[name]!()].flat();
  for (const line of results) console.log(JSON.stringify(line));
}
