// Addresses that nobody meant: cut, doubled, broken, with numbers beyond all bounds and the words of other pages. The page is there all the
// same, says what it left out, and is afterwards as if it had never seen them.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generator } from "../support/seeded.ts";
import { openSite, ROUTES, type Site } from "../support/site.ts";

interface Keys {
  /** Of which not every text is understood. */
  readonly strict: readonly string[];
  readonly free?: readonly string[];
  /** An address that is in order, and leads to a fingerprint of its own. */
  readonly good?: string;
}

/** Spoilt addresses of each page, one after the other. */
const MANY = process.env["LONG"] ? 400 : 8;

const words = (text: string): string[] => text.split(" ");

const STEPS = ["data", "hidden", "net", "seed", "lr", "loss", "opt", "step", "cell", "rows", "trained"];

const KEYS: Readonly<Record<(typeof ROUTES)[number], Keys>> = {
  "": { strict: [], free: ["theme", "view"] },
  "perceptron/": { strict: ["input", "rate", "seed", "w", "trained"], good: "seed=2&trained=3" },
  "gates/": { strict: ["gate", "rate", "seed", "w", "trained"], good: "gate=or&trained=2" },
  "xor/": { strict: ["rows", "rate", "rateall", "seed", "speed", "w", "trained"], good: "trained=4" },
  "kernel/": { strict: ["gamma", "trained"], good: "gamma=3&trained=20" },
  "hidden/": { strict: ["units", "rate", "seed", "trained"], good: "units=3&trained=5" },
  "backprop/": {
    strict: ["data", "pts", "net", "loss", "opt", "lr", "seed", "w", "step", "cell", "rows", "trained", "columns"],
    free: ["hide", "hidden"],
    good: "data=and&net=2&trained=2",
  },
  "play/": {
    strict: words(
      "data n noise dseed k pts norm net loss opt lr mom b1 b2 sched l1 l2 drop batch seed init w at b view",
    ),
    good: "data=xor&net=3t&at=20",
  },
  "digits/": {
    strict: ["net", "images", "epochs", "batch", "opt", "lr", "seed", "of", "digit"],
    free: ["layer"],
    good: "of=3",
  },
  "embed/": { strict: [], free: ["element", "running", "columns", "veiled", ...STEPS] },
  "about/": { strict: [], free: ["theme"] },
};

const VALUES: readonly string[] = [
  "",
  ...words("0 1 2 3 -1 1.5 NaN Infinity 1e308 1e999 0x10 1,5 −3 % %zz %E0%A4%A %F0%9F%92%A9 🙈 <b>x</b> a&b=c"),
  ...words("null undefined true constructor __proto__ AAAA AQAAAAAAAA xor spirals mine mine:x 3s-2t 4096r all b0 each"),
  ...words("64-64-64-64-64-64 ce hinge adam cosine-1 opt-adam lenet mlp steps net image or 4.2 99999 time-race-code"),
  " 7 ",
  "a b+c",
  "\u0000",
  "9".repeat(400),
  "A".repeat(5000),
  "𠀀".repeat(30),
];

/** Addresses' parts after `#`, the same in every run. */
function spoilt(route: (typeof ROUTES)[number], count: number): string[] {
  const next = generator(count + route.length);
  const pick = <V>(all: readonly V[]): V => all[Math.floor(next() * all.length)]!;
  const { strict, free = [] } = KEYS[route];
  const own = [...strict, ...free];
  const foreign = Object.values(KEYS).flatMap((keys) => keys.strict);
  const pair = (): string => {
    const value = pick(VALUES);
    return `${pick(next() < 0.85 ? own : foreign)}=${next() < 0.5 ? value : encodeURIComponent(value)}`;
  };
  return Array.from({ length: count }, () => {
    const begins = route === "embed/" ? [`element=${pick(["steps", "net"])}`] : [];
    const whole = [...begins, ...Array.from({ length: 1 + Math.floor(next() * 5) }, pair)].join("&");
    const kind = next();
    if (kind < 0.15) return whole.slice(0, Math.floor(next() * whole.length));
    return kind < 0.25 ? `${whole}&${pair()}&${whole}` : whole;
  });
}

/** Alerts that say that the page is of no use. */
const broken = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [document, ...[...document.querySelectorAll("*")].flatMap((e) => e.shadowRoot ?? [])]
      .flatMap((root) => [...root.querySelectorAll("[role=alert]")].map((e) => e.textContent))
      .filter((text) => /could not be|can't be shown|has stopped|无法显示|无法开始|已停止/.test(text)),
  );

/** Waits until the page says what it left out. */
const said = (page: Page, part: string) =>
  page.waitForFunction(
    (text) => document.querySelector(".toast")?.textContent?.includes(text),
    { timeout: 120_000, polling: 50 },
    part,
  );

