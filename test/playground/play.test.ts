// The Play page in real browsers: trained, edited, refused and restored as people do it. Its numbers are Node's.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "puppeteer-core";
import { Runner } from "../../playground/src/play/runner.ts";
import { DEFAULT, type Setup } from "../../playground/src/play/setup.ts";
import { readPoints, readWeights } from "../../playground/src/shell/codec.ts";
import { makeTraining, weightsOf } from "../../playground/src/play/training.ts";
import { openSite, type Site, type Visit, type VisitOptions } from "../support/site.ts";

/** The fingerprint after so many updates, in Node. */
async function fingerprintOf(changes: Partial<Setup>, updates: number): Promise<string> {
  const runner = new Runner(await makeTraining({ ...DEFAULT, ...changes }));
  while (runner.updates < updates) await runner.advance(5, updates);
  const fingerprint = runner.training.model.fingerprint();
  await runner.end();
  return fingerprint;
}

/** Waits until the page's text of an element fits. */
async function until(page: Page, selector: string, fits: RegExp, timeout = 120_000): Promise<string> {
  const handle = await page.waitForFunction(
    (where, source) => {
      const text = document.querySelector(where)?.textContent?.replaceAll(/\s+/g, " ") ?? "";
      return new RegExp(source).test(text) && text;
    },
    { timeout, polling: 50 },
    selector,
    fits.source,
  );
  return (await handle.jsonValue()) as string;
}

const hash = (page: Page): Promise<string> => page.evaluate(() => location.hash);
const hashIs = (page: Page, fits: RegExp) =>
  page.waitForFunction((source) => new RegExp(source).test(location.hash), { timeout: 120_000 }, fits.source);

async function choose(page: Page, name: string, text: string): Promise<void> {
  const field = (await page.waitForSelector(`input[name=${name}]`))!;
  await field.click({ count: 3 });
  await field.type(text);
  await field.press("Tab");
}

/** The pixels of canvases within elements: how many colours each has, and a sum of them. */
const picture = (page: Page, element: string, selector: string): Promise<{ colours: number; sum: number }[]> =>
  page.evaluate(
    (host, within) =>
      [...document.querySelector(host)!.shadowRoot!.querySelectorAll<HTMLCanvasElement>(within)].map((canvas) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        const words = new Uint32Array(data.buffer);
        return { colours: new Set(words).size, sum: words.reduce((sum, word) => (Math.imul(sum, 31) + word) >>> 0, 7) };
      }),
    element,
    selector,
  );

const sites = new Map<string, Site>();
async function visit(browser: "chrome" | "firefox", path: string, options?: VisitOptions): Promise<Visit> {
  return sites.get(browser)!.visit(path, options);
}

beforeAll(async () => {
  sites.set("chrome", await openSite("chrome"));
  sites.set("firefox", await openSite("firefox"));
}, 300_000);
afterAll(async () => {
  for (const site of sites.values()) await site.close();
});

