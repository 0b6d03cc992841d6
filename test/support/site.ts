// The playground's site as it is built, in real browsers: what a test sees, and what it must never see.
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { type BrowserName, openBrowser } from "./browsers.ts";
import { serve, type Server, type ServerOptions } from "./server.ts";

/** The built site. */
export const DIST = join(import.meta.dirname, "../../playground/dist");

/** The routes, from the site's root. */
export const ROUTES = [
  "",
  "perceptron/",
  "gates/",
  "xor/",
  "kernel/",
  "hidden/",
  "backprop/",
  "play/",
  "digits/",
  "embed/",
  "about/",
] as const;

/** Browsers of the longer journeys. In each run Firefox opens every page and trains on it (engines.test.ts), and makes the others. */
export const JOURNEYS: readonly BrowserName[] = process.env["LONG"] ? ["chrome", "firefox"] : ["chrome"];

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  readonly reducedMotion?: boolean;
  /** A phone's: touches, and no pointer that hovers. */
  readonly touch?: boolean;
}

/** A page of the site. */
export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests to other hosts: a test expects none. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  /** Opens a page by its path from the site's root, such as `zh/xor/#rate=2`, and waits until its view is there. */
  visit(path: string, options?: VisitOptions): Promise<Visit>;
  /** Ends the server alone: there is no network any more. */
  unplug(): void;
  close(): Promise<void>;
}

/** Serves the built site and starts a browser. */
export async function openSite(
  name: BrowserName,
  { args, ...options }: ServerOptions & { readonly args?: readonly string[] } = {},
): Promise<Site> {
  const server: Server = await serve(DIST, { isolated: true, fallbackIndex: true, ...options });
  const browser = await openBrowser(name, { args: args ?? [] });
  return {
    url: server.url,
    browser,
    async visit(path, { width = 1440, height = 1000, theme = "light", reducedMotion = false, touch = false } = {}) {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => faults.push(`script: ${String(error)}`));
      page.on("request", (request) => {
        const address = request.url();
        if (/^https?:/.test(address) && !address.startsWith(server.url)) faults.push(`request: ${address}`);
      });
      await page.setViewport({
        width,
        height,
        hasTouch: touch && name === "chrome",
        isMobile: touch && name === "chrome",
      });
      if (name === "chrome") {
        await page.emulateMediaFeatures([
          { name: "prefers-color-scheme", value: theme },
          { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
        ]);
      }
      const url = `${server.url}/${path}`;
      // Firefox's driver emulates no themes: the site's own setting
      await page.goto(name === "chrome" ? url : `${url}${url.includes("#") ? "&" : "#"}theme=${theme}`);
      try {
        await page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, { timeout: 120_000 });
      } catch {
        throw new Error(`${path}: its view isn't there after 30 s; ${faults.join("; ")}`);
      }
      return { page, faults, close: () => page.close() };
    },
    unplug: () => server.close(),
    async close() {
      await browser.close();
      server.close();
    },
  };
}
