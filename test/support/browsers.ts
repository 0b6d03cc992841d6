// The real browsers of this machine that puppeteer drives.
import { type Browser, launch } from "puppeteer-core";
import { installed } from "./programs.ts";

const PROGRAMS = {
  chrome: ["chromium", "chromium-browser", "google-chrome"],
  firefox: ["firefox-esr", "firefox"],
} as const;

export type BrowserName = keyof typeof PROGRAMS;

export interface BrowserOptions {
  /** Arguments of the command line. */
  readonly args?: readonly string[];
  /** Firefox's settings, by the names of about:config. */
  readonly prefs?: Readonly<Record<string, boolean>>;
  /** Folders of extensions that Chromium loads. */
  readonly extensions?: readonly string[];
}

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
  return installed(...PROGRAMS[name]);
}

/** Starts one with a profile of its own, which goes away with it. */
export async function openBrowser(
  name: BrowserName,
  { args = [], prefs = {}, extensions }: BrowserOptions = {},
): Promise<Browser> {
  const executablePath = browserPath(name);
  if (!executablePath) throw new Error(`${name} is not installed; looked for ${PROGRAMS[name].join(", ")} in PATH`);
  const browser = await launch({
    browser: name,
    executablePath,
    args: name === "chrome" ? [...CHROMIUM_FLAGS, ...args] : [...args],
    extraPrefsFirefox: prefs,
    protocolTimeout: 600_000,
    // through a pipe: no other way is one allowed to load them
    ...(extensions ? { enableExtensions: [...extensions], pipe: true } : {}),
  });
  // pages of their own, too, are waited for as long as a slow and busy machine may take
  const newPage = browser.newPage.bind(browser);
  browser.newPage = async (...all) => {
    const page = await newPage(...all);
    page.setDefaultTimeout(120_000);
    return page;
  };
  return browser;
}
