// The lessons' pages in real browsers, as people use them: lines dragged by mouse, finger and keys, gates learned, XOR that fails, the
// kernel machine and the hidden layer. What they show is what Node computes, to the last bit.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GATES, sampleBySample, XOR, xorCycle } from "../../lessons/gates.ts";
import { kernelMachine } from "../../lessons/kernel.ts";
import { descent, type Examples, gradientDescent, neuron, weightsOf } from "../../lessons/neuron.ts";
import { newtonDescent } from "../../lessons/newton.ts";
import { clouds } from "../../lessons/perceptron.ts";
import { solveXor } from "../../lessons/xor.ts";
import { barAt, BARS } from "../../playground/src/lessons/bars.ts";
import { cell, count, loss as lossText, value } from "../../playground/src/look/numbers.ts";
import { readWeights } from "../../playground/src/shell/codec.ts";
import type { Model } from "../../src/index.ts";
import { init } from "../../src/matrix.ts";
import { JOURNEYS, openSite, type Site, type VisitOptions } from "../support/site.ts";

// --- what a page shows

/** Within elements of their own too; what is before `>>>` is outside of them. */
const deep = (selector: string): string => (selector.includes(">>>") ? selector : `>>> ${selector}`);
const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(deep(selector), (element) => element.textContent.trim());
const fact = (page: Page, key: string): Promise<string> => text(page, `[data-fact=${key}]`);
const fingerprint = async (page: Page): Promise<string> => (await text(page, "#fingerprint")).split(" ").at(-1)!;
const updates = async (page: Page): Promise<number> => Number((await fact(page, "updates")).replaceAll(/\D/g, ""));
const rings = (page: Page): Promise<number> => page.$$eval(">>> [data-mark=wrong]", (all) => all.length);
const cells = (page: Page): Promise<string[]> =>
  page.$$eval("wasmgrad-neuron >>> .cells input", (all) => all.map((input) => (input as HTMLInputElement).value));
const press = (page: Page, what: string): Promise<void> => page.locator(`[data-do=${what}]`).click();
const word = (page: Page, name: string): Promise<void> => page.locator(`.seg [data-word="${name}"]`).click();
const address = (page: Page): Promise<string> => page.evaluate(() => location.href);
const hash = async (page: Page): Promise<URLSearchParams> =>
  new URLSearchParams(new URL(await address(page)).hash.slice(1));
