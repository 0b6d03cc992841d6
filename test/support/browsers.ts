// The real browsers of this machine.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, launch } from "puppeteer-core";

const PATHS = {
  chrome: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
} as const;

export type BrowserName = keyof typeof PATHS;

/** Without a network, a browser that calls home only fills the log. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The installed program, or undefined. */
export function browserPath(name: BrowserName): string | undefined {
  return PATHS[name].find(existsSync);
}

export async function openBrowser(name: BrowserName): Promise<Browser> {
  const executablePath = browserPath(name);
  if (!executablePath) throw new Error(`${name} is not installed; looked for ${PATHS[name].join(", ")}`);
  const args = name === "chrome" ? CHROMIUM_FLAGS : [];
  return launch({ browser: name, executablePath, args, userDataDir: mkdtempSync(join(tmpdir(), "wasmgrad-")) });
}
