// Runs everything in turns, so that what else happens on the machine hits all alike.
import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import { middle, type Result } from "./measure.ts";
import type { Runner } from "./runners.ts";
import { type Job, JOBS } from "./tasks.ts";
import type { OwnJob } from "./workloads.ts";

/** What one process printed, or why it failed. */
export interface Line extends Result {
  readonly runner: string;
  readonly error?: string;
}

export interface Rounds {
  readonly rounds: number;
  readonly jobs: readonly (Job | OwnJob)[];
  readonly runners: readonly Runner[];
  /** The program of the Node that is measured. */
  readonly node: string;
}

/** Also the median of the system's load; the benchmark itself makes about 1 of it. */
export function runRounds({ rounds, jobs, runners, node }: Rounds): { lines: Line[]; load: number } {
  const lines: Line[] = [];
  const loads: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const job of jobs) {
      for (const runner of runners.filter((r) => r.jobs.includes(job))) {
        progress(`round ${round} of ${rounds}: ${job}, ${runner.name}`);
        lines.push(...runOne(runner, job, node));
        loads.push(loadavg()[0]!);
      }
    }
  }
  progress("");
  return { lines, load: Number(middle(loads).toFixed(1)) };
}

const MOST_MILLISECONDS = 300_000;

function runOne(runner: Runner, job: Job | OwnJob, node: string): Line[] {
  const [command, ...options] = [...runner.command(node), job];
  const { stdout, stderr, status, error } = spawnSync(command!, options, {
    encoding: "utf8",
    maxBuffer: 1e8,
    timeout: MOST_MILLISECONDS,
    env: { ...process.env, ...runner.env },
  });
  const lines = (stdout ?? "").split("\n").filter((line) => line.startsWith("{"));
  const results = lines.map((line): Line => ({ runner: runner.name, ...(JSON.parse(line) as Result) }));
  if (status === 0) return results;
  const workload = job in JOBS ? JOBS[job as Job] : job;
  return [...results, failure(runner.name, workload, error?.message ?? stderr)];
}

const failure = (runner: string, workload: string, output: string): Line => {
  // the line of the exception, wherever it stands
  const text = /^\w*(?:Error|Exception)?: .*/m.exec(output)?.[0] ?? output.trim().split("\n").at(-1) ?? "";
  const error = text.replace(/^(?:Uncaught )?\w*Error: /, "").slice(0, 160);
  return { runner, workload, unit: "", median: NaN, min: NaN, max: NaN, n: 0, node: "", cpu: "", error };
};

/** On a terminal, one line that changes. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
