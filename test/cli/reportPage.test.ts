// The report in a real browser: nothing is cut off, overlaps or is too wide; axe finds nothing in light and dark.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Axe from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportHtml } from "../../cli/report/page.ts";
import { openBrowser } from "../support/browsers.ts";
import { classesReport, REPORTS } from "../support/tableReports.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser("chrome");
});
afterAll(() => browser.close());

/** Opens the report, and notes what the browser says of it. */
async function open(name: string): Promise<{ readonly page: Page; readonly said: string[] }> {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => request.url().startsWith("data:") || said.push(`asked for ${request.url()}`));
  page.on("dialog", (dialog) => {
    said.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.setContent(await reportHtml(REPORTS[name]!()));
  return { page, said };
}

/** What doesn't look right. */
const looks = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth} px wide`);
    const shown = [...document.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().width > 0);
    if (shown.length === 0) faults.push("there is no chart");
    for (const svg of shown) {
      const frame = svg.getBoundingClientRect();
      const about = svg.getAttribute("aria-label")!.slice(0, 30);
      const texts = [...svg.querySelectorAll("text")]
        .filter((text) => text.textContent.trim() !== "")
        .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
      if (texts.length === 0) faults.push(`${about}: no text`);
      texts.forEach(({ text, box }, i) => {
        if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5) faults.push(`${about}: "${text}" is cut off`); // prettier-ignore
        for (const other of texts.slice(i + 1)) {
          const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          // a line of text is higher than its letters
          if (across > 0 && down > 0.3 * Math.min(box.height, other.box.height)) faults.push(`${about}: "${text}" and "${other.text}" overlap`); // prettier-ignore
        }
      });
    }
    return faults;
  });

const violations = async (page: Page, rules?: string[]): Promise<string[]> =>
  page.evaluate(async (runOnly) => {
    const found = await (globalThis as unknown as { axe: typeof Axe }).axe.run({
      resultTypes: ["violations"],
      ...(runOnly ? { runOnly } : {}),
    });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary}`).join("; ")}`); // prettier-ignore
  }, rules);

/** Reports whose scores may be wider than a phone. */
const UNUSUAL = ["hostile names"];

describe.each(Object.keys(REPORTS))("%s", (name) => {
  test("is whole on a phone, on a desk and on paper, and accessible in light and dark", async () => {
    const { page, said } = await open(name);
    for (const width of [360, 1200]) {
      await page.setViewport({ width, height: 900 });
      expect(await looks(page), `${width} px`).toEqual([]);
    }
    await page.setViewport({ width: 360, height: 900 });
    const beyond = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.querySelector(".scores")!.parentElement!;
      return scrollWidth - clientWidth;
    });
    if (!UNUSUAL.includes(name)) expect(beyond, "scores that can't be seen at 360 px").toBeLessThanOrEqual(0);
    await page.evaluate(axe);
    const grounds = new Set<string>();
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      expect(await violations(page, value === "dark" ? ["color-contrast"] : undefined), value).toEqual([]);
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    expect(grounds.size).toBe(2);
    await page.setViewport({ width: 680, height: 1000 }); // of A4 within the margins
    await page.emulateMediaType("print");
    expect(await looks(page), "on paper").toEqual([]);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    expect(ink, "dark on white, though the screen is dark").toBe("rgb(20, 24, 29)");
    expect(said).toEqual([]);
    await page.close();
  });
});

test("of the scores only the best are bold, not all of this model", async () => {
  const { page } = await open("two classes");
  const weights = await page.evaluate(() =>
    [...document.querySelectorAll(".scores td.number")].map((cell) => {
      const inner = cell.querySelector("b");
      return [inner !== null, Number(getComputedStyle(inner ?? cell).fontWeight) >= 600] as const;
    }),
  );
  expect(weights.filter(([best]) => !best).length).toBeGreaterThan(0);
  expect(weights.filter(([best, bold]) => best !== bold)).toEqual([]);
  await page.close();
});

test("a text that is cut off or overlaps would be found", async () => {
  const page = await browser.newPage();
  const html = await reportHtml(classesReport(["good", "bad"]));
  await page.setContent(html.replaceAll(">0.2</text>", ">0.2 and far too much beside it</text>"));
  const faults = await looks(page);
  expect(faults.filter((fault) => fault.endsWith("overlap")).length).toBeGreaterThan(0);
  expect(faults.filter((fault) => fault.endsWith("cut off")).length).toBeGreaterThan(0);
  await page.close();
});
