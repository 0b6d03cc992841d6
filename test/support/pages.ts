// A page's outcome in any of the real browsers. Pages run by themselves and leave their outcome in `globalThis.outcome`: what a
// driver evaluates is outside a page's policy.
import { setTimeout as sleep } from "node:timers/promises";
import { type BrowserName, browserPath, openBrowser } from "./browsers.ts";
import { openWebkit, webkitPrograms } from "./webkit.ts";

export type AnyBrowser = BrowserName | "webkit";

/** Whether it is installed. */
export const present = (name: AnyBrowser): boolean =>
  name === "webkit" ? webkitPrograms() !== undefined : browserPath(name) !== undefined;

interface Opened {
  /** What the page at the address comes to. */
  outcome(url: string): Promise<unknown>;
  /** Opens the page at the address. */
  open(url: string): Promise<void>;
  /** What an expression's promise becomes, in the page that was opened last. */
  evaluate(expression: string): Promise<unknown>;
  readonly version: string;
  close(): Promise<void>;
}

/** How long a page may take. */
const PATIENCE = 240_000;

async function wait(evaluate: (expression: string) => Promise<unknown>, errors: readonly string[]): Promise<unknown> {
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    const text = await evaluate("globalThis.outcome === undefined ? '' : JSON.stringify(globalThis.outcome)");
    if (text !== "") return JSON.parse(text as string);
    await sleep(50);
  }
  throw new Error(`the page has no outcome after ${PATIENCE / 1000} s; its errors: ${errors.join("; ")}`);
}

/** Starts one. */
export async function openAny(name: AnyBrowser): Promise<Opened> {
  if (name === "webkit") {
    const browser = await openWebkit({ JSC_validateOptions: "1", JSC_useSharedArrayBuffer: "1" });
    const evaluate = (expression: string) => browser.evaluate(expression);
    return {
      evaluate,
      version: browser.version,
      open: (url) => browser.open(url),
      async outcome(url) {
        await browser.open(url);
        return wait(evaluate, []);
      },
      close: () => browser.close(),
    };
  }
  const browser = await openBrowser(name);
  const pages = await browser.pages();
  const page = pages[0] ?? (await browser.newPage());
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const evaluate = (expression: string): Promise<unknown> => page.evaluate(expression);
  return {
    evaluate,
    version: (await browser.version()).replace(/^\w+\//, ""),
    open: async (url) => void (await page.goto(url)),
    async outcome(url) {
      errors.length = 0;
      await page.goto(url);
      return wait(evaluate, errors);
    },
    close: () => browser.close(),
  };
}
