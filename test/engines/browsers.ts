// Chromium, Firefox and WebKitGTK: the work is done by a page.
import { join } from "node:path";
import { type BrowserName, browserPath, openBrowser } from "../support/browsers.ts";
import { serve } from "../support/server.ts";
import { openWebkit, webkitPrograms } from "../support/webkit.ts";
import { type Answer, type Engine, jscWay, v8Ways, type Way } from "./engine.ts";
import type { Task } from "./work.ts";

const root = join(import.meta.dirname, "../..");

const script = (tasks: readonly Task[]): string => `work(${JSON.stringify(tasks)})`;

/** Serves the page while something is done with it. */
async function withPage(isolated: boolean, use: (url: string) => Promise<Answer>): Promise<Answer> {
  const server = await serve(root, { isolated });
  try {
    return await use(`${server.url}/test/engines/page.html`);
  } finally {
    server.close();
  }
}

interface Driven {
  readonly name: string;
  readonly program: BrowserName;
  readonly ways: readonly Way[];
  readonly impossible: Way;
  readonly refusal: RegExp;
}

const driven = ({ name, program, ways, impossible, refusal }: Driven): Engine => ({
  name,
  pages: true,
  present: browserPath(program) !== undefined,
  ways,
  impossible,
  refusal,
  run: (way, tasks, { isolated = false } = {}) =>
    withPage(isolated, async (url) => {
      const browser = await openBrowser(program, way);
      try {
        let said = "";
        browser.process()?.stderr?.on("data", (text) => (said += String(text)));
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(url);
        if ((await page.evaluate("crossOriginIsolated")) !== isolated) errors.push("the page's isolation is wrong");
        const results = (await page.evaluate(script(tasks))) as unknown[];
        // Chromium goes on without a flag that it doesn't know
        errors.push(...(said.match(/unrecognized flag.*/g) ?? []));
        if (errors.length > 0) throw new Error(`${name}: ${errors.join("; ")}`);
        return { version: (await browser.version()).replace(/^\w+\//, ""), results };
      } finally {
        await browser.close();
      }
    }),
});

const chromiumFlags = (flags: readonly string[]): string[] => [`--js-flags=${flags.join(" ")}`];

const chromium = driven({
  name: "Chromium",
  program: "chrome",
  // its V8 is built without the revectorizer
  ways: v8Ways(["Liftoff alone", "TurboFan alone", "without AVX", "without FMA"], chromiumFlags),
  impossible: v8Ways(["impossible"], chromiumFlags)[0]!,
  refusal: /unrecognized flag --no-such-flag/,
});

const BASELINE = "javascript.options.wasm_baselinejit";
const OPTIMIZING = "javascript.options.wasm_optimizingjit";

const firefox = driven({
  name: "Firefox",
  program: "firefox",
  ways: [
    { name: "baseline alone", prefs: { [OPTIMIZING]: false } },
    { name: "Ion alone", prefs: { [BASELINE]: false } },
  ],
  // no word of settings that don't exist: without either compiler there is no WebAssembly
  impossible: { name: "no compiler", prefs: { [BASELINE]: false, [OPTIMIZING]: false } },
  refusal: /no WebAssembly compiler available/,
});

const webkit: Engine = {
  name: "WebKitGTK",
  pages: true,
  present: webkitPrograms() !== undefined,
  ways: [jscWay("BBQ alone", "JSC_"), jscWay("OMG at once", "JSC_")],
  impossible: jscWay("impossible", "JSC_"),
  refusal: /invalid option: JSC_noSuchOption=1/,
  unshared: jscWay("without shared memory", "JSC_"),
  run: (way, tasks, { isolated = false } = {}) =>
    withPage(isolated, async (url) => {
      // otherwise it goes on without an option that it doesn't know, and has no shared memory
      const browser = await openWebkit({ JSC_validateOptions: "1", JSC_useSharedArrayBuffer: "1", ...way.env });
      try {
        await browser.open(url);
        const seen = await browser.evaluate("crossOriginIsolated");
        if (seen !== isolated) throw new Error("WebKitGTK: the page's isolation is wrong");
        return { version: browser.version, results: (await browser.evaluate(script(tasks))) as unknown[] };
      } finally {
        await browser.close();
      }
    }),
};

export const BROWSERS: readonly Engine[] = [chromium, firefox, webkit];
