// What is said where a page's Content-Security-Policy refuses WebAssembly: the engines' words, and real browsers.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainBinary, explainPolicy } from "../../src/runtime/policy.ts";
import { type BrowserName, browserPath, openBrowser } from "../support/browsers.ts";
import { serve } from "../support/server.ts";

const refused = (name: string): string =>
  `${name}.wasm: the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its script-src ` +
  "must allow 'wasm-unsafe-eval'; where that can't be, hand over binaries compiled elsewhere: useCore";

describe("explainBinary", () => {
  test.each([
    "WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive " +
      "because neither 'wasm-unsafe-eval' nor 'unsafe-eval' is an allowed source of script in the following Content Security Policy " +
      "directive: \"script-src 'self'\"",
    "call to WebAssembly.compile() blocked by CSP",
    "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script in the " +
      "following Content Security Policy directive: \"script-src 'self'\".",
    "WebAssembly.compile(): Wasm code generation disallowed by embedder",
  ])("names the cure in place of: %s", (words) => {
    const cause = new WebAssembly.CompileError(words);
    const error = explainBinary("core", cause) as Error;
    expect(error.message).toBe(refused("core"));
    expect(error.cause).toBe(cause);
  });

  test("leaves other errors as they are", () => {
    const error = new WebAssembly.CompileError(
      "WebAssembly.compile(): expected magic word 00 61 73 6d, found 00 00 00 00",
    );
    expect(explainBinary("core", error)).toBe(error);
    expect(explainPolicy("customLoss", error, "; more")).toBe(error);
  });
});

const required = Boolean(process.env["CI"]);

describe.each(["chrome", "firefox"] as const satisfies readonly BrowserName[])("a page in %s", (name) => {
  const root = join(import.meta.dirname, "../..");
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-policy-"));
  const present = browserPath(name) !== undefined;

  beforeAll(async () => {
    if (!present) return;
    const page = join(import.meta.dirname, "policy");
    await build({
      entryPoints: [join(page, "main.js")],
      bundle: true,
      splitting: true,
      format: "esm",
      outdir: folder,
      alias: { wasmgrad: join(root, "build/index.js"), "wasmgrad/files": join(root, "build/files.js") },
      external: ["node:*"],
      logOverride: { "ignored-bare-import": "silent" },
    });
    for (const file of ["index.html", "compiler.js"]) cpSync(join(page, file), join(folder, file));
    for (const file of ["core.wasm", "wasmgrad.worker.js"]) cpSync(join(root, "build", file), join(folder, file));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function outcome(policy: string, isolated: boolean): Promise<Record<string, unknown>> {
    const server = await serve(folder, { policy, isolated });
    const browser = await openBrowser(name);
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}/index.html`);
      // not waitForFunction, which a page's policy may refuse as well
      for (;;) {
        const found = (await page.evaluate("window.outcome")) as Record<string, unknown> | undefined;
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      await browser.close();
      server.close();
    }
  }

  test.skipIf(!required && !present)(
    "that allows no WebAssembly: each error names the cure, and useCore is one",
    async () => {
      const all = await outcome("default-src 'self'; script-src 'self'", true);
      const cause = expect.stringMatching(/CSP|Content Security/) as unknown;
      const withModule = {
        module: "fine",
        atOnce: { message: refused("extra"), cause },
        custom: {
          message:
            "customLayer, customLoss, customMetric, customOptimizer: the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its " +
            "script-src must allow 'wasm-unsafe-eval'; functions of JavaScript need it, with useCore as without",
          cause,
        },
      };
      expect(all).toEqual({
        plain: { message: refused("core"), cause },
        threads: { message: refused("threads"), cause },
        shared: { message: refused("core"), cause },
        bytes: { message: refused("core"), cause },
        ...(name === "firefox" ? {} : withModule),
      });
    },
  );

  test.skipIf(!required && !present)(
    "that allows 'wasm-unsafe-eval': all is fine, bytes of shared memory too",
    async () => {
      const all = await outcome("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", true);
      expect(new Set(Object.values(all))).toEqual(new Set(["fine"]));
    },
  );
});
