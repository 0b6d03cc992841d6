// Where a page stands: browsers that keep nothing, sandboxes, no workers. It works, or says what it can't do and what to do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../support/server.ts";
import { DIST, openSite, ROUTES, type Site } from "../support/site.ts";

/** Waits for a text of an element, in tabs that draw no frames, too. */
async function until(page: Page | Frame, selector: string, fits: RegExp, timeout = 120_000): Promise<string> {
  const handle = await page.waitForFunction(
    (where, source) =>
      [...document.querySelectorAll(where)]
        .map((e) => e.textContent.replace(/\s+/g, " "))
        .find((text) => new RegExp(source).test(text)),
    { timeout, polling: 100 },
    selector,
    fits.source,
  );
  return (await handle.jsonValue())!;
}

/** Presses a button of the page, wherever it is. */
const press = (page: Page | Frame, selector: string): Promise<void> =>
  page.waitForSelector(selector).then((button) => button!.evaluate((e) => (e as HTMLElement).click()));

describe("a browser that keeps nothing for any page", () => {
  let site: Site;
  let profile: string;
  beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), "nothing-kept-"));
    mkdirSync(join(profile, "Default"));
    // as "Don't allow sites to save data" in its settings
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(settings));
    site = await openSite("chrome", { args: [`--user-data-dir=${profile}`] });
  }, 300_000);
  afterAll(async () => {
    await site?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test.each(ROUTES)("shows /%s", async (route) => {
    const { page, faults, close } = await site.visit(route);
    expect(
      await page.evaluate(() => {
        try {
          return String(localStorage);
        } catch (error) {
          return (error as Error).name;
        }
      }),
    ).toBe("SecurityError");
    expect(await page.$("[role=alert]")).toBeNull();
    await page.click("[data-do=theme]");
    expect(faults).toEqual([]);
    await close();
  });

  test("trains on images", async () => {
    const { page, faults, close } = await site.visit("digits/#net=mlp&images=64&epochs=1");
    await press(page, "[data-do=train]");
    await page.waitForSelector("[data-fingerprint]", { timeout: 120_000 });
    expect(await page.$("[role=alert]")).toBeNull();
    expect(faults).toEqual([]);
    await close();
  });
});

describe("a frame in a sandbox, which has neither storage nor a service worker", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  async function framed(route: string, look: (frame: Frame) => Promise<void>): Promise<void> {
    const files = await serve(DIST, { open: true, fallbackIndex: true });
    const folder = mkdtempSync(join(tmpdir(), "framing-"));
    writeFileSync(
      join(folder, "index.html"),
      `<!doctype html><title>A course</title><iframe sandbox="allow-scripts" src="${files.url}/${route}" width="1200" height="900"></iframe>`,
    );
    const course = await serve(folder, { fallbackIndex: true });
    try {
      const page = await site.browser.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      await page.goto(`${course.url}/`);
      const frame = await page.waitForFrame((one) => one.url().startsWith(files.url));
      await frame.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, { timeout: 120_000 });
      await look(frame);
      expect(await frame.$("[role=alert]")).toBeNull();
      expect(faults).toEqual([]);
      await page.close();
    } finally {
      course.close();
      files.close();
    }
  }

  test.each(ROUTES)("shows /%s", (route) => framed(route, (frame) => frame.click("[data-do=theme]")));

  test("trains in Play", () =>
    framed("play/#data=xor&net=3t&at=30", async (frame) => {
      await until(frame, "#fingerprint", /after 30 updates/);
    }));

  test("trains on images, too", () =>
    framed("digits/#net=mlp&images=64&epochs=1", async (frame) => {
      await press(frame, "[data-do=train]");
      await frame.waitForSelector("[data-fingerprint]", { timeout: 120_000 });
    }));
});

describe("without workers", () => {
  const ways = {
    "a browser that has none": [undefined, /This browser has no workers\..*update it/, /此浏览器没有 Worker。.*请更新/],
    "a policy that forbids them": [
      "worker-src 'none'",
      /This page may not start workers\..*it needs 'self' in worker-src.*the address holds your settings/,
      /本页不能启动 Worker。.*worker-src 需要 'self'.*设置都在地址里/,
    ],
  } as const;
  test.each(Object.keys(ways) as (keyof typeof ways)[])("%s: what to do is said", async (way) => {
    const [policy, english, chinese] = ways[way];
    const site = await openSite("chrome", policy ? { policy } : {});
    try {
      for (const route of ["play/", "digits/"])
        for (const [language, words] of [
          ["", english],
          ["zh/", chinese],
        ] as const) {
          const page = await site.browser.newPage();
          if (!policy) await page.evaluateOnNewDocument("delete globalThis.Worker");
          await page.goto(`${site.url}/${language}${route}#seed=9`);
          await until(page, "[role=alert]", words);
          expect(await page.evaluate(() => location.hash)).toBe("#seed=9");
          await page.close();
        }
    } finally {
      await site.close();
    }
  });
});
