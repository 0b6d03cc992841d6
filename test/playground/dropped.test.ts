// Files that are dragged onto a page as a person does it, by the browser's own drag: what it is for is said, and the page stays.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site } from "../support/site.ts";

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

let site: Site;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dropped-"));
  mkdirSync(join(folder, "holiday"));
  writeFileSync(join(folder, "notes.pdf"), "%PDF-1.7\n");
  writeFileSync(join(folder, "page.html"), "<!doctype html><title>opened instead</title>");
  const name = "an extraordinarily long name of a column";
  const rows = Array.from({ length: 30 }, (_, i) => `${i % 7},${i % 5},${i % 2 ? "yes" : "no"}`);
  writeFileSync(join(folder, "wide.csv"), [`${name},${name} 2,${name} 3`, ...rows].join("\n"));
  site = await openSite("chrome");
}, 300_000);
afterAll(async () => {
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Drags a file over an element of the page, and drops it there. */
async function drop(page: Page, file: string, selector: string): Promise<void> {
  const element = (await page.waitForSelector(selector))!;
  await element.evaluate((e) => e.scrollIntoView({ block: "center" }));
  const box = (await element.boundingBox())!;
  const devtools = await page.createCDPSession();
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await devtools.send("Input.dispatchDragEvent", {
      type,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      data: { items: [], files: [join(folder, file)], dragOperationsMask: 1 },
    });
}

/** Waits for a text in a line at the foot, in an alert, or within an element of its own. */
async function said(page: Page, selector: string, fits: RegExp): Promise<string> {
  let texts: string[] = [];
  for (let i = 0; i < 1200; i++) {
    texts = await page.$$eval(`>>> ${selector}`, (all) => all.map((e) => e.textContent.replaceAll(/\s+/g, " ").trim()));
    const found = texts.find((text) => fits.test(text));
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error(`${selector} says ${JSON.stringify(texts)}, not ${String(fits)}`);
}

/** The tools of Play come after the figure, with a place for what they say; by then they listen for files. */
async function tools(page: Page): Promise<void> {
  await page.waitForFunction(() => /1/.test(document.getElementById("fingerprint")!.textContent!));
  await page.waitForFunction(() =>
    document.getElementById("view")!.previousElementSibling?.matches("div:not([class])"),
  );
}

/** The page is the one that was opened, and its script goes on. */
async function stays(page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => (document.body.dataset["before"] = "here"));
  const { length } = await site.browser.pages();
  await act();
  await wait(200);
  expect(await page.evaluate(() => document.body.dataset["before"])).toBe("here");
  expect(await site.browser.pages()).toHaveLength(length);
}

test.each([
  ["gates/", "input[name=rate]", /This page opens no files: page\.html is left alone/],
  ["zh/gates/", "input[name=rate]", /本页不打开文件：page\.html 没有打开/],
  ["backprop/", "h1", /This page opens no files: page\.html is left alone/],
])("/%s opens no page that is dropped on %s", async (path, selector, words) => {
  const { page, faults, close } = await site.visit(path);
  await stays(page, async () => {
    await drop(page, "page.html", selector);
    await said(page, ".toast", words);
  });
  expect(faults).toEqual([]);
  await close();
});

test.each([
  ["play/#at=1", "holiday", "h1", "[data-say]", /holiday could not be read: it is a folder/],
  ["zh/play/#at=1", "holiday", "h1", "[data-say]", /无法读取 holiday：它是文件夹/],
  ["play/#at=1", "notes.pdf", "input[name=lr]", "[data-say]", /notes\.pdf is .*; it is left alone\./],
  ["play/#at=1", "page.html", "input[name=lr]", "play-own-data >>> [data-problem]", /./],
  ["digits/", "notes.pdf", "h1", "[role=alert]", /This file can't be used here: it is a PDF document\. .*safetensors/],
  ["digits/", "holiday", "input:not([type=file])", "[role=alert]", /This file can't be used here\./],
  ["zh/digits/", "notes.pdf", "h1", "[role=alert]", /这个文件在这里用不了：它是.*PDF.*safetensors/],
])("/%s, %s dropped on %s: what it is for is said", async (path, file, selector, where, words) => {
  const { page, faults, close } = await site.visit(path);
  if (path.includes("play")) await tools(page);
  await stays(page, async () => {
    await drop(page, file, selector);
    await said(page, where, words);
  });
  expect(faults).toEqual([]);
  await close();
});

test.each([1440, 320])(
  "a table whose columns have names of 40 letters is taken, and is no wider than %i px",
  async (width) => {
    const { page, faults, close } = await site.visit("play/#at=1", { width, height: 800 });
    await tools(page);
    await drop(page, "wide.csv", "h1");
    await said(page, "play-own-data >>> [data-said]", /30 points of 2 classes: no, yes/);
    const dialog = await page.$eval("play-own-data >>> dialog", (e) => {
      const { left, right } = e.getBoundingClientRect();
      return { left, right, cut: e.scrollWidth - e.clientWidth };
    });
    expect(dialog.left).toBeGreaterThanOrEqual(0);
    expect(dialog.right).toBeLessThanOrEqual(width);
    expect(dialog.cut).toBeLessThanOrEqual(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(faults).toEqual([]);
    await close();
  },
);
