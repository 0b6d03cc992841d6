// Each route opens, trains and steps in the real WebKitGTK, Chromium and Firefox, and all of them come to the same weights.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyBrowser, openAny, present } from "../support/pages.ts";
import { serve, type Server } from "../support/server.ts";
import { DIST } from "../support/site.ts";

interface Act {
  readonly path: string;
  /** Buttons by their `data-do`: after each, but for \`next\`, the weights must have changed. */
  readonly presses: readonly string[];
  /** Where the last fingerprint stands: an element, and what its text has besides. */
  readonly at?: string;
  readonly says?: string;
}

const stepped = (path: string): Act => ({ path, presses: ["step", "step"] });
const ACTS: readonly Act[] = [
  ...["perceptron/", "gates/", "xor/", "kernel/", "hidden/"].map(stepped),
  { path: "backprop/", presses: ["next", "one", "one"] },
  { path: "play/#at=40", presses: [], says: "after 40 updates" },
  { path: "digits/#net=mlp&images=256&epochs=1", presses: ["train"], at: "[data-fingerprint]" },
];

/** Runs in the page: presses, waits, and reads the fingerprint, wherever it is. */
const play = ({ presses, at = "[data-mark=fingerprint]", says = "" }: Act): string => `(async () => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const until = async (what, of) => {
    for (const end = Date.now() + 240_000; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
      const found = of();
      if (found) return found;
    }
    throw new Error("nothing after 4 minutes: " + what + "; " + [...document.querySelectorAll("[role=alert]")].map((e) => e.textContent).join());
  };
  const print = (at = "[data-mark=fingerprint]", says = "") =>
    all(document).map((e) => /[0-9a-f]{16}/.exec(e.matches?.(at) && e.textContent.includes(says) ? e.textContent : "")?.[0]).find(Boolean);
  await until("the view", () => document.documentElement.dataset.ready !== undefined);
  let last = print();
  for (const name of ${JSON.stringify(presses)}) {
    const button = await until("button " + name, () => all(document).find((e) => e.dataset?.do === name && !e.disabled));
    button.click();
    if (name === "next") continue;
    const before = last;
    last = await until("a change by " + name, () => print() !== before && print());
  }
  return until("the last fingerprint", () => print(${JSON.stringify(at)}, ${JSON.stringify(says)}));
})()`;

const BROWSERS: readonly AnyBrowser[] = ["chrome", "firefox", "webkit"];
const prints = new Map<string, Map<AnyBrowser, unknown>>();

describe.each(BROWSERS)("%s", (name) => {
  let server: Server;
  let browser: Awaited<ReturnType<typeof openAny>>;
  beforeAll(async () => {
    server = await serve(DIST, { isolated: true, fallbackIndex: true });
    browser = await openAny(name);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.skipIf(!process.env["CI"] && !present(name)).each(ACTS)("/$path", async (act) => {
    const { path } = act;
    await browser.open(`${server.url}/${path}`);
    const print = await browser.evaluate(play(act));
    expect(print).toMatch(/^[0-9a-f]{16}$/);
    const of = prints.get(path) ?? new Map<AnyBrowser, unknown>();
    prints.set(path, of.set(name, print));
    expect([...new Set(of.values())], JSON.stringify([...of])).toHaveLength(1);
  });
});
