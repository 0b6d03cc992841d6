// One page in each browser of this machine, as a user's bundler would make it.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Page } from "puppeteer-core";
import { browserPath, openBrowser } from "./browsers.ts";
import { serve } from "./server.ts";
import { openWebkit, webkitPrograms } from "./webkit.ts";

const root = join(import.meta.dirname, "../..");

export type PageBrowser = "chrome" | "firefox" | "webkit";
export const PAGE_BROWSERS: readonly PageBrowser[] = ["chrome", "firefox", "webkit"];

/** A browser that isn't installed is left out; in CI that is a failure. */
export const isMissing = (name: PageBrowser): boolean =>
  !process.env["CI"] && (name === "webkit" ? webkitPrograms() === undefined : browserPath(name) === undefined);

export interface OpenPage {
  readonly url: string;
  /** Where puppeteer drives it. */
  readonly page?: Page;
  /** What the expression's promise becomes. */
  evaluate(expression: string): Promise<unknown>;
  /** Loads it again, and waits until it is ready. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** A folder with a page: index.html and main.js of `folder`, bundled with the library as it is built. */
export async function bundlePage(folder: string): Promise<string> {
  const to = mkdtempSync(join(tmpdir(), "wasmgrad-page-"));
  const entries = ["data", "datasets", "files", "matrix", "models", "mpi", "onnx", "tfjs", "torch", "web"];
  await build({
    entryPoints: [join(folder, "main.js")],
    bundle: true,
    splitting: true,
    format: "esm",
    outdir: to,
    alias: Object.fromEntries([
      ...entries.map((name) => [`wasmgrad/${name}`, join(root, `build/${name}.js`)]),
      ["wasmgrad", join(root, "build/index.js")],
    ]),
    external: ["node:*"],
    logLevel: "error",
  });
  cpSync(join(folder, "index.html"), join(to, "index.html"));
  return to;
}

/**
 * Opens a page, and waits until it has set `window.ready`.
 *
 * @param folder as `bundlePage` made it; removed when the page is closed
 * @param policy the page's Content-Security-Policy
 */
export async function openPage(name: PageBrowser, folder: string, policy?: string): Promise<OpenPage> {
  const server = await serve(folder, policy === undefined ? {} : { policy });
  const url = `${server.url}/index.html`;
  const end = async (close: () => Promise<unknown>): Promise<void> => {
    await close();
    server.close();
    rmSync(folder, { recursive: true });
  };
  const ready = async (evaluate: OpenPage["evaluate"]): Promise<void> => {
    while (!(await evaluate("window.ready"))) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  if (name === "webkit") {
    const browser = await openWebkit();
    await browser.open(url);
    await ready(browser.evaluate);
    const reload = async (): Promise<void> => {
      await browser.open(url);
      await ready(browser.evaluate);
    };
    return { url: server.url, evaluate: browser.evaluate, reload, close: () => end(() => browser.close()) };
  }
  const browser = await openBrowser(name);
  const page = await browser.newPage();
  await page.goto(url);
  const evaluate = (expression: string): Promise<unknown> => page.evaluate(expression);
  await ready(evaluate);
  const reload = async (): Promise<void> => {
    await page.reload();
    await ready(evaluate);
  };
  return { url: server.url, page, evaluate, reload, close: () => end(() => browser.close()) };
}
