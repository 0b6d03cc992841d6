// The page of docs/pages.md, as it stands there, in Chromium.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundlePage, isMissing, openPage } from "../support/bundledPage.ts";

test.skipIf(isMissing("chrome"))("trains, draws and saves", async () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/pages.md"), "utf8");
  const block = (language: string): string =>
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(text)![1]!;
  const source = mkdtempSync(join(tmpdir(), "wasmgrad-document-"));
  writeFileSync(join(source, "index.html"), block("html"));
  writeFileSync(
    join(source, "main.js"),
    `${block("js")}\nwindow.ready = true; window.first = classes.decode(predictions.slice(0, 2));`,
  );
  const page = await openPage("chrome", await bundlePage(source));
  rmSync(source, { recursive: true });
  try {
    expect(block("js")).toContain('// ["warm", "cool"]');
    expect(await page.evaluate("first")).toEqual(["warm", "cool"]);
    const caption = 'document.querySelector("wasmgrad-confusion").shadowRoot.querySelector("caption")';
    const shown = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve([${caption}.textContent,
      document.querySelector("wasmgrad-curve").shadowRoot.querySelectorAll("figure").length]))))`;
    expect(await page.evaluate(shown)).toEqual(["Accuracy 100 % (80 of 80 right)", 2]);
    expect(
      await page.evaluate(`new Promise((resolve) => {
        indexedDB.open("wasmgrad-models").onsuccess = ({ target }) => {
          target.result.transaction("about").objectStore("about").getAllKeys().onsuccess = (event) => resolve(event.target.result);
        };
      })`),
    ).toEqual(["colours"]);
  } finally {
    await page.close();
  }
});
