// README's "In a page", as it stands there: the program is a page's entry, without a bundler, with Vite and with webpack.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
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
    writeFileSync(join(folder, "main.js"), program);
    writeFileSync(join(folder, "plain.html"), html);
    browser = await openBrowser("chrome");
  }, 120_000);
  afterAll(() => browser?.close());

  /** What a page shows in the end, and what it has shown. */
  async function shown(site: string, file: string): Promise<{ last: string; first: string }> {
    const server = await serve(site);
    const page = await browser.newPage();
    try {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${server.url}/${file}`, { waitUntil: "domcontentloaded" });
      const text = "document.body?.textContent.trim()";
      await page.waitForFunction(`${text}.startsWith("epoch")`, { polling: "mutation" });
      const first = (await page.evaluate(text)) as string;
      await page.waitForFunction(`/, [0-9a-f]{16}$/.test(${text})`);
      expect(errors).toEqual([]);
      return { first, last: (await page.evaluate(text)) as string };
    } finally {
      await page.close();
      server.close();
    }
  }

  test("without a bundler, in the HTML file that it shows, as the chapter does", async () => {
    expect(codeIn("docs/web.md", "Without a bundler", "html")).toBe(html);
    const { first, last } = await shown(folder, "plain.html");
    expect(last).toBe(expected);
    expect(last).toMatch(/^in the middle: 1, in a corner: 0, /);
    expect(first).toMatch(/^epoch \d+: loss 0\.\d+$/);
  });

  test("made by Vite", async () => {
    await shell(folder, codeIn("docs/web.md", "Vite", "sh"));
    expect((await shown(join(folder, "dist"), "index.html")).last).toBe(expected);
  });

  test("made by webpack", async () => {
    emptyPage(folder, '<script defer src="./main.js"></script>');
    await shell(folder, codeIn("docs/web.md", "webpack", "sh"));
    expect((await shown(join(folder, "dist"), "index.html")).last).toBe(expected);
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
});
