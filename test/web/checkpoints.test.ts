// Checkpoints in the storage of real browsers: what is kept, what is passed over, and who may write.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeCheckpoint } from "../../src/io/checkpointFile.ts";
import { indexedDBCheckpoints } from "../../src/web.ts";
import { openBrowser } from "../support/browsers.ts";
import { bundlePage, isMissing, type OpenPage, openPage, PAGE_BROWSERS } from "../support/bundledPage.ts";
import { expectRefusal } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";
import { serve } from "../support/server.ts";

const bundle = (): Promise<string> => bundlePage(join(import.meta.dirname, "checkpoints"));

const IN_USE =
  'checkpoint: "run" is in use by another training, in this page or another tab; give each training a name of its own';
const DAMAGED =
  "the file is damaged: its checksum is not that of what it holds; take another copy of it. " +
  'If it was changed on purpose, take "checksum" out of its metadata';
const NO_DATABASE =
  "indexedDBCheckpoints: there is no IndexedDB here; browsers have it, but for some private windows; in Node use wasmgrad/files";

/** What is kept of 7 checkpoints, the first and the fifth of which are best ones: numbers, the newest step, the best one's. */
const KEPT = {
  steps: [
    [[], "none", "none"],
    [[1], 7, 7],
    [[1, 2], 8, 7],
    [[1, 2, 3], 9, 7],
    [[1, 3, 4], 10, 7],
    [[4, 5], 11, 11],
    [[5, 6], 12, 11],
    [[5, 6, 7], 13, 11],
    [[], "none", "none"],
    [[1], 15, "none"],
  ],
  rows: [
    ["run", 5, 11, true],
    ["run", 6, 12, false],
    ["run", 7, 13, false],
  ],
  same: true,
  size: true,
};

const instead = (used: number, damaged: number): string =>
  `indexedDBCheckpoints: the one before, ${used}, is used instead of checkpoint ${damaged} of "run": ${DAMAGED}`;

/** What is said of damaged ones. */
const SAID = {
  newest: [3, instead(3, 4)],
  best: [3],
  two: [2, instead(2, 4), instead(2, 3)],
  olderBest: [1, instead(1, 3)],
  noBest:
    'indexedDBCheckpoints: no best checkpoint of "run" can be read (tried 3, 1); latest() may still give one. ' +
    `checkpoint 3 of "run": ${DAMAGED}`,
  none: [
    'indexedDBCheckpoints: no checkpoint of "run" can be read (tried 4, 3, 2, 1); to begin anew, remove what there is by remove(). ' +
      `checkpoint 4 of "run": ${DAMAGED}`,
  ],
  after: [5],
  empty: ["none"],
};

/** A page wrote on and on until it was closed, `done` being the last step that it knew to be written: all or nothing of one more is there. */
function expectWhole({ done, numbers, latest }: { done: number; numbers: number[]; latest: unknown[] }): void {
  const [step, ...said] = latest as [number, ...string[]];
  expect(said).toEqual([]);
  expect(done).toBeGreaterThan(0);
  expect([done, done + 1]).toContain(step);
  // the first one is a best one
  expect(numbers).toEqual([...new Set([1, step - 1, step].filter((number) => number > 0))]);
}

describe.each(PAGE_BROWSERS)("checkpoints in %s", (name) => {
  const missing = isMissing(name);
  let page: OpenPage;
  beforeAll(async () => {
    if (!missing) page = await openPage(name, await bundle());
  }, 300_000);
  afterAll(() => page?.close());

  test.skipIf(missing)("the last ones and the newest best one are kept", async () => {
    expect(await page.evaluate("keeping()")).toEqual(KEPT);
    expect(await page.evaluate("byDefault()")).toEqual({ numbers: [3, 4, 5], latest: 5, rest: [6] });
  });

  test.skipIf(missing)("a write is whole or not there", async () => {
    const { texts, ...others } = (await page.evaluate("undone()")) as { texts: string[] };
    const refused = /^indexedDBCheckpoints: IndexedDB could not be written to \(.+\)$/;
    expect(texts).toEqual([expect.stringMatching(refused), expect.stringMatching(refused)]);
    expect(others).toEqual({ rows: [[1, 1]], transactions: [["readwrite", "strict"]], numbers: [2] });
  });

  test.skipIf(missing)("each name has its own", async () => {
    expect(await page.evaluate("names()")).toEqual({ steps: [1, 2, 3, 4], rest: ["none", 2, 3, 4], count: 0 });
  });

  test.skipIf(missing)("a damaged one is passed over, and it is said which one is used", async () => {
    expect(await page.evaluate("damaged()")).toEqual(SAID);
  });

  test.skipIf(missing)("a second training with the name is refused until the first one is over", async () => {
    expect(await page.evaluate("opening()")).toEqual([IN_USE, IN_USE, IN_USE]);
    expect(await page.evaluate("withoutLocks()")).toEqual([IN_USE, IN_USE, IN_USE]);
  });

  test.skipIf(missing)("in another page, too, until that is closed", async () => {
    expect(await page.evaluate("inFrame()")).toEqual(["nothing", IN_USE, "nothing", "nothing"]);
  });

  test.skipIf(missing)("a page that is closed while it writes leaves the one before", async () => {
    for (const milliseconds of [0, 7, 40]) {
      expectWhole((await page.evaluate(`closedFrame(${milliseconds})`)) as never);
    }
  });

  test.skipIf(missing)("a worker does the same", async () => {
    expect(await page.evaluate("inWorker()")).toEqual({
      answers: [KEPT, SAID],
      texts: [[IN_USE, IN_USE, IN_USE], "nothing", IN_USE, "nothing"],
    });
  });

  test.skipIf(missing)("where there is no storage, it says so", async () => {
    const blocked =
      "indexedDBCheckpoints: IndexedDB could not be opened (SecurityError: no); private windows, blocked storage and sandboxed frames " +
      "refuse it";
    expect(await page.evaluate("withoutStorage()")).toEqual([
      NO_DATABASE,
      NO_DATABASE,
      NO_DATABASE,
      blocked,
      blocked,
      blocked,
    ]);
  });

  // the driver of WebKitGTK has one tab
  test.skipIf(missing || name === "webkit")("another tab is refused, until the first one is closed", async () => {
    const first = await page.page!.browser().newPage();
    await first.goto(`${page.url}/index.html`);
    await first.waitForFunction("window.ready");
    expect(await first.evaluate('holdOn("run")')).toBe("nothing");
    expect(await page.evaluate('tryOpening("run")')).toBe(IN_USE);
    await first.close();
    await expect.poll(() => page.evaluate('tryOpening("run")')).toBe("nothing");
  });
});

