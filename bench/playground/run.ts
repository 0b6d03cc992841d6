// npm run bench:playground: the Play page while it trains and draws 25 maps of 64 x 64 and the boundary, in turns with an idle page;
// and what each page weighs. Medians of the rounds count.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Command } from "commander";
import type { Page } from "puppeteer-core";
import { type BrowserName, openBrowser } from "../../test/support/browsers.ts";
import { serve } from "../../test/support/server.ts";
import { ROUTES } from "../../test/support/site.ts";

const options = new Command()
  .name("npm run bench:playground --")
  .description("Frames, script and processor time of the Play page against an idle page; weights of all pages.")
  .option("--browsers <names>", "which", "chrome,firefox")
  .option("--rounds <n>", "how often everything is run, medians count", Number, 3)
  .option("--seconds <n>", "how long each page is watched", Number, 5)
  .option("--hash <text>", "another run than the usual one", "")
  .option("--json <file>", "where the results go", "build/bench/playground.json")
  .parse()
  .opts<{ browsers: string; rounds: number; seconds: number; hash: string; json: string }>();

/** What is wanted: shares of the idle page's frames, milliseconds, kB. */
const WANTED = { frames: { chrome: 0.92, firefox: 0.5 }, script: 4, start: 50 };
const BUDGETS: Readonly<Record<string, number>> = { backprop: 75, play: 120, digits: 110 };
const LESSON = 70;

const DIST = "playground/dist";
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** Milliseconds of processor time of a browser's content threads so far, by their names. */
function processorTime(browser: number): Map<string, number> {
  const times = new Map<string, number>();
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const parents = new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
  const below = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === browser) return true;
    return false;
  };
  for (const pid of [...parents.keys()].filter(below)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
        const name = /\((.*)\)/.exec(stat)![1]!;
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const kind = /worker/i.test(name)
          ? "worker"
          : thread === String(pid) && pid !== browser && /chrom|Web|Isolated|file:/i.test(name)
            ? "page"
            : "other";
        times.set(kind, (times.get(kind) ?? 0) + 10 * (Number(fields[11]) + Number(fields[12])));
      }
    } catch {
      // it has ended in the meantime
    }
  }
  return times;
}

/** Counts the screen's frames, and those that the page drew. As a text: what translates this file adds helpers that a page doesn't have. */
const COUNT = `{
  const counts = { screen: 0, drawn: 0, longest: 0 };
  globalThis.benchCounts = counts;
  const tick = () => {
    counts.screen++;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    if (this.canvas.className === "map") counts.drawn++;
    return putImageData.apply(this, args);
  };
  try {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counts.longest = Math.max(counts.longest, duration);
    }).observe({ type: "longtask", buffered: true });
  } catch {} // Firefox has no long tasks
}`;

interface Counts {
  readonly screen: number;
  readonly drawn: number;
  readonly longest: number;
}

interface Seen {
  readonly frames: number;
  readonly drawn: number;
  /** Milliseconds a drawn frame. */
  readonly script: number;
  readonly page: number;
  readonly worker: number;
  /** Of all other threads: what puts it on the screen. */
  readonly other: number;
  readonly start: number;
}

async function watch(name: BrowserName, page: Page, pid: number): Promise<Seen> {
  const counts = (): Promise<Counts> =>
    page.evaluate(() => ({ ...(globalThis as unknown as { benchCounts: Counts }).benchCounts }));
  const script = async (): Promise<number> =>
    name === "chrome" ? 1000 * ((await page.metrics()).ScriptDuration ?? 0) : Number.NaN;
  await sleep(3000);
  const { longest: start } = await counts();
  const [before, scriptBefore, timeBefore] = [await counts(), await script(), processorTime(pid)];
  const began = performance.now();
  await sleep(1000 * options.seconds);
  const [after, scriptAfter, timeAfter] = [await counts(), await script(), processorTime(pid)];
  const seconds = (performance.now() - began) / 1000;
  const drawn = after.drawn - before.drawn;
  const own = await page.evaluate(() => {
    const found = /(?:page|页面)\s*([\d.]+)/.exec(document.querySelector(".engine")?.textContent ?? "");
    return Number(found?.[1] ?? Number.NaN);
  });
  const perFrame = (kind: string): number => ((timeAfter.get(kind) ?? 0) - (timeBefore.get(kind) ?? 0)) / drawn;
  return {
    frames: (after.screen - before.screen) / seconds,
    drawn: drawn / seconds,
    script: name === "chrome" ? (scriptAfter - scriptBefore) / drawn : own,
    page: perFrame("page"),
    worker: perFrame("worker"),
    other: perFrame("other"),
    start,
  };
}

