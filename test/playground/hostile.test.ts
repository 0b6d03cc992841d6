// What people, links and other sites do to a page that nobody had in mind: it says what to do, and nothing of the user's is lost.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "puppeteer-core";
import type { StepsElement } from "../../playground/src/elements/steps.ts";
import { nameFrom } from "../../playground/src/play/kept.ts";
import { openBrowser } from "../support/browsers.ts";
import { serve } from "../support/server.ts";
import { DIST, openSite, ROUTES, type Site } from "../support/site.ts";

/** Waits for a text in a line at the foot, or in an alert. */
async function said(page: Page, expected: RegExp): Promise<string> {
  const handle = await page.waitForFunction(
    (source) => {
      const all = [...document.querySelectorAll(".toast, [role=alert]")].map((e) => e.textContent.replace(/\s+/g, " "));
      return all.find((text) => new RegExp(source).test(text));
    },
    // a tab in the background draws no frames
    { timeout: 120_000, polling: 100 },
    expected.source,
  );
  return (await handle.jsonValue())!;
}

const hash = (page: Page): Promise<string> => page.evaluate(() => location.hash);

/** Drops a file on the page, as far as a page can tell; gives whether the browser would open it in the page's place. */
const drop = (page: Page, name: string, text: string): Promise<boolean> =>
  page.evaluate(
    (fileName, content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
      const place = document.querySelector("#view > *") ?? document.body;
      return ["dragover", "drop"].some((type) => place.dispatchEvent(new DragEvent(type, options)));
    },
    name,
    text,
  );

