// A training whose process is killed again and again, at any moment, ends with the bits of one that wasn't: weights, averages, history.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Interrupted, type Kind, KINDS, type Outcome, train } from "../support/interrupted.ts";
import type { Task } from "../support/killedProcess.ts";
import { NODE_VERSIONS, nodePath, type NodeVersion } from "../support/nodes.ts";
import { executable } from "../support/programs.ts";
import { generator } from "../support/seeded.ts";

/** How often a training is killed: `npm run test:long` does it more often. */
const KILLS = process.env["LONG"] ? 200 : 25;
const KILLS_OF_VERSIONS = process.env["LONG"] ? 40 : 12;

const root = join(import.meta.dirname, "../..");
const script = join(root, "build/test/killed.mjs");

/** Where it is computed changes from one run to the next. */
const PLACES: readonly Pick<Interrupted, "threads" | "worker">[] = [
  {},
  { threads: 2 },
  { worker: true },
  { threads: 2, worker: true },
];

/** When a process is killed: so many milliseconds after it says a word, and after how many of them. */
interface Moment {
  readonly word: "" | "open" | "from" | "begun" | "write";
  readonly times: number;
  readonly milliseconds: number;
}

/** Most of them in the middle, or while a checkpoint is being written; some before anything, or while the folder is opened. */
function momentOf(random: () => number): Moment {
  const at = random();
  if (at < 0.08) return { word: "", times: 0, milliseconds: 300 * random() };
  if (at < 0.16) return { word: "open", times: 1, milliseconds: 5 * random() };
  if (at < 0.24) return { word: "from", times: 1, milliseconds: 20 * random() };
  if (at < 0.6) return { word: "begun", times: 1, milliseconds: 150 * random() };
  // half of them at once
  return { word: "write", times: 1 + Math.floor(12 * random()), milliseconds: Math.max(0, 4 * random() - 2) };
}

/** What became of a process. */
interface Run {
  readonly outcome: Outcome | undefined;
  readonly killed: boolean;
  /** Updates of the checkpoint that it went on from; undefined if it wasn't read. */
  readonly from: number | undefined;
  readonly begun: boolean;
  /** A checkpoint was being written when it ended. */
  readonly writing: boolean;
  /** Milliseconds until the checkpoint was read. */
  readonly opening: number;
}

