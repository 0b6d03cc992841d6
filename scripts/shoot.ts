// Pictures of the playground's pages, to be looked at: `tsx scripts/shoot.ts FOLDER [--routes xor/,play/] [--widths 390,1440] [--themes light,dark]
// [--languages en,zh] [--hash rate=2] [--wait 1500] [--browser chrome] [--window]`. With `--sheets`, all of a width, theme
// and language are on one sheet, too.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openSite, ROUTES } from "../test/support/site.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    routes: { type: "string", default: ROUTES.join(",") },
    widths: { type: "string", default: "390,1440" },
    themes: { type: "string", default: "light,dark" },
    languages: { type: "string", default: "en,zh" },
    hash: { type: "string", default: "" },
    wait: { type: "string", default: "1500" },
    browser: { type: "string", default: "chrome" },
    window: { type: "boolean", default: false }, // not the whole page
    sheets: { type: "boolean", default: false },
  },
});
const folder = positionals[0] ?? "build/shots";
mkdirSync(folder, { recursive: true });
/** Pictures by the sheet that they belong to. */
const sheets = new Map<string, string[]>();
const site = await openSite(values.browser === "firefox" ? "firefox" : "chrome");
try {
  for (const route of values.routes.split(","))
    for (const language of values.languages.split(","))
      for (const theme of values.themes.split(",") as ("light" | "dark")[])
        for (const width of values.widths.split(",").map(Number)) {
          const path = `${language === "zh" ? "zh/" : ""}${route}${values.hash && `#${values.hash}`}`;
          const height = width < 720 ? 844 : 1000;
          const { page, faults, close } = await site.visit(path, { width, height, theme, touch: width < 720 });
          await sleep(Number(values.wait));
          if (!values.window) {
            // the whole page in a window of its height: what is fixed to the window's foot covers nothing
            const tall = await page.evaluate(() => document.documentElement.scrollHeight);
            await page.setViewport({ width, height: Math.max(height, tall) });
            await sleep(200);
          }
          const name = `${route.replace("/", "") || "home"}-${width}-${theme}-${language}.png`;
          await page.screenshot({ path: join(folder, name) });
          const sheet = `pages-${width}-${theme}-${language}`;
          sheets.set(sheet, [...(sheets.get(sheet) ?? []), name]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          console.log(name, wide > 0 ? `overflows by ${wide} px` : "", faults.join("; "));
          await close();
        }
  if (values.sheets) for (const [sheet, names] of sheets) await drawSheet(sheet, names);
} finally {
  await site.close();
}

/** Draws pictures side by side, at a third of their size. */
async function drawSheet(sheet: string, names: readonly string[]): Promise<void> {
  const page = await site.browser.newPage();
  const images = names.map((name) => {
    const data = readFileSync(join(folder, name)).toString("base64");
    return `<img src="data:image/png;base64,${data}" style="zoom: 0.34; display: block; margin-bottom: 30px">`;
  });
  await page.setViewport({ width: sheet.includes("-390-") ? 1000 : 1560, height: 100 });
  await page.setContent(
    `<!doctype html><body style="margin: 12px; columns: ${sheet.includes("-390-") ? 7 : 3}; background: #888">${images.join("")}`,
  );
  await page.screenshot({ path: join(folder, `${sheet}.webp`), type: "webp", quality: 72, fullPage: true });
  await page.close();
}
