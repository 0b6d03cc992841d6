// The elements in Chromium, under a policy that allows no inline styles: what is drawn, what is read aloud, and that names are text.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage, isMissing, type OpenPage, openPage } from "../support/bundledPage.ts";

const missing = isMissing("chrome");
let page: OpenPage;
const problems: string[] = [];
beforeAll(async () => {
  if (missing) return;
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";
  page = await openPage("chrome", await bundlePage(join(import.meta.dirname, "page")), policy);
  page.page!.on("pageerror", (error) => problems.push(String(error)));
  page.page!.on("console", (message) => problems.push(message.text()));
}, 300_000);
afterAll(() => page?.close());

/** Runs a function in the page. What it is given must be JSON. */
const inPage = <A extends unknown[], R>(run: (...args: A) => R, ...args: A): Promise<Awaited<R>> =>
  page.evaluate(`(${String(run)})(...${JSON.stringify(args)})`) as Promise<Awaited<R>>;

/** What main.js puts into the page. */
interface Curve extends HTMLElement {
  add(logs: object): void;
  show(history: object): void;
  clear(): void;
}
interface Confusion extends HTMLElement {
  show(data: object): void;
}
declare const drawnElement: <E extends HTMLElement>(tag: string, use?: (made: E) => void) => Promise<E>;
declare const frame: () => Promise<void>;
declare const refusal: (run: () => unknown) => Promise<string>;

const size = async (width: number, dark: boolean): Promise<void> => {
  await page.page!.setViewport({ width, height: 700 });
  await page.page!.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
};

