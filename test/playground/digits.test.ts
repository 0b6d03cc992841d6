// The digits page: drawings are read, every number explains itself, and a network that is trained in the page is Node's to the last bit.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import type { ElementHandle, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { activations, conv2d, dense, flatten, maxPool2d, avgPool2d, relu, sequential, tanh } from "wasmgrad";
import { accuracy, sgd, softmaxCrossEntropy, Trainer } from "wasmgrad";
import { mnist } from "wasmgrad/datasets";
import { loadModel, modelFromBytes, modelToBytes } from "wasmgrad/files";
import { centred } from "../../playground/src/digits/centre.ts";
import { digitFrom, digitText } from "../../playground/src/digits/digitText.ts";
import { agree, originOf } from "../../playground/src/digits/origin.ts";
import { programText, type Training } from "../../playground/src/digits/settings.ts";
import { generator } from "../support/seeded.ts";
import { openSite, type Site } from "../support/site.ts";

const root = join(import.meta.dirname, "../..");
const MINUS = "−";

/** Runs the page's program in Node, in a folder that finds the library. */
async function inNode(program: string): Promise<string> {
  mkdirSync(join(root, "build/test"), { recursive: true });
  const folder = mkdtempSync(join(root, "build/test/digits-"));
  try {
    writeFileSync(join(folder, "digits.mjs"), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "digits.mjs")], { cwd: root });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fingerprintOf = (output: string): string => /fingerprint ([0-9a-f]{16})/.exec(output)![1]!;

const TRAINING: Training = {
  net: "mlp",
  images: 3000,
  epochs: 1,
  batch: 64,
  optimizer: "adam",
  rate: 0.001,
  seed: 1,
};

/** What is within elements' shadows, too. */
const inShadow = (page: Page, element: string, selector: string): Promise<ElementHandle<HTMLElement>> =>
  page.waitForSelector(`${element} >>> ${selector}`) as Promise<ElementHandle<HTMLElement>>;

/** The digit that the page says, once it has settled on the drawing. */
const said = (page: Page, digit: number) =>
  page.waitForFunction(
    (wanted) => {
      const most = document.querySelector("wasmgrad-chances")!.shadowRoot!.querySelector("li.most b");
      return most?.textContent === String(wanted);
    },
    { timeout: 120_000 },
    digit,
  );

/** Draws strokes by mouse: points in hundredths of the square. */
async function drawStrokes(page: Page, strokes: readonly (readonly [number, number])[][]): Promise<void> {
  const square = await inShadow(page, "wasmgrad-digit", ".square");
  await square.scrollIntoView();
  const box = (await square.boundingBox())!;
  for (const [first, ...rest] of strokes) {
    const at = ([x, y]: readonly [number, number]) =>
      [box.x + (box.width * x) / 100, box.y + (box.height * y) / 100] as const;
    await page.mouse.move(...at(first!));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 2 });
    await page.mouse.up();
  }
}

const clear = async (page: Page): Promise<void> => (await inShadow(page, "wasmgrad-digit", "[data-do=clear]")).click();

const ONE = [
  [
    [52, 15],
    [50, 50],
    [48, 85],
  ],
] as const;
const ZERO = [Array.from({ length: 17 }, (_, i) => ring(i / 16))];
/** A ring's points without the functions of angles. */
function ring(share: number): readonly [number, number] {
  const t = 4 * share;
  const [side, rest] = [Math.floor(t) % 4, t - Math.floor(t)];
  const half = rest;
  const [x, y] = [(1 - half * half) / (1 + half * half), (2 * half) / (1 + half * half)];
  const turned = [
    [x, y],
    [-y, x],
    [-x, -y],
    [y, -x],
  ][side]!;
  return [50 + 26 * turned[0]!, 50 + 34 * turned[1]!];
}

const strokesOf = (strokes: readonly (readonly (readonly [number, number])[])[]) => strokes.map((s) => [...s]);

/** Trains, and gives what the page says at the end. */
async function trained(page: Page): Promise<{ right: number; fingerprint: string }> {
  await page.click("[data-do=train]");
  await page.waitForSelector("[data-end]", { timeout: 120_000 });
  return page.$eval("[data-end]", (e) => ({
    right: Number.parseFloat(e.querySelector("b")!.textContent) / 100,
    fingerprint: e.querySelector("[data-fingerprint]")!.textContent.trim(),
  }));
}

