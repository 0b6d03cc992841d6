// One training step, arrow by arrow, in real browsers: every number that is shown is what its formula with its shown values gives; the
// journeys of those who come, by clicking, by typing and by the keyboard alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ElementHandle, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trace } from "wasmgrad";
import { writePoints, writeWeights } from "../../playground/src/shell/codec.ts";
import { nodeProgram } from "../../playground/src/steps/code.ts";
import { modelOf, readHidden, rowsOf, trainerOf, USUAL } from "../../playground/src/steps/nets.ts";

import { project } from "../support/packed.ts";
import { serve } from "../support/server.ts";
import { openSite, type Site } from "../support/site.ts";

/** What the tests use of the element: its module has style sheets in it, which Node knows nothing of. */
interface StepsElement extends HTMLElement {
  readonly updateComplete: Promise<boolean>;
  readonly look:
    | {
        readonly arrows: readonly { readonly steps: readonly { readonly name: string }[] }[];
        readonly tensors: ReadonlyMap<string, { readonly values: Float32Array }>;
      }
    | undefined;
  /** It is still made from its settings, or makes its updates again. */
  readonly making: boolean;
  readonly rows: string;
  readonly trained: string;
  readonly weights: Float32Array | undefined;
  go(at: number): void;
}

/** An element within the shadows: behind elements of the site's own a selector goes on in theirs. */
async function found(page: Page, selector: string): Promise<ElementHandle> {
  const element = await page.waitForSelector(`>>> ${selector.replace(/(wasmgrad-\S+) /g, "$1 >>> ")}`, {
    timeout: 120_000,
  });
  if (!element) throw new Error(`${selector} isn't there`);
  return element;
}
const press = async (page: Page, selector: string): Promise<void> => (await found(page, selector)).click();
const textOf = async (page: Page, selector: string): Promise<string> =>
  (await found(page, selector)).evaluate((element) => element.textContent!.replace(/\s+/g, " ").trim());
/** The line with the values, without the spaces around it. */
const line = (page: Page): Promise<string> => textOf(page, "[part=substituted] .values");
const cell = (name: string, at: number): string => `wasmgrad-matrix[data-name="${name}"] td[data-i="${at}"]`;
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const steps = document.querySelector<StepsElement>("wasmgrad-steps");
      return steps?.look !== undefined && !steps.making;
    },
    { polling: 20 },
  );
  await page.evaluate(async () => {
    const steps = document.querySelector<StepsElement>("wasmgrad-steps")!;
    await steps.updateComplete;
    await new Promise((resolve) => setTimeout(resolve, 30));
    await steps.updateComplete;
  });
}
/** Types a number into a cell. */
async function put(page: Page, name: string, at: number, text: string): Promise<void> {
  await press(page, cell(name, at));
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await settled(page);
  await page.keyboard.press("Escape");
}
const printNow = async (page: Page): Promise<string> => (await textOf(page, ".print")).split(" ").at(-1)!;
const heading = (page: Page): Promise<string> => textOf(page, "#title");

interface Walked {
  readonly numbers: number;
  readonly arrows: string[];
  readonly faults: string[];
}

