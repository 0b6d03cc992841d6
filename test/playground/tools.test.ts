// What Play has below its figure, in real browsers by clicking, typing, pasting and dropping: the program run in Node, files, tables, time, a race.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import type * as Axe from "axe-core";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { count } from "../../playground/src/look/numbers.ts";
import { writePoints } from "../../playground/src/shell/codec.ts";
import { dense, flatten, relu, sequential, tanh } from "../../src/index.ts";
import { moons } from "../../src/datasets.ts";
import { loadModel, modelToBytes } from "../../src/files.ts";
import { project } from "../support/packed.ts";
import { JOURNEYS, openSite, type Site, type Visit } from "../support/site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

let folder: string;
beforeAll(() => {
  folder = project("playground-tools");
}, 300_000);

/** Something on the page, in whatever shadow it stands: the driver's own waiting doesn't see what changes in those. */
async function find(page: Page, selector: string) {
  for (let i = 0; i < 1200; i++) {
    const found = await page.$(`>>> ${selector.replace(/^(play-[a-z-]+) /, "$1 >>> ")}`);
    if (found) return found;
    await wait(100);
  }
  throw new Error(`there is no ${selector}`);
}
async function click(page: Page, selector: string): Promise<void> {
  const found = await find(page, selector);
  await found.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await found.click();
}
const textOf = async (page: Page, selector: string): Promise<string> =>
  (await find(page, selector)).evaluate((element) => element.textContent!.replaceAll(/\s+/g, " ").trim());

/** Waits until a text of the page is as expected. */
async function sees(page: Page, selector: string, expected: RegExp | string): Promise<string> {
  let text = "";
  for (let i = 0; i < 1200; i++) {
    text = await textOf(page, selector);
    if (typeof expected === "string" ? text.includes(expected) : expected.test(text)) return text;
    await wait(100);
  }
  throw new Error(`${selector} says ${JSON.stringify(text)}, not ${String(expected)}`);
}

/** Waits until the address has it: it is written a few times a second. */
async function addressed(page: Page, expected: RegExp): Promise<void> {
  let hash = "";
  for (let i = 0; i < 1200; i++) {
    hash = await page.evaluate(() => location.hash);
    if (expected.test(hash)) return;
    await wait(100);
  }
  throw new Error(`the address has ${hash}, not ${String(expected)}`);
}

/** The fingerprint at the foot of the page, after so many updates. */
const fingerprint = async (page: Page, updates: number): Promise<string> => {
  const text = await sees(
    page,
    "#fingerprint",
    new RegExp(`[0-9a-f]{16}.* ${count(updates).replaceAll(/\s/g, "\\s")} `),
  );
  return /[0-9a-f]{16}/.exec(text)![0];
};

/** Pastes a text into the dialog's box, as one input. */
async function paste(page: Page, text: string): Promise<void> {
  const box = await find(page, "play-own-data textarea");
  await box.evaluate((element, pasted) => {
    const area = element as HTMLTextAreaElement;
    area.focus();
    area.select();
    document.execCommand("insertText", false, pasted);
  }, text);
}

/** Drops a file somewhere on the page. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    (fileName, base64) => {
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      const event = new DragEvent("drop", { bubbles: true, cancelable: true, composed: true, dataTransfer });
      document.querySelector("h1")!.dispatchEvent(event);
      if (!event.defaultPrevented) throw new Error("the browser would open the file in place of the page");
    },
    name,
    Buffer.from(bytes).toString("base64"),
  );
}

/** Four points, a class in opposite corners. */
const POINTS = writePoints({ x: Float32Array.of(0, 0, 1, 1, 0, 1, 1, 0), y: Float32Array.of(0, 0, 1, 1) });

const PNG = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010806000000", "hex");