/** A number as the page writes it. */
const numberOf = (text: string): number => Number(text.replaceAll(MINUS, "-").replaceAll(/[()\s]/g, ""));

/** Adds up a sum as it is written: products and numbers with + between them. */
function sumOf(text: string): number {
  const [terms] = text.replaceAll(/\((?![-−\d])[^)]*\)|（[^）]*）/g, "").split("=") as [string];
  return terms
    .split("+")
    .map((term) => term.split("·").reduce((product, factor) => product * numberOf(factor), 1))
    .reduce((sum, term) => sum + term, 0);
}

describe("without a page", () => {
  test("the network that comes with the page reads as many of the 10,000 as the page says", async () => {
    const file = readFileSync(join(root, "playground/src/digits/lenet.safetensors.gz"));
    const model = await modelFromBytes(new Uint8Array(gunzipSync(file)));
    const page = readFileSync(join(root, "playground/src/pages/digits/reading.ts"), "utf8");
    const stated = Number(/PRETRAINED_RIGHT = ([\d.]+)/.exec(page)![1]);
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd(), metrics: [accuracy()] });
    const { accuracy: right } = await trainer.evaluate((await mnist()).test);
    expect(right).toBeCloseTo(stated, 6);
    for (const parameter of model.parameters())
      for (const v of parameter.get()) expect(new Uint32Array(Float32Array.of(v).buffer)[0]! & 0x1fff).toBe(0);
  });

  test("every number of a layer is the sum that is written out for it", async () => {
    const random = generator(3);
    const layers = [
      conv2d(3, { kernelSize: 3, padding: "same", strides: 2 }),
      tanh(),
      avgPool2d(2, { padding: "same", strides: 1 }),
      conv2d(2, { kernelSize: [2, 3] }),
      relu(),
      maxPool2d(2),
      flatten(),
      dense(5),
    ];
    const model = await sequential({ input: [11, 10, 2], seed: 3 }, ...layers);
    for (const parameter of model.parameters())
      parameter.set(Float32Array.from({ length: parameter.size }, () => random() * 2 - 1));
    const x = Float32Array.from({ length: 220 }, () => random());
    const all = model.summary().layers;
    const values = activations(
      model,
      x,
      all.map(({ name }) => name),
    );
    let checked = 0;
    for (const [i, { name, type, output }] of all.entries()) {
      if (type === "flatten") continue;
      const own = model.parameters().filter((parameter) => parameter.name.startsWith(`${name}.`));
      const info = {
        name,
        type,
        options: JSON.parse(JSON.stringify(model.layers[i]!.options)) as Record<string, unknown>,
        input: all[i - 1]?.output ?? [11, 10, 2],
        output,
        parameters: Object.fromEntries(own.map((parameter) => [parameter.name.split(".")[1]!, parameter.get()])),
      };
      const input = i === 0 ? x : values[all[i - 1]!.name]!;
      for (const [index, shown] of values[name]!.entries()) {
        const origin = originOf(info, input, index)!;
        expect(agree(shown, origin.result!, 20), `${name} ${index}: ${shown} ${origin.result}`).toBe(true);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(300);
    expect(agree(1, 1.001, 2)).toBe(false);
  });

  test("a drawing is 20 pixels large, and its centre of mass in the middle", () => {
    const [width, height] = [280, 200];
    const data = new Uint8ClampedArray(4 * width * height);
    for (let y = 20; y < 120; y++)
      for (let x = 200; x < 212; x++) data.fill(255, 4 * (y * width + x), 4 * (y * width + x) + 4);
    const pixels = centred({ data, width, height } as ImageData)!;
    const rows = Array.from({ length: 28 }, (_, r) => pixels.subarray(28 * r, 28 * r + 28).some((v) => v > 0));
    expect(rows.filter(Boolean).length).toBe(20);
    let [mass, x, y] = [0, 0, 0];
    pixels.forEach((v, i) => {
      mass += v;
      x += v * (i % 28);
      y += v * Math.floor(i / 28);
    });
    expect(Math.abs(x / mass - 13.5)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y / mass - 13.5)).toBeLessThanOrEqual(0.5);
    expect(centred({ data: new Uint8ClampedArray(4 * 100), width: 10, height: 10 } as ImageData)).toBeUndefined();
  });

  test("MNIST's digits come back from the URL, and what was cut doesn't", async () => {
    const { test: set } = await mnist();
    for (let i = 0; i < 1200; i++) {
      const pixels = set.x.data.subarray(784 * i, 784 * (i + 1)) as Uint8Array;
      const text = digitText(pixels);
      expect(digitFrom(text)).toEqual(new Uint8Array(pixels));
      expect(digitFrom(text.slice(0, -4))).toBeUndefined();
    }
    expect(digitFrom("%%")).toBeUndefined();
  });

  test("images are not kept before they are asked for", () => {
    expect(readFileSync(join(root, "playground/dist/sw.js"), "utf8")).not.toMatch(/digits-(?:first|rest)/);
    const bytes = readFileSync(join(root, "playground/dist/data/digits-first.gz")).length;
    expect(bytes).toBeLessThan(2_300_000);
  });
});

