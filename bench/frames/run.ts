// npm run bench:frames: how a page in Chromium goes on while it trains, on its own thread and in a worker, in turns with the idle page
// and with the same training in Node. Medians of the rounds count.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { Command } from "commander";
import { openBrowser } from "../../test/support/browsers.ts";
import { serve } from "../../test/support/server.ts";
import type { FramesPage, Watched } from "./page.ts";
import { JOBS, type JobName, type Trained } from "./training.ts";

const options = new Command()
  .name("npm run bench:frames --")
  .description("Frames, tasks and timers of a page that trains, against the idle page; and its speed against Node's.")
  .option("--only <names>", "some trainings, by how their names begin, such as MLP,LeNet")
  .option("--rounds <n>", "how often everything is run, medians count", Number, 3)
  .option("--seconds <n>", "how long each training is watched", Number, 5)
  .option("--json <file>", "where the results go", "build/bench/frames.json")
  .parse()
  .opts<{ only?: string; rounds: number; seconds: number; json: string }>();

/** What is wanted of a training in a worker. */
const WANTED = { frames: 0.97, longest: 50, speed: 0.9, start: 100 };

interface Pair {
  readonly name: JobName;
  readonly worker: boolean;
  readonly idle: Watched;
  readonly training: Watched & Trained;
  /** Rows per second in Node. */
  readonly node: number;
}

const wanted = options.only?.split(",") ?? [""];
const names = (Object.keys(JOBS) as JobName[]).filter((name) => wanted.some((each) => name.startsWith(each)));
if (names.length === 0) throw new Error(`--only: no training begins with ${options.only}`);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function inNode(name: JobName): number {
  const text = execFileSync(
    process.execPath,
    ["--import", "tsx", "bench/frames/node.ts", name, String(options.seconds)],
    {
      encoding: "utf8",
    },
  );
  return (JSON.parse(text) as Trained).rate;
}

const server = await serve(".");
const browser = await openBrowser("chrome");
const version = await browser.version();
const pairs: Pair[] = [];
const load = loadavg()[0]!;
try {
  for (let round = 1; round <= options.rounds; round++) {
    for (const name of names) {
      const node = inNode(name);
      for (const worker of [false, true]) {
        console.error(
          `round ${round} of ${options.rounds}: ${name}, ${worker ? "in a worker" : "on the page's thread"}`,
        );
        const page = await browser.newPage();
        await page.goto(`${server.url}/bench/frames/page.html`);
        await page.waitForFunction(() => globalThis.framesPage !== undefined);
        const run = <T>(call: (page: FramesPage, name: JobName, worker: boolean, seconds: number) => Promise<T>) =>
          page.evaluate(
            `(${call.toString()})(framesPage, ${JSON.stringify(name)}, ${worker}, ${options.seconds})`,
          ) as Promise<T>;
        const idle = await run((frames, _name, _worker, seconds) => frames.idle(seconds));
        const training = await run((frames, job, off, seconds) => frames.train(job, off, seconds));
        await page.close();
        pairs.push({ name, worker, idle, training, node });
      }
    }
  }
} finally {
  await browser.close();
  server.close();
}

/** Figures of a training: medians over the rounds. */
const rows = names.flatMap((name) =>
  [false, true].map((worker) => {
    const runs = pairs.filter((pair) => pair.name === name && pair.worker === worker);
    const of = (figure: (pair: Pair) => number): number => median(runs.map(figure));
    return {
      training: name,
      where: worker ? "worker" : "page",
      idleFrames: of(({ idle }) => idle.frames),
      frames: of(({ idle, training }) => training.frames / idle.frames),
      gap: of(({ training }) => training.gap),
      longest: of(({ training }) => training.longest),
      longestAtFirst: of(({ training }) => training.longestAtFirst),
      timer: of(({ training }) => training.timer),
      timer95: of(({ training }) => training.timer95),
      rate: of(({ training }) => training.rate),
      speed: of(({ training, node }) => training.rate / node),
      start: of(({ training }) => training.start),
    };
  }),
);

const text = (value: number, digits = 0): string => value.toFixed(digits);
const table = [
  ["training", "where", "idle fps", "frames", "longest gap", "longest task", "first second", "timer", "95 %", "rows/s", "of Node", "start"], // prettier-ignore
  ...rows.map((row) => [
    row.training,
    row.where,
    text(row.idleFrames, 1),
    text(row.frames, 3),
    text(row.gap),
    row.longest === 0 ? "< 50" : text(row.longest),
    row.longestAtFirst === 0 ? "< 50" : text(row.longestAtFirst),
    text(row.timer, 1),
    text(row.timer95, 1),
    text(row.rate),
    text(row.speed, 2),
    text(row.start),
  ]),
];
const widths = table[0]!.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
console.log(`${version}, Node ${process.version}, ${cpus()[0]?.model.trim()}, load ${load.toFixed(1)}; medians of ${options.rounds}; ms`); // prettier-ignore
for (const row of table)
  console.log(row.map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  "));
for (const { training, where, frames, longest, speed, start } of rows) {
  if (where !== "worker") continue;
  const missed = [
    frames < WANTED.frames && `frames ${text(frames, 3)}, wanted ${WANTED.frames}`,
    longest > WANTED.longest && `a task of ${text(longest)} ms, wanted ${WANTED.longest} at most`,
    speed < WANTED.speed && `speed ${text(speed, 2)} of Node's, wanted ${WANTED.speed}`,
    start > WANTED.start && `the first step after ${text(start)} ms, wanted ${WANTED.start}`,
  ].filter(Boolean);
  console.log(`${training}, in a worker: ${missed.length === 0 ? "all that is wanted" : missed.join("; ")}`);
}
mkdirSync(dirname(options.json), { recursive: true });
writeFileSync(options.json, `${JSON.stringify({ version, load, rows, pairs }, undefined, 1)}\n`);
