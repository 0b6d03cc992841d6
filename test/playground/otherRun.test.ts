// Two runs of Play in one page, and weights that are set by hand: both are come back to as they were left, and neither is lost unsaid.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JOURNEYS, openSite, type Site } from "../support/site.ts";

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** What is within a shadow, too, once it is there. */
async function find(page: Page, selector: string) {
  for (let i = 0; i < 1200; i++) {
    const found = await page.$(`>>> ${selector.replace(/^play-time /, "play-time >>> ")}`);
    if (found) return found;
    await wait(100);
  }
  throw new Error(`there is no ${selector}`);
}
const press = async (page: Page, selector: string): Promise<void> =>
  (await find(page, selector)).evaluate((element) => (element as HTMLElement).click());

async function sees(page: Page, selector: string, fits: RegExp): Promise<string> {
  let text = "";
  for (let i = 0; i < 1200; i++) {
    text = await (
      await find(page, selector)
    ).evaluate((element) => element.textContent!.replaceAll(/\s+/g, " ").trim());
    if (fits.test(text)) return text;
    await wait(100);
  }
  throw new Error(`${selector} says ${JSON.stringify(text)}, not ${String(fits)}`);
}

/** The fingerprint, where it stands after so many updates. */
const fingerprint = async (page: Page, updates: number): Promise<string> =>
  /[0-9a-f]{16}/.exec(await sees(page, "#fingerprint", new RegExp(` ${updates} (updates|次)|，${updates} 次`)))![0];

/** Another fingerprint, after as many updates. */
async function changed(page: Page, updates: number, before: string): Promise<string> {
  for (let i = 0; i < 1200; i++) {
    const now = await fingerprint(page, updates);
    if (now !== before) return now;
    await wait(50);
  }
  throw new Error(`the weights are as they were: ${before}`);
}

/** Sets a weight, as the figure does when one is typed. */
const setWeight = (page: Page, index: number, value: number): Promise<unknown> =>
  page.$eval("wasmgrad-maps", (maps, detail) => maps.dispatchEvent(new CustomEvent("set", { detail, bubbles: true })), {
    index,
    value,
  });

/** The slider of the past to its very beginning. */
async function toTheBeginning(page: Page): Promise<void> {
  await (await find(page, "play-time input")).focus();
  await page.keyboard.press("Home");
  await sees(page, "play-time output", /update 0 of|第 0 次更新/);
}

