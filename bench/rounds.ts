// Runs everything in turns: the processes of a job are all alive, and one burst of each follows one of the other.
import { type ChildProcess, spawn } from "node:child_process";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { middle, type Result } from "./measure.ts";
import type { Runner } from "./runners.ts";
import { type Job, JOBS, roofBeside } from "./tasks.ts";
import { ASK } from "./turns.ts";
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
export async function runRounds({ rounds, jobs, runners, node }: Rounds): Promise<{ lines: Line[]; load: number }> {
  const lines: Line[] = [];
  const loads: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const job of jobs) {
      let live: Process[] = [];
      const all: Process[] = [];
      for (const runner of runners.filter((r) => r.jobs.includes(job))) {
        progress(`round ${round} of ${rounds}: ${job}, ${runner.name} gets ready`);
        const process = new Process(runner, job, node);
        all.push(process);
        if (await process.next()) live.push(process);
      }
      for (let turns = 1; live.length > 0; turns++) {
        const still: Process[] = [];
        for (const process of live) {
          // the roof is measured as long as there is anything to compare with it
          if (process.runner.roof && live.every(({ runner }) => runner.roof)) process.stop();
          progress(`round ${round} of ${rounds}: ${job}, turn ${turns}, ${process.runner.name}`);
          if (await process.next()) still.push(process);
          loads.push(loadavg()[0]!);
        }
        live = still;
      }
      lines.push(...all.flatMap((process) => process.results()));
    }
  }
  progress("");
  return { lines, load: Number(middle(loads).toFixed(1)) };
}

const MOST_MILLISECONDS = 300_000;

/** One runner's process for a job. */
class Process {
  readonly runner: Runner;
  private readonly job: Job | OwnJob;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private errors = "";
  private status: number | undefined;
  private failed: Error | undefined;
  /** Called when it asks for a turn (true) or has ended. */
  private answer: (asks: boolean) => void = () => {};
  private begun = false;

  constructor(runner: Runner, job: Job | OwnJob, node: string) {
    this.runner = runner;
    this.job = job;
    const [command, ...options] = [...runner.command(node), runner.roof ? "roof" : job];
    this.child = spawn(command!, options, {
      env: { ...process.env, ...runner.env, BENCH_TURNS: "1" },
      timeout: MOST_MILLISECONDS,
    });
    createInterface({ input: this.child.stdout! }).on("line", (text) => {
      if (text === ASK) this.answer(true);
      else if (text.startsWith("{")) this.lines.push(text);
    });
    this.child.stderr!.on("data", (text) => (this.errors += String(text)));
    // a process that has ended reads no more
    this.child.stdin!.on("error", () => {});
    this.child.on("error", (error) => this.end(error));
    this.child.on("close", (code) => this.end(undefined, code ?? 1));
  }

  /** Gives it its turn, and waits until it asks for another one; false if it has ended. The first turn is for getting ready. */
  next(): Promise<boolean> {
    if (this.status !== undefined) return Promise.resolve(false);
    const asked = new Promise<boolean>((resolve) => (this.answer = resolve));
    if (this.begun) this.child.stdin!.write("\n");
    this.begun = true;
    return asked;
  }

  /** It is to report what it has, and to end. */
  stop(): void {
    this.child.stdin!.end();
  }

  private end(error: Error | undefined, status = 1): void {
    this.status ??= status;
    this.failed ??= error;
    this.answer(false);
  }

  results(): Line[] {
    const name = this.runner.name;
    const results = this.lines.map((line): Line => ({ runner: name, ...(JSON.parse(line) as Result) }));
    if (this.runner.roof) return results.map((line) => ({ ...line, workload: roofBeside(this.job) }));
    if (this.status === 0) return results;
    const workload = this.job in JOBS ? JOBS[this.job as Job] : this.job;
    return [...results, failure(name, workload, this.failed?.message ?? this.errors)];
  }
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