/** Goes to each arrow, presses each cell, and computes what is shown with the values that are shown. */
const walk = (page: Page): Promise<Walked> =>
  page.evaluate(async () => {
    const steps = document.querySelector<StepsElement>("wasmgrad-steps")!;
    const root = steps.shadowRoot!;
    const faults: string[] = [];
    const arrows: string[] = [];
    let numbers = 0;
    type Updating = HTMLElement & { updateComplete: Promise<boolean> };
    const all = async (): Promise<void> => {
      await steps.updateComplete;
      for (const element of root.querySelectorAll<Updating>("wasmgrad-formula, wasmgrad-matrix"))
        await element.updateComplete;
    };
    /** The line as arithmetic, exponents as powers. */
    const arithmetic = (node: Node): string => {
      if (node instanceof HTMLElement && node.tagName === "SUP")
        return `^{${[...node.childNodes].map(arithmetic).join("")}}`;
      return node instanceof Text ? node.data : [...node.childNodes].map(arithmetic).join("");
    };
    const compute = (text: string): { value: number; error: number } => {
      const plain = text
        .replaceAll("−", "-")
        // why a case holds
        .replace(/ \((?:[^()]|\([^()]*\))* [<>≤≥] (?:[^()]|\([^()]*\))*\)/g, "")
        .replaceAll("}^{", "")
        .replaceAll("e^{", "exp(")
        .replaceAll("^{", "**(")
        .replaceAll("}", ")")
        .replace(/(\d[\d.]*(?:e-?\d+)?|\([^()]*\))²/g, "(($1)**2)")
        .replaceAll("·", "*")
        .replace(/\[([^\]=]+) = ([^\]]+)\]/g, "Number($1 == $2)")
        .replaceAll("√(", "sqrt(")
        .replace(/\bmax /g, "max")
        .replace(/√([\d.]+(?:e-?\d+)?)/g, "sqrt($1)")
        .replace(/\b(log|tanh|erf) (-?[\d.]+(?:e-?\d+)?)/g, "$1($2)");
      const parts = plain.split(/((?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?)/);
      // by its series: the page's own is another
      const erf = (x: number): number => {
        let [term, sum] = [x, 0];
        for (let n = 0; n < 60; n++, term *= (-x * x) / n) sum += term / (2 * n + 1);
        return (2 / Math.sqrt(Math.PI)) * sum;
      };
      const known = { log: Math.log, tanh: Math.tanh, exp: Math.exp, sqrt: Math.sqrt, max: Math.max, erf };
      const f = (values: readonly string[]): number =>
        Number(new Function(...Object.keys(known), `return (${values.join("")})`)(...Object.values(known)));
      const value = f(parts);
      // each number is shown with a few digits: what its last digit hides moves the result so far
      let error = 0;
      parts.forEach((part, i) => {
        if (i % 2 === 0 || /^\d+$/.test(part)) return;
        const [mantissa, exponent = "0"] = part.split("e") as [string, string?];
        const digits = mantissa.includes(".") ? mantissa.length - mantissa.indexOf(".") - 1 : 0;
        const half = 0.5 * 10 ** (Number(exponent) - digits);
        const moved = (by: number): number => Math.abs(f(parts.with(i, String(Number(part) + by))) - value);
        error += Math.max(moved(half), moved(-half));
      });
      return { value, error };
    };
    const last = (text: string): number => {
      const plain = text.replaceAll("−", "-").replace(/^-?/, "").split("e");
      const digits = plain[0]!.includes(".") ? plain[0]!.length - plain[0]!.indexOf(".") - 1 : 0;
      return 0.5 * 10 ** (Number(plain[1] ?? 0) - digits);
    };
    const most = steps.look!.arrows.length;
    for (let at = 1; at <= most; at++) {
      steps.go(at);
      await all();
      arrows.push(steps.look!.arrows[at - 1]!.steps.map(({ name }) => name).join(" "));
      for (const matrix of root.querySelectorAll<Updating>("wasmgrad-matrix[grid]")) {
        const count = matrix.shadowRoot!.querySelectorAll("td").length;
        for (let i = 0; i < count; i++) {
          matrix.shadowRoot!.querySelector<HTMLElement>(`td[data-i="${i}"]`)!.click();
          await all();
          const formula = root.querySelector("wasmgrad-formula")!.shadowRoot!;
          const shown = formula.querySelector("[part=substituted] .values")!;
          const where = `arrow ${at}, ${shown.textContent!.trim().replace(/\s+/g, " ")}`;
          const equals = [...shown.querySelectorAll(":scope > .o")].find((e) => e.textContent === " = ")!;
          const nodes = [...shown.childNodes];
          const result = shown.querySelector(".r")!;
          const text = nodes
            .slice(nodes.indexOf(equals) + 1, nodes.indexOf(result.previousElementSibling!))
            .map(arithmetic)
            .join("");
          const { value, error } = compute(text);
          const said = Number(result.textContent!.trim().replaceAll("−", "-"));
          numbers++;
          if (!(Math.abs(value - said) <= error * 1.2 + last(result.textContent!.trim()) * 1.01 + 1e-12))
            faults.push(`${where}: computed ${value}, rounding explains ${error}`);
          if (!formula.querySelector(".ok")) faults.push(`${where}: ${formula.querySelector(".wrong")?.textContent}`);
          const chosen = matrix.shadowRoot!.querySelector<HTMLElement>(`td[data-i="${i}"]`)!;
          const inCell = Number(chosen.textContent!.trim().replaceAll("−", "-"));
          if (Math.abs(inCell - said) > last(chosen.textContent!.trim()) * 1.01 + 1e-12)
            faults.push(`${where}: the cell says ${chosen.textContent}`);
          if (!chosen.classList.contains("now")) faults.push(`${where}: its cell has no ring`);
        }
      }
    }
    return { numbers, arrows, faults };
  });

const NAMES = "Z1 a1 Z2 a2 loss da2 dZ2 dw2 db2 da1 dZ1 dw1 db1 w2' b2' w1' b1'";

describe.each(["chrome", "firefox"] as const)("the steps in %s", (browser) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(browser);
  }, 300_000);
  afterAll(() => site?.close());

  test("every number of 2-3-1 is what its formula with its shown values gives", async () => {
    const { page, faults, close } = await site.visit("backprop/");
    const walked = await walk(page);
    expect(walked.faults).toEqual([]);
    expect(walked.arrows.join(" ")).toBe(NAMES);
    expect(walked.numbers).toBe(4 * 3 * 4 + 4 * 4 + 1 + 2 * (3 + 1) + 2 * (6 + 3));
    expect(await textOf(page, "[data-mark=check] .ok")).toBe("45 / 45");
    expect(faults).toEqual([]);
    await close();
  });

  test("the numbers are Node's, bit by bit", async () => {
    const { page, close } = await site.visit("backprop/#net=3-2t&seed=11&trained=3-1r2");
    const plan = { ...USUAL, hidden: readHidden("3-2t")!, seed: 11 };
    const trainer = await trainerOf(await modelOf(plan), plan);
    const { x, y } = rowsOf(plan);
    for (let i = 0; i < 3; i++) trainer.step(x.flat(), y);
    trainer.step(x[2]!, [y[2]!]);
    const here = trace(trainer, x.flat(), y, { update: true });
    const there = await page.evaluate(() =>
      [...document.querySelector<StepsElement>("wasmgrad-steps")!.look!.tensors].map(
        ([name, { values }]) => [name, [...new Uint32Array(new Float32Array(values).buffer)]] as const,
      ),
    );
    expect(there.length).toBeGreaterThan(30);
    for (const [name, bits] of there)
      expect([name, bits]).toEqual([name, [...new Uint32Array(here.get(name).values.slice().buffer)]]);
    expect(await textOf(page, ".print")).toContain(trainer.model.fingerprint());
    await close();
  });
});

