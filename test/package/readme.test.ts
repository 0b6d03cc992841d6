// README's "In a page", as it stands there: the program is a page's entry, without a bundler, with Vite and with webpack.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath, openBrowser } from "../support/browsers.ts";
import { emptyPage, nodeResults, shell, userProject } from "../support/bundled.ts";
import { codeIn } from "../support/documents.ts";
import { serve } from "../support/server.ts";

const html = codeIn("README.md", "In a page", "html");
const program = codeIn("README.md", "In a page", "js");

test("ten lines", () => {
  expect(program.trim().split("\n")).toHaveLength(10);
});

const missing = !process.env["CI"] && browserPath("chrome") === undefined;
describe.skipIf(missing)("the program that README shows for pages", () => {
  let folder: string;
  let browser: Browser;
  let expected: unknown;
  beforeAll(async () => {
    folder = userProject({ name: "readme", packages: ["vite@8.3.8", "webpack@5.113.0", "webpack-cli@7.3.1"] });
    expected = (await nodeResults(folder))["readme"];
    // what npm writes into a new package.json
    const manifest = join(folder, "package.json");
    writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, "utf8")), type: "commonjs" }));
    writeFileSync(join(folder, "main.mjs"), program);
    writeFileSync(join(folder, "plain.html"), html);
    browser = await openBrowser("chrome");
  }, 300_000);
  afterAll(() => browser?.close());

  /** What a page shows, one text after the other. */
  async function shown(site: string, file: string): Promise<string[]> {
    const server = await serve(site);
    const page = await browser.newPage();
    try {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.evaluateOnNewDocument(`
        globalThis.shown = [];
        const note = () => shown.push(document.body?.textContent.trim());
        new MutationObserver(note).observe(document, { childList: true, subtree: true });`);
      await page.goto(`${server.url}/${file}`);
      await page.waitForFunction("/, [0-9a-f]{16}$/.test(shown.at(-1))");
      expect(errors).toEqual([]);
      return (await page.evaluate("shown")) as string[];
    } finally {
      await page.close();
      server.close();
    }
  }

  test("without a bundler, in the HTML file that it shows, as the chapter does", async () => {
    expect(codeIn("docs/web.md", "Without a bundler", "html")).toBe(html);
    const texts = await shown(folder, "plain.html");
    expect(texts.at(-1)).toBe(expected);
    expect(expected).toMatch(/^in the middle: 1, in a corner: 0, /);
    // the page is drawn between the epochs
    expect(texts.filter((text) => /^epoch \d+: loss 0\.\d{3}$/.test(text)).length).toBeGreaterThan(50);
  });

  test("made by Vite", async () => {
    await shell(folder, codeIn("docs/web.md", "Vite", "sh"));
    expect((await shown(join(folder, "dist"), "index.html")).at(-1)).toBe(expected);
  });

  test("made by webpack", async () => {
    emptyPage(folder, '<script defer src="./main.js"></script>');
    await shell(folder, codeIn("docs/web.md", "webpack", "sh"));
    expect((await shown(join(folder, "dist"), "index.html")).at(-1)).toBe(expected);
  });

  test("a worker of a plain page, which imports the package by its path", async () => {
    writeFileSync(join(folder, "worker.js"), codeIn("docs/web.md", "Without a bundler", "js"));
    const page = `<!doctype html>
<link rel="icon" href="data:," />
<script type="module">
  const worker = new Worker("./worker.js", { type: "module" });
  worker.onerror = ({ message }) => (globalThis.answer = message);
  worker.onmessage = ({ data }) => (globalThis.answer = data);
</script>
`;
    writeFileSync(join(folder, "ownWorker.html"), page);
    const server = await serve(folder);
    const opened = await browser.newPage();
    try {
      await opened.goto(`${server.url}/ownWorker.html`);
      await opened.waitForFunction("globalThis.answer !== undefined");
      expect(Number(await opened.evaluate("globalThis.answer"))).toBeCloseTo(9, 1);
    } finally {
      await opened.close();
      server.close();
    }
  });

  test("a script tag, over http and from file://", async () => {
    writeFileSync(join(folder, "script.html"), codeIn("docs/web.md", "A script tag", "html"));
    const server = await serve(folder);
    const page = await browser.newPage();
    try {
      for (const site of [server.url, pathToFileURL(folder).href]) {
        await page.goto(`${site}/script.html`);
        await page.waitForFunction(
          "document.body?.textContent.startsWith('9.') || document.body?.textContent.startsWith('8.9')",
        );
      }
    } finally {
      await page.close();
      server.close();
    }
  });
});