describe.each(["chrome", "firefox"] as const)("in %s", (name) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(name);
  }, 300_000);
  afterAll(() => site?.close());

  test.each(ROUTES.filter((route) => route !== "play/" && route !== "digits/"))(
    "/%s opens no file that is dropped on it: it says where one goes, and stays",
    async (route) => {
      for (const [language, words] of [
        ["", /This page opens no files: notes\.pdf is left alone, and all here is as it was\. Drop tables \(CSV\)/],
        ["zh/", /本页不打开文件：notes\.pdf 没有打开，这里一切照旧。表格（CSV）和模型请拖到“游乐场”/],
      ] as const) {
        const { page, faults, close } = await site.visit(language + route);
        expect(await drop(page, "notes.pdf", "%PDF-1.7")).toBe(false);
        await said(page, words);
        expect(faults).toEqual([]);
        await close();
      }
    },
  );

  test("a step made just before the language is changed goes along", async () => {
    const { page, faults, close } = await site.visit("xor/#rate=3");
    await page.keyboard.press(".");
    await page.waitForFunction(() => /updates\s*1(?!\d)/.test(document.getElementById("view")!.textContent!));
    await page.keyboard.press("l");
    await page.waitForFunction(
      () => /\/zh\/xor\//.test(location.pathname) && /rate=3&trained=1(&|$)/.test(location.hash),
    );
    expect(faults).toEqual([]);
    await close();
  });

  test("the link to the content leaves the address, and what it holds, alone", async () => {
    const { page, faults, close } = await site.visit("gates/#gate=or&trained=20");
    await page.focus(".skip");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "main");
    expect(await hash(page)).toMatch(/gate=or&trained=20/);
    expect(faults).toEqual([]);
    await close();
  });

  test("keys of the address that a page doesn't know stay as they are", async () => {
    const { page, faults, close } = await site.visit("gates/#course=a%20b%2Bc&gate=or");
    await page.keyboard.press(".");
    await page.waitForFunction(() => /trained=1/.test(location.hash));
    expect(await hash(page)).toContain("course=a%20b%2Bc");
    await page.keyboard.press(".");
    await page.waitForFunction(() => /trained=2/.test(location.hash));
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined);
    await page.keyboard.press(".");
    await page.waitForFunction(() => /trained=3/.test(location.hash));
    expect(await hash(page)).toContain("course=a%20b%2Bc");
    expect(faults).toEqual([]);
    await close();
  });

  test("an address that is spoilt in the open page is told like one that was opened", async () => {
    const { page, faults, close } = await site.visit("zh/gates/#gate=or");
    await page.evaluate(() => (location.hash = "gate=or&rate=ten"));
    await said(page, /^看不懂 rate=ten，改用 1$/);
    await page.evaluate((long) => (location.hash = `w=${long}`), "A".repeat(5000));
    expect(await said(page, /看不懂 w=/)).toBe(`看不懂 w=${"A".repeat(40)}…，已略去`);
    expect(faults).toEqual([]);
    await close();
  });

  test("a link that asks for minutes of updates leaves the page answering", async () => {
    for (const [language, words] of [
      ["", /Making the link's updates again …/],
      ["zh/", /正在按链接重新训练……/],
    ] as const) {
      const page = await site.browser.newPage();
      await page.goto(`${site.url}/${language}backprop/#data=moons&net=64-64-64-64-64-64&trained=99999`);
      await page.waitForFunction(
        (source) => new RegExp(source).test(document.querySelector("wasmgrad-steps")?.shadowRoot?.textContent ?? ""),
        { timeout: 120_000 },
        words.source,
      );
      await page.evaluate(() => (location.hash = "net=2&trained=3"));
      await page.waitForFunction(
        () => {
          const element = document.querySelector("wasmgrad-steps") as StepsElement;
          return element.look?.arrows.length === 15 && !element.replaying;
        },
        { timeout: 120_000 },
      );
      expect(await page.$eval("wasmgrad-steps", (e) => (e as StepsElement).trained)).toBe("3");
      await page.close();
    }
  });

  test("data that are elsewhere are asked for until others are chosen", async () => {
    const { page, faults, close } = await site.visit("play/#data=mine%3Asales&at=1&noise=loud");
    await said(page, /This link uses data “sales” that is only on the computer where it was made\./);
    await said(page, /^noise=loud was not understood, it is left out$/);
    await page.evaluate(() => (location.hash = "data=moons&at=1"));
    await page.waitForFunction(() => document.querySelector("[data-say]") === null);
    await page.waitForFunction(() => /after 1 updates/.test(document.getElementById("fingerprint")!.textContent!));
    expect(faults).toEqual([]);
    await close();
  });

  test("words that every object of the language knows are no settings", async () => {
    const { page, faults, close } = await site.visit("backprop/#columns=constructor");
    await said(page, /^columns=constructor was not understood, 0 is used$/);
    await close();
    const other = await site.visit("embed/#element=constructor");
    await said(other.page, /There is no element of that name: constructor Use element=steps or element=net\./);
    expect([...faults, ...other.faults]).toEqual([]);
    await other.close();
  });
});