const until = (page: Page, selector: string, says: RegExp | string): Promise<unknown> =>
  page.waitForFunction(
    (css: string, source: string) => {
      const all = (root: ParentNode): Element[] =>
        [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
      return all(document).some((e) => e.matches(css) && new RegExp(source).test(e.textContent));
    },
    { timeout: 120_000 },
    selector,
    typeof says === "string" ? says : says.source,
  );
/** Training stands still, and what is shown is where it stands. */
async function pause(page: Page): Promise<void> {
  await press(page, "train");
  await until(page, "[data-do=train]", "Train|训练|Let it learn|让它学");
}
/** The URL follows at most four times a second. */
const settled = (page: Page, updated: number): Promise<unknown> =>
  page.waitForFunction((n: number) => location.hash.includes(`trained=${n}`), { timeout: 120_000 }, updated);

/** Parts of drawings, too. */
const focus = (page: Page, selector: string): Promise<void> =>
  page.$eval(deep(selector), (element) => (element as HTMLElement | SVGElement).focus());

/** Where an element is. */
async function middle(page: Page, selector: string, scroll = true): Promise<{ x: number; y: number }> {
  const element = await page.waitForSelector(deep(selector));
  if (scroll) await element!.scrollIntoView();
  const box = (await element!.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page: Page, selector: string, dx: number, dy: number, touch = false): Promise<void> {
  const { x, y } = await middle(page, selector);
  if (touch) {
    await page.touchscreen.touchStart(x, y);
    for (let i = 1; i <= 4; i++) await page.touchscreen.touchMove(x + (dx * i) / 4, y + (dy * i) / 4);
    await page.touchscreen.touchEnd();
  } else {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y + dy, { steps: 4 });
    await page.mouse.up();
  }
}

// --- what Node computes

/** Gradient descent from weights, or from those of a seed. */
async function descended(
  examples: Examples,
  options: { rate: number; updates: number; from?: Float32Array | undefined; seed?: number },
): Promise<Model> {
  const { rate, from, seed = 1 } = options;
  const inputs = examples.x[0]!.length;
  const model = await neuron(inputs, { seed });
  if (from) model.parameters().forEach((p, k) => p.set(k === 0 ? from.slice(0, inputs) : from.slice(inputs)));
  const way = descent(gradientDescent(model, rate), examples);
  for (let i = 0; i < options.updates; i++) way.next();
  return model;
}

describe.each(JOURNEYS)("lessons in %s", (name) => {
  let site: Site;
  let points: Examples;
  beforeAll(async () => {
    [site, points] = await Promise.all([openSite(name), neuron(2).then(clouds), init()]);
  }, 300_000);
  afterAll(() => site?.close());

  /** Opens a page, and expects no fault at its end. */
  async function on(path: string, look: (page: Page) => Promise<void>, options: VisitOptions = {}): Promise<void> {
    const { page, faults, close } = await site.visit(path, options);
    await look(page).catch((error: unknown) => {
      throw faults.length > 0 ? new Error(`${path}: ${faults.join("; ")}`, { cause: error }) : error;
    });
    expect(faults).toEqual([]);
    await close();
  }

  /** What doesn't hang on the browser's own ways of pointing, painting and computing is seen in one. */
  const inOne = test.skipIf(name === "firefox");

  const ways = [
    { language: "", by: "mouse" },
    { language: "zh/", by: "keys" },
    ...(name === "chrome" ? [{ language: "zh/", by: "finger" } as const] : []),
  ] as const;
  test.each(ways)(
    "journey 1 in $language by $by: a line moved, then learned, then the gates",
    async ({ language, by }) => {
      const options = by === "finger" ? { touch: true, width: 390, height: 844 } : {};
      await on(
        `${language}perceptron/`,
        async (page) => {
          const [right, before] = [await fact(page, "right"), await fact(page, "loss")];
          const off = await rings(page);
          expect(right).toBe(`${60 - off} / 60`);
          if (by === "keys") {
            await focus(page, "[role=slider][data-drag=move]");
            for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowUp");
            await focus(page, "[role=slider][data-drag=turn]");
            await page.keyboard.press("ArrowLeft");
          } else await drag(page, ".handle[data-drag=move]", 20, -70, by === "finger");
          await page.waitForFunction(
            (old) => document.querySelector("[data-fact=loss]")!.textContent !== old,
            {},
            before,
          );
          // several keys are several drawings: the last one counts
          await expect.poll(async () => (await fact(page, "right")) === `${60 - (await rings(page))} / 60`).toBe(true);
          expect(await rings(page)).not.toBe(off);
          await page.waitForFunction(() => location.hash.includes("w="));
          const from = readWeights((await hash(page)).get("w")!, 3)!;
          expect(await cells(page)).toEqual([...from].map((v) => value(v)));

          const loss = Number(await fact(page, "loss"));
          if (by === "finger") await page.tap("[data-do=train]");
          else await press(page, "train");
          await page.waitForFunction(
            () => Number(document.querySelector("[data-fact=updates]")!.textContent.replaceAll(/\D/g, "")) > 20,
            { timeout: 120_000 },
          );
          await pause(page);
          const made = await updates(page);
          await settled(page, made);
          expect(Number(await fact(page, "loss"))).toBeLessThan(loss);
          const model = await descended(points, { rate: 0.5, updates: made, from });
          expect(await fingerprint(page)).toBe(model.fingerprint());
          const { w, b } = weightsOf(model);
          expect(await cells(page)).toEqual([...w, b].map((v) => value(v)));

          await page.locator(".foot [rel=next]").click();
          await page.waitForFunction((path) => location.pathname.startsWith(path), {}, `/${language}gates/`);
        },
        options,
      );
    },
  );

  test("journey 2: three gates are learned, each as Node learns it", async () => {
    await on("gates/", async (page) => {
      for (const [i, gate] of (["and", "or", "not"] as const).entries()) {
        if (i > 0) await press(page, "next-gate");
        await until(page, `[data-word=${gate}][aria-pressed=true]`, "");
        if (await page.$("[data-truth] .miss")) {
          await press(page, "train");
          await until(page, `[data-word=${gate}]`, gate.toUpperCase());
          await page.waitForFunction(() => document.querySelector("[data-truth] .miss") === null, { timeout: 120_000 });
          await pause(page);
        }
        const { examples } = GATES[i]!;
        const model = await descended(examples, { rate: 1, updates: await updates(page) });
        expect(await fingerprint(page)).toBe(model.fingerprint());
        const shown = await page.$$eval("[data-truth] tbody tr", (rows) =>
          rows.map((r) => r.children.item(r.children.length - 2)!.textContent),
        );
        expect(shown).toEqual([...model.predict(examples.x)].map((v) => value(v)));
      }
      await until(page, "[data-all]", "all three gates learned");
      // switches are the inputs: NOT has one
      expect(await text(page, "[data-lamp]")).toContain("it answers 1");
      await page.locator(".switch").click();
      await until(page, "[data-lamp]", "it answers 0");
      await press(page, "xor");
      await page.waitForFunction(() => location.pathname.startsWith("/xor/"));
    });
  });

  /** Presses, one after the other before anything is drawn. */
  const pressAll = (page: Page, ...selectors: string[]): Promise<void> =>
    page.evaluate((all) => {
      const found = all.map((selector) => document.querySelector<HTMLElement>(selector)!);
      for (const element of found) element.click();
    }, selectors);

  test("a row is chosen of the gate that is shown: Back, addresses and presses in haste lead to one that has fewer", async () => {
    await on("gates/#gate=not", async (page) => {
      await word(page, "and");
      await page.waitForFunction(() => !location.hash.includes("gate"));
      await page.locator("[data-row='3']").click();
      await until(page, "[data-row='3'].at", "");
      await page.goBack();
      await until(page, "[data-word=not][aria-pressed=true]", "");
      await until(page, "[data-row='0'].at", "");
      await press(page, "step");
      await until(page, "[data-fact=updates]", "^1$");
      await word(page, "or");
      await page.locator("[data-row='3']").click();
      await until(page, "[data-row='3'].at", "");
      await page.evaluate(() => (location.hash = "#gate=not&trained=50"));
      await until(page, "[data-fact=updates]", "^50$");
      const model = await descended(GATES[2]!.examples, { rate: 1, updates: 50 });
      expect(await fingerprint(page)).toBe(model.fingerprint());
      await word(page, "and");
      await until(page, "[data-row='3']", "");
      await pressAll(page, "[data-word=not]", "[data-row='3']", "[data-row='2'] td", ".switch");
      await until(page, "[data-row='0'].at", "");
      expect(await page.$$("[data-row]")).toHaveLength(2);
      // nor does a line that was moved among the four rows bring its three weights along
      await word(page, "and");
      await until(page, "[data-row='3']", "");
      const before = await page.evaluate(() => {
        const figure = document.querySelector("wasmgrad-neuron")!;
        document.querySelector<HTMLElement>("[data-word=not]")!.click();
        figure.dispatchEvent(new CustomEvent("line", { detail: { w1: 3, w2: 4, b: 5 } }));
        return location.hash;
      });
      expect(before).not.toContain("w=");
      await until(page, "[data-fact=updates]", "^50$");
      expect(await fingerprint(page)).toBe(model.fingerprint());
    });
  });

  test("Back while something is still to be written: the address that one goes back to isn't written over before it is read", async () => {
    await on("gates/", async (page) => {
      for (const gate of ["or", "not"]) {
        await word(page, gate);
        await page.waitForFunction((chosen) => location.hash.includes(`gate=${chosen}`), {}, gate);
      }
      const between = await page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            // the event is held back; meanwhile a step is taken, which would be written
            const late = (event: Event): void => {
              event.stopImmediatePropagation();
              removeEventListener("hashchange", late, true);
              document.querySelector<HTMLElement>("[data-do=step]")!.click();
              setTimeout(() => {
                resolve(location.hash);
                dispatchEvent(new HashChangeEvent("hashchange"));
              }, 800);
            };
            addEventListener("hashchange", late, true);
            history.back();
          }),
      );
      expect(between).toContain("gate=or");
      await until(page, "[data-word=or][aria-pressed=true]", "");
      expect(await page.evaluate(() => location.hash)).toMatch(/^#gate=or(&theme=light)?$/);
    });
  });

  test("journey 2: XOR fails sample by sample, with the period that Node finds", async () => {
    const cycle = await xorCycle();
    expect(cycle.length).toBe(8);
    await on("xor/", async (page) => {
      const way = sampleBySample(gradientDescent(await neuron(2), 8), XOR);
      for (let i = 1; i <= 5; i++) {
        await page.keyboard.press(".");
        await until(page, "[data-fact=updates]", `^${i}$`);
        const { w, b } = way.next().value;
        expect(await cells(page)).toEqual([...w, b].map((v) => value(v)));
      }
      expect(await page.$("[data-found]")).toBeNull();
      await press(page, "search");
      await until(page, "[data-found]", "");
      expect(await text(page, "[data-found]")).toContain(
        `From update ${count(cycle.from)} on the weights repeat, bit by bit: it repeats every ${cycle.length} updates`,
      );
      expect(await fact(page, "best")).toBe("best so far: 3 of 4");
      expect(await updates(page)).toBe(cycle.from + cycle.length);
      const stations = await page.$$eval("wasmgrad-orbit >>> .station", (all) => all.length);
      expect(stations).toBe(cycle.length);

      // the other way of training goes on from here
      await word(page, "all");
      await word(page, "fast");
      await press(page, "train");
      await until(page, "[data-fact=loss]", /^0\.693147$/);
      await until(page, '[data-found="1"]', "stand still");
      await press(page, "train");
      const [w1, w2, b] = (await cells(page)).map((v) => Number(v.replaceAll("−", "-")));
      for (const v of [w1, w2, b]) expect(Math.abs(v!)).toBeLessThan(1e-5);
      expect(await text(page, "[data-mark=floor] + text")).toBe("ln 2 = 0.6931");
      expect(await text(page, "[data-why=each]")).toContain("(½, ½)");
      expect(await text(page, "[data-why=all]")).toContain("bowl");
      const doors = await page.$$eval("[data-door]", (all) =>
        all.map((a) => new URL((a as HTMLAnchorElement).href).pathname),
      );
      expect(doors).toEqual(["/kernel/index.html", "/hidden/index.html"]);
    });
  });

  inOne("journey 2 in Chinese, from links: the repetition, and all rows at once", async () => {
    const cycle = await xorCycle();
    await on("zh/xor/#trained=40100", async (page) => {
      await until(page, "[data-fact=updates]", "^40\u202f100$");
      expect(await text(page, "[data-found]")).toContain(`从第 ${count(cycle.from)} 次更新起`);
      expect(await text(page, "[data-found]")).toContain(`每 ${cycle.length} 次更新重复一遍`);
      expect(await fact(page, "best")).toBe("目前最好：4 行中 3 行");
    });
    await on("zh/xor/#rows=all&trained=3000", async (page) => {
      await until(page, "[data-fact=updates]", "^3\u202f000$");
      const model = await descended(XOR, { rate: 1, updates: 3000 });
      expect(await fingerprint(page)).toBe(model.fingerprint());
      expect(await fact(page, "right")).toBe("2 / 4");
      expect(await fact(page, "loss")).toBe("0.693147");
    });
  });

  inOne("Newton's way is the command's", async () => {
    await on("perceptron/#algorithm=newton&start=zero&trained=7", async (page) => {
      const model = await neuron(2, { fromZero: true });
      const way = newtonDescent(model, points);
      const newton = Array.from({ length: 7 }, () => way.next().value.loss);
      expect(await fingerprint(page)).toBe(model.fingerprint());
      const slow = descent(gradientDescent(await neuron(2, { fromZero: true }), 0.5), points);
      const rows = await page.$$eval("[data-newton] tbody tr", (all) =>
        all.map((r) => [...r.children].map((c) => c.textContent)),
      );
      expect(rows.slice(0, 7)).toEqual(
        newton.map((loss, t) => [String(t), lossText(slow.next().value.loss), lossText(loss)]),
      );
      // by hand, one step on
      await press(page, "step");
      await until(page, "[data-fact=updates]", "^8$");
      way.next();
      expect(await fingerprint(page)).toBe(model.fingerprint());
      const paths = await page.$eval("wasmgrad-orbit >>> svg.plane", (svg) => svg.getAttribute("aria-label"));
      expect(paths).toContain("Newton's method: 8,");
    });
  });

  inOne("points of one's own are put, learned and kept in the link", async () => {
    await on("perceptron/#data=own", async (page) => {
      await press(page, "train");
      await until(page, ".toast", "There are no points to learn from");
      await word(page, "1");
      const { x, y } = await middle(page, ".ground");
      await page.mouse.click(x + 60, y - 60);
      await until(page, "[data-fact=right]", "/ 1$");
      await word(page, "0");
      // by the keyboard: four steps to the left, then put
      await focus(page, ".crossing");
      for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Enter");
      await until(page, "[data-fact=right]", "/ 2$");
      // both of them, at 5 bytes each
      await page.waitForFunction(() => /pts=[\w-]{16}/.test(location.hash));
      const again = (await address(page)).replace(site.url, "").slice(1);
      const before = await text(page, "wasmgrad-neuron >>> .sum");
      await on(again, async (other) => {
        expect(await fact(other, "right")).toMatch(/\/ 2$/);
        expect(
          await other.$$eval(">>> [role=option]", (all) => all.map((o) => o.getAttribute("aria-label")!.split(":")[0])),
        ).toEqual(
          await page.$$eval(">>> [role=option]", (all) => all.map((o) => o.getAttribute("aria-label")!.split(":")[0])),
        );
      });
      await word(page, "none");
      await focus(page, "[role=listbox]");
      await page.keyboard.press("Delete");
      await until(page, "[data-fact=right]", "/ 1$");
      expect(await text(page, "wasmgrad-neuron >>> .sum")).not.toBe(before);
    });
  });

  test("images that are painted are told apart", async () => {
    await on("perceptron/#input=image&trained=120", async (page) => {
      const model = await neuron(64, { fromZero: true });
      const way = descent(gradientDescent(model, 0.5), BARS);
      for (let i = 0; i < 120; i++) way.next();
      expect(await fingerprint(page)).toBe(model.fingerprint());
      expect(await fact(page, "right")).toBe("14 / 14");
      const pixel = (i: number): string => `[data-mark=image] wasmgrad-pixels >>> [data-cell="${i}"]`;
      const answer = (): Promise<string | null> => page.$eval("[data-answer]", (e) => e.getAttribute("data-answer"));
      await press(page, "clear");
      await middle(page, pixel(60));
      const [top, bottom] = [await middle(page, pixel(4), false), await middle(page, pixel(60), false)];
      await page.mouse.move(top.x, top.y);
      await page.mouse.down();
      await page.mouse.move(bottom.x, bottom.y, { steps: 24 });
      await page.mouse.up();
      await page.waitForFunction(() => location.hash.includes("image=0808080808080808"));
      expect(await answer()).toBe("1");
      const [y] = model.predict([barAt(true, 4, 1)]);
      expect(await text(page, "[data-y]")).toBe(value(y!));
      await press(page, "clear");
      // by the keyboard: the row in the middle
      await focus(page, pixel(60));
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Home");
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press(" ");
        await page.keyboard.press("ArrowRight");
      }
      await page.waitForFunction(() => location.hash.includes("image=00000000ff000000"));
      expect(await answer()).toBe("0");
      // what one neuron can't know
      await press(page, "edge");
      await until(page, '[data-answer="1"]', "standing");
      // the sum, cell by cell, ends at the same z
      const z = await text(page, "[data-z]");
      await press(page, "sum");
      await until(page, ".sumline", "z so far");
      await until(page, ".sumline", "sigmoid");
      expect(await text(page, "[data-z]")).toBe(z);
    });
  });

  inOne("the kernel machine's weights are Node's, and similarity is written out", async () => {
    await on("kernel/", async (page) => {
      const machine = await kernelMachine(XOR, { gamma: 2, cost: 10, updates: 600 });
      const alphas = (): Promise<string[]> => page.$$eval(">>> [data-alpha]", (all) => all.map((e) => e.textContent));
      expect(await fingerprint(page)).toBe(machine.model.fingerprint());
      expect(await alphas()).toEqual(machine.alpha.map((v) => value(v)));
      expect(await fact(page, "right")).toBe("4 / 4");
      expect((await text(page, "wasmgrad-kernel >>> [data-sum]")).replaceAll(/\s+/g, " ")).toContain(
        "= e−2·1 = 0.1353",
      );
      await focus(page, 'wasmgrad-kernel >>> [data-cell="0-1"]');
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await until(page, "[data-sum]", "= e−2·2\\s+=\\s+0.01832");
      expect(await page.$$eval(">>> [data-mark=support]", (all) => all.length)).toBe(4);
      expect(await text(page, "[data-price]")).toBe("weights: 4; for MNIST 60\u202f000");
      // gamma by the keyboard: two places on is 4
      await page.focus("input[type=range]");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await until(page, "[data-gamma]", "^4$");
      const other = await kernelMachine(XOR, { gamma: 4, cost: 10, updates: 600 });
      await until(page, "#fingerprint", other.model.fingerprint());
      expect(await alphas()).toEqual(other.alpha.map((v) => value(v)));
    });
  });

  test("two hidden units and more solve XOR, one doesn't; as Node", async () => {
    for (const units of [2, 4, 1]) {
      await on(`hidden/#units=${units}&trained=4000`, async (page) => {
        await until(page, "[data-fact=updates]", "^4\u202f000$");
        const solved = await solveXor({ units, updates: 4000, rate: 2, seed: 3 });
        expect(await fingerprint(page)).toBe(solved.model.fingerprint());
        expect(await fact(page, "right")).toBe(`${solved.right} / 4`);
        await until(page, units === 1 ? "[data-stuck]" : "[data-solved]", "");
        const bent = await page.$$eval(">>> [data-bent]", (all) => all.length);
        expect(bent).toBe(4);
        if (units !== 2) return;
        const a1 = await page.$$eval("[data-truth] tbody tr", (rows) =>
          rows.map((r) => [...r.children].slice(1, 3).map((c) => c.textContent)),
        );
        expect(a1.flat()).toEqual(solved.hidden.flat().map((v) => cell(v)));
        await press(page, "bend");
        await until(page, "[data-do=bend]", "Bend it\\s*$");
      });
    }
  });

  test("another address while the plane is being bent: each picture is of one network", async () => {
    await on("hidden/#units=1&trained=1500", async (page) => {
      await until(page, "[data-fact=updates]", "^1\u202f500$");
      await pressAll(page, "[data-do=bend]");
      await page.evaluate(() => (location.hash = "#units=4&trained=20"));
      await until(page, "[data-fact=updates]", "^20$");
      const { model } = await solveXor({ units: 4, updates: 20, rate: 2, seed: 3 });
      expect(await fingerprint(page)).toBe(model.fingerprint());
      expect(await page.$$("[data-truth] th")).toHaveLength(8);
    });
  });

  inOne.each([
    ["hidden/#units=4", 4],
    ["xor/", 0],
    ["gates/", 0],
  ])("on the smallest phone %s doesn't grow wider than the window while it trains", async (path, wide) => {
    await on(
      path,
      async (page) => {
        await press(page, "train");
        await until(page, "[data-fact=updates]", "\\d\\d");
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
        if (wide === 0) return;
        // the table is wider, and is moved by itself
        const [inner, outer] = await page.$eval(".lesson .scroll", (e) => [e.scrollWidth, e.clientWidth]);
        expect(inner).toBeGreaterThan(outer!);
      },
      { width: 320, height: 640 },
    );
  });

  inOne.each([
    ["xor/#rows=all&rateall=1e37", "Update 1 was not made", "rateall", "1e+36"],
    ["zh/gates/#rate=1e37", "第 1 次更新没有进行", "rate", "1e+36"],
    ["perceptron/#rate=1e38", "Update 1 was not made", "rate", "1e+37"],
  ])("%s: training halts with a card before weights are harmed", async (path, says, key, slower) => {
    await on(path, async (page) => {
      const [before, weights] = [await fingerprint(page), await cells(page)];
      await press(page, "step");
      await until(page, "[data-halted]", says);
      expect(await fingerprint(page)).toBe(before);
      expect(await cells(page)).toEqual(weights);
      await press(page, "slower");
      await page.waitForFunction(
        (part: string) => decodeURIComponent(location.hash).includes(part),
        {},
        `${key}=${slower}`,
      );
    });
  });

  inOne("what isn't a number is marked and said, and the last good one stays", async () => {
    await on("xor/", async (page) => {
      const type = async (selector: string, what: string): Promise<void> => {
        const field = (await page.$(`>>> ${selector}`))!;
        await field.click({ count: 3 });
        await page.keyboard.type(what);
        await page.keyboard.press("Tab");
      };
      await type("input[name=rate]", "fast");
      await until(
        page,
        ".toast",
        "rate: fast can't be used; it must be a number from 0.000001 to 1e\\+38. 8 stays in use",
      );
      expect(await page.$eval("input[name=rate]", (e) => e.getAttribute("aria-invalid"))).toBe("true");
      const before = await fingerprint(page);
      await type("input[name=w1]", "many");
      await until(page, ".cells", "w1 must be a number such as −1.5");
      expect(await fingerprint(page)).toBe(before);
      await type("input[name=w1]", "−2,5");
      await page.waitForFunction(() => location.hash.includes("w="));
      expect(readWeights((await hash(page)).get("w")!, 3)![0]).toBe(-2.5);
    });
    await on("zh/xor/#rate=abc", async (page) => {
      await until(page, ".toast", "看不懂 rate=abc，改用 8");
    });
  });
});
