// The same seed gives the same bits in every engine, on every tier of its compiler. Prints what ran at the end.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "./browsers.ts";
import { AS_IT_IS, type Engine, type Way } from "./engine.ts";
import { buildWork, EMULATED_TIMEOUT, PROCESSES } from "./processes.ts";
import type { Fingerprints } from "./runs.ts";
import { Table } from "./table.ts";
import type { Task } from "./work.ts";

/** Recorded once. A change here means that the numbers changed, for everyone. */
const RUNS: Fingerprints = {
  mlp: "0b1e6e373d464017",
  cnn: "079a42a4f41d5c11",
  lstm: "15096e791cee9c32",
  transformer: "8ed03b3d9c97d3cf",
  files: "7b757455",
};
const JOB: Fingerprints = {
  xor: "592d21a2383c4905",
  mnist: "25189cc8787cc868",
  figures: '{"loss":0.4405983184463403,"accuracy":0.87}',
  images: "2669e39020c59ae8",
  convolutions: "7e3938707e8da00d",
  recurrent: "6b7fdb2a2aac6564",
  branches: "9a3ca4d35c0ba913",
  custom: "a6dcf8ebbd39b0de",
  points: "acb3939f",
  ...RUNS,
};

/** In CI a missing engine is a failure; elsewhere its tests are left out, and the table says so. */
const required = Boolean(process.env["CI"]);

const table = new Table();

/** One hash for all fingerprints; engines give the keys in their own order. */
function hashOf(found: unknown): string {
  const entries = Object.entries(found as Fingerprints).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16);
}

/** The engine runs the tasks, all with the same outcome. */
async function compare(engine: Engine, way: Way, tasks: readonly Task[], expected: Fingerprints, isolated = false) {
  const { version, results } = await engine.run(way, tasks, { isolated });
  for (const [i, { what, threads = 1, has = threads, worker }] of tasks.entries()) {
    const work = what === "job" ? "everything" : worker ? "four runs in a worker" : "four runs";
    const name = has < threads && way === AS_IT_IS ? "page not isolated" : way.name;
    table.add({ engine: engine.name, version, work, hash: hashOf(results[i]), way: name, threads: has });
  }
  for (const result of results) expect(result).toEqual(expected);
}

beforeAll(buildWork);
afterAll(() => {
  const recorded = `everything ${hashOf(JOB)}, four runs (which it includes) ${hashOf(RUNS)}`;
  console.log(`one hash of all fingerprints; recorded: ${recorded}\n${table.text()}`);
});

for (const engine of [...PROCESSES, ...BROWSERS]) {
  if (!engine.present) table.missing(engine.name);
  // a busy machine may leave a browser too little memory: once more. Other bits would be other bits again
  const timeout = engine.emulated ? EMULATED_TIMEOUT : 300_000;
  describe.skipIf(!required && !engine.present)(engine.name, { timeout, retry: 1 }, () => {
    if (engine.emulated) {
      test("four runs, with 1 thread and 3", () =>
        compare(engine, AS_IT_IS, [{ what: "runs" }, { what: "runs", threads: 3 }], RUNS));
      if (!process.env["LONG"]) return;
    }

    test("everything, with 1 thread and 3", () =>
      compare(engine, AS_IT_IS, [{ what: "job" }, { what: "job", threads: 3 }], JOB, engine.pages));

    test("four runs, with 2, 4 and 8 threads", () => {
      const tasks = [2, 4, 8].map((threads): Task => ({ what: "runs", threads }));
      return compare(engine, AS_IT_IS, tasks, RUNS, engine.pages);
    });

    test("four runs in a worker, which takes no headers, and in one that leads others", async () => {
      await compare(engine, AS_IT_IS, [{ what: "runs", worker: true }], RUNS);
      await compare(engine, AS_IT_IS, [{ what: "runs", worker: true, threads: 2 }], RUNS, engine.pages);
    });

    for (const way of engine.ways) {
      const tasks: Task[] = [{ what: "runs" }, { what: "runs", threads: 3 }];
      const some = way.slow ? tasks.slice(0, 1) : tasks;
      test(`four runs, ${way.name}, with 1 thread${way.slow ? "" : " and 3"}`, () =>
        compare(engine, way, some, RUNS, engine.pages));
    }

    if (engine.pages) {
      test("one thread, without a word, where memory can't be shared", async () => {
        const tasks: Task[] = [{ what: "runs", threads: 4, has: 1 }];
        await compare(engine, AS_IT_IS, tasks, RUNS);
        if (engine.unshared) await compare(engine, engine.unshared, tasks, RUNS, true);
      });
    }

    test("an option that it doesn't know can't pass for the usual way", async () => {
      await expect(engine.run(engine.impossible, [{ what: "runs" }])).rejects.toThrow(engine.refusal);
    });

    if (engine.pages) {
      test("as many models as the engine allows, then a message that says what to do", async () => {
        const [outcome] = (await engine.run(AS_IT_IS, [{ what: "fill" }])).results;
        expect(outcome).toMatch(
          /^500 models$|^sequential: the engine allows no more WebAssembly memories \(\d+ models have one\)\. Let some go, or let models share one: sequential\(\{ core: other\.core, \.\.\. \}\)$/,
        );
        // Chromium is known to stop near 124
        if (engine.name === "Chromium") expect(outcome).toMatch(/no more WebAssembly memories \(1[0-9]{2} models/);
      });
    }
  });
}
