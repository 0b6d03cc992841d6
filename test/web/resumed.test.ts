// A training goes on elsewhere with the same bits: from Node to a page, to a worker of it, and back; in a page that is loaded again in the
// middle; and in a browser that was killed.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser } from "../support/browsers.ts";
import { bundlePage, isMissing, type OpenPage, openPage, PAGE_BROWSERS } from "../support/bundledPage.ts";
import { type Kind, KINDS, type Outcome, type Passed, passOn, train } from "../support/interrupted.ts";
import { generator } from "../support/seeded.ts";
import { serve } from "../support/server.ts";

const LONG = Boolean(process.env["LONG"]);
const RELOADS = LONG ? 20 : 4;
const KILLS = LONG ? 15 : 3;
const PATIENCE = 120_000;

const bundle = (): Promise<string> => bundlePage(join(import.meta.dirname, "training"));

const expected: Partial<Record<Kind, Outcome>> = {};
beforeAll(async () => {
  for (const kind of KINDS) expected[kind] = await train({ kind });
});

/** What a page says of a training that it began. */
interface Going {
  readonly from: number;
  readonly updates: number;
  readonly outcome: Outcome | null;
  readonly error: string | null;
}

type Evaluate = OpenPage["evaluate"];

/** Where it is, once that holds or it has ended. */
async function soon(evaluate: Evaluate, holds: (going: Going) => boolean): Promise<Going> {
  for (const end = Date.now() + PATIENCE; ; await sleep(10)) {
    const going = (await evaluate("where()")) as Going;
    if (going.error !== null) throw new Error(`the training in the page ended: ${going.error}`);
    if (going.outcome !== null || holds(going)) return going;
    if (Date.now() > end) throw new Error(`the page stands still: ${JSON.stringify(going)}`);
  }
}

/**
 * A page is opened by `open`, which ends the one before in the middle of its training, `times` times; then the training goes to its end.
 * Says from which updates it went on.
 */
async function endedAgain(
  open: () => Promise<Evaluate>,
  times: number,
  begin: (after: number | undefined) => string,
  seed: number,
): Promise<{ outcome: Outcome; from: readonly number[] }> {
  const random = generator(seed);
  const from: number[] = [];
  for (let round = 0; ; round++) {
    const evaluate = await open();
    const after = round < times ? 5 + Math.floor((600 / times) * random()) : undefined;
    await evaluate(begin(after));
    const first = await soon(evaluate, ({ updates }) => updates > 0);
    from.push(first.from);
    const { outcome } = await soon(evaluate, ({ updates }) => after !== undefined && updates >= first.from + after);
    if (outcome) return { outcome, from };
    await sleep(20 * random());
  }
}

describe.each(PAGE_BROWSERS)("%s", (name) => {
  const missing = isMissing(name);
  let page: OpenPage;
  beforeAll(async () => {
    if (!missing) page = await openPage(name, await bundle());
  }, 300_000);
  afterAll(() => page?.close());

  test.skipIf(missing).each(KINDS)(
    "a training with %s goes from Node to the page, its workers, and back",
    async (kind) => {
      let passed = await passOn({ kind }, "", 101);
      const inPage = async (call: string): Promise<void> => {
        passed = (await page.evaluate(call.replace("*", `"${passed.bytes}", 101`))) as Passed;
        expect(passed.outcome ?? null).toBe(null);
      };
      await inPage(`passOn({ kind: "${kind}" }, *)`);
      await inPage(`passOn({ kind: "${kind}", worker: true }, *)`);
      passed = await passOn({ kind, worker: true }, passed.bytes, 101);
      await inPage(`inWorker("passOn", { kind: "${kind}" }, *)`);
      const { outcome } = await passOn({ kind, threads: 2 }, passed.bytes, Infinity);
      expect(outcome).toEqual(expected[kind]);
    },
    PATIENCE,
  );

  test.skipIf(missing).each([
    ["arrays", "begin"],
    ["source", "beginInWorker"],
  ] as const)(
    `loaded again ${RELOADS} times in the middle of a training with %s (%s), the page ends with the same bits`,
    async (kind, begin) => {
      const again = async (): Promise<Evaluate> => {
        await page.reload();
        return page.evaluate;
      };
      const call = (after: number | undefined): string => `${begin}("${begin}", { kind: "${kind}" }, ${after})`;
      const { outcome, from } = await endedAgain(again, RELOADS, call, 1);
      expect(outcome).toEqual(expected[kind]);
      expect(from.length).toBe(RELOADS + 1);
      expect(from).toEqual(from.toSorted((a, b) => a - b));
      expect(from.at(-1)).toBeGreaterThan(0);
      console.log(`${name}: loaded again ${RELOADS} times, it went on from the updates ${from.join(", ")}`);
    },
    (RELOADS + 2) * PATIENCE,
  );
});

test.skipIf(isMissing("chrome"))(
  `a browser that is killed ${KILLS} times in the middle of a training ends with the same bits`,
  async () => {
    const profile = mkdtempSync(join(tmpdir(), "wasmgrad-profile-"));
    const folder = await bundle();
    const server = await serve(folder); // one origin for all of them
    let browser: Browser | undefined;
    const open = async (): Promise<Evaluate> => {
      if (browser) {
        const child = browser.process()!;
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
      browser = await openBrowser("chrome", { args: [`--user-data-dir=${profile}`] });
      const page = await browser.newPage();
      await page.goto(`${server.url}/index.html`);
      await page.waitForFunction("window.ready");
      return (expression) => page.evaluate(expression);
    };
    try {
      const { outcome, from } = await endedAgain(
        open,
        KILLS,
        (after) => `begin("killed", { kind: "arrays" }, ${after})`,
        2,
      );
      expect(outcome).toEqual(expected.arrays);
      expect(from.length).toBe(KILLS + 1);
      expect(from.at(-1)).toBeGreaterThan(0);
      console.log(`chrome: killed ${KILLS} times, it went on from the updates ${from.join(", ")}`);
    } finally {
      await browser?.close();
      server.close();
      rmSync(folder, { recursive: true });
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    }
  },
  (KILLS + 2) * PATIENCE,
);
