// Addresses of lessons that ask for many updates: the page answers while they are made again, who acts meanwhile is obeyed, and what is
// shown at the end is what Node computes, to the last bit.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GATES, sampleBySample, XOR } from "../../lessons/gates.ts";
import { kernelMachineParts } from "../../lessons/kernel.ts";
import { descent, type Examples, gradientDescent, neuron } from "../../lessons/neuron.ts";
import { clouds } from "../../lessons/perceptron.ts";
import { hiddenNet } from "../../lessons/xor.ts";
import { BARS } from "../../playground/src/lessons/bars.ts";
import type { Model, Trainer } from "../../src/index.ts";
import { openSite, type Site } from "../support/site.ts";

interface Lesson {
  /** From the site's root. */
  readonly path: string;
  /** What the first address asks for. */
  readonly many: number;
  /** Another address's part, besides the number of updates. */
  readonly other: string;
  /** What Node computes, at the page's own settings or at the other address's. */
  readonly node: (updates: number, other?: boolean) => Promise<Model>;
}

async function ways(model: Model, way: Iterator<unknown>, updates: number): Promise<Model> {
  for (let i = 0; i < updates; i++) way.next();
  return model;
}

/** Gradient descent on all rows at once. */
const descended = (model: Model, examples: Examples, rate: number, updates: number): Promise<Model> =>
  ways(model, descent(gradientDescent(model, rate), examples), updates);

async function stepped({ model, trainer }: { model: Model; trainer: Trainer }, updates: number, { x, y }: Examples) {
  for (let i = 0; i < updates; i++) trainer.step(x, y);
  return model;
}

const LESSONS: readonly Lesson[] = [
  {
    path: "perceptron/#",
    many: 4000,
    other: "seed=5",
    node: async (updates, other = false) => {
      const model = await neuron(2, { seed: other ? 5 : 1 });
      return descended(model, clouds(model), 0.5, updates);
    },
  },
  {
    path: "perceptron/#input=image&",
    many: 3000,
    other: "input=image&rate=0.25",
    node: async (updates, other = false) =>
      descended(await neuron(64, { fromZero: true }), BARS, other ? 0.25 : 0.5, updates),
  },
  {
    path: "gates/#gate=or&",
    many: 30_000,
    other: "gate=or&seed=5",
    node: async (updates, other = false) =>
      descended(await neuron(2, { seed: other ? 5 : 1 }), GATES[1]!.examples, 1, updates),
  },
  {
    path: "xor/#",
    many: 30_000,
    other: "seed=5",
    node: async (updates, other = false) => {
      const model = await neuron(2, { seed: other ? 5 : 1 });
      return ways(model, sampleBySample(gradientDescent(model, 8), XOR), updates);
    },
  },
  {
    path: "kernel/#",
    many: 10_000,
    other: "gamma=4",
    node: async (updates, other = false) => {
      const parts = await kernelMachineParts(XOR, { gamma: other ? 4 : 2, cost: 10 });
      return stepped(parts, updates, parts.examples);
    },
  },
  {
    path: "hidden/#",
    many: 30_000,
    other: "seed=5",
    node: async (updates, other = false) => {
      const model = await hiddenNet({ units: 2, seed: other ? 5 : 3 });
      return stepped({ model, trainer: gradientDescent(model, 2) }, updates, XOR);
    },
  },
];
/** All in the long tests. */
const SOME = process.env["LONG"] ? LESSONS : LESSONS.slice(0, 2);

const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => document.documentElement.dataset["ready"] !== undefined, { timeout: 120_000 });
const fingerprint = (page: Page): Promise<string> =>
  page.$eval("#fingerprint", (e) => e.textContent.trim().split(" ").at(-1)!);
const updates = (page: Page): Promise<number> =>
  page.$eval("[data-fact=updates]", (e) => Number(e.textContent.replaceAll(/\D/g, "")));