describe.each(["chrome", "firefox"] as const)("%s", (browser) => {
  test("spirals are learned in seconds, and every neuron shows what it sees", async () => {
    const { page, faults, close } = await visit(browser, "play/");
    await until(page, "#right", /^(9[1-9]|100)/);
    const maps = await picture(page, "wasmgrad-maps", "[data-unit] canvas");
    expect(maps).toHaveLength(25);
    for (const { colours } of maps) expect(colours).toBeGreaterThan(4);
    expect(new Set(maps.map(({ sum }) => sum)).size).toBe(25);
    const [field] = await picture(page, "wasmgrad-boundary", ".map");
    expect(field!.colours).toBeGreaterThan(50);
    const [edges] = await picture(page, "wasmgrad-maps", "canvas.edges");
    expect(edges!.colours).toBeGreaterThan(50);
    const engine = await until(page, ".engine", /parameters/);
    expect(engine).toMatch(
      /WASM SIMD ✓ ?worker ✓ .*frames\/s .*updates\/s .*[kM]B memory .*177 parameters .*[kM]B loaded/,
    );
    expect(engine).toMatch(/1 thread: more don't gain on networks this small; memory could be shared/);
    expect(await page.$eval("#speed", ({ textContent }) => textContent)).toMatch(/^\d.*[kM]$/);
    expect(faults).toEqual([]);
    await close();
  });

  test("a link with an update stops there, with the same bits for everybody and in Node", async () => {
    const { page, faults, close } = await visit(
      browser,
      "play/#data=moons&noise=0.1&net=5r-3t&lr=0.02&batch=7&seed=11&at=137",
    );
    const setup: Partial<Setup> = {
      data: "moons",
      noise: 0.1,
      layers: [
        { units: 5, activation: "relu" },
        { units: 3, activation: "tanh" },
      ],
      rate: 0.02,
      batch: 7,
      seed: 11,
    };
    const expected = await fingerprintOf(setup, 137);
    await until(page, "#fingerprint", new RegExp(`fingerprint ${expected} after 137 updates`));
    expect(await page.$eval("[data-do=run]", ({ textContent }) => textContent!.trim())).toBe("Train");
    // one step more, by key: the next update of the same order
    await page.keyboard.press(".");
    await until(page, "#fingerprint", new RegExp(`fingerprint ${await fingerprintOf(setup, 138)} after 138 updates`));
    await page.click("[data-do=reset]");
    await until(page, "#fingerprint", /after 0 updates/);
    expect(faults).toEqual([]);
    await close();
  });

  test("an update that would bring NaN is not made; what to do is a button", async () => {
    const path = "play/#data=moons&noise=0.1&net=4l-4l-4l&opt=sgd&lr=10&seed=2";
    const { page, faults, close } = await visit(browser, path);
    const card = await until(page, ".haltcard", /Update 5 was not made/);
    expect(card).toMatch(
      /First bad tensor: Z4 \(dense4\); the rate is 10\. The weights are those of update 4: nothing is lost\./,
    );
    expect(card).toMatch(/Rate ÷ 10: 1.*Normalise x.*Step through update 5/);
    // step by step: the batch of that update, and the weights before it
    await page.click("[data-do=steps]");
    await page.waitForFunction(() => location.pathname.includes("/backprop/"));
    const keys = new URLSearchParams((await hash(page)).slice(1));
    expect(Object.fromEntries(keys)).toMatchObject({ data: "mine", net: "4l-4l-4l", opt: "sgd", lr: "10" });
    const layer = { units: 4, activation: "linear" } as const;
    const setup: Setup = {
      ...DEFAULT,
      data: "moons",
      noise: 0.1,
      layers: [layer, layer, layer],
      optimizer: "sgd",
      rate: 10,
      seed: 2,
    };
    const runner = new Runner(await makeTraining(setup));
    while (runner.updates < 4) await runner.advance(5, 4);
    expect(readWeights(keys.get("w")!)).toEqual(weightsOf(runner.training.model));
    const order = await runner.nextBatch();
    await runner.end();
    const points = readPoints(keys.get("pts")!)!;
    expect(points.y).toEqual(Float32Array.from(order, (row) => runner.training.data.y[row]!));
    order.forEach((row, i) => expect(points.x[2 * i]).toBeCloseTo(runner.training.data.x[2 * row]!, 3));
    await page.goto(`${sites.get(browser)!.url}/${path}`);
    await until(page, ".haltcard", /Update 5 was not made/);
    await page.click("[data-do=slower]");
    await hashIs(page, /lr=1(&|$)/);
    await page.waitForFunction(() => !document.querySelector(".haltcard"), { timeout: 120_000 });
    await until(page, "#updates", /\d\d\d updates/);
    expect(faults).toEqual([]);
    await close();
  });

  test("weights are edited in a neuron's sum and on its line", async () => {
    const { page, faults, close } = await visit(browser, "play/#data=xor&net=2t&seed=4&at=20");
    await until(page, "#fingerprint", /after 20 updates/);
    await page.waitForSelector("wasmgrad-maps >>> [data-unit='1-1'] button");
    await page.$eval("wasmgrad-maps >>> [data-unit='1-1'] button", (button) => (button as HTMLElement).click());
    const bias = (await page.waitForSelector("wasmgrad-maps >>> .pop input[aria-label=bias]"))!;
    const before = await page.$eval("#fingerprint", ({ textContent }) => textContent);
    await bias.click({ count: 3 });
    await bias.type("1.5");
    await bias.press("Tab");
    await page.waitForFunction((old) => document.querySelector("#fingerprint")!.textContent !== old, {}, before);
    const sum = await page.waitForFunction(() => {
      const rows = document
        .querySelector("wasmgrad-maps")!
        .shadowRoot!.querySelectorAll<HTMLTableRowElement>(".pop tr");
      const numbers = [...rows].map(({ cells }) =>
        Number(cells[cells.length - 1]!.textContent!.trim().replace("−", "-")),
      );
      return rows.length === 5 && numbers[2] === 1.5 && numbers;
    });
    const [first, second, b, z, a] = (await sum.jsonValue()) as number[];
    expect(first! + second! + b!).toBeCloseTo(z!, 3);
    expect(Math.tanh(z!)).toBeCloseTo(a!, 3);
    const chip = await page.$eval("wasmgrad-maps >>> [data-of='1-1']", ({ textContent }) => textContent);
    expect(chip).toBe("1.50");
    await page.keyboard.press("Escape");
    // the line from x1 to the first neuron: halfway between them
    const line = () =>
      page.evaluate(() => {
        const root = document.querySelector("wasmgrad-maps")!.shadowRoot!;
        const [x1] = [...root.querySelectorAll(".still")].map((still) => still.getBoundingClientRect());
        const unit = root.querySelector("[data-unit='1-0']")!.getBoundingClientRect();
        return [(x1!.right + unit.left) / 2, (x1!.top + x1!.bottom + unit.top + unit.bottom) / 4] as const;
      });
    // where it is now: the page may be drawn again between the look and the click
    await expect
      .poll(async () => {
        const at = await line();
        await page.mouse.move(0, 0);
        await page.mouse.move(...at);
        await page.mouse.click(...at);
        return page.waitForSelector("wasmgrad-maps >>> .edit input", { timeout: 2000 }).catch(() => null);
      })
      .not.toBe(null);
    const weight = (await page.waitForSelector("wasmgrad-maps >>> .edit input"))!;
    await weight.click({ count: 3 });
    await weight.type("-0.25");
    await weight.press("Enter");
    await page.waitForFunction(() => !document.querySelector("wasmgrad-maps")!.shadowRoot!.querySelector(".edit"));
    await page.mouse.move(0, 0);
    await page.mouse.move(...(await line()));
    const tip = (await page.waitForSelector("wasmgrad-maps >>> .tip"))!;
    await page.waitForFunction((element) => /x1 → 1\.1: −0\.2500/.test(element.textContent!), {}, tip);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("settings", () => {
  test("layers, activations and data are changed by buttons; Back goes back; the link holds all", async () => {
    const { page, faults, close } = await visit("chrome", "play/#net=3t&at=5");
    await until(page, "#fingerprint", /after 5 updates/);
    const press = async (label: string): Promise<void> =>
      (await page.waitForSelector(`wasmgrad-maps >>> button[aria-label="${label}"]`))!.click();
    await press("One neuron more in layer 1");
    await hashIs(page, /net=4t/);
    await (await page.waitForSelector("wasmgrad-maps >>> .depth .btn:last-of-type"))!.click();
    await hashIs(page, /net=4t-4t/);
    await (await page.waitForSelector("wasmgrad-maps >>> .col:nth-of-type(2) select"))!.select("relu");
    await hashIs(page, /net=4r-4t/);
    await page.click("[data-data=circles]");
    await hashIs(page, /data=circles/);
    const link = await page.evaluate(() => location.href);
    await until(page, "#updates", /^5 updates/);
    const fingerprint = await until(page, "#fingerprint", /after 5 updates/);
    await page.goBack();
    await hashIs(page, /net=4r-4t/);
    expect(await hash(page)).not.toMatch(/circles/);
    await page.waitForFunction(
      () => document.querySelector("[data-data=spirals]")!.getAttribute("aria-pressed") === "true",
    );
    await page.goto(`${link}&other=kept`);
    await page.reload();
    await until(page, "#fingerprint", new RegExp(fingerprint.trim().slice(0, 28)));
    expect(await hash(page)).toMatch(/other=kept/);
    expect(faults).toEqual([]);
    await close();
  });

  test.each([
    ["play/#net=3t&at=5", "Optimizer", /opt=sgd&lr=0\.1&/, /opt=adadelta&lr=1&/, /opt=rmsprop&lr=0\.3&/],
    ["backprop/", "Optimizer", /opt=adam&lr=0\.01/, /opt=adadelta(?!.*lr=)/, /opt=rmsprop&lr=0\.3/],
  ])(
    "another optimizer brings its usual rate, unless the rate was set: %s",
    async (path, label, first, second, third) => {
      const { page, faults, close } = await visit("chrome", path);
      /** By the name that stands at the field. */
      const change = (name: string, text: string): Promise<void> =>
        page.evaluate(
          (at, to) => {
            for (const details of document.querySelectorAll("details")) details.open = true;
            const field = [...document.querySelectorAll("label")].find((one) =>
              one.textContent!.trim().startsWith(at),
            )!;
            const input = field.querySelector<HTMLInputElement | HTMLSelectElement>("input, select")!;
            input.value = to;
            input.dispatchEvent(new Event("change", { bubbles: true }));
          },
          name,
          text,
        );
      await change(label, /opt=([a-z]+)/.exec(first.source)![1]!);
      await hashIs(page, first);
      await change(label, "adadelta");
      await hashIs(page, second);
      await change(path.startsWith("play") ? "Rate" : "Learning rate", "0.3");
      await hashIs(page, /lr=0\.3/);
      await change(label, "rmsprop");
      await hashIs(page, third);
      expect(faults).toEqual([]);
      await close();
    },
  );

  test("what a field can't take is said beside it; the last good value stays", async () => {
    const { page, faults, close } = await visit("chrome", "play/#at=3");
    for (const [name, text, rule] of [
      [
        "net",
        "10000",
        /"10000" was not taken\. Layers are numbers of neurons such as 8-8-8: at most 16 layers, 1 to 4\s096 neurons in each/,
      ],
      ["net", "4096-4096", /4\.0 M weights in all/],
      ["net", "eight", /"eight" was not taken/],
      ["lr", "fast", /"fast" was not taken\. The rate is a number above 0/],
      ["batch", "-3", /The batch is a whole number from 1/],
      ["seed", "1.5", /The seed is a whole number/],
    ] as const) {
      await choose(page, name, text);
      expect(await until(page, `[data-field=${name}]`, rule)).toBeTruthy();
      expect(await page.$eval(`input[name=${name}]`, (field) => field.getAttribute("aria-invalid"))).toBe("true");
      expect(await hash(page)).toBe("#at=3");
    }
    await choose(page, "lr", "0.5");
    await hashIs(page, /lr=0\.5/);
    await choose(page, "net", "6-5");
    await hashIs(page, /net=6t-5t/);
    expect(await page.$("[data-field=net]")).toBeNull();
    expect(faults).toEqual([]);
    await close();
  });

  test("a link that was cut or spoilt says so, and the page works", async () => {
    const { page, faults, close } = await visit("chrome", "play/#lr=abc&net=8t-8&at=2");
    expect(await until(page, ".toast", /lr=abc was not understood, 0\.01 is used/)).toBeTruthy();
    await until(page, "#fingerprint", /after 2 updates/);
    await close();
    const chinese = await visit("chrome", "zh/play/#w=AAAA&at=2");
    expect(await until(chinese.page, ".toast", /看不懂 w=AAAA|w 有/)).toBeTruthy();
    await until(chinese.page, "#fingerprint", /2 次更新后/);
    await chinese.close();
    expect(faults).toEqual([]);
  });

  test("wide and deep networks are trained without maps, which is said", async () => {
    const { page, faults, close } = await visit("chrome", "play/#net=40t-4t&at=4");
    await until(page, "#fingerprint", /after 4 updates/);
    const note = await page.$eval("wasmgrad-maps >>> .wide", ({ textContent }) => textContent!.trim());
    expect(note).toBe("40 neurons: maps are drawn up to 32 a layer and for 8 layers");
    expect(await picture(page, "wasmgrad-maps", "[data-unit] canvas")).toHaveLength(5);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("own points", () => {
  test("are put by clicks, moved, taken away, and are in the link", async () => {
    const { page, faults, close } = await visit("chrome", "play/#data=mine&net=3t");
    const field = (await page.waitForSelector("wasmgrad-boundary >>> .field"))!;
    expect(await field.evaluate(({ textContent }) => textContent)).toMatch(
      /Click to put points here, or choose a data set/,
    );
    expect(await page.$eval("[data-do=run]", (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    const box = (await field.boundingBox())!;
    const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
    const count = (n: number) =>
      page.waitForFunction(
        (wanted) =>
          (document.querySelector("wasmgrad-boundary") as unknown as { points: { y: Float32Array } }).points.y
            .length === wanted,
        {},
        n,
      );
    await page.mouse.click(...at(0.2, 0.3));
    await count(1);
    await page.click("[data-pen='0']");
    await page.mouse.click(...at(0.8, 0.6));
    await count(2);
    await hashIs(page, /pts=/);
    const first = await hash(page);
    await page.mouse.move(...at(0.8, 0.6));
    await page.mouse.down();
    await page.mouse.move(...at(0.6, 0.9), { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction((old) => location.hash !== old, {}, first);
    await count(2);
    await field.focus();
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "2"] as const) await page.keyboard.press(key);
    await count(3);
    await page.keyboard.press("Delete");
    await count(2);
    await page.click("[data-do=run]");
    await until(page, "#updates", /\d\d updates/);
    await until(page, "#right", /100 %/);
    const link = await page.evaluate(() => location.href);
    await page.goto("about:blank");
    await page.goto(link);
    await count(2);
    expect(faults).toEqual([]);
    await close();
  });

  test("are put by touch, and those of a data set can be edited", async () => {
    const { page, faults, close } = await visit("chrome", "play/#data=xor&at=1", {
      width: 390,
      height: 844,
      touch: true,
    });
    await page.tap("[data-do=edit]");
    await hashIs(page, /data=mine.*pts=/);
    const field = (await page.waitForSelector("wasmgrad-boundary >>> .editable"))!;
    await field.scrollIntoView();
    const box = (await field.boundingBox())!;
    const before = await hash(page);
    await page.touchscreen.tap(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
    await page.waitForFunction((old) => location.hash !== old, {}, before);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("where it can't go on", () => {
  test("a hidden tab pauses after half a minute, and goes on with a word", async () => {
    const site = sites.get("chrome")!;
    const { page, faults, close } = await visit("chrome", "play/");
    await until(page, "#updates", /\d\d\d updates/);
    await page.evaluate(() => {
      const usual = globalThis.setTimeout;
      globalThis.setTimeout = ((call: () => void, millis?: number) =>
        usual(call, millis === 30_000 ? 300 : millis)) as typeof setTimeout;
    });
    const front = await site.visit("about/");
    await page.bringToFront();
    const seen = await until(page, "#fingerprint", /[0-9a-f]{16}/);
    await front.page.bringToFront();
    // a tab that nobody sees draws no frames
    await page.waitForFunction(() => document.hidden, { polling: 100 });
    // its button isn't drawn anew, but where it paused is written
    await page.waitForFunction(
      (before) => document.getElementById("fingerprint")!.textContent !== before,
      { polling: 100 },
      seen,
    );
    const then = await until(page, "#fingerprint", /[0-9a-f]{16} after [\d\s]+ updates/);
    const updates = /after ([\d\s]+) /.exec(then)![1]!.replaceAll(/\s/g, "");
    await page.bringToFront();
    await front.close();
    expect(await until(page, ".toast", /paused while this tab was hidden; it goes on now/)).toBeTruthy();
    await page.waitForFunction(() => /Pause/.test(document.querySelector("[data-do=run]")!.textContent!));
    // what is said in between doesn't take the action away
    await page.keyboard.press("f");
    await until(page, ".toast", /For a projector/);
    await until(page, ".toast", /it goes on now.*Pause/);
    await page.evaluate(() => document.querySelector<HTMLElement>(".toast button")!.click());
    await page.waitForFunction(() => /Train/.test(document.querySelector("[data-do=run]")!.textContent!));
    expect(await page.$(".toast")).toBe(null);
    expect([...faults, ...front.faults]).toEqual([]);
    await close();
    // one that was never hidden has these numbers after as many updates
    const again = await site.visit(`play/#at=${updates}`);
    await until(again.page, "#fingerprint", new RegExp(`${/[0-9a-f]{16}/.exec(then)![0]} after`), 240_000);
    await again.close();
  });

  test("a policy without WebAssembly: who must change what", async () => {
    const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'";
    const strict = await openSite("chrome", { policy, everywhere: true });
    const english = await strict.visit("play/");
    expect(await until(english.page, ".notice", /This page may not run WebAssembly\./)).toMatch(
      /it needs 'wasm-unsafe-eval' in script-src.*What you typed is still in the address/,
    );
    const chinese = await strict.visit("zh/play/");
    expect(await until(chinese.page, ".notice", /本页不能运行 WebAssembly/)).toMatch(/wasm-unsafe-eval/);
    await strict.close();
  });

  test("no workers; a worker that is lost", async () => {
    const page = await sites.get("chrome")!.browser.newPage();
    await page.evaluateOnNewDocument(() => {
      Reflect.deleteProperty(globalThis, "Worker");
    });
    await page.goto(`${sites.get("chrome")!.url}/play/`);
    expect(await until(page, ".notice", /This browser has no workers/)).toMatch(/update it/);
    await page.close();
    const other = await sites.get("chrome")!.browser.newPage();
    await other.evaluateOnNewDocument(() => {
      const { Worker: Usual } = globalThis;
      globalThis.Worker = class extends Usual {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          Object.assign(globalThis, { lastWorker: this });
        }
      };
    });
    await other.goto(`${sites.get("chrome")!.url}/play/#seed=9`);
    await until(other, "#updates", /\d updates/);
    await other.evaluate(() =>
      (globalThis as unknown as { lastWorker: Worker }).lastWorker.dispatchEvent(
        new ErrorEvent("error", { message: "gone" }),
      ),
    );
    expect(await until(other, ".notice", /The worker that trains has stopped/)).toMatch(
      /address still holds all settings.*gone.*Try again/,
    );
    await other.close();
  });

  test("reduced motion: two pictures a second", async () => {
    const { page, faults, close } = await visit("chrome", "play/", { reducedMotion: true });
    await until(page, "#updates", /\d\d\d updates/);
    const [frames, seconds] = await page.evaluate(async () => {
      let drawn = 0;
      const began = performance.now();
      const { putImageData } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.putImageData = function (...args: unknown[]) {
        drawn++;
        return (putImageData as (...given: unknown[]) => void).apply(this, args);
      };
      // on a busy machine they take longer
      while (drawn === 0 || performance.now() - began < 2200) await new Promise((resolve) => setTimeout(resolve, 100));
      return [drawn / 26, (performance.now() - began) / 1000] as const;
    });
    expect(frames).toBeGreaterThan(0);
    // and those that were on their way
    expect(frames).toBeLessThan(2 * seconds + 4);
    expect(faults).toEqual([]);
    await close();
  });
});
