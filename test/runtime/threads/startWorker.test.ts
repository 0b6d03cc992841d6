// Workers start wherever there is a way: in real pages, bundled so that the worker's file is there or isn't, and in Node.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserName, browserPath, openBrowser } from "../../support/browsers.ts";
import { serve, type ServerOptions } from "../../support/server.ts";

interface Outcome {
  readonly threads?: number;
  readonly reason?: string;
  readonly same?: boolean;
  readonly milliseconds?: number;
  readonly error?: string;
  /** What reached the page as an error. */
  readonly errors?: readonly string[];
}

const root = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "wasmgrad-starting-"));
const FILE = "wasmgrad.worker.js";

const bundle = (outfile: string, options: BuildOptions): Promise<unknown> =>
  build({
    entryPoints: [join(import.meta.dirname, "starting/main.js")],
    bundle: true,
    outfile: join(folder, outfile),
    alias: { wasmgrad: join(root, "build/index.js") },
    logOverride: { "empty-import-meta": "silent" }, // an iife has no address
    ...options,
  });

const html = (script: string): string => `<!doctype html><meta charset="utf-8" /><title>page</title>${script}`;

/** Folders of pages: what is beside the bundle under the worker's name. */
const BESIDE: Readonly<Record<string, string | undefined>> = {
  nothing: undefined,
  itself: join(root, "build", FILE),
  silent: "addEventListener('message', () => {});",
  another: "postMessage({ hello: 1 }); addEventListener('message', ({ data }) => postMessage(data));",
  broken: "<!doctype html><p>not found</p>",
};

beforeAll(async () => {
  await bundle("esm.js", { format: "esm" });
  await bundle("iife.js", { format: "iife" });
  for (const [name, what] of Object.entries(BESIDE)) {
    mkdirSync(join(folder, name));
    for (const file of ["esm.js", "iife.js"]) copyFileSync(join(folder, file), join(folder, name, file));
    writeFileSync(join(folder, name, "esm.html"), html('<script type="module" src="esm.js"></script>'));
    writeFileSync(join(folder, name, "iife.html"), html('<script src="iife.js"></script>'));
    if (name === "itself") copyFileSync(what!, join(folder, name, FILE));
    else if (what !== undefined) writeFileSync(join(folder, name, FILE), what);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const required = Boolean(process.env["CI"]);
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const FORBIDDEN =
  "the page's Content-Security-Policy forbids it: its worker-src must allow 'self', where wasmgrad.worker.js is served, or blob:";

describe.each(["chrome", "firefox"] as const satisfies readonly BrowserName[])("in %s", (name) => {
  const present = required || browserPath(name) !== undefined;
  const runs = test.skipIf(!present);
  let browser: Browser;
  beforeAll(async () => {
    if (present) browser = await openBrowser(name);
  });
  afterAll(() => browser?.close());

  async function open(page: string, options: ServerOptions = {}): Promise<Outcome> {
    const server = await serve(folder, { isolated: true, ...options });
    const tab = await browser.newPage();
    try {
      await tab.goto(`${server.url}/${page}`);
      for (;;) {
        const outcome = (await tab.evaluate("window.outcome")) as Outcome | undefined;
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (outcome) return outcome;
      }
    } finally {
      await tab.close();
      server.close();
    }
  }

  const two = (outcome: Outcome): void => expect(outcome).toMatchObject({ threads: 2, same: true, errors: [] });

  runs("the file is found beside a module", async () => two(await open("itself/esm.html", { policy: POLICY })));
  runs("the file is missing", async () => two(await open("nothing/esm.html")));
  runs("a script has no address", async () => two(await open("itself/iife.html")));
  runs("a server has its page in place of what is missing", async () =>
    two(await open("nothing/esm.html", { fallback: "nothing/esm.html" })),
  );
  runs("the file is a page", async () => two(await open("broken/esm.html")));
  runs("the file is another program, which answers", async () => two(await open("another/esm.html")));
  runs("the file is another program, which doesn't: it is waited for 3 s, not 30", async () => {
    const outcome = await open("silent/esm.html");
    two(outcome);
    expect(outcome.milliseconds).toBeLessThan(25_000);
  });

  runs("the policy forbids workers: one thread, and why", async () => {
    const { reason, ...rest } = await open("itself/esm.html", { policy: `${POLICY}; worker-src 'none'` });
    expect(rest).toMatchObject({ threads: 1, same: true, errors: [] });
    expect(reason).toMatch(
      /^no worker could be started: http:.+\/itself\/wasmgrad\.worker\.js \(.+\); a worker of its own source \(.+\); /,
    );
    expect(reason).toContain(FORBIDDEN);
  });

  runs("the file is missing, and the policy forbids others: one thread, and why", async () => {
    const { reason, ...rest } = await open("nothing/esm.html", { policy: POLICY });
    expect(rest).toMatchObject({ threads: 1, same: true, errors: [] });
    expect(reason).toContain(FORBIDDEN);
  });
});

describe("in Node", () => {
  const print = (file: string): Outcome =>
    JSON.parse(execFileSync(process.execPath, [join(folder, file)], { encoding: "utf8" })) as Outcome;

  test.each(["esm", "cjs", "iife"] as const)("a bundle, %s, without the file", async (format) => {
    const file = `node-${format}.${format === "esm" ? "mjs" : "cjs"}`;
    await bundle(file, { format, platform: "node" });
    expect(print(file)).toMatchObject({ threads: 2, same: true });
  });

  test("a file of another program beside it", async () => {
    mkdirSync(join(folder, "node"));
    await bundle("node/main.mjs", { format: "esm", platform: "node" });
    writeFileSync(join(folder, "node/package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "node", FILE), "setInterval(() => {}, 1000);");
    expect(print("node/main.mjs")).toMatchObject({ threads: 2, same: true });
  });
});