const server = await serve(DIST, { isolated: true, fallbackIndex: true });
const load = loadavg()[0]!;
const names = options.browsers.split(",") as BrowserName[];
const pairs: { browser: BrowserName; idle: Seen; play: Seen }[] = [];
const weights: { route: string; kB: number; data: number }[] = [];
try {
  for (const name of names) {
    const browser = await openBrowser(name);
    const pid = browser.process()!.pid!;
    try {
      for (let round = 1; round <= options.rounds; round++) {
        console.error(`round ${round} of ${options.rounds}: ${name}`);
        const see = async (path: string): Promise<Seen> => {
          const page = await browser.newPage();
          await page.setViewport({ width: 1440, height: 1000 });
          await page.evaluateOnNewDocument(COUNT);
          await page.goto(`${server.url}/${path}`);
          const seen = await watch(name, page, pid);
          await page.close();
          return seen;
        };
        const idle = await see("about/");
        pairs.push({ browser: name, idle, play: await see(`play/${options.hash && `#${options.hash}`}`) });
      }
      if (name === "chrome") {
        for (const route of ROUTES) {
          const context = await browser.createBrowserContext();
          const page = await context.newPage();
          const files = new Set<string>();
          page.on("request", (request) => files.add(new URL(request.url()).pathname));
          await page.goto(`${server.url}/${route}`);
          await page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, {
            timeout: 60_000,
          });
          const workers = page.workers().map((worker) => new URL(worker.url()).pathname);
          const sizeOf = (path: string): number => {
            const file = join(DIST, path.endsWith("/") ? `${path}index.html` : path);
            try {
              return gzipSync(readFileSync(file), { level: 9 }).length / 1000;
            } catch {
              return 0;
            }
          };
          // the budget is for the program; what it reads, such as trained weights, stands beside it
          const [kB, data] = [false, true].map((isData) =>
            [...new Set([...files, ...workers])]
              .filter((path) => !/woff2|sw\.js|favicon/.test(path) && !path.startsWith("/zh"))
              .filter((path) => /\.gz$|^\/data\//.test(path) === isData)
              .reduce((sum, path) => sum + sizeOf(path), 0),
          ) as [number, number];
          weights.push({ route: route.replace("/", ""), kB, data });
          await context.close();
        }
      }
    } finally {
      await browser.close();
    }
  }
} finally {
  server.close();
}

const rows = names.map((browser) => {
  const mine = pairs.filter((pair) => pair.browser === browser);
  const of = (figure: (pair: (typeof pairs)[number]) => number): number => median(mine.map(figure));
  return {
    browser,
    idle: of(({ idle }) => idle.frames),
    drawn: of(({ play }) => play.drawn),
    share: of(({ idle, play }) => play.drawn / idle.frames),
    script: of(({ play }) => play.script),
    page: of(({ play }) => play.page),
    worker: of(({ play }) => play.worker),
    other: of(({ play }) => play.other),
    start: of(({ play }) => play.start),
  };
});

const text = (value: number, digits = 1): string => (Number.isNaN(value) ? "-" : value.toFixed(digits));
console.log(
  `Node ${process.version}, ${cpus()[0]?.model.trim()}, load ${load.toFixed(1)}; medians of ${options.rounds}`,
);
for (const row of rows) {
  const missed = [
    row.share < WANTED.frames[row.browser] && `frames ${text(row.share, 2)}, wanted ${WANTED.frames[row.browser]}`,
    row.script > WANTED.script && `script ${text(row.script)} ms, wanted ${WANTED.script}`,
    row.start > WANTED.start && `a task of ${text(row.start, 0)} ms at the start, wanted ${WANTED.start}`,
  ].filter(Boolean);
  console.log(
    `${row.browser}: idle ${text(row.idle)} frames/s, drawn ${text(row.drawn)} (${text(row.share, 2)} of idle); a frame: script ` +
      `${text(row.script)} ms, processor ${text(row.page)} ms page, ${text(row.worker)} ms worker, ${text(row.other)} ms others; longest task at the start ` +
      `${row.start === 0 ? "< 50" : text(row.start, 0)} ms: ${missed.length === 0 ? "all that is wanted" : missed.join("; ")}`,
  );
}
for (const { route, kB, data } of weights) {
  const budget = BUDGETS[route] ?? LESSON;
  console.log(
    `${(route || "doorway").padEnd(12)} ${text(kB).padStart(6)} kB of ${budget}${kB > budget ? ": too heavy" : ""}${data > 0 ? `, and ${text(data)} kB of data` : ""}`,
  );
}
mkdirSync(dirname(options.json), { recursive: true });
writeFileSync(options.json, `${JSON.stringify({ load, rows, weights, pairs }, undefined, 1)}\n`);
