// The same seed gives the same bits in every engine: Node 20, 22, 24 and 26, Chromium and Firefox.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserName, browserPath, openBrowser } from "../support/browsers.ts";
import { nodePath } from "../support/nodes.ts";
import { serve, type Server } from "../support/server.ts";
import type { Fingerprints } from "./job.ts";

/** Recorded once. A change here means that the numbers changed, for everyone. */
const EXPECTED: Fingerprints = {
  xor: "592d21a2383c4905",
  mnist: "25189cc8787cc868",
  figures: '{"loss":0.4405983184463403,"accuracy":0.87}',
  images: "2669e39020c59ae8",
  convolutions: "c1d0c591322e4eea",
  recurrent: "6b7fdb2a2aac6564",
  transformer: "7c9a0e3a544c002b",
  branches: "9a3ca4d35c0ba913",
  custom: "a6dcf8ebbd39b0de",
};

const root = join(import.meta.dirname, "../..");
/** In CI a missing engine is a failure; elsewhere its test is left out and says so. */
const required = Boolean(process.env["CI"]);

describe("Node", () => {
  const script = join(root, "build/test/job.mjs");
  beforeAll(async () => {
    const source = readFileSync(join(import.meta.dirname, "job.ts"), "utf8");
    const { code } = await transform(source, { loader: "ts", format: "esm" });
    mkdirSync(join(root, "build/test"), { recursive: true });
    writeFileSync(script, `${code}\nconsole.log(JSON.stringify(await job()));\n`);
  });

  for (const version of [20, 22, 24, 26] as const) {
    test(`Node ${version}`, () => {
      const printed = execFileSync(nodePath(version), [script], { cwd: root, encoding: "utf8" });
      expect(JSON.parse(printed)).toEqual(EXPECTED);
    });
  }
});

for (const name of ["chrome", "firefox"] as const satisfies readonly BrowserName[]) {
  describe.skipIf(!required && browserPath(name) === undefined)(name, () => {
    let server: Server;
    beforeAll(async () => {
      server = await serve(root);
    });
    afterAll(() => server.close());

    async function inPage(what: "job" | "fill"): Promise<unknown> {
      const browser = await openBrowser(name);
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(`${server.url}/test/browser/page.html`);
        await page.waitForFunction("window.run !== undefined");
        const result = await page.evaluate(`window.run(${JSON.stringify(what)})`);
        expect(errors).toEqual([]);
        return result;
      } finally {
        await browser.close();
      }
    }

    test("the same fingerprints on a plain page", async () => {
      expect(await inPage("job")).toEqual(EXPECTED);
    });

    test("as many models as the engine allows, then a message that says what to do", async () => {
      const outcome = await inPage("fill");
      expect(outcome).toMatch(
        /^500 models$|^sequential: the engine allows no more WebAssembly memories \(\d+ models have one\)\. Let some go, or let models share one: sequential\(\{ core: other\.core, \.\.\. \}\)$/,
      );
      // Chromium is known to stop near 124
      if (name === "chrome") expect(outcome).toMatch(/no more WebAssembly memories \(1[0-9]{2} models/);
    });
  });
}