describe("the steps", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  test.each([
    ["two hidden layers, each number", "net=4-3", "Z1 a1 Z2 a2 Z3 a3 loss da3 dZ3 dw3 db3 da2"],
    ["tanh and relu", "net=3t-2r&seed=3", "Z1 a1 Z2 a2 Z3"],
    ["classes by softmax", "loss=ce&net=3t", "Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1"],
    ["Adam", "opt=adam&lr=0.1&trained=3", "Z1 a1 Z2 a2 loss"],
    ["squared errors, momentum, one sample", "loss=mse&opt=momentum&rows=2&trained=2", "Z1 a1 Z2 a2 loss"],
    ["hinge and Nesterov", "loss=hinge&opt=nesterov&net=2e&trained=2&lr=0.1", "Z1 a1 Z2 loss dZ2"],
    [
      "the Play page's own points and weights in three classes",
      `data=mine&pts=${writePoints({ x: Float32Array.of(0.5, -0.25, 0, 1, -1, 0.75), y: Float32Array.of(0, 1, 2) })}&net=2g&loss=ce&opt=adamw&w=${writeWeights(Float32Array.from({ length: 15 }, (_, i) => i / 8 - 1))}`,
      "Z1 a1 Z2 loss",
    ],
    ["columns", "columns=1&net=2", "Z1 a1 Z2 a2 loss"],
  ])("%s", async (_, hash, begins) => {
    const { page, faults, close } = await site.visit(`backprop/#${hash}`);
    const walked = await walk(page);
    expect(walked.faults).toEqual([]);
    expect(walked.arrows.join(" ").slice(0, begins.length)).toBe(begins);
    expect(walked.numbers).toBeGreaterThan(30);
    expect(faults).toEqual([]);
    await close();
  });

  test("a student checks his own calculation, in Chinese: types his weights, reads a gradient, turns samples into columns", async () => {
    const { page, faults, close } = await site.visit("zh/backprop/");
    expect(await heading(page)).toBe("已知");
    // what the page's own weights would be, typed: the numbers of the chapter's lesson stay
    await press(page, cell("w1", 0));
    await page.keyboard.type("-0.5");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type("abc");
    await page.keyboard.press("Enter");
    expect(await textOf(page, "wasmgrad-matrix [role=alert]")).toMatch(/^这不是数字。.*Esc 保留原值/);
    await page.keyboard.press("Escape");
    expect(await textOf(page, cell("w1", 1))).toBe("−0.9576");
    await page.keyboard.press("Enter");
    await page.keyboard.type("−1,25");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await textOf(page, cell("w1", 0))).toBe("−0.5000");
    expect(await textOf(page, cell("w1", 1))).toBe("−1.250");
    expect(await (await found(page, cell("w1", 1))).evaluate((td) => td.className)).toContain("edited");
    await press(page, "[data-do=next]");
    await settled(page);
    expect(await heading(page)).toBe("Z1 · 加权和");
    expect(await line(page)).toMatch(/^Z1\[4,2\] = 1 · \(−1\.250\) \+ 1 · \(−1\.047\) \+ 0 = −2\.297$/);
    // the weights are in the link
    await expect.poll(() => page.url()).toMatch(/w=[\w-]{60,}/);
    await expect.poll(() => page.url()).toMatch(/step=1(&|$)/);
    const url = page.url();
    await page.reload();
    await found(page, "[data-do=next]");
    await settled(page);
    expect(await line(page)).toMatch(/= −2\.297$/);
    // undone by the weights of the seed
    await page.goto(url.replace(/#.*/, "#step=12&cell=2.2"));
    await page.reload();
    await settled(page);
    expect(await line(page)).toBe(
      "dw1[2,2] = 0 · (−0.001948) + 1 · 0.001714 + 0 · 0.001761 + 1 · (−0.0008333) = 0.0008803",
    );
    expect(await textOf(page, "[data-pair=analytic]")).toBe("0.0008803");
    expect(await textOf(page, "[data-pair=numeric]")).toMatch(/^0\.00088/);
    await press(page, "input[name=columns]");
    await settled(page);
    expect(await line(page)).toBe(
      "dw1[2,2] = (−0.001948) · 0 + 0.001714 · 1 + 0.001761 · 0 + (−0.0008333) · 1 = 0.0008803".replace(
        "(−0.001948) · 0",
        "−0.001948 · 0",
      ),
    );
    expect(await textOf(page, "[part=general] math")).toBe("dw1=dZ1xT");
    expect(await textOf(page, 'wasmgrad-matrix[data-name="dZ1"] small')).toBe("3×4");
    expect(await textOf(page, 'wasmgrad-matrix[data-name="x"] small')).toBe("4×2");
    expect(faults).toEqual([]);
    await close();
  });

  test("the same by the keyboard alone, and what is heard", async () => {
    const { page, close } = await site.visit("backprop/");
    const active = (): Promise<string> =>
      page.evaluate(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "";
      });
    const host = (): Promise<string> =>
      page.evaluate(() => {
        let at = document.activeElement;
        let name = "";
        while (at?.shadowRoot?.activeElement) {
          name = (at as HTMLElement).dataset["name"] ?? name;
          at = at.shadowRoot.activeElement;
          name = (at as HTMLElement).dataset["name"] ?? name;
        }
        return name;
      });
    for (let i = 0; i < 60 && (await host()) !== "w1"; i++) await page.keyboard.press("Tab");
    expect(await host()).toBe("w1");
    expect(await active()).toBe("row 1, column 1: −0.5165");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await active()).toBe("row 2, column 2: −1.047");
    await page.keyboard.press("Enter");
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await active()).toBe("row 2, column 2: 2, changed");
    await page.keyboard.press("Escape");
    // the page's keys are off within a matrix: on to the controls
    for (let i = 0; i < 60 && !(await active()).startsWith("Next"); i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await line(page)).toMatch(/= 1\.042$/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("PageDown");
    await page.keyboard.press("PageUp");
    await settled(page);
    expect(await heading(page)).toBe("a1 · through the sigmoid");
    await page.waitForFunction(
      () =>
        document
          .querySelector("wasmgrad-steps")!
          .shadowRoot!.querySelector("[aria-live]")!
          .textContent!.startsWith("Step 2 of 15. a1, 4 by 3. row 4, column 2: 1 divided by"),
      { timeout: 120_000 },
    );
    const heard = await textOf(page, "[aria-live]");
    expect(heard).toMatch(/to the power of minus 1\.042/);
    // numbers and their labels; the next sample; undo
    await page.keyboard.down("Shift");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.up("Shift");
    await page.keyboard.press("KeyU");
    await settled(page);
    expect(await textOf(page, ".end")).toMatch(/^1 update on sample 1 alone/);
    await page.keyboard.press("KeyZ");
    await settled(page);
    expect(await textOf(page, ".end")).toMatch(/^0 updates = 0 epochs/);
    await page.keyboard.press("KeyZ");
    await settled(page);
    await page.keyboard.press("Home");
    await settled(page);
    expect(await textOf(page, cell("w1", 4))).toBe("−1.047");
    await close();
  });

  test("deeper: another hidden layer has 22 arrows; it is in the link, and Back undoes it", async () => {
    const { page, close } = await site.visit("backprop/");
    await press(page, "summary");
    await press(page, "[data-do=add]");
    await page.waitForFunction(
      () => document.querySelector<StepsElement>("wasmgrad-steps")!.look!.arrows.length === 22,
    );
    await expect.poll(() => page.url()).toMatch(/net=3-2/);
    await page.goBack();
    await page.waitForFunction(
      () => document.querySelector<StepsElement>("wasmgrad-steps")!.look!.arrows.length === 15,
    );
    await page.goto(`${site.url}/backprop/#hidden=3-2&step=1`);
    await page.reload();
    await page.waitForFunction(
      () => document.querySelector<StepsElement>("wasmgrad-steps")?.look?.arrows.length === 22,
    );
    await settled(page);
    expect(await textOf(page, "summary")).toMatch(/^2-3-2-1/);
    const input = await found(page, "input[name=units1]");
    await press(page, "summary");
    await input.click({ count: 3 });
    await page.keyboard.type("900");
    await page.keyboard.press("Tab");
    expect(await textOf(page, ".settings [role=alert]")).toMatch(/whole number from 1 to 64/);
    expect(await textOf(page, "summary")).toMatch(/^2-3-2-1/);
    await close();
  });

  test("in class: projector, a presenter's keys, numbers hidden until they are pressed", async () => {
    const { page, close } = await site.visit("backprop/#step=1");
    await page.keyboard.press("KeyF");
    await settled(page);
    expect(await page.$(">>> .side").then((side) => side!.isVisible())).toBe(false);
    await press(page, "input[name=veiled]");
    await settled(page);
    const hidden = (): Promise<boolean> =>
      found(page, cell("Z1", 10)).then((td) => td.evaluate((e) => getComputedStyle(e).color === "rgba(0, 0, 0, 0)"));
    expect(await hidden()).toBe(true);
    expect(await page.$(">>> wasmgrad-formula >>> .ok")).toBe(null);
    await press(page, cell("Z1", 10));
    await settled(page);
    expect(await hidden()).toBe(false);
    expect(await textOf(page, ".ok")).toMatch(/the same/);
    await page.keyboard.press("PageDown");
    await settled(page);
    expect(await heading(page)).toBe("a1 · through the sigmoid");
    await close();
  });

  test("operands lead to the arrow that made them, and Backspace back", async () => {
    const { page, close } = await site.visit("backprop/#step=12&cell=2.2");
    await press(page, 'wasmgrad-formula button[data-name="dZ1"]');
    await settled(page);
    expect(await heading(page)).toBe("dZ1 · back through the sigmoid");
    // gradients of what is computed on the way are checked, too
    expect(await textOf(page, "[data-pair=analytic]")).toBe("−0.001948");
    expect(await textOf(page, "[data-pair=numeric]")).toMatch(/^−0\.0019[45]/);
    expect(await line(page)).toMatch(/^dZ1\[1,2\] = .* = −0\.001948$/);
    await press(page, cell("da1", 1));
    await settled(page);
    expect(await line(page)).toMatch(/^da1\[1,2\] = /);
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await settled(page);
    expect(await line(page)).toMatch(/^dw1\[2,2\] = /);
    await close();
  });

  test("forward and back in time: single samples, one after another, and undone to the bit", async () => {
    const { page, close } = await site.visit("backprop/#rows=0&step=15&opt=adam");
    const print = (): Promise<string> => textOf(page, ".print");
    const first = await print();
    await press(page, "[data-do=next]"); // the update, and on with the next sample
    await settled(page);
    expect(await page.evaluate(() => document.querySelector<StepsElement>("wasmgrad-steps")!.rows)).toBe("1");
    expect(await heading(page)).toBe("Z1 · weighted sums");
    const second = await print();
    expect(second).not.toBe(first);
    await press(page, "[data-do=many]");
    await settled(page);
    await expect.poll(() => page.url()).toMatch(/trained=1r0-100r1/);
    const third = await print();
    await page.reload();
    await settled(page);
    expect(await print()).toBe(third);
    await press(page, "[data-do=one]");
    await press(page, "[data-do=undo]");
    await settled(page);
    expect(await print()).toBe(third);
    await close();
  });

  test("samples in turn: the numbers, epochs and program are those of one after the other, forward and back", async () => {
    const { page, faults, close } = await site.visit("backprop/#step=1");
    const made = (): Promise<string> => textOf(page, "[data-part=made]");
    const shown = (): Promise<number[]> =>
      page.evaluate(() => [...document.querySelector<StepsElement>("wasmgrad-steps")!.look!.tensors.get("x")!.values]);
    const { x, y } = rowsOf(USUAL);
    const prints: string[] = [];
    const trainer = await trainerOf(await modelOf(USUAL), USUAL);
    const Z1: (readonly number[])[] = [];
    for (let i = 0; i < 105; i++) {
      Z1.push([...trace(trainer, [x[i % 4]!], [y[i % 4]!]).get("Z1").values]);
      trainer.step([x[i % 4]!], [y[i % 4]!]);
      prints.push(trainer.model.fingerprint());
    }
    await press(page, "[data-rows=turn]");
    await settled(page);
    for (let i = 0; i < 5; i++) {
      expect(await shown()).toEqual(x[i % 4]);
      const values = await page.evaluate(() => [
        ...document.querySelector<StepsElement>("wasmgrad-steps")!.look!.tensors.get("Z1")!.values,
      ]);
      expect(values).toEqual(Z1[i]);
      await press(page, "[data-do=one]");
      await settled(page);
      expect(await printNow(page)).toBe(prints[i]);
      expect(await made()).toBe(
        ["1 update = 0.25 epochs", "2 updates = 0.5 epochs", "3 updates = 0.75 epochs", "4 updates = 1 epoch"][i] ??
          "5 updates = 1.25 epochs",
      );
    }
    await press(page, "[data-do=many]");
    await settled(page);
    expect(await printNow(page)).toBe(prints[104]);
    expect(await made()).toBe("105 updates = 26.3 epochs");
    await press(page, "[data-do=undo]");
    await press(page, "[data-do=undo]");
    await settled(page);
    expect([await printNow(page), await shown()]).toEqual([prints[3], x[0]]);
    await page.waitForFunction(() => /[#&]rows=turn/.test(location.hash) && /[#&]trained=4rturn/.test(location.hash));
    await page.reload();
    await settled(page);
    expect([await printNow(page), await shown()]).toEqual([prints[3], x[0]]);
    // the last arrow's button makes the update, and goes on with the next sample
    await page.evaluate(() => document.querySelector<StepsElement>("wasmgrad-steps")!.go(99));
    await press(page, "[data-do=next]");
    await settled(page);
    expect([await printNow(page), await shown(), await heading(page)]).toEqual([prints[4], x[1], "Z1 · weighted sums"]);
    expect(faults).toEqual([]);
    await close();
  });

  test.each([
    ["", "trained=1", "1 update = 1 epoch"],
    ["zh/", "trained=4rturn", "4 次更新 = 1 轮"],
    ["", "trained=101r1", "101 updates on sample 2 alone"],
    ["zh/", "trained=1r1", "只用样本 2 的 1 次更新"],
    ["", "trained=100r1-1r0", "101 updates"],
    ["", "trained=1r0-1r1-1r2-1r3", "4 updates = 1 epoch"],
    ["", "data=moons&trained=7rb2", "7 updates on samples 17–24 alone"],
    ["", "data=moons&trained=4rbturn", "4 updates = 1.33 epochs"],
  ])("%s#%s says %j", async (language, hash, says) => {
    const { page, close } = await site.visit(`${language}backprop/#${hash}`);
    expect(await textOf(page, "[data-part=made]")).toBe(says);
    await close();
  });

  test("a laptop's low window shows the matrices and the three lines of the formula on every arrow", async () => {
    for (const hash of ["", "opt=adam"]) {
      const { page, close } = await site.visit(`backprop/#${hash}`, { width: 1366, height: 768 });
      await settled(page);
      const seen = await page.evaluate(async () => {
        const steps = document.querySelector<StepsElement>("wasmgrad-steps")!;
        const root = steps.shadowRoot!;
        const all: [top: boolean, foot: boolean][] = [];
        for (let at = 1; at <= steps.look!.arrows.length; at++) {
          steps.go(at);
          await steps.updateComplete;
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          const values = root.querySelector("wasmgrad-formula")!.shadowRoot!.querySelector("[part=substituted]")!;
          all.push([
            root.querySelector(".comes")!.getBoundingClientRect().top >= 0,
            values.getBoundingClientRect().bottom <= root.querySelector(".bar")!.getBoundingClientRect().top,
          ]);
        }
        return all;
      });
      expect(seen).toEqual(Array.from({ length: 15 }, () => [true, true]));
      // the settings move nothing
      const top = (): Promise<number> =>
        page.$eval("wasmgrad-steps", (steps) => Math.round(steps.getBoundingClientRect().top + scrollY));
      const before = await top();
      await page.$eval("details.settings", (settings) => ((settings as HTMLDetailsElement).open = true));
      expect(await top()).toBe(before);
      await close();
    }
  });

  test("a data set that this page doesn't have is said, and leaves the address", async () => {
    const { page, close } = await site.visit("backprop/#data=clusters&seed=7");
    await page.waitForFunction(() =>
      /data=clusters was not understood, xor is used/.test(document.querySelector(".toast")?.textContent ?? ""),
    );
    await page.waitForFunction(() => location.hash === "#seed=7");
    await close();
  });

  test.each([
    ["after an update with other typed numbers", async () => "", ["w1=0.5", "u", "w1=0.25", "z"]],
    [
      "after a link's weights and updates",
      async (): Promise<string> => {
        const trainer = await trainerOf(await modelOf(USUAL), USUAL);
        const weights = Float32Array.from(trainer.model.parameters().flatMap((parameter) => [...parameter.get()]));
        weights[0] = 0.5;
        return `w=${writeWeights(weights)}&trained=1`;
      },
      ["w1=0.25", "z"],
    ],
    ["where the seed's own weights were typed", async () => "", ["w1=0.5", "z", "u", "z", "w1=0.25", "z"]],
  ] as const)("a typed number that is undone isn't in the address: %s", async (_, hash, acts) => {
    const { page, close } = await site.visit(`backprop/#${await hash()}`);
    for (const act of acts) {
      const [name, value] = act.split("=") as [string, string?];
      if (value !== undefined) await put(page, name, 0, value);
      else {
        await press(page, act === "u" ? "[data-do=one]" : "[data-do=undo]");
        await settled(page);
      }
    }
    const print = await printNow(page);
    const { weights, trained } = await page.evaluate(() => {
      const steps = document.querySelector<StepsElement>("wasmgrad-steps")!;
      return { weights: steps.weights && [...steps.weights], trained: steps.trained };
    });
    const trainer = await trainerOf(await modelOf(USUAL), USUAL);
    const { x, y } = rowsOf(USUAL);
    let from = 0;
    if (weights)
      for (const parameter of trainer.model.parameters())
        parameter.set(Float32Array.from(weights.slice(from, (from += parameter.get().length))));
    for (let i = 0; i < Number(trained); i++) trainer.step(x.flat(), y);
    expect(trainer.model.fingerprint()).toBe(print);
    // until the address has it
    const expected = [weights ? writeWeights(Float32Array.from(weights)) : null, trained || "0"];
    const addressed = async (): Promise<unknown> => {
      const parts = new URLSearchParams(new URL(page.url()).hash.slice(1));
      return [parts.get("w"), parts.get("trained") ?? "0"];
    };
    await expect.poll(addressed).toEqual(expected);
    await page.reload();
    await settled(page);
    expect(await printNow(page)).toBe(print);
    await close();
  });

  test("weights that are typed as the seed has them are weights like others: updates can be undone", async () => {
    const trainer = await trainerOf(await modelOf(USUAL), USUAL);
    const weights = Float32Array.from(trainer.model.parameters().flatMap((parameter) => [...parameter.get()]));
    const { page, close } = await site.visit(`backprop/#w=${writeWeights(weights)}`);
    const print = await printNow(page);
    for (const button of ["one", "one", "undo", "undo"]) {
      await press(page, `[data-do=${button}]`);
      await settled(page);
    }
    expect(await textOf(page, ".end")).toMatch(/^0 updates/);
    expect(await printNow(page)).toBe(print);
    await close();
  });

  test("data of fewer rows are chosen while others are shown; while a link's updates are made again, that is said", async () => {
    const { page, faults, close } = await site.visit("backprop/");
    await press(page, "summary");
    await (await found(page, ".settings select")).select("not");
    await page.waitForFunction(
      () => document.querySelector<StepsElement>("wasmgrad-steps")!.look!.tensors.get("x")!.values.length === 2,
    );
    await settled(page);
    expect(await textOf(page, ".seg")).toBe("Batch In turn 0 1");
    await page.evaluate(() => (location.hash = "data=moons&net=64-64-64-64-64-64&trained=99999"));
    await page.waitForFunction(
      () => /Making the link's updates again/.test(document.querySelector("wasmgrad-steps")!.shadowRoot!.textContent),
      { timeout: 120_000 },
    );
    // what was there before can't be trained any more
    await page.keyboard.press("KeyU");
    await page.evaluate(() => (location.hash = "data=not&trained=2"));
    await page.waitForFunction(() =>
      document
        .querySelector("wasmgrad-steps")!
        .shadowRoot!.querySelector(".end")
        ?.textContent.trim()
        .startsWith("2 updates"),
    );
    expect(faults).toEqual([]);
    await close();
  });

  test("more weights than an address has room for stay while the page is open, and what they end with is said before", async () => {
    const { page, faults, close } = await site.visit("backprop/#net=3-12-12&step=1");
    const toast = (): Promise<string> => page.$eval(".toast", (element) => element.textContent.replace(/\s+/g, " "));
    await page.keyboard.press("Home");
    await put(page, "b1", 0, "0.75");
    expect(await toast()).toMatch(/room for 200 weights.*in this open page alone/);
    const print = await printNow(page);
    await page.evaluate(() => (location.hash = "net=3-12-12&step=3"));
    await page.waitForFunction(() =>
      document
        .querySelector("wasmgrad-steps")!
        .shadowRoot!.querySelector("#title")!
        .textContent.trim()
        .startsWith("Z2"),
    );
    await settled(page);
    expect(await printNow(page)).toBe(print);
    await page.keyboard.press("KeyC");
    await page.waitForFunction(() => /doesn't hold everything|Copy it yourself/.test(document.body.textContent));
    expect(await page.evaluate(() => document.body.textContent)).not.toMatch(/it holds everything/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("KeyL");
    await page.waitForFunction(() => /Change all the same/.test(document.querySelector(".toast")!.textContent));
    expect(page.url()).not.toContain("/zh/");
    // another network has none that were typed
    await page.evaluate(() => (location.hash = "net=3&step=3"));
    await page.waitForFunction(() => document.querySelector<StepsElement>("wasmgrad-steps")!.weights === undefined);
    expect(faults).toEqual([]);
    await close();
  });

  test("training that would spoil the weights halts before it, and says so", async () => {
    const { page, close } = await site.visit("backprop/#lr=1000000&net=3l-3l&loss=ce&opt=momentum");
    for (let i = 0; i < 5; i++) await press(page, "[data-do=many]");
    await settled(page);
    expect(await textOf(page, ".notice")).toMatch(/Training halted.*weights are those before it/);
    await press(page, ".notice .btn");
    await settled(page);
    expect(await page.$(">>> .notice")).toBe(null);
    await close();
  });

  test("a batch of a cloud of points; larger matrices are heat cells with a lens", async () => {
    const { page, faults, close } = await site.visit("backprop/#data=moons&step=1");
    expect(await page.$(">>> wasmgrad-matrix >>> canvas")).not.toBe(null);
    await (await found(page, 'wasmgrad-matrix[data-name="x"] .heat')).hover();
    expect(await textOf(page, ".lens p")).toMatch(/^x\[\d+,\d\] = −?\d/);
    await (await found(page, "select[data-do=rows]")).select("b1");
    await settled(page);
    expect(await textOf(page, 'wasmgrad-matrix[data-name="x"] small')).toBe("8×2");
    const long = await site.visit("backprop/#data=moons&step=8");
    expect(await line(long.page)).toMatch(/… 20 terms …/);
    await press(long.page, "wasmgrad-formula summary");
    expect(await long.page.$$(">>> wasmgrad-formula >>> li")).toHaveLength(24);
    expect(await textOf(long.page, ".ok")).toMatch(/the same/);
    expect([...faults, ...long.faults]).toEqual([]);
    await long.close();
    await close();
  });

  test("on a phone: the rows' list, no overflow", async () => {
    const { page, close } = await site.visit("backprop/#step=12", { width: 390, height: 844, touch: true });
    await (await found(page, "select[data-do=rows]")).select("2");
    await settled(page);
    expect(await textOf(page, 'wasmgrad-matrix[data-name="x"] small')).toBe("2×1");
    await (await found(page, "[data-do=next]")).tap();
    await settled(page);
    expect(await heading(page)).toBe("db1 · gradient of the biases");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await close();
  });

  test("ten lines in another's page: his language, his colours, events; and a network of his own", async () => {
    const elements = await serve(join(import.meta.dirname, "../../playground/dist"), { open: true });
    const library = await serve(join(import.meta.dirname, "../../build"), { open: true });
    const folder = mkdtempSync(join(tmpdir(), "foreign-"));
    writeFileSync(
      join(folder, "index.html"),
      `<!doctype html>
<html lang="zh-CN" style="color-scheme: dark">
<meta charset="utf-8">
<title>A blog</title>
<link rel="icon" href="data:,">
<style>[hidden] { display: none !important } td { color: red; padding: 40px } .card { display: none }</style>
<script type="module" src="${elements.url}/embed.js"></script>
<wasmgrad-steps id="theirs" data="xor" hidden="3"></wasmgrad-steps>
<wasmgrad-net data="and" hidden="2"></wasmgrad-net>
<wasmgrad-steps id="own" lang="en"></wasmgrad-steps>
<script type="module">
  import { dense, meanSquaredError, relu, rmsprop, sequential, Trainer } from "${library.url}/index.js";
  const model = await sequential({ input: 3, seed: 1 }, dense(4), relu(), dense(2));
  const own = document.getElementById("own");
  own.trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: rmsprop({ learningRate: 0.1 }) });
  own.x = [[1, 2, 3], [0, -1, 0.5]];
  own.y = [[0, 1], [1, 0]];
</script>
</html>`,
    );
    const foreign = await serve(folder, { fallbackIndex: true });
    const page = await site.browser.newPage();
    try {
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
      await page.goto(`${foreign.url}/`);
      await page.waitForFunction(() =>
        ["theirs", "own"].every((id) => (document.getElementById(id) as StepsElement).look),
      );
      const seen = await page.evaluate(async () => {
        const [theirs, own] = ["theirs", "own"].map((id) => document.getElementById(id) as StepsElement) as [
          StepsElement,
          StepsElement,
        ];
        const heard: string[] = [];
        for (const name of ["step", "cell", "update"])
          theirs.addEventListener(name, (event) =>
            heard.push(`${name} ${JSON.stringify((event as CustomEvent).detail).slice(0, 30)}`),
          );
        await theirs.updateComplete;
        theirs.shadowRoot!.querySelector<HTMLElement>("[data-do=next]")!.click();
        await theirs.updateComplete;
        const matrix = theirs.shadowRoot!.querySelector("wasmgrad-matrix")!;
        await (matrix as unknown as { updateComplete: Promise<boolean> }).updateComplete;
        matrix.shadowRoot!.querySelector<HTMLElement>("td")!.click();
        theirs.shadowRoot!.querySelector<HTMLElement>("[data-do=one]")!.click();
        await theirs.updateComplete;
        own.go(2);
        await own.updateComplete;
        return {
          heard,
          title: theirs.shadowRoot!.querySelector("#title")!.textContent!.trim(),
          ink: getComputedStyle(theirs).color,
          cell: getComputedStyle(matrix.shadowRoot!.querySelector("td")!).paddingLeft,
          shown: theirs.offsetHeight > 300,
          card: getComputedStyle(theirs.shadowRoot!.querySelector(".card")!).display,
          net: document.querySelector("wasmgrad-net")!.shadowRoot!.querySelectorAll(".unit").length,
          ownTitle: own.shadowRoot!.querySelector("#title")!.textContent!.trim(),
          arrows: own.look!.arrows.map(({ steps }) => steps.map(({ name }) => name).join(" ")),
        };
      });
      expect(seen.heard.map((text) => text.split(" ")[0])).toEqual(["step", "cell", "update"]);
      expect(seen.title).toBe("Z1 · 加权和");
      expect(seen.ink).toBe("rgb(233, 237, 242)");
      expect(seen.cell).toBe("6px");
      expect(seen.shown).toBe(true);
      expect(seen.card).toBe("block");
      expect(seen.net).toBe(5);
      expect(seen.ownTitle).toBe("a1 · through the relu");
      expect(seen.arrows.join(" ")).toBe("Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1 w2' b2' w1' b1'");
      // what its own rows are refused for is no policy of the page
      await page.evaluate(() => Object.assign(document.getElementById("own")!, { x: [[1, 2], [3]] }));
      await page.waitForFunction(() =>
        /Error: /.test(document.getElementById("own")!.shadowRoot!.querySelector("[role=alert]")?.textContent ?? ""),
      );
      expect(await page.$eval("#own", (own) => own.shadowRoot!.textContent)).not.toContain("script-src");
      expect(faults).toEqual([]);
    } finally {
      await page.close();
      foreign.close();
      library.close();
      elements.close();
    }
  });

  test("alone in a frame, and how to put it into a page", async () => {
    const { page, faults, close } = await site.visit("embed/#element=steps&hidden=2&step=3");
    await settled(page);
    expect(await heading(page)).toBe("Z2 · weighted sums");
    expect(await page.$eval("header", (header) => header.getClientRects().length)).toBe(0);
    await close();
    const how = await site.visit("zh/embed/");
    expect(await how.page.$eval("pre", (pre) => pre.textContent)).toContain(
      '<wasmgrad-steps data="xor" hidden="3"></wasmgrad-steps>',
    );
    expect([...faults, ...how.faults]).toEqual([]);
    await how.close();
  });

  test("as a program for Node it has the page's fingerprint", async () => {
    const { page, close } = await site.visit("backprop/#net=3t&opt=adam&lr=0.05&data=or&trained=20-3r1-2");
    await press(page, cell("b1", 1));
    await page.keyboard.type("0.75");
    await page.keyboard.press("Enter");
    await press(page, "[data-do=many]");
    await settled(page);
    const { weights, trained, fingerprint } = await page.evaluate(() => {
      const steps = document.querySelector<StepsElement>("wasmgrad-steps")!;
      return {
        weights: [...steps.weights!],
        trained: steps.trained,
        fingerprint: document.getElementById("fingerprint")!.textContent.split(" ").at(-1),
      };
    });
    expect(trained).toBe("100");
    const plan = { ...USUAL, data: "or", hidden: readHidden("3t")!, optimizer: "adam", rate: 0.05 } as const;
    const folder = project("playground-steps");
    writeFileSync(join(folder, "quick.mjs"), nodeProgram(plan, trained, Float32Array.from(weights)));
    expect(execFileSync("node", ["quick.mjs"], { cwd: folder, encoding: "utf8" }).trim()).toBe(fingerprint);
    await close();
  });

  test("so has one of samples and batches in turn", async () => {
    const trained = "3rturn-2-30rturn-4rbturn-1r5-2rbturn";
    const { page, close } = await site.visit(`backprop/#data=moons&trained=${trained}`);
    const print = await printNow(page);
    await close();
    const folder = project("playground-turns");
    writeFileSync(join(folder, "turns.mjs"), nodeProgram({ ...USUAL, data: "moons" }, trained, undefined));
    expect(execFileSync("node", ["turns.mjs"], { cwd: folder, encoding: "utf8" }).trim()).toBe(print);
  });
});