describe.each(["chrome", "firefox"] as const)("elements in another's page, in %s", (name) => {
  /** Opens a page with these elements, from a server with this policy. */
  async function within(body: string, look: (page: Page) => Promise<void>, policy?: (origin: string) => string) {
    const elements = await serve(DIST, { open: true });
    const folder = mkdtempSync(join(tmpdir(), "foreign-"));
    writeFileSync(
      join(folder, "index.html"),
      `<!doctype html><html lang="zh"><meta charset="utf-8"><title>A blog</title><script type="module" src="${elements.url}/embed.js"></script>${body}</html>`,
    );
    const foreign = await serve(folder, {
      fallbackIndex: true,
      ...(policy ? { policy: policy(elements.url) } : {}),
    });
    const site = await openSite(name);
    try {
      const page = await site.browser.newPage();
      const faults: string[] = [];
      // that a policy was broken, Firefox tells as an error
      page.on(
        "pageerror",
        (error) => String(error).startsWith("Error: Content-Security-Policy") || faults.push(String(error)),
      );
      await page.goto(`${foreign.url}/`);
      await look(page);
      expect(faults).toEqual([]);
    } finally {
      await site.close();
      foreign.close();
      elements.close();
    }
  }
  const shown = (page: Page, element: string, expected: RegExp) =>
    page.waitForFunction(
      (tag, source) =>
        [...document.querySelectorAll(tag)].every((e) =>
          new RegExp(source).test((e.shadowRoot?.textContent ?? "").replace(/\s+/g, " ")),
        ),
      { timeout: 120_000 },
      element,
      expected.source,
    );

  const stepsAreThere = (page: Page) =>
    page.waitForFunction(() => {
      const elements = [...document.querySelectorAll<StepsElement>("wasmgrad-steps")];
      return elements.every(
        (element) => element.look !== undefined && element.shadowRoot!.querySelector("[role=alert]") === null,
      );
    });

  test("attributes that say nothing are as usual, and those that are taken away, too", async () => {
    await within(
      `<wasmgrad-net data="xor" seed="abc"></wasmgrad-net>
       <wasmgrad-net data="xor" lr="abc" running></wasmgrad-net>
       <wasmgrad-net data="moons" hidden="3" lr="-5" running></wasmgrad-net>
       <wasmgrad-net data="xor" hidden="64r-64r" lr="9e8" running></wasmgrad-net>
       <wasmgrad-net data="xor" lr="1e-300" running></wasmgrad-net>
       <wasmgrad-steps lr="1e-300"></wasmgrad-steps>
       <wasmgrad-steps lr="1e-46"></wasmgrad-steps>
       <wasmgrad-steps data="bogus" hidden="x" seed="abc" lr="NaN" loss="x" opt="y" step="-3" cell="zz" rows="q" trained="zz"></wasmgrad-steps>`,
      async (page) => {
        await shown(page, "wasmgrad-net", /正/);
        await stepsAreThere(page);
        await page.evaluate(async () => {
          for (const element of document.querySelectorAll("wasmgrad-net, wasmgrad-steps")) {
            for (const attribute of element.getAttributeNames()) {
              element.removeAttribute(attribute);
              await new Promise((resolve) => setTimeout(resolve, 20));
            }
            element.setAttribute("data", "and");
            element.setAttribute("rows", "1");
            const { parentElement } = element;
            element.remove();
            parentElement!.append(element);
          }
          await new Promise((resolve) => setTimeout(resolve, 500));
        });
        await shown(page, "wasmgrad-net", /正/);
        await stepsAreThere(page);
      },
    );
  });

  test("one that is moved while it loads is there all the same", async () => {
    await within("", async (page) => {
      await page.waitForFunction(() => customElements.get("wasmgrad-net"));
      await page.evaluate(async () => {
        const net = document.createElement("wasmgrad-net");
        net.setAttribute("data", "xor");
        document.body.append(net);
        await (net as HTMLElement & { updateComplete: Promise<boolean> }).updateComplete;
        document.body.prepend(net);
      });
      await shown(page, "wasmgrad-net", /正/);
    });
  });

  test("one that is taken out of the page makes its updates no further, and again when it is back", async () => {
    await within(
      `<wasmgrad-steps data="moons" hidden="64-64-64-64" trained="99999"></wasmgrad-steps>`,
      async (page) => {
        await shown(page, "wasmgrad-steps", /正在按链接重新训练/);
        const turns = await page.evaluate(async () => {
          const element = document.querySelector("wasmgrad-steps") as StepsElement;
          element.remove();
          // a replay takes a turn of the page every few milliseconds; nothing else here does
          await new Promise((resolve) => setTimeout(resolve, 300));
          const own = globalThis.setTimeout;
          let count = 0;
          globalThis.setTimeout = ((...all: Parameters<typeof own>) => {
            count++;
            return own(...all);
          }) as typeof own;
          await new Promise((resolve) => own(resolve, 500));
          globalThis.setTimeout = own;
          element.setAttribute("trained", "3");
          await new Promise((resolve) => own(resolve, 100));
          document.body.append(element);
          return count;
        });
        expect(turns).toBe(0);
        await page.waitForFunction(() => (document.querySelector("wasmgrad-steps") as StepsElement).look !== undefined);
        expect(await page.$eval("wasmgrad-steps", (e) => (e as StepsElement).trained)).toBe("3");
      },
    );
  });

  test("a policy against styles in the page leaves them their colours", async () => {
    await within(
      `<wasmgrad-net data="xor" hidden="3"></wasmgrad-net><wasmgrad-steps data="xor" step="1"></wasmgrad-steps>`,
      async (page) => {
        const complaints: string[] = [];
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
        await stepsAreThere(page);
        await page.waitForFunction(() => {
          const all = (root: ParentNode): HTMLElement[] =>
            [...root.querySelectorAll<HTMLElement>("*")].flatMap((e) => [
              e,
              ...(e.shadowRoot ? all(e.shadowRoot) : []),
            ]);
          const cells = all(document).filter((e) => e.tagName === "TD");
          return new Set(cells.map((cell) => getComputedStyle(cell).backgroundColor)).size > 5;
        });
        expect(complaints.filter((text) => text.includes("style"))).toEqual([]);
        // nor do they bring a style sheet into another's page
        expect(await page.$$("link[rel=stylesheet], style")).toEqual([]);
      },
      (origin) => `script-src ${origin} 'wasm-unsafe-eval'; style-src 'self'`,
    );
  });

  test("a policy without WebAssembly is told in the element's place", async () => {
    await within(
      `<wasmgrad-net data="xor" hidden="3" running></wasmgrad-net><wasmgrad-steps data="xor"></wasmgrad-steps>`,
      async (page) => {
        await shown(page, "wasmgrad-net", /这个网络无法显示。.*script-src 中加入 'wasm-unsafe-eval'/);
        await shown(page, "wasmgrad-steps", /这个视图无法显示。.*script-src 中加入 'wasm-unsafe-eval'/);
      },
      (origin) => `script-src ${origin}`,
    );
  });
});