describe.each(JOURNEYS)("in %s", { timeout: 300_000 }, (name) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(name);
  }, 300_000);
  afterAll(() => site?.close());

  test("who continues at the very beginning, and sets a weight there, still has the first run", async () => {
    const { page, faults, close } = await site.visit("play/#data=xor&net=4t&batch=0&view=time&at=30");
    const first = await fingerprint(page, 30);
    await toTheBeginning(page);
    await press(page, "play-time [data-do=branch]");
    const began = await fingerprint(page, 0);
    await find(page, "play-time [data-do=swap]");
    await sees(page, "play-time [data-other]", /is kept up to update 30/);
    await setWeight(page, 0, 2);
    const second = await changed(page, 0, began);
    await press(page, "play-time [data-do=swap]");
    expect(await fingerprint(page, 30)).toBe(first);
    await press(page, "play-time [data-do=swap]");
    expect(await fingerprint(page, 0)).toBe(second);
    expect(faults).toEqual([]);
    await close();
  });

  test("a weight that is set after a reset begins there, wherever the link led", async () => {
    const { page, faults, close } = await site.visit("play/#data=xor&net=4t&batch=0&at=30");
    await fingerprint(page, 30);
    await press(page, "[data-do=reset]");
    const began = await fingerprint(page, 0);
    await setWeight(page, 0, 2);
    await changed(page, 0, began);
    await page.waitForFunction(() => /[#&]w=/.test(location.hash) && !/[#&]at=/.test(location.hash));
    await wait(300);
    await fingerprint(page, 0);
    expect(faults).toEqual([]);
    await close();
  });

  // 400 rows in batches of 10: 40 updates an epoch, so that the second stop is within one
  test.each([80, 93])("a run that is left at update %i with a weight set by hand is as it was left", async (at) => {
    const path = `play/#data=moons&net=4t&batch=10&view=time&at=${at}`;
    const { page, faults, close } = await site.visit(path);
    const before = await fingerprint(page, at);
    await setWeight(page, 0, 2);
    const left = await changed(page, at, before);
    await toTheBeginning(page);
    await press(page, "play-time [data-do=branch]");
    await fingerprint(page, 0);
    await sees(page, "play-time [data-other]", new RegExp(`is kept up to update ${at}:`));
    await press(page, "[data-do=once]");
    await fingerprint(page, 1);
    await press(page, "play-time [data-do=swap]");
    expect(await fingerprint(page, at)).toBe(left);
    // and it goes on as one that was never left
    for (let i = 1; i <= 3; i++) {
      await press(page, "[data-do=once]");
      await fingerprint(page, at + i);
    }
    const here = await fingerprint(page, at + 3);
    const other = await site.visit(path);
    await fingerprint(other.page, at);
    await setWeight(other.page, 0, 2);
    expect(await changed(other.page, at, before)).toBe(left);
    for (let i = 1; i <= 3; i++) {
      await press(other.page, "[data-do=once]");
      await fingerprint(other.page, at + i);
    }
    expect(await fingerprint(other.page, at + 3)).toBe(here);
    // the run that was left within an epoch, too
    await press(page, "play-time [data-do=swap]");
    await fingerprint(page, 1);
    expect([...faults, ...other.faults]).toEqual([]);
    await other.close();
    await close();
  });

  test("a moment at which a weight was set is come back to with it", async () => {
    const { page, faults, close } = await site.visit("play/#data=xor&net=4t&batch=0&view=time&at=12");
    const before = await fingerprint(page, 12);
    await setWeight(page, 0, 2);
    const set = await changed(page, 12, before);
    await press(page, "[data-do=once]");
    await fingerprint(page, 13);
    await sees(page, "play-time output", /now: update 13/);
    await press(page, "play-time [aria-label='One moment back']");
    await press(page, "play-time [aria-label='One moment back']");
    await sees(page, "play-time output", /update 12 of 13/);
    await press(page, "play-time [data-do=branch]");
    expect(await fingerprint(page, 12)).toBe(set);
    expect(faults).toEqual([]);
    await close();
  });

  test.each([
    [
      "",
      "data=moons&net=4t&at=50",
      50,
      /without weights that you changed by hand: Export keeps what is shown\. .*Change all the same/,
    ],
    ["zh/", "data=moons&net=16t-16t&at=1", 0, /换语言会重新打开本页，你手动改的权重不会带过去.*仍然切换/],
  ] as const)(
    "the other language is asked about before a weight is lost: /%splay/#%s",
    async (language, keys, at, words) => {
      const { page, faults, close } = await site.visit(`${language}play/#${keys}`);
      await fingerprint(page, at || 1);
      if (at === 0) await press(page, "[data-do=reset]");
      const before = await fingerprint(page, at);
      await setWeight(page, 0, 2);
      const mine = await changed(page, at, before);
      await page.keyboard.press("l");
      await sees(page, ".toast", words);
      expect(await fingerprint(page, at)).toBe(mine);
      await Promise.all([page.waitForNavigation(), press(page, ".toast button")]);
      expect(await page.evaluate(() => location.pathname)).toBe(language ? "/play/index.html" : "/zh/play/index.html");
      expect(faults).toEqual([]);
      await close();
    },
  );

  test("nor is the other run; where nothing is lost nothing is asked", async () => {
    const { page, faults, close } = await site.visit("play/#data=xor&net=4t&batch=0&view=time&at=30");
    await fingerprint(page, 30);
    await toTheBeginning(page);
    await press(page, "play-time [data-do=branch]");
    await fingerprint(page, 0);
    // keys belong to a field that has the focus
    await (await find(page, "play-time input")).evaluate((slider) => (slider as HTMLElement).blur());
    await page.keyboard.press("l");
    await sees(page, ".toast", /without the other run: Export keeps what is shown/);
    await press(page, "[data-do=reset]");
    await press(page, ".toast [aria-label=Close]");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("l")]);
    expect(await page.evaluate(() => location.pathname)).toMatch(/^\/zh\/play\//);
    expect(faults).toEqual([]);
    await close();
  });
});
