// npm run bench:ranks: what a training gains from ranks, and what their exchange costs, on this machine: in turns
// within one run of mpirun, a core for each rank.
import { spawnSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { middle } from "../measure.ts";
import type { Turn } from "./member.ts";

const options = new Command()
  .name("npm run bench:ranks --")
  .description("What a training gains from ranks, and what their exchange of gradients costs, on this machine.")
  .option("--ranks <n>", "processes", Number, 2)
  .option("--turns <n>", "how often each is run", Number, 12)
  .option("--mpirun <command>", "the launcher", "mpirun")
  .option("--real-time", "run with real-time priority, where other programs take the processor (Linux, root)")
  .parse()
  .opts<{ ranks: number; turns: number; mpirun: string; realTime?: boolean }>();

/** Updates of a turn: enough for half a second. */
const UPDATES = { W2: 24, W3: 4 } as const;
/** What is wanted: the gain of two ranks at least; what the exchange may cost, in times of MPI_Allreduce; what a group of one may cost. */
const WANTED = { W2: 1.85, W3: 1.7, exchange: 1.15, alone: 1.08 };

console.log(`${cpus()[0]!.model}, ${cpus().length} processors, load ${loadavg()[0]!.toFixed(1)}\n`);
for (const [name, updates] of Object.entries(UPDATES)) {
  const words = [
    process.execPath,
    "--import",
    "tsx",
    join(import.meta.dirname, "member.ts"),
    name,
    options.turns,
    updates,
  ].map(String);
  const { stdout, status } = spawnSync(
    options.mpirun,
    ["-np", String(options.ranks), ...(options.realTime ? ["chrt", "-r", "1"] : []), ...words],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  const { library, seen } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { library: string; seen: Turn[] };
  const of = (key: keyof Turn): number[] => seen.map((turn) => turn[key]);
  const best = (key: keyof Turn): number => Math.min(...of(key));
  const line = (what: string, one: keyof Turn, other: keyof Turn, wanted: string): void => {
    const ratio = middle(of(one)) / middle(of(other));
    console.log(`  ${what.padEnd(54)}${ratio.toFixed(2)}  best ${(best(one) / best(other)).toFixed(2)}  ${wanted}`);
  };
  console.log(`${name}-like, ${options.ranks} ranks, ${library}; milliseconds of an update, medians of ${seen.length}`);
  for (const key of ["together", "exchange", "allreduce", "alone", "plain"] as const) {
    console.log(`  ${key.padEnd(12)}${middle(of(key)).toFixed(2).padStart(9)}  best ${best(key).toFixed(2)}`);
  }
  line(`${options.ranks} ranks over one`, "alone", "together", `wanted: ${WANTED[name as "W2" | "W3"]} or more, of 2`);
  line("the exchange over MPI_Allreduce", "exchange", "allreduce", `wanted: at most ${WANTED.exchange}`);
  line("a group of one over accumulate", "alone", "plain", `wanted: at most ${WANTED.alone}\n`);
}
