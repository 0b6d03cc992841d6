// A browser that is killed while a page saves: what is there afterwards is one of the two models, whole.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openBrowser } from "../support/browsers.ts";
import { bundlePage, isMissing } from "../support/bundledPage.ts";
import { generator } from "../support/seeded.ts";
import { serve } from "../support/server.ts";

const KILLS = process.env["LONG"] ? 20 : 2;

describe.each(["indexeddb", "opfs"])("%s", (scheme) => {
  test.skipIf(isMissing("chrome"))(
    "has one of two models after the browser was killed",
    async () => {
      const random = generator(7);
      const profile = mkdtempSync(join(tmpdir(), "wasmgrad-profile-"));
      const folder = await bundlePage(join(import.meta.dirname, "page"));
      const server = await serve(folder); // one origin for all of them
      const open = async () => {
        const browser = await openBrowser("chrome", { args: [`--user-data-dir=${profile}`] });
        const page = await browser.newPage();
        await page.goto(`${server.url}/index.html`);
        await page.waitForFunction("window.ready");
        return { browser, page };
      };
      try {
        const url = `${scheme}://kept`;
        for (let i = 0; i < KILLS; i++) {
          const first = await open();
          const prints = (await first.page.evaluate(`saveOnAndOn("${url}")`)) as string[];
          await sleep(20 + random() * 200);
          const child = first.browser.process()!;
          const ended = once(child, "exit");
          child.kill("SIGKILL");
          await ended;
          const second = await open();
          const [print, count] = (await second.page.evaluate(`left("${url}")`)) as [string, number];
          expect(prints).toContain(print);
          expect(count).toBe(1);
          await second.browser.close();
        }
      } finally {
        server.close();
        rmSync(folder, { recursive: true });
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    (KILLS + 1) * 120_000,
  );
});