describe.each(JOURNEYS)("tools of Play in %s", { timeout: 300_000 }, (name) => {
  let site: Site;
  let open: Visit | undefined;
  beforeAll(async () => {
    site = await openSite(name);
  }, 300_000);
  afterAll(() => site?.close());
  /** What no browser can do in a way of its own is tried in one of them. */
  const once = test.skipIf(name === "firefox");

  const allowClipboard = (page: Page): Promise<void> =>
    page
      .browserContext()
      .overridePermissions(site.url, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
  /** What was copied, or is shown to be copied by hand. */
  const copied = (page: Page): Promise<string> =>
    page.evaluate(async () => {
      const shown = document.querySelector<HTMLTextAreaElement>("dialog[open] textarea");
      return shown ? shown.value : navigator.clipboard.readText();
    });

  /** Opens Play, and later sees that nothing went wrong on the page. */
  async function visit(hash: string, path = "play/"): Promise<Page> {
    const before = open;
    open = undefined;
    await before?.close();
    open = await site.visit(`${path}#${hash}`);
    return open.page;
  }
  const clean = (): void => expect(open!.faults).toEqual([]);

  const SETUPS = [
    "at=205",
    "data=gaussians&k=3&net=6r-4g&opt=adamw&sched=cosine-100&l2=0.01&at=77",
    "data=moons&net=8s&opt=nesterov&drop=0.2&norm=1&loss=hinge&batch=7&at=60",
    `data=mine&pts=${POINTS}&batch=0&net=3t&opt=rmsprop&at=33`,
  ];
  test.each(name === "chrome" ? SETUPS : SETUPS.slice(1, 2))(
    "the program of %s prints the page's fingerprint in Node",
    async (hash) => {
      const page = await visit(hash);
      const here = await fingerprint(page, Number(/at=(\d+)/.exec(hash)![1]));
      await click(page, "[data-panel=code]");
      await sees(page, "play-code [data-fingerprint]", here);
      const code = await (await find(page, "play-code pre")).evaluate((element) => element.textContent!);
      const file = join(folder, `${name}-${SETUPS.indexOf(hash)}.mjs`);
      writeFileSync(file, code);
      expect(execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim()).toBe(here);
      clean();
    },
  );

  once("a running run is paused by the copy, so that the copied program and the page agree", async () => {
    const page = await visit("data=xor&net=4t&view=code");
    await allowClipboard(page);
    await find(page, "play-code pre");
    await click(page, "play-code [data-do=copy]");
    const said = await sees(page, ".toast, dialog[open]", /Copied\. In Node it prints [0-9a-f]{16}|Copy it yourself/);
    const updates = Number(
      /after ([\d\s]+) updates/
        .exec(await sees(page, "#fingerprint", /after [\d\s]+ updates/))![1]!
        .replaceAll(/\s/g, ""),
    );
    const here = await fingerprint(page, updates);
    await wait(400);
    expect(await fingerprint(page, updates)).toBe(here);
    const code = await copied(page);
    if (said.includes("Copied")) expect(said).toContain(here);
    const file = join(folder, `${name}-copied.mjs`);
    writeFileSync(file, code);
    expect(execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim()).toBe(here);
  });

  once("the exported safetensors file has the page's weights, and is shown again when it is dropped", async () => {
    const page = await visit("data=moons&net=5t-3r&at=120&view=export");
    const here = await fingerprint(page, 120);
    const downloads = join(folder, "downloads");
    rmSync(downloads, { recursive: true, force: true });
    mkdirSync(downloads);
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    await click(page, "play-export [data-do=model]");
    for (let i = 0; i < 1200 && !readdirSync(downloads).includes("play-120.safetensors"); i++) await wait(100);
    const file = join(downloads, "play-120.safetensors");
    const model = await loadModel(file);
    expect(model.fingerprint()).toBe(here);

    // the points, those to test with last, are Node's
    await allowClipboard(page);
    await click(page, "play-export [data-do=copy-data]");
    await sees(page, ".toast, dialog[open]", /600 points copied as CSV|Copy it yourself/);
    const table = await copied(page);
    const { x, y, test: apart } = moons({ rows: 600, noise: 0.05, seed: 1, test: 200 });
    const rows = table
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
    expect(Float32Array.from(rows.flatMap(([x1, x2]) => [x1!, x2!]))).toEqual(Float32Array.of(...x, ...apart!.x));
    expect(rows.map(([, , label]) => label)).toEqual([...y, ...apart!.y]);

    const other = await visit("data=spirals&at=1");
    await drop(other, "mine.safetensors", readFileSync(file));
    await sees(other, ".toast", "mine.safetensors: 2-5-3-1, 37 parameters, is shown.");
    await addressed(other, /net=5t-3r.*w=mine%3Amine/);
    // its weights are those with which this run begins
    await other.evaluate(() => location.replace(location.href.replace("at=1", "at=0")));
    await click(other, "[data-do=reset]");
    expect(await fingerprint(other, 0)).toBe(here);
    clean();
  });

  once("a file of something else says what it is and what is expected; nothing is lost", async () => {
    const page = await visit("data=circles&net=4t&at=50");
    const here = await fingerprint(page, 50);
    await drop(page, "holiday.png", PNG);
    await sees(page, "[data-say]", /holiday\.png is a PNG image; it is left alone\. .* safetensors/);
    const image = await sequential({ input: [4, 4, 1], seed: 1 }, flatten(), dense(3), relu(), dense(2));
    await drop(page, "digits.safetensors", modelToBytes(image));
    await sees(
      page,
      "[data-say]",
      "digits.safetensors takes inputs of 4 × 4 × 1 numbers (flatten, dense, relu, dense …): the plane has 2.",
    );
    const wide = await sequential({ input: 2, seed: 1 }, dense(3), tanh(), dense(40));
    await drop(page, "wide.safetensors", modelToBytes(wide));
    await sees(page, "[data-say]", "wide.safetensors ends in 40 units");
    await drop(page, "cut.safetensors", modelToBytes(wide).slice(0, 300));
    await sees(page, "[data-say]", /cut\.safetensors could not be read as a model: .*300/);
    expect(await fingerprint(page, 50)).toBe(here);
    await click(page, "[data-say] .btn:last-child");
    expect(await page.$("[data-say] p")).toBeNull();
    clean();
  });

  describe("a pasted table", () => {
    async function dialog(hash = "at=1"): Promise<Page> {
      const page = await visit(hash);
      await page.evaluate(() => localStorage.removeItem("wasmgrad-table"));
      await click(page, "[data-do=table]");
      await find(page, "play-own-data dialog[open]");
      return page;
    }
    const problem = (page: Page, text: string | RegExp): Promise<string> =>
      sees(page, "play-own-data [data-problem]", text);
    const usable = async (page: Page): Promise<boolean> =>
      (await find(page, "play-own-data [data-do=use]")).evaluate((button) => !(button as HTMLButtonElement).disabled);

    test("with words where numbers belong lists them with their lines, and leaves them out only when asked", async () => {
      const page = await dialog();
      const rows = Array.from({ length: 40 }, (_, i) => `${Math.floor(i / 2)};${i % 7},5;${i % 2 ? "cat" : "dog"}`);
      rows[3] = "tall;1,5;dog";
      rows[9] = "4;;cat";
      await paste(page, ["size;weight;kind", ...rows].join("\n"));
      await problem(
        page,
        "2 of 40 rows have cells that can't be used. Mend them in the text, or leave these rows out.",
      );
      expect(await textOf(page, "play-own-data [data-bad]")).toBe(
        "line 5, column size: “tall” is no number line 11, column weight: the cell is missing",
      );
      expect(await usable(page)).toBe(false);
      await click(page, "play-own-data [data-choose=leaveOut]");
      await sees(
        page,
        "play-own-data [data-said]",
        /38 points of 2 classes: cat, dog size: .* \(its mean\) is subtracted/,
      );
      const field = await find(page, "play-own-data .end input");
      await field.click();
      await field.type("pets");
      await click(page, "play-own-data [data-do=use]");
      await sees(page, "[data-data=kept]", "pets");
      await addressed(page, /data=mine%3Apets/);
      clean();

      // who comes again finds them; their numbers are Node's
      const again = await visit("data=mine%3Apets&net=3t&at=40&view=code");
      const here = await fingerprint(again, 40);
      await sees(again, "play-code [data-fingerprint]", here);
      const file = join(folder, `${name}-pets.mjs`);
      writeFileSync(file, await (await find(again, "play-code pre")).evaluate((element) => element.textContent!));
      expect(execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim()).toBe(here);
      clean();
    });

    once("that can't be used says why and what to do, and stays in its box", async () => {
      const page = await dialog();
      await paste(page, "1,2,a\n3,4,a\n");
      await problem(page, /All rows are of one class, "a": .* Choose another column/);
      await paste(page, "1,2,3\n");
      await problem(page, "Only one row can be used, and at least two are needed");
      await paste(page, "a,b,c\n");
      await problem(page, "There is a header, but no row below it. Paste at least two rows.");
      await paste(page, "lorem ipsum dolor\nsit amet consectetur\n");
      await problem(page, "Two columns of numbers (x1, x2) and one of labels are needed.");
      // a file of something else, dropped on the dialog: the text stays
      await page.evaluate((base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], "holiday.png"));
        const target = document.querySelector("play-own-data")!.shadowRoot!.querySelector("dialog")!;
        target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      }, PNG.toString("base64"));
      await problem(page, /holiday\.png: This is not a text file .* CSV/);
      const text = await (
        await find(page, "play-own-data textarea")
      ).evaluate((box) => (box as HTMLTextAreaElement).value);
      expect(text).toContain("lorem ipsum");
      // cancelled and opened again, it is still there
      await page.keyboard.press("Escape");
      await click(page, "[data-do=table]");
      expect(
        await (await find(page, "play-own-data textarea")).evaluate((box) => (box as HTMLTextAreaElement).value),
      ).toContain("lorem ipsum");
      clean();
    });

    once("of many columns may be seen along its principal components, in Chinese too", async () => {
      const page = await visit("at=1", "zh/play/");
      await click(page, "[data-do=table]");
      await paste(
        page,
        Array.from({ length: 30 }, (_, i) => `${i},${i * 2},${(i * 7) % 5},${i % 3 ? "甲" : "乙"}`).join("\n"),
      );
      await click(page, "play-own-data [data-choose=components]");
      await sees(
        page,
        "play-own-data [data-said]",
        /30 个点，2 类：乙、甲.*x1 和 x2 是 3 列的前两个主成分：保留了 \d+ % 的方差/,
      );
      clean();
    });

    once("of 100,000 rows is thinned, and the page says so", async () => {
      const page = await dialog();
      const rows = Array.from({ length: 100_000 }, (_, i) => `${i % 97},${i % 89},${i < 50_000 ? "a" : "b"}`).join(
        "\n",
      );
      await page.evaluate((content) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([content], "large.csv"));
        const target = document.querySelector("play-own-data")!.shadowRoot!.querySelector("dialog")!;
        target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      }, rows);
      await sees(
        page,
        "play-own-data [data-said]",
        "100000 rows are more than this page draws: every 20th is used, 5000 in all.",
      );
      expect(await usable(page)).toBe(true);
      clean();
    });

    once("that is on another computer alone is asked for", async () => {
      const page = await visit("data=mine%3Asales");
      await sees(
        page,
        "[data-say]",
        "This link uses data “sales” that is only on the computer where it was made. Drop its table on this page",
      );
      await click(page, "[data-say] .btn.pri");
      await sees(page, "play-own-data [data-notice]", "“sales”");
      await drop(page, "sales 2026.csv", Buffer.from("a,b,c\n1,2,x\n2,1,y\n3,3,x\n"));
      await sees(page, "play-own-data [data-said]", "3 points of 2 classes: x, y");
      clean();
    });

    test("works where the browser keeps nothing, and says that it isn't kept", async () => {
      await open?.close();
      open = undefined;
      const page = await site.browser.newPage();
      await page.evaluateOnNewDocument(() => {
        Object.defineProperty(globalThis, "indexedDB", {
          get() {
            throw new DOMException("forbidden", "SecurityError");
          },
        });
      });
      await page.goto(`${site.url}/play/#at=1`);
      await click(page, "[data-do=table]");
      await paste(page, "1,2,x\n2,1,y\n3,3,x\n");
      await find(page, "play-own-data [data-said]");
      await click(page, "play-own-data [data-do=use]");
      await sees(page, ".toast", "This browser keeps nothing for this page");
      await sees(page, "[data-data=kept]", "table");
      await page.close();
    });
  });

  test("time: the maps are those of then, and who goes on from there has the same bits", async () => {
    const page = await visit("data=xor&net=4t&batch=0&at=12");
    await fingerprint(page, 12);
    // single updates: each is kept
    await click(page, "[data-do=once]");
    const after13 = await fingerprint(page, 13);
    await click(page, "[data-do=once]");
    const after14 = await fingerprint(page, 14);
    await click(page, "[data-panel=time]");
    const picture = (): Promise<string> =>
      page.evaluate(() => {
        const field = document
          .querySelector("wasmgrad-boundary")!
          .shadowRoot!.querySelector<HTMLCanvasElement>("canvas.map")!;
        return field.toDataURL();
      });
    await sees(page, "play-time output", "now: update 14");
    await sees(page, "#updates", "14 updates"); // it is drawn, too
    const now = await picture();
    const slider = await find(page, "play-time input");
    await slider.focus();
    await page.keyboard.press("Home");
    await sees(page, "play-time output", "update 0 of 14");
    for (let i = 0; i < 1200 && (await picture()) === now; i++) await wait(50);
    const then = await picture();
    expect(then).not.toBe(now);
    await page.keyboard.press("End");
    await sees(page, "play-time output", "now: update 14");
    for (let i = 0; i < 1200 && (await picture()) !== now; i++) await wait(50);
    expect(await picture()).toBe(now);
    // back two moments from now, 13 and 12, and on again by single updates
    await click(page, "play-time [aria-label='One moment back']");
    await click(page, "play-time [aria-label='One moment back']");
    await sees(page, "play-time output", /update 1[23] of 14/);
    const at = Number(/update (\d+) of/.exec(await textOf(page, "play-time output"))![1]);
    const lossThen = /training loss (0\.\d{4})/.exec(await textOf(page, "play-time output"))![1]!;
    await click(page, "play-time [data-do=branch]");
    await fingerprint(page, at);
    await sees(page, "#train", lossThen);
    for (let updates = at + 1; updates <= 14; updates++) {
      await click(page, "[data-do=once]");
      const here = await fingerprint(page, updates);
      if (updates === 13) expect(here).toBe(after13);
      if (updates === 14) expect(here).toBe(after14);
    }
    // another weight: now the second run differs, and both are there to compare
    await page.$eval("wasmgrad-maps", (maps) =>
      maps.dispatchEvent(new CustomEvent("set", { detail: { index: 0, value: 2 }, bubbles: true })),
    );
    await click(page, "[data-do=once]");
    const second = await fingerprint(page, 15);
    const curve = (): Promise<string> =>
      page.$eval("wasmgrad-losses", (losses) =>
        losses.shadowRoot!.querySelector("canvas")!.getAttribute("aria-label")!,
      );
    for (let i = 0; i < 1200 && !(await curve()).startsWith("Curve at 15:"); i++) await wait(50);
    expect(await curve()).toMatch(/^Curve at 15: .*; the other run at 14: 0\.\d+$/);
    await sees(page, "play-time [data-other]", "The other run is kept up to update 14: training loss 0.");
    await click(page, "play-time [data-do=swap]");
    expect(await fingerprint(page, 14)).toBe(after14);
    for (let i = 0; i < 1200 && !(await curve()).startsWith("Curve at 14:"); i++) await wait(50);
    expect(await curve()).toMatch(/^Curve at 14: .*; the other run at 15: \d/);
    await click(page, "play-time [data-do=swap]");
    expect(await fingerprint(page, 15)).toBe(second);
    // another setup has one run alone
    await click(page, "[data-do=reset]");
    for (let i = 0; i < 1200 && (await curve()).includes("other"); i++) await wait(50);
    expect(await curve()).not.toContain("other");
    clean();
  });

  test("a race: one seed, one difference, in step; one slider for both, and the address has it", async () => {
    const page = await visit("data=circles&net=4t&at=1&b=lr-0.1&view=race");
    const lane = (which: string): Promise<string> => textOf(page, `[data-lane=${which}]`);
    await sees(page, "[data-lane=B]", "0 updates");
    const [first, second] = [await lane("A"), await lane("B")];
    expect(first).toMatch(/^loss 0\.\d+/);
    // the same points and weights at the start
    expect(second).toBe(first);
    expect(await textOf(page, "play-race")).toBeDefined();
    await click(page, "play-race [data-do=race]");
    await sees(page, "[data-lane=A]", /· \d{3,} updates/);
    await click(page, "play-race [data-do=race]");
    const updates = (text: string): string => /(\d[\d\s]*) updates/.exec(text)![1]!;
    // what is on its way is drawn yet
    await expect.poll(async () => updates(await lane("A")) === updates(await lane("B"))).toBe(true);
    await wait(500);
    const [a, b] = [await lane("A"), await lane("B")];
    expect(a).not.toBe(b);
    expect(updates(a)).toBe(updates(b));
    await (await find(page, "play-race input[type=range]")).focus();
    await page.keyboard.press("Home");
    await sees(page, "[data-lane=B]", "0 updates");
    expect([await lane("A"), await lane("B")]).toEqual([first, second]);
    // another difference
    await (
      await find(page, "play-race [data-choose=key]")
    ).evaluate((select) => {
      (select as HTMLSelectElement).value = "opt";
      select.dispatchEvent(new Event("change"));
    });
    await addressed(page, /b=opt-sgd/);
    await sees(page, "[data-lane=B]", "0 updates");
    clean();
  });

  once(
    "axe finds nothing in any tool or in the dialog, on a phone and on a desk, and nothing is too wide",
    async () => {
      const panels = "view=histograms-time-race-code-export";
      for (const [width, theme, path] of [
        [320, "dark", "play/"],
        [1024, "light", "zh/play/"],
      ] as const) {
        await open?.close();
        open = await site.visit(`${path}#data=circles&net=4r&at=100&${panels}`, { width, theme });
        const { page } = open;
        await sees(page, "play-code pre", "Trainer");
        await find(page, "play-histograms wasmgrad-histogram");
        const audit = async (what: string): Promise<void> => {
          await page.evaluate(axe);
          const found = await page.evaluate(async () => {
            const { violations } = await (globalThis as unknown as { axe: typeof Axe }).axe.run();
            return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
          });
          expect(found, `${what}, ${width} px, ${theme}`).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        };
        await audit("panels");
        await page.$eval("[data-do=table]", (button) => (button as HTMLElement).click());
        await paste(page, "a,b,c,d\n1,2,3,u\n3,,5,v\nx,5,6,v\n1,2,4,v");
        await find(page, "play-own-data [data-bad]");
        await audit("dialog");
      }
      clean();
    },
  );

  once(
    "weights that are changed by hand on the way are in the program, also where one goes on from earlier",
    async () => {
      const page = await visit("data=clusters&n=60&net=3t&batch=16&at=20&view=code-time");
      let here = await fingerprint(page, 20);
      const change = async (index: number, value: number): Promise<void> => {
        await page.$eval(
          "wasmgrad-maps",
          (maps, detail) => maps.dispatchEvent(new CustomEvent("set", { detail, bubbles: true })),
          { index, value },
        );
        const before = here;
        for (let i = 0; i < 1200 && here === before; i++) {
          await wait(50);
          here = await fingerprint(page, Number(/after (\d+) /.exec(await textOf(page, "#fingerprint"))![1]));
        }
        expect(here).not.toBe(before);
      };
      const goTo = async (from: number, to: number): Promise<void> => {
        for (let updates = from + 1; updates <= to; updates++) {
          await click(page, "[data-do=once]");
          here = await fingerprint(page, updates);
        }
      };
      const programPrints = async (updates: number): Promise<string> => {
        await sees(page, "play-code [data-fingerprint]", here);
        const code = await (await find(page, "play-code pre")).evaluate((element) => element.textContent!);
        const file = join(folder, `${name}-edited-${updates}.mjs`);
        writeFileSync(file, code);
        return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim();
      };
      // between two epochs, within one, and a bias where it stands
      await change(0, 3);
      await goTo(20, 23);
      await change(7, -0.3);
      await goTo(23, 26);
      await change(12, 1.25);
      expect(await programPrints(26)).toBe(here);
      const first = here;
      await goTo(26, 30);
      await click(page, "play-time [aria-label='One moment back']");
      await click(page, "play-time [aria-label='One moment back']");
      const at = Number(/update (\d+) of/.exec(await sees(page, "play-time output", /update \d+ of/))![1]);
      await click(page, "play-time [data-do=branch]");
      here = await fingerprint(page, at);
      expect(await programPrints(at)).toBe(here);
      await change(1, 0.75);
      await goTo(at, 33);
      expect(await programPrints(33)).toBe(here);
      expect(here).not.toBe(first);
      clean();
    },
  );

  once("histograms of each layer, in words too; dead units are named", async () => {
    const page = await visit("data=circles&net=8r-8r&opt=sgd&lr=20&batch=0&at=30&view=histograms");
    await sees(page, "play-histograms [data-finding=dead]", /units? (is|are) dead \(/);
    const words = await page.evaluate(() => {
      const tool = document.querySelector("play-histograms")!.shadowRoot!;
      return [...tool.querySelectorAll("wasmgrad-histogram")].map((element) =>
        element.shadowRoot!.querySelector("[role=img]")!.getAttribute("aria-label"),
      );
    });
    expect(words.length).toBe(9);
    expect(words[0]).toMatch(
      /^Layer 1, 8 relu, Weights: 16 numbers from −\d+ to \d+: mean .*, spread .*, 0 % are zero, .* beyond$/,
    );
    expect(words[4]).toMatch(/^Layer 2, 8 relu, Activations: \d+ numbers .*, [1-9][\d.]* % are zero/);
    clean();
  });
});