async function run(node: string, task: Task, moment: Moment | undefined): Promise<Run> {
  const child = spawn(node, [script, JSON.stringify(task)], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  let errors = "";
  child.stderr.on("data", (text) => (errors += String(text)));
  const kill = async (): Promise<void> => {
    await sleep(moment!.milliseconds);
    child.kill("SIGKILL");
  };
  if (moment?.word === "") void kill();
  let last = "";
  let count = 0;
  let from: number | undefined;
  let begun = false;
  let writing = false;
  let opened = NaN;
  let opening = 0;
  for await (const line of createInterface(child.stdout)) {
    last = line;
    const [word, step] = line.split(" ") as [string, string];
    if (word === "open") opened = performance.now();
    if (word === "from") {
      from = Number(step);
      opening = performance.now() - opened;
    }
    begun ||= word === "begun";
    writing = word === "write";
    if (word === moment?.word && ++count === moment.times) void kill();
  }
  const [code, signal] = await ended;
  if (signal !== "SIGKILL") expect({ code, errors }).toEqual({ code: 0, errors: "" });
  const outcome = signal === null ? (JSON.parse(last) as Outcome) : undefined;
  return { outcome, killed: signal === "SIGKILL", from, begun, writing, opening };
}

const CHECKPOINT = /^checkpoint-\d{6}-step-\d{9}(-best)?\.safetensors$/;

/** What happened in all. */
interface Tally {
  trainings: number;
  kills: number;
  /** Of these: after its first batch; while a checkpoint was being written; so that a part of its file was left behind. */
  middle: number;
  writing: number;
  parts: number;
  /** Runs that went on from a checkpoint, and epochs. */
  resumed: number;
  epochs: number;
  /** The longest time that a folder took to open. */
  opening: number;
}

let all: string;
let folder: string;
const expected: Partial<Record<Kind, Outcome>> = {};
beforeAll(async () => {
  all = await mkdtemp(join(tmpdir(), "wasmgrad-killed-"));
  const entryPoints = [join(root, "test/support/killedProcess.ts")];
  await build({ entryPoints, outfile: script, bundle: true, packages: "external", format: "esm", logLevel: "error" });
  for (const kind of KINDS) expected[kind] = await train({ kind });
}, 300_000);
beforeEach(async () => void (folder = await mkdtemp(join(all, "test-"))));
afterAll(() => rm(all, { recursive: true, force: true }));

/** Kills trainings `kills` times, each from its beginning to its end, and compares each with one that wasn't killed. */
async function killing(kind: Kind, kills: number, seed: number, nodes: readonly string[]): Promise<Tally> {
  const random = generator(seed);
  const tally: Tally = { trainings: 0, kills: 0, middle: 0, writing: 0, parts: 0, resumed: 0, epochs: 0, opening: 0 };
  let turn = 0;
  // at least once while a checkpoint is written: on a busy machine the signal may always come when that is done
  const goes = (): boolean => tally.kills < kills || (tally.writing === 0 && tally.kills < 10 * kills);
  while (goes()) {
    const directory = join(folder, String(tally.trainings));
    for (let outcome: Outcome | undefined; !outcome; turn++) {
      const place = PLACES[turn % PLACES.length]!;
      const task: Task = { kind, ...place, folder: directory, everySteps: 1 + Math.floor(8 * random()) };
      const moment = goes() ? momentOf(random) : undefined;
      const result = await run(nodes[turn % nodes.length]!, task, moment);
      ({ outcome } = result);
      const left = await readdir(directory).catch((): string[] => []);
      if (result.killed) tally.kills++;
      if (result.killed && result.begun) tally.middle++;
      if (result.killed && result.writing) tally.writing++;
      if (result.killed && left.some((name) => name.endsWith(".tmp"))) tally.parts++;
      if ((result.from ?? 0) > 0) tally.resumed++;
      tally.opening = Math.max(tally.opening, result.opening);
      if (!outcome) continue;
      expect(outcome).toEqual(expected[kind]);
      // the last two, the best one, and one that is removed after the next is written
      expect(left.filter((name) => !CHECKPOINT.test(name))).toEqual([]);
      expect(left.length).toBeLessThanOrEqual(4);
      tally.epochs += outcome.history["loss"]!.length;
    }
    tally.trainings++;
  }
  return tally;
}

function report(what: string, { trainings, kills, middle, writing, parts, resumed, epochs, opening }: Tally): void {
  console.log(
    `${what}: killed ${kills} times, ${middle} in the middle, ${writing} while a checkpoint was written (${parts} left a part of its file); went on ${resumed} times; ` +
      `${trainings} trainings, ${epochs} epochs; a folder took ${Math.round(opening)} ms at most to open`,
  );
}

describe.each(KINDS)("a training with %s", (kind) => {
  test(`killed ${KILLS} times, in turns with 1 thread, 2 threads and a worker, ends as one that wasn't`, async () => {
    const tally = await killing(kind, KILLS, 1, [process.execPath]);
    report(kind, tally);
    expect(tally.kills).toBeGreaterThanOrEqual(KILLS);
    expect(tally.middle).toBeGreaterThan(KILLS / 3);
    expect(tally.writing).toBeGreaterThan(0);
    // what is left of a killed one isn't watched, which would take ten seconds
    expect(tally.opening).toBeLessThan(10_000);
    expect(tally.resumed).toBeGreaterThan(KILLS / 3);
  }, 3_600_000);

  const versions = (Object.keys(NODE_VERSIONS).map(Number) as NodeVersion[]).filter((version) =>
    executable(nodePath(version)),
  );
  test.skipIf(!process.env["CI"] && versions.length < 2)(
    "killed in one version of Node, it goes on in the next",
    async () => {
      const tally = await killing(kind, KILLS_OF_VERSIONS, 2, versions.map(nodePath));
      report(`${kind}, Node ${versions.join(", ")} in turns`, tally);
      expect(tally.resumed).toBeGreaterThan(KILLS_OF_VERSIONS / 3);
    },
    3_600_000,
  );
});