describe.each(ROUTES)("/%s", (route) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());
  const { strict, free = [], good } = KEYS[route];

  test("is there whatever the address holds when it is opened", { timeout: 300_000 }, async () => {
    for (const [i, hash] of spoilt(route, strict.length + free.length > 2 ? 9 : 3).entries()) {
      const { page, faults, close } = await site.visit(`${i % 3 === 0 ? "zh/" : ""}${route}#${hash}`);
      expect(await broken(page), hash).toEqual([]);
      expect(faults, hash).toEqual([]);
      await close();
    }
  });

  test.skipIf(!good)(`is as new after ${MANY} spoilt addresses`, { timeout: 300_000 }, async () => {
    const print = (page: Page): Promise<string> =>
      page
        .waitForFunction(() => /[0-9a-f]{16}.*/.exec(document.getElementById("fingerprint")!.textContent!)?.[0])
        .then((handle) => handle.jsonValue() as Promise<string>);
    const fresh = await site.visit(`${route}#${good}`);
    if (route === "play/") await fresh.page.waitForFunction(() => /after 20 /.test(document.body.textContent!));
    const expected = await print(fresh.page);
    await fresh.close();
    const { page, faults, close } = await site.visit(route);
    for (const hash of spoilt(route, MANY)) {
      await page.evaluate(async (text) => {
        location.hash = text;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }, hash);
      if (faults.length > 0) expect(faults, hash).toEqual([]);
    }
    expect(await broken(page)).toEqual([]);
    await page.evaluate((text) => (location.hash = text), good!);
    await page.waitForFunction(
      (text) => document.getElementById("fingerprint")!.textContent!.includes(text),
      { timeout: 120_000, polling: 100 },
      expected,
    );
    expect(await broken(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test.skipIf(strict.length === 0)("says which key it left out, and of which", async () => {
    const { page, faults, close } = await site.visit(route);
    for (const key of strict) {
      await page.evaluate((name) => (location.hash = `${name}=🙈`), key);
      await said(page, `${key}=🙈 was not understood`);
    }
    await page.evaluate((names) => (location.hash = names.map((name) => `${name}=%zz`).join("&")), strict);
    await said(page, strict.length > 1 ? `; nor were ${strict[1]}` : `${strict[0]}=%zz was not understood`);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("an address", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  test("with a key that is there twice counts once, and says so", async () => {
    const { page, faults, close } = await site.visit("zh/gates/#gate=or&gate=and&rate=2&rate=2");
    await said(page, "看不懂 gate=and，改用 or");
    expect(await page.$eval(".toast", (toast) => toast.textContent)).not.toContain("rate");
    expect(faults).toEqual([]);
    await close();
  });

  test.each([
    ["backprop/", "trained=99999", "Shift+U", 100_000],
    ["backprop/", "trained=99998-1r0", "Shift+U", 100_000],
    ["gates/", "trained=99999", ".", 100_000],
    ["perceptron/", "trained=99999", ".", 100_000],
    ["hidden/", "trained=99999", ".", 100_000],
    ["kernel/", "trained=9999", ".", 10_000],
  ])("of /%s can be read whatever was trained: %s", async (route, hash, key, most) => {
    const { page, faults, close } = await site.visit(`zh/${route}#${hash}`);
    const total = (text: string): number =>
      (/trained=([^&]*)/.exec(text)?.[1] ?? "0").split("-").reduce((sum, run) => sum + Number.parseInt(run), 0);
    await page.waitForFunction((text) => location.hash.includes(text), {}, hash);
    for (let i = 0; i < 3; i++) {
      if (key.startsWith("Shift+")) await page.keyboard.down("Shift");
      await page.keyboard.press(key === "." ? "Period" : "KeyU");
      if (key.startsWith("Shift+")) await page.keyboard.up("Shift");
    }
    await said(page, `网址最多只能要求 ${most} 次更新`);
    await page.waitForFunction((before) => !location.hash.endsWith(before), {}, hash);
    expect(total(page.url())).toBe(most);
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, { timeout: 120_000 });
    expect(await page.$$eval(".toast", (toasts) => toasts.map((toast) => toast.textContent))).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test.each(["steps", "net"])("of a frame with <wasmgrad-%s> says what it left out", async (element) => {
    for (const [language, parts] of [
      ["", ["data=bogus was not understood, it is left out", "; nor were hidden, seed, lr"]],
      ["zh/", ["看不懂 data=bogus，已略去", "；hidden, seed, lr"]],
    ] as const) {
      const { page, faults, close } = await site.visit(
        `${language}embed/#element=${element}&data=bogus&hidden=9999x&seed=-1&lr=1e999`,
      );
      for (const text of parts) await said(page, text);
      expect(faults).toEqual([]);
      await close();
    }
  });
});