describe("the digits page in chrome", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  test("reads what is drawn by mouse, by keys, and taken back", async () => {
    const { page, faults, close } = await site.visit("digits/");
    await said(page, 3); // something is there at once
    await clear(page);
    await page.waitForFunction(
      () => document.querySelector("wasmgrad-chances")!.shadowRoot!.querySelector("li.most") === null,
    );
    await drawStrokes(page, strokesOf(ONE));
    await said(page, 1);
    await clear(page);
    await drawStrokes(page, strokesOf(ZERO));
    await said(page, 0);
    // in words, once it is quiet
    await page.waitForFunction(() =>
      document
        .querySelector("wasmgrad-chances")!
        .shadowRoot!.querySelector("[role=status]")!
        .textContent.startsWith("The network says 0"),
    );
    await page.keyboard.press("Tab");
    await (await inShadow(page, "wasmgrad-digit", ".square")).focus();
    await page.keyboard.press("Delete");
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Space");
    for (let i = 0; i < 19; i++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await said(page, 1);
    await page.keyboard.press("z");
    await page.waitForFunction(
      () => document.querySelector("wasmgrad-chances")!.shadowRoot!.querySelector("li.most") === null,
    );
    expect(faults).toEqual([]);
    await close();
  });

  test("a drawing is in the address", async () => {
    const { page, close } = await site.visit("digits/");
    await clear(page);
    await drawStrokes(page, strokesOf(ONE));
    await said(page, 1);
    // the address follows; it is all there once it doesn't change any more
    await page.waitForFunction(
      () => {
        const its = globalThis as unknown as { last?: string; since: number };
        if (its.last !== location.hash) [its.last, its.since] = [location.hash, performance.now()];
        return location.hash.includes("digit=") && performance.now() - its.since > 1000;
      },
      { polling: 50 },
    );
    const url = await page.evaluate(() => location.href);
    const chances = (p: Page) =>
      p.$eval("wasmgrad-chances", (e) => [...e.shadowRoot!.querySelectorAll("li span")].map((s) => s.textContent));
    const before = await chances(page);
    await close();
    const again = await site.visit(url.slice(site.url.length + 1));
    await said(again.page, 1);
    expect(await chances(again.page)).toEqual(before);
    await again.close();
  });

  test("a cell under the pointer shows its window, and a sum that is right", async () => {
    const { page, faults, close } = await site.visit("digits/");
    const read = () =>
      page.$eval("wasmgrad-features", (e) => {
        const text = (selector: string) =>
          e.shadowRoot!.querySelector(selector)?.textContent.replaceAll(/\s+/g, " ").trim();
        return {
          title: text("h3:has([data-shown])"),
          shown: text("[data-shown]")!,
          sum: text("[data-sum]"),
          total: text("[data-total]"),
          window: e.shadowRoot!.querySelector<HTMLElement>("[data-window]")?.dataset["window"],
          same: e.shadowRoot!.querySelector("[data-same]") !== null,
          cells: [...e.shadowRoot!.querySelectorAll("table")].map((t) => t.querySelectorAll("td").length),
        };
      });
    const map = await inShadow(page, "wasmgrad-features", "[data-map='2'] wasmgrad-heat");
    await map.scrollIntoView();
    const box = (await map.boundingBox())!;
    const seen = new Set<string>();
    for (const [column, row] of [
      [12, 7],
      [15, 13],
      [0, 0],
    ] as const) {
      await page.mouse.move(box.x + (box.width * (column + 0.5)) / 28, box.y + (box.height * (row + 0.5)) / 28);
      await page.waitForFunction(
        (name) =>
          document
            .querySelector("wasmgrad-features")!
            .shadowRoot!.querySelector("h3:has([data-shown])")!
            .textContent.includes(name),
        {},
        `[${row + 1}, ${column + 1}, 3]`,
      );
      const cell = await read();
      seen.add(cell.shown);
      expect(cell.same).toBe(true);
      expect(cell.window).toBe(`${row - 2},${column - 2}`);
      expect(cell.cells).toEqual([25, 25]);
      expect(sumOf(cell.total!)).toBeCloseTo(numberOf(cell.shown), 2);
      expect(sumOf(cell.sum!)).toBeCloseTo(numberOf(cell.sum!.split("=")[1]!.split("(n")[0]!), 2);
    }
    expect(seen.size).toBe(3);
    // a number, its weight and their product belong together
    await page.mouse.click(box.x + box.width / 56, box.y + box.height / 56);
    await (await inShadow(page, "wasmgrad-features", "table td")).hover();
    expect(await page.$eval("wasmgrad-features", (e) => e.shadowRoot!.querySelectorAll("td.lit").length)).toBe(2);
    // by keys
    await (await inShadow(page, "wasmgrad-features", "[data-map='1']")).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() =>
      document
        .querySelector("wasmgrad-features")!
        .shadowRoot!.querySelector("h3:has([data-shown])")!
        .textContent.includes("[2, 2, 2]"),
    );
    await page.waitForFunction(() =>
      document
        .querySelector("wasmgrad-features")!
        .shadowRoot!.querySelector("[role=status]")!
        .textContent.startsWith("Map 2, row 2, column 2: "),
    );
    // every other layer, at the cell that it shows by itself
    const layers = await page.$eval("wasmgrad-features", (e) =>
      [...e.shadowRoot!.querySelectorAll<HTMLElement>("[data-layer]")].map((b) => b.dataset["layer"]!),
    );
    expect(layers.length).toBe(11);
    for (const layer of layers) {
      await (await inShadow(page, "wasmgrad-features", `[data-layer=${layer}]`)).click();
      const { shown, total, same } = await read();
      expect(same, layer).toBe(true);
      if (total)
        expect(Math.abs(sumOf(total) - numberOf(shown)), layer).toBeLessThan(0.01 * Math.max(1, numberOf(shown)));
    }
    expect(await page.evaluate(() => location.hash)).toContain("layer=");
    expect(faults).toEqual([]);
    await close();
  });

  test("the gradient's picture isn't blank, and is another one for another digit", async () => {
    const { page, close } = await site.visit("digits/");
    const picture = () =>
      page.$eval("[data-gradient] wasmgrad-heat", (e) => {
        const canvas = e.shadowRoot!.querySelector("canvas")!;
        return [...new Uint32Array(canvas.getContext("2d")!.getImageData(0, 0, 28, 28).data.buffer)];
      });
    const likeliest = await picture();
    expect(new Set(likeliest).size).toBeGreaterThan(50);
    await page.click("[data-of='8']");
    await page.waitForFunction(
      (before) => {
        const canvas = document.querySelector("[data-gradient] wasmgrad-heat")!.shadowRoot!.querySelector("canvas")!;
        return new Uint32Array(canvas.getContext("2d")!.getImageData(0, 0, 28, 28).data.buffer).join() !== before;
      },
      {},
      likeliest.join(),
    );
    await close();
  });

  test("an MLP learns, and is Node's to the last bit; its program is copied, its errors hang on the wall", async () => {
    const { page, faults, close } = await site.visit("digits/#net=mlp&images=3000&epochs=1");
    await site.browser
      .defaultBrowserContext()
      .overridePermissions(site.url, ["clipboard-read", "clipboard-sanitized-write"]);
    const { right, fingerprint } = await trained(page);
    expect(right).toBeGreaterThan(0.75);
    await page.bringToFront();
    await page.click("[data-do=code]");
    await page.waitForSelector(".toast");
    const program = await page.evaluate(() => navigator.clipboard.readText());
    expect(program).toBe(programText(TRAINING));
    const output = await inNode(program);
    expect(fingerprintOf(output)).toBe(fingerprint);
    expect(Number(/test images: ([\d.]+)/.exec(output)![1])).toBeCloseTo(right, 3);
    // a misread one goes into the drawing, and is misread as it says
    const wall = await page.$$(".misread button");
    expect(wall.length).toBe(40);
    const text = await wall[3]!.evaluate((e) => e.textContent.trim());
    await wall[3]!.click();
    await said(page, Number(text.split("→")[1]));
    // what is saved is the same network
    const folder = mkdtempSync(join(root, "build/test/digits-"));
    const session = await site.browser.target().createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
    const kept = new Promise<void>((resolve) =>
      session.on("Browser.downloadProgress", ({ state }) => state === "completed" && resolve()),
    );
    await page.click("[data-do=export]");
    await kept;
    expect((await loadModel(join(folder, "digits.safetensors"))).fingerprint()).toBe(fingerprint);
    rmSync(folder, { recursive: true });
    // back to the other network
    await page.click("[data-use=pretrained]");
    await page.waitForSelector("[data-network=pretrained]");
    expect(faults).toEqual([]);
    await close();
  });

  test("a LeNet-5 learns, and is Node's to the last bit; a pause changes nothing", async () => {
    const { page, faults, close } = await site.visit("zh/digits/#images=1500&epochs=2&batch=32&lr=0.002&seed=4");
    const training: Training = { ...TRAINING, net: "lenet", images: 1500, epochs: 2, batch: 32, rate: 0.002, seed: 4 };
    const node = inNode(programText(training));
    await page.click("[data-do=train]");
    // by the page itself: a fast machine's training would be over before a click of the driver's
    await page.waitForFunction(() => {
      if (!/每秒/.test(document.querySelector("[data-now]")!.textContent)) return false;
      document.querySelector<HTMLElement>("[data-do=pause]")!.click();
      return true;
    });
    await page.waitForFunction(() => document.querySelector("[data-now]")!.textContent.includes("已暂停"));
    // by the page, too: where the driver clicks, something else may lie once the page is drawn again
    await page.$eval("[data-do=pause]", (button) => (button as HTMLElement).click());
    await page.waitForSelector("[data-end]", { timeout: 120_000 });
    const fingerprint = await page.$eval("[data-fingerprint]", (e) => e.textContent.trim());
    expect(await page.$eval("[data-end] b", (e) => Number.parseFloat(e.textContent))).toBeGreaterThan(60);
    expect(fingerprint).toBe(fingerprintOf(await node));
    expect(faults).toEqual([]);
    await close();
  });

  test("a training can be stopped", async () => {
    const { page, close } = await site.visit("digits/#epochs=50");
    await page.click("[data-do=train]");
    await page.waitForFunction(() => /images\/s/.test(document.querySelector("[data-now]")!.textContent), {
      timeout: 120_000,
    });
    await page.click("[data-do=stop]");
    await page.waitForSelector("[data-end]");
    expect(await page.$eval("[data-end]", (e) => e.textContent)).toContain("(stopped)");
    await close();
  });

  test("a rate that is too large is met with a smaller one", async () => {
    const { page, close } = await site.visit("digits/#net=mlp&images=640&epochs=1&opt=sgd&lr=1000000");
    await page.click("[data-do=train]");
    const card = await page.waitForSelector(".notice");
    expect(await card!.evaluate((e) => e.textContent)).toMatch(/grew without bound[^]*a tenth of it[^]*rate/);
    await page.click(".notice .pri");
    await page.waitForFunction(() => /lr=100000(?:&|$)/.test(location.hash));
    await close();
  });

  test("a model's file is opened, anything else is answered with what is expected, and nothing is lost", async () => {
    const { page, faults, close } = await site.visit("digits/");
    const drop = (name: string, bytes: Uint8Array) =>
      page.evaluate(
        (file, list) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(list)], file));
          document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
        },
        name,
        [...bytes],
      );
    await drop("holiday.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]));
    const card = await page.waitForSelector(".notice");
    expect(await card!.evaluate((e) => e.textContent)).toMatch(
      /This file can't be used here: it is a PNG image[^]*28 × 28 numbers and gives 10[^]*goes on[^]*holiday\.png/,
    );
    expect(await page.$("[data-network=pretrained]")).not.toBeNull();
    const small = await sequential({ input: 4 }, dense(2));
    await drop("small.safetensors", modelToBytes(small));
    await page.waitForFunction(() =>
      document.querySelector(".notice")?.textContent.includes("small.safetensors: 4 -> 2"),
    );
    const own = await sequential({ input: 784, seed: 5 }, dense(20), tanh(), dense(10));
    await drop("own.safetensors", modelToBytes(own));
    await page.waitForSelector("[data-network=file]");
    expect(await page.$("#fingerprint").then((e) => e!.evaluate((n) => n.textContent))).toContain(own.fingerprint());
    await page.waitForFunction(
      () => document.querySelector("wasmgrad-features")!.shadowRoot!.querySelectorAll("[data-layer]").length === 3,
    );
    await page.click("[data-use=pretrained]");
    await said(page, 3);
    expect(faults).toEqual([]);
    await close();
  });

  test("without a network the drawing is read, and what to do about the images is said", async () => {
    const alone = await openSite("chrome", { refuse: (path) => path.includes("/data/") });
    try {
      for (const [path, words] of [
        ["digits/", /images could not be fetched[^]*press Train again[^]*503/i],
        ["zh/digits/", /图像无法下载[^]*再按“训练”[^]*503/],
      ] as const) {
        const { page } = await alone.visit(path);
        await page.click("[data-do=train]");
        const card = await page.waitForSelector(".notice");
        expect(await card!.evaluate((e) => e.textContent)).toMatch(words);
        await clear(page);
        await drawStrokes(page, strokesOf(ONE));
        await said(page, 1);
        expect(await page.$("[data-do=train]:not([disabled])")).not.toBeNull();
      }
    } finally {
      await alone.close();
    }
  });

  test("without the network that comes with the page one is trained", async () => {
    const alone = await openSite("chrome", { refuse: (path) => path.includes("lenet") });
    try {
      const { page } = await alone.visit("digits/#net=mlp&images=1000&epochs=1");
      const card = await page.waitForSelector(".notice");
      expect(await card!.evaluate((e) => e.textContent)).toMatch(
        /trained network could not be fetched[^]*train a network below/,
      );
      expect(await page.$eval(".drawing + p", (e) => e.textContent)).toContain("There is no network yet");
      await trained(page);
      await said(page, 3);
    } finally {
      await alone.close();
    }
  });

  test("images that came once are there when the server is gone", async () => {
    const alone = await openSite("chrome", { isolated: false });
    try {
      const { page } = await alone.visit("digits/#net=mlp&images=128&epochs=1");
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      const first = await trained(page);
      expect(await page.$eval(".train", (e) => e.textContent)).toContain("may not be shared yet; reload it once");
      alone.unplug();
      await page.reload();
      await said(page, 3);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      expect(await trained(page)).toEqual(first);
    } finally {
      await alone.close();
    }
  });

  test("a drawing by finger, on a phone", async () => {
    const { page, faults, close } = await site.visit("zh/digits/", { width: 390, height: 844, touch: true });
    await clear(page);
    const square = await inShadow(page, "wasmgrad-digit", ".square");
    const box = (await square.boundingBox())!;
    const x = box.x + box.width / 2;
    const finger = await page.touchscreen.touchStart(x, box.y + 0.15 * box.height);
    for (let i = 16; i < 85; i += 3) await finger.move(x, box.y + (i / 100) * box.height);
    await finger.end();
    await said(page, 1);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("the digits page in firefox", () => {
  // the program starts slowly where much else runs
  test("reads what is drawn, and trains the same bits", { timeout: 300_000 }, async () => {
    const site = await openSite("firefox");
    try {
      const { page, faults } = await site.visit("digits/#net=mlp&images=3000&epochs=1");
      await clear(page);
      await drawStrokes(page, strokesOf(ZERO));
      await said(page, 0);
      const { fingerprint } = await trained(page);
      expect(fingerprint).toBe(fingerprintOf(await inNode(programText(TRAINING))));
      expect(faults).toEqual([]);
    } finally {
      await site.close();
    }
  });
});
