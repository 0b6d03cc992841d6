// The keyboard's shortcuts while somebody types: what is typed goes into the field, and nothing else happens.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, ROUTES, type Site } from "../support/site.ts";

describe("keys", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite("chrome");
  }, 300_000);
  afterAll(() => site?.close());

  test.each(ROUTES)("/%s: what is typed into a field is no shortcut; anywhere else it is", async (route) => {
    const { page, faults, close } = await site.visit(route);
    const { fields, taken, elsewhere } = await page.evaluate(() => {
      const keys = [..."crdlfun?. 019-", "ArrowLeft", "ArrowRight", "Home", "End"];
      /** A shortcut keeps the browser from doing what it does with a key. */
      const isTaken = (target: Element, key: string): boolean =>
        !target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));
      const within = (root: ParentNode): Element[] =>
        [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? within(e.shadowRoot) : [])]);
      const all = within(document).filter((e) =>
        e.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]"),
      );
      return {
        fields: all.length,
        taken: all.flatMap((e) => keys.filter((key) => isTaken(e, key)).map((key) => `${e.outerHTML}: ${key}`)),
        // the theme is changed by it on every page
        elsewhere: isTaken(document.body, "d"),
      };
    });
    expect(taken).toEqual([]);
    expect(elsewhere).toBe(true);
    if (!["", "about/", "digits/", "embed/"].includes(route)) expect(fields).toBeGreaterThan(0);
    expect(faults).toEqual([]);
    await close();
  });
});