describe("in Chromium", () => {
  // the quota is set by its tools, before the page stores anything
  test.skipIf(isMissing("chrome"))("a full store says so, and what was kept still is", async () => {
    const page = await openPage("chrome", await bundle());
    try {
      const session = await page.page!.createCDPSession();
      await session.send("Storage.overrideQuotaForOrigin", { origin: page.url, quotaSize: 5_000_000 });
      expect(await page.evaluate("full()")).toEqual({
        message:
          "indexedDBCheckpoints: IndexedDB has no space for 12.0 MB; remove checkpoints or models that aren't needed: " +
          "indexedDBCheckpoints(name).remove(), listModels() and removeModel(url). What was kept still is",
        step: 1,
        numbers: [1],
      });
    } finally {
      await page.close();
    }
  });

  const kills = process.env["LONG"] ? 20 : 2;
  test.skipIf(isMissing("chrome"))(
    "a browser that is killed leaves whole ones, and the name is free",
    async () => {
      const random = generator(7);
      const profile = mkdtempSync(join(tmpdir(), "wasmgrad-profile-"));
      const folder = await bundle();
      const server = await serve(folder); // one origin for all of them
      const open = async () => {
        const browser = await openBrowser("chrome", { args: [`--user-data-dir=${profile}`] });
        const page = await browser.newPage();
        await page.goto(`${server.url}/index.html`);
        await page.waitForFunction("window.ready");
        return { browser, page };
      };
      try {
        for (let i = 0; i < kills; i++) {
          const first = await open();
          expect(await first.page.evaluate('holdOn("run")')).toBe("nothing");
          await first.page.evaluate('void writeOnAndOn("run", (step) => { window.written = step; })');
          await first.page.waitForFunction("window.written > 2");
          await sleep(random() * 200);
          const done = (await first.page.evaluate("window.written")) as number;
          const child = first.browser.process()!;
          const ended = once(child, "exit");
          child.kill("SIGKILL");
          await ended;
          const second = await open();
          expect(await second.page.evaluate('tryOpening("run")')).toBe("nothing");
          const { numbers, latest } = (await second.page.evaluate('left("run")')) as {
            numbers: number[];
            latest: [number];
          };
          // it went on between the question and the end
          expect(latest[0]).toBeGreaterThanOrEqual(done);
          expectWhole({ done: latest[0], numbers, latest });
          await second.browser.close();
        }
      } finally {
        server.close();
        rmSync(folder, { recursive: true });
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    (kills + 1) * 120_000,
  );
});

describe("in Node", () => {
  for (const [name, options, kind, message] of [
    ["", {}, TypeError, 'the name must be a text that isn\'t empty, got the string ""'],
    [3, {}, TypeError, "the name must be a text that isn't empty, got number 3"],
    ["run", { keepLast: 0 }, RangeError, "keepLast must be a whole number of 1 or more, got 0"],
    ["run", { keepLast: "3" }, TypeError, 'keepLast must be a whole number of 1 or more, got "3"'],
    ["run", { keep: 3 }, TypeError, 'unknown option "keep"; did you mean "keepLast"? Known: keepLast'],
    ["run", 3, TypeError, "options must be an object, got number 3"],
  ] as const) {
    test(message, () =>
      expectRefusal(
        () => indexedDBCheckpoints(name as never, options as never),
        kind,
        `indexedDBCheckpoints: ${message}`,
      ),
    );
  }

  test("there is no IndexedDB", async () => {
    const store = indexedDBCheckpoints("run");
    const bytes = writeCheckpoint({
      of: [],
      step: 1,
      epoch: 0,
      batch: 0,
      ended: false,
      history: {},
      state: new Uint8Array(1),
    });
    const info = { step: 1, epoch: 0, best: false };
    for (const action of [
      () => store.open(),
      () => store.write(bytes, info),
      () => store.latest(),
      () => store.best(),
      () => store.remove(),
    ]) {
      await expectRefusal(action, Error, NO_DATABASE);
    }
  });
});
