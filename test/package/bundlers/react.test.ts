// React in strict mode mounts each component twice: the first training must end, and the second be as if nothing had been.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser } from "puppeteer-core";
import { browserPath, openBrowser } from "../../support/browsers.ts";
import { codeIn } from "../../support/documents.ts";
import { nodeResults, start, userProject } from "../../support/bundled.ts";
import type { Server } from "../../support/server.ts";

const FILES = {
  "index.html": '<!doctype html>\n<div id="root"></div>\n<script type="module" src="./main.jsx"></script>\n',
  "Trained.jsx": codeIn("docs/web.md", "React", "jsx"),
  "main.jsx": `import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Trained } from "./Trained.jsx";

globalThis.trainings = [];
createRoot(document.getElementById("root")).render(<StrictMode><Trained /></StrictMode>);
`,
};

const missing = !process.env["CI"] && browserPath("chrome") === undefined;
describe.skipIf(missing || !process.env["LONG"])("React 19, in strict mode, with Vite 8", () => {
  let folder: string;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    const packages = ["react@19.3.1", "react-dom@19.3.1", "vite@8.3.8", "@vitejs/plugin-react@6.3.0"];
    const config = 'import react from "@vitejs/plugin-react";\n\nexport default { plugins: [react()] };\n';
    folder = userProject({ name: "React", packages, files: { ...FILES, "vite.config.js": config } });
    server = await start(folder, "node_modules/vite/bin/vite.js", (port) => ["--host=127.0.0.1", `--port=${port}`]);
    browser = await openBrowser("chrome");
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("the first mount's training is ended, the second's has the same bits as Node's", async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    const logs: string[] = [];
    page.on("console", (message) => logs.push(message.text()));
    await page.goto(`${server.url}/index.html`);
    await page.waitForFunction(`/[0-9a-f]{16}/.test(document.querySelector("#root").textContent)`);
    const { fingerprint } = (await nodeResults(folder))["dense"] as { fingerprint: string };
    expect(await page.$eval("#root", (element) => element.textContent)).toBe(fingerprint);
    expect(logs.filter((text) => text.includes("AbortError"))).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});
