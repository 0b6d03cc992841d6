// docs/digits.png: what `npm start` prints today, in a terminal's window. `npm run picture` makes it; a test compares the text.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser } from "../test/support/browsers.ts";
import { decode, encode } from "./png.ts";
import { type Cell, page, plainText, runInTerminal, screen } from "./terminal.ts";

const root = join(import.meta.dirname, "..");
export const PICTURE = join(root, "docs/digits.png");

/** Three digits fit side by side. */
const COLUMNS = 96;

/** Runs the digit recogniser as a person would, in a folder of its own, since it saves the model. */
export function printed(): Cell[][] {
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-picture-"));
  try {
    return screen(runInTerminal([process.execPath, join(root, "build/cli.js"), "digits"], folder, COLUMNS));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A screenshot of the window, at twice a page's resolution. */
async function draw(lines: readonly (readonly Cell[])[]): Promise<Buffer> {
  const browser = await openBrowser("chrome");
  try {
    const tab = await browser.newPage();
    await tab.setViewport({ width: 1200, height: 800, deviceScaleFactor: 2 });
    await tab.setContent(page("npm start", lines, COLUMNS));
    const frame = await tab.$("#window");
    return Buffer.from(await frame!.screenshot({ type: "png", omitBackground: true }));
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const lines = printed();
  const file = encode(decode(await draw(lines)), plainText(lines));
  writeFileSync(PICTURE, file);
  console.log(`docs/digits.png: ${lines.length} lines, ${Math.round(file.length / 1000)} kB`);
}