test("a name for what is kept has whole characters, at most 40 of them", () => {
  const long = nameFrom(`${"𠀀".repeat(60)}.csv`);
  expect([...long]).toHaveLength(40);
  expect(() => encodeURIComponent(long)).not.toThrow();
  expect(nameFrom("  .csv")).toBe("table");
});

const ready = (page: Page) =>
  page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, {
    timeout: 120_000,
    polling: 100,
  });

describe("what is kept for use without a network", () => {
  test("is all of it, in both languages: the networks read, train and step", async () => {
    const site = await openSite("chrome");
    try {
      const { page, faults } = await site.visit("");
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      site.unplug();
      for (const language of ["", "zh/"]) {
        for (const route of ROUTES) {
          await page.goto(`${site.url}/${language}${route}${route === "play/" ? "#data=xor&net=3t&at=30" : ""}`);
          await ready(page);
          expect(await page.$("[role=alert]"), language + route).toBeNull();
          if (route === "play/")
            await page.waitForFunction(() => /after 30 updates|30 次更新后/.test(document.body.textContent!));
          if (route === "digits/")
            await page.waitForFunction(
              () =>
                (document.querySelector("wasmgrad-chances") as unknown as { values?: ArrayLike<number> }).values
                  ?.length === 10,
            );
        }
      }
      expect(faults).toEqual([]);
    } finally {
      await site.close();
    }
  });

  test("a new version waits until it is asked for, and then only the tab that asked begins anew", async () => {
    const folder = mkdtempSync(join(tmpdir(), "versions-"));
    cpSync(DIST, folder, { recursive: true });
    const server = await serve(folder, { fallbackIndex: true, isolated: true });
    const browser = await openBrowser("chrome");
    try {
      const [here, there] = [await browser.newPage(), await browser.newPage()];
      await here.goto(`${server.url}/zh/gates/`);
      await ready(here);
      await here.waitForFunction(() => navigator.serviceWorker.controller !== null, { polling: 100 });
      await there.goto(`${server.url}/gates/#gate=or`);
      await ready(there);
      await there.keyboard.press(".");
      await there.waitForFunction(() => /trained=1/.test(location.hash));
      for (const [file, from, to] of [
        ["sw.js", /"wasmgrad-[0-9a-f]+"/, '"wasmgrad-next"'],
        ["zh/gates/index.html", /<h1>[^<]+/, "<h1>下一版"],
        ["gates/index.html", /<h1>[^<]+/, "<h1>The next one"],
      ] as const) {
        const text = readFileSync(join(folder, file), "utf8");
        expect(text).toMatch(from);
        writeFileSync(join(folder, file), text.replace(from, to));
      }
      await here.evaluate(() =>
        navigator.serviceWorker
          .getRegistration()
          .then((r) => r!.update())
          .then(() => undefined),
      );
      await said(here, /新版本已就绪。/);
      await said(there, /A new version is ready\./);
      await here.bringToFront();
      await Promise.all([here.waitForNavigation(), here.click(".toast button")]);
      await ready(here);
      expect(await here.$eval("h1", (h1) => h1.textContent)).toBe("下一版");
      await said(there, /Another tab has changed to the new version; this one still shows the old one\./);
      expect(await there.$eval("h1", (h1) => h1.textContent)).not.toBe("The next one");
      await there.bringToFront();
      await Promise.all([there.waitForNavigation(), there.click(".toast button")]);
      await ready(there);
      expect(await there.$eval("h1", (h1) => h1.textContent)).toBe("The next one");
      expect(await hash(there)).toBe("#gate=or&trained=1");
    } finally {
      await browser.close();
      server.close();
    }
  });

  test("a tab of the version before has all its parts, though the server has them no more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "versions-"));
    cpSync(DIST, folder, { recursive: true });
    const server = await serve(folder, { isolated: true });
    const browser = await openBrowser("chrome");
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      await page.goto(`${server.url}/play/index.html#data=xor&net=3t&at=5`);
      await ready(page);
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null, { polling: 100 });
      // the next version has this part under another name
      const parts = readdirSync(join(folder, "assets")).filter((name) => /^time-.*\.js$/.test(name));
      for (const part of parts) rmSync(join(folder, "assets", part));
      const text = readFileSync(join(folder, "sw.js"), "utf8");
      const next = parts.reduce(
        (script, part) => script.replace(`"assets/${part}",`, ""),
        text.replace(/"wasmgrad-[0-9a-f]+"/, '"wasmgrad-next"'),
      );
      expect(next).not.toContain("assets/time-");
      writeFileSync(join(folder, "sw.js"), next);
      await page.evaluate(async () => {
        const registration = (await navigator.serviceWorker.getRegistration())!;
        const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
        await registration.update();
        while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 50));
        // as another tab asks
        registration.waiting.postMessage("take over");
        await changed;
      });
      await said(page, /Another tab has changed to the new version/);
      expect(await page.evaluate(() => caches.keys())).toContain("wasmgrad-next");
      await page.click("[data-panel=time]");
      await page.waitForSelector("play-time");
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
      server.close();
    }
  });

  test.each([
    ["", /A part of this page could not be fetched: there is no network, or the site has a new version\. .*Reload/],
    ["zh/", /本页有一部分没能下载：没有网络，或网站已有新版本。.*重新加载/],
  ] as const)("a part that is gone and wasn't kept is told, with what to do: /%splay/", async (language, words) => {
    const site = await openSite("chrome");
    try {
      const { page } = await site.visit(`${language}play/#data=xor&net=3t&at=5`);
      await page.setBypassServiceWorker(true);
      await page.setRequestInterception(true);
      page.on(
        "request",
        (request) => void (/\/time-/.test(request.url()) ? request.respond({ status: 404 }) : request.continue()),
      );
      await page.click("[data-panel=time]");
      await said(page, words);
      expect(await page.$("play-time")).toBeNull();
    } finally {
      await site.close();
    }
  });

  test("storage that is full keeps nobody from training on what the network gives", async () => {
    const site = await openSite("chrome");
    try {
      const { page, faults } = await site.visit("digits/#net=mlp&images=64&epochs=1");
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      const devtools = await page.createCDPSession();
      await devtools.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize: 1 });
      await page.click("[data-do=train]");
      await page.waitForSelector("[data-fingerprint]", { timeout: 120_000 });
      expect(await page.$("[role=alert]")).toBeNull();
      expect(faults).toEqual([]);
    } finally {
      await site.close();
    }
  });
});