/** The updates that are shown, once the address has the same. */
const standing = async (page: Page): Promise<number> => {
  const handle = await page.waitForFunction(() => {
    const shown = document.querySelector("[data-fact=updates]")!.textContent.replaceAll(/\D/g, "");
    return new RegExp(`trained=${shown}(&|$)`).test(location.hash) && shown;
  });
  return Number(await handle.jsonValue());
};
/** Time in which what is still under way would come. */
const quiet = (page: Page): Promise<void> => page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
const hash = (page: Page): Promise<string> => page.evaluate(() => location.hash.slice(1));

describe("retraining", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  /**
   * Opens a page; in the first frame in which it shows updates that were made, and isn't at its end, something is done to it.
   *
   * @returns the updates that were shown in frames before the view was ready
   */
  async function onTheWay(
    { path, many }: Lesson,
    act: { readonly click?: string; readonly go?: readonly string[] },
    look: (page: Page, shown: readonly number[]) => Promise<void>,
  ): Promise<void> {
    const page = await site.browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.evaluateOnNewDocument(
      (most, { click, go = [] }) => {
        const shown: number[] = [];
        Object.assign(globalThis, { shown });
        // a frame ends by the clock: on the fastest machine, too, no more than some hundred updates are made in one
        const own = performance.now.bind(performance);
        let added = 0;
        performance.now = () => own() + (added += 0.05);
        const frame = (): void => {
          const now = Number(document.querySelector("[data-fact=updates]")?.textContent.replaceAll(/\D/g, "") ?? 0);
          if (
            now > 0 &&
            now < most &&
            now !== shown.at(-1) &&
            document.documentElement.dataset["ready"] === undefined
          ) {
            shown.push(now);
            if (shown.length === 1) {
              if (click) document.querySelector<HTMLElement>(click)!.click();
              for (const one of go) location.hash = one;
            }
          }
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      },
      many,
      act,
    );
    await page.goto(`${site.url}/${path}trained=${many}`);
    await ready(page);
    const shown = await page.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
    // else it wasn't done on the way
    expect(shown.length).toBeGreaterThan(0);
    await look(page, shown);
    expect(faults).toEqual([]);
    await page.close();
  }

  test.each(LESSONS)("$path: the page shows its way to update $many, and ends where Node does", async (lesson) => {
    await onTheWay(lesson, {}, async (page, shown) => {
      expect(shown.length).toBeGreaterThan(2);
      expect(await updates(page)).toBe(lesson.many);
      expect(await fingerprint(page)).toBe((await lesson.node(lesson.many)).fingerprint());
      await quiet(page);
      expect(await standing(page)).toBe(lesson.many);
    });
  });

  test.each(SOME)("$path: Reset on the way begins again, and nothing of the way comes after it", async (lesson) => {
    await onTheWay(lesson, { click: "[data-do=reset]" }, async (page) => {
      await quiet(page);
      await expect.poll(() => updates(page)).toBe(0);
      expect(await fingerprint(page)).toBe((await lesson.node(0)).fingerprint());
      await expect.poll(() => hash(page)).not.toContain(`trained=${lesson.many}`);
      expect(await page.$eval("[data-do=train]", (e) => e.textContent)).not.toContain("Pause");
    });
  });

  test.each(SOME)("$path: of other addresses on the way the last one counts", async (lesson) => {
    const last = `${lesson.other}&trained=7`;
    await onTheWay(lesson, { go: [`trained=${lesson.many - 1}`, last] }, async (page) => {
      expect(await updates(page)).toBe(7);
      expect(await fingerprint(page)).toBe((await lesson.node(7, true)).fingerprint());
      await quiet(page);
      expect(await updates(page)).toBe(7);
      await expect.poll(() => hash(page)).toBe(last);
    });
  });

  test.each(SOME)("$path: paused on the way, it stands where it is, and goes on from there", async (lesson) => {
    await onTheWay(lesson, { click: "[data-do=train]" }, async (page) => {
      await quiet(page);
      const made = await standing(page);
      expect(made).toBeGreaterThan(0);
      expect(made).toBeLessThan(lesson.many);
      await page.$eval("[data-do=step]", (button) => (button as HTMLElement).click());
      await expect.poll(() => updates(page)).toBe(made + 1);
      await expect.poll(() => fingerprint(page)).toBe((await lesson.node(made + 1)).fingerprint());
    });
  });
});