describe.skipIf(missing)("wasmgrad-curve", () => {
  test("has a panel for the loss, one for metrics between 0 and 1, and one for each other", async () => {
    await size(900, false);
    const titles = await inPage(async () => {
      const curve = await drawnElement<Curve>("wasmgrad-curve", (made) => {
        for (let i = 1; i <= 3; i++) {
          made.add({
            loss: 1 / i,
            accuracy: i / 4,
            f1: i / 5,
            mae: 10 * i,
            validationLoss: 2 / i,
            validationAccuracy: 0.5,
          });
        }
      });
      return [...curve.shadowRoot!.querySelectorAll("figcaption")].map((caption) =>
        [...caption.children].map((child) => child.textContent),
      );
    });
    expect(titles).toEqual([
      ["loss", "training0.333", "validation0.667"],
      ["metrics", "accuracy0.750", "accuracy, validation0.500", "f10.600"],
      ["mae", "training30.00"],
    ]);
  });

  test("says in words what it draws", async () => {
    const labels = await inPage(async () => {
      const curve = await drawnElement<Curve>("wasmgrad-curve", (made) =>
        made.show({ loss: [2, 0.5, 1], validationLoss: [3, Number("nan"), 2.5] }),
      );
      const figure = curve.shadowRoot!.querySelector("figure")!;
      return [
        figure.getAttribute("role"),
        figure.getAttribute("aria-label"),
        figure.querySelector("svg")!.getAttribute("aria-hidden"),
        figure.querySelector(".note")!.textContent,
      ];
    });
    expect(labels).toEqual([
      "img",
      "loss after epoch 3: training 1.000, lowest 0.500, highest 2.000; validation 2.500, lowest 2.500, highest 3.000",
      "true",
      "✕ loss, validation: no finite number in epoch 2",
    ]);
  });

  test("draws one epoch as points, many as lines, and breaks a line where it isn't finite", async () => {
    const [one, many, broken, all] = await inPage(async () => {
      const draw = async (history: object): Promise<[string[], number]> => {
        const curve = await drawnElement<Curve>("wasmgrad-curve", (made) => made.show(history));
        const paths = [...curve.shadowRoot!.querySelectorAll(".plot .line")].map((path) => path.getAttribute("d")!);
        return [paths, curve.shadowRoot!.querySelectorAll(".dot").length];
      };
      const values = (count: number): number[] => Array.from({ length: count }, (_, i) => 1 / (i + 1));
      return [
        await draw({ loss: [1] }),
        await draw({ loss: values(200) }),
        await draw({ loss: [1, 2, Infinity, 3, 4].map((v) => v ?? Number.NaN) }),
        await draw({ loss: values(100_000) }),
      ];
    });
    expect(one[1]).toBe(1);
    expect([many[0][0]!.match(/[ML]/g)!.length, many[1]]).toEqual([200, 1]);
    expect(broken[0][0]!.replaceAll(/[^ML]/g, "")).toBe("MLML");
    // no more points than a screen can show
    expect(all[0][0]!.match(/[ML]/g)!.length).toBeLessThan(3000);
    expect(JSON.stringify([one, many, broken, all])).not.toContain("NaN");
  });

  test.each([
    ["the same value in every epoch", { loss: [0.5, 0.5, 0.5] }],
    ["only what isn't finite", { loss: [null, null] }],
    ["numbers that float64 hardly holds", { loss: [1e308, -1e308, 1e-308], mae: [5e-324, 1e-320] }],
    ["values that hardly differ", { loss: [1, 1.0000000000000002, 1] }],
    ["zeros", { loss: [0, 0], accuracy: [0, 0] }],
  ])("%s: the drawing has numbers", async (_, history) => {
    for (const scale of ["linear", "log"]) {
      const drawn = await inPage(
        async (values, axis) => {
          const curve = await drawnElement<Curve>("wasmgrad-curve", (made) => {
            made.setAttribute("scale", axis);
            const fill = (list: unknown[]): number[] => list.map((v) => (v === null ? Number.NaN : (v as number)));
            made.show(Object.fromEntries(Object.entries(values).map(([key, list]) => [key, fill(list)])));
          });
          return [...curve.shadowRoot!.querySelectorAll(".plot *")].map((node) => node.outerHTML).join("\n");
        },
        history as Record<string, unknown[]>,
        scale,
      );
      expect(drawn).toContain("<text");
      expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test("is redrawn once a frame, however often it is told, and again where its size changes", async () => {
    const counts = await inPage(async () => {
      const curve = await drawnElement<Curve>("wasmgrad-curve", (made) => made.add({ loss: 1 }));
      let drawn = 0;
      const watch = new MutationObserver((records) => {
        if (records.some(({ target }) => (target as Element).className === "plot")) drawn++;
      });
      watch.observe(curve.shadowRoot!, { childList: true, subtree: true });
      for (let i = 0; i < 1000; i++) curve.add({ loss: i });
      await frame();
      const once = drawn;
      curve.style.width = "300px";
      await frame();
      await frame();
      return [once, drawn > once, curve.shadowRoot!.querySelector(".plot svg")!.getBoundingClientRect().width < 300];
    });
    expect(counts).toEqual([1, true, true]);
  });

  test("shows the epoch under the pointer", async () => {
    await inPage(async () => {
      await drawnElement<Curve>("wasmgrad-curve", (made) => made.show({ loss: [4, 3, 2, 1, 0.5] }));
    });
    const box = (await inPage(() => {
      const plot = document
        .querySelector("wasmgrad-curve")!
        .shadowRoot!.querySelector(".plot")!
        .getBoundingClientRect();
      return [plot.x, plot.y, plot.width, plot.height];
    })) as [number, number, number, number];
    const title = async (): Promise<unknown> => {
      await inPage(() => frame());
      return inPage(
        () => document.querySelector("wasmgrad-curve")!.shadowRoot!.querySelector("figcaption")!.textContent,
      );
    };
    await page.page!.mouse.move(box[0] + 5, box[1] + 50);
    expect(await title()).toBe("loss, epoch 1training4.000");
    await page.page!.mouse.move(box[0] + box[2] - 2, box[1] + 50);
    expect(await title()).toBe("loss, epoch 5training0.500");
    await page.page!.mouse.move(1, 1);
    expect(await title()).toBe("losstraining0.500");
  });

  test("refuses what are no logs", async () => {
    const texts = await inPage(async () => {
      const curve = await drawnElement<Curve>("wasmgrad-curve");
      return [
        await refusal(() => curve.add(3 as never)),
        await refusal(() => curve.add({ loss: "0.5" })),
        await refusal(() => curve.show({ loss: 0.5 })),
        curve.shadowRoot!.textContent,
      ];
    });
    expect(texts).toEqual([
      "wasmgrad-curve.add: the logs must be an object of numbers, got number 3",
      'wasmgrad-curve.add: loss must be a number, got the string "0.5"',
      "wasmgrad-curve.show: loss must be a list of numbers, got number 0.5",
      "No epoch yet",
    ]);
  });
});

describe.skipIf(missing)("wasmgrad-confusion", () => {
  test("counts pairs, with recall and precision at the margins", async () => {
    const table = await inPage(async () => {
      const made = await drawnElement<Confusion>("wasmgrad-confusion", (confusion) =>
        confusion.show({ targets: [0, 0, 0, 1, 1, 2], predictions: [0, 0, 1, 1, 1, 0], names: ["cat", "dog", "eel"] }),
      );
      const found = made.shadowRoot!.querySelector("table")!;
      return {
        caption: found.caption!.textContent,
        rows: [...found.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
        headers: [...found.querySelectorAll("th")].map((th) => th.scope),
        title: found.tBodies[0]!.rows[0]!.cells[2]!.title,
      };
    });
    expect(table).toEqual({
      caption: "Accuracy 66.7 % (4 of 6 right)",
      rows: [
        ["", "predicted", "", ""],
        ["true", "cat", "dog", "eel", "recall %", "rows"],
        ["cat", "2", "1", "0", "66.7", "3"],
        ["dog", "0", "2", "0", "100", "2"],
        ["eel", "1", "0", "0", "0", "1"],
        ["precision %", "66.7", "66.7", "–", "", "6"],
      ],
      headers: ["colgroup", "row", "col", "col", "col", "col", "col", "row", "row", "row", "row"],
      title: "cat taken for dog: 1 of 3 (33.3 %)",
    });
  });

  test("can be read in every shade, light and dark", async () => {
    for (const dark of [false, true]) {
      await size(900, dark);
      const worst = await inPage(async () => {
        const n = 12;
        const made = await drawnElement<Confusion>("wasmgrad-confusion", (confusion) =>
          // each row is shared by two classes, in all tenths
          confusion.show({
            matrix: Array.from({ length: n }, (_, i) => {
              const row = Array.from({ length: n }, () => 0);
              row[i] = Math.max(0, 10 - i);
              row[(i + 1) % n] = Math.min(10, i);
              return row;
            }),
          }),
        );
        const colour = (text: string): number[] => text.match(/[\d.]+/g)!.map(Number);
        const surface = colour(getComputedStyle(made).backgroundColor);
        const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const luminance = ([r, g, b]: number[]): number =>
          0.2126 * linear(r! / 255) + 0.7152 * linear(g! / 255) + 0.0722 * linear(b! / 255);
        const contrasts = [...made.shadowRoot!.querySelectorAll("td, th")].map((cell) => {
          const style = getComputedStyle(cell);
          const [r, g, b, alpha = 1] = colour(style.backgroundColor);
          const back = [r!, g!, b!].map((c, i) => c * alpha + surface[i]! * (1 - alpha));
          const [x, y] = [luminance(back), luminance(colour(style.color))].toSorted((p, q) => q - p) as [
            number,
            number,
          ];
          return (x + 0.05) / (y + 0.05);
        });
        return Math.min(...contrasts);
      });
      // WCAG 2.2, 1.4.3
      expect(worst).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("twenty classes with long names fit into a narrow page, by scrolling", async () => {
    await size(360, false);
    const found = await inPage(async () => {
      const names = Array.from({ length: 20 }, (_, i) => `a class with a name that is long ${i}`);
      const made = await drawnElement<Confusion>("wasmgrad-confusion", (confusion) =>
        confusion.show({ matrix: names.map((_, i) => names.map((__, j) => (i === j ? 10 : 0))), names }),
      );
      const region = made.shadowRoot!.querySelector(".scroll") as HTMLElement;
      return [
        document.documentElement.scrollWidth <= innerWidth,
        region.scrollWidth > region.clientWidth,
        region.tabIndex,
        region.getAttribute("aria-label"),
      ];
    });
    expect(found).toEqual([true, true, 0, "Confusion matrix"]);
  });

  test("refuses what can't be counted, and keeps what it shows", async () => {
    const texts = await inPage(async () => {
      const made = await drawnElement<Confusion>("wasmgrad-confusion", (confusion) =>
        confusion.show({ matrix: [[1]] }),
      );
      const all: string[] = [];
      for (const data of [
        3,
        {},
        { targets: [0, 1], predictions: [0] },
        { targets: [0, 0.5], predictions: [0, 0] },
        { targets: [], predictions: [] },
        { targets: [0, -2], predictions: [0, 0], names: ["a", "b"] },
        { targets: [0, 2], predictions: [0, 0], names: ["a", "b"] },
        { matrix: [[1, 2]] },
        { matrix: [[-1]] },
        { matrix: [[1]], names: ["a", "b"] },
        { matrix: [[1]], names: [7] },
        { matrix: Array.from({ length: 201 }, () => Array.from({ length: 201 }, () => 0)) },
      ]) {
        all.push(await refusal(() => made.show(data as never)));
      }
      await frame();
      const kept = made.shadowRoot!.querySelector("caption")!.textContent;
      made.show({ targets: [1, -1, 0], predictions: [1, 0, 1] }); // -1 counts nothing
      await frame();
      return [...all, kept, made.shadowRoot!.querySelector("caption")!.textContent];
    });
    const where = "wasmgrad-confusion.show:";
    expect(texts).toEqual([
      `${where} options must be an object, got number 3`,
      `${where} the data must be { targets, predictions } or { matrix }, got an object (Object)`,
      "confusionMatrix: there are 2 targets but 1 predictions",
      "confusionMatrix: labels must be whole numbers from 0 to 200, but targets[1] is 0.5",
      `${where} targets is empty; at least one label is needed`,
      "confusionMatrix: labels must be whole numbers from 0 to 1, but targets[1] is -2",
      "confusionMatrix: labels must be whole numbers from 0 to 1, but targets[1] is 2",
      `${where} matrix must have as many columns as rows, but row 0 has 2 of 1`,
      `${where} counts must be 0 or more, but matrix[0][0] is -1`,
      `${where} there are 2 names but 1 classes`,
      `${where} names[0] must be a string, got number 7`,
      `${where} a table of 201 classes can't be read; at most 200 are shown, as groups of classes would be`,
      "Accuracy 100 % (1 of 1 right)",
      "Accuracy 50.0 % (1 of 2 right)",
    ]);
  });
});

test.skipIf(missing)("names from strangers are text", async () => {
  const found = await inPage(async () => {
    const evil = '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script>"\'';
    const confusion = await drawnElement<Confusion>(
      "wasmgrad-confusion",
      (made) =>
      made.show({ matrix: [[1, 2], [3, 4]], names: [evil, "b"] }), // prettier-ignore
    );
    const seen = confusion.shadowRoot!.querySelector("tbody th")!.textContent;
    const curve = await drawnElement<Curve>("wasmgrad-curve", (made) =>
      made.show({ loss: [1], [evil]: [2], __proto__x: [3] }),
    );
    const nodes = [confusion, curve].flatMap((made) => [...made.shadowRoot!.querySelectorAll("img, script")]);
    return [seen === evil, curve.shadowRoot!.textContent!.includes(evil), nodes.length, "broken" in window];
  });
  expect(found).toEqual([true, true, 0, false]);
});

test.skipIf(missing)("a dark page by the system's choice or the attribute", async () => {
  const surfaces: unknown[] = [];
  for (const dark of [false, true]) {
    await size(700, dark);
    surfaces.push(
      await inPage(async () => {
        const made = await drawnElement<Curve>("wasmgrad-curve");
        const colour = (): string => getComputedStyle(made).backgroundColor;
        const system = colour();
        made.setAttribute("theme", "light");
        const light = colour();
        made.setAttribute("theme", "dark");
        return [system, light, colour()];
      }),
    );
  }
  const [light, dark] = ["rgb(255, 255, 255)", "rgb(21, 24, 29)"];
  expect(surfaces).toEqual([
    [light, light, dark],
    [dark, light, dark],
  ]);
});

test.skipIf(missing)("nothing was refused by the page's policy, and nothing was thrown", () =>
  // a page without an icon asks for it
  expect(problems.filter((text) => !text.includes("404"))).toEqual([]),
);
