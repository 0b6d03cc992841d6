// docs/digits.png: it shows what the command prints today, but for times.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PICTURE, printed } from "../scripts/picture.ts";
import { decode, encode, textOf } from "../scripts/png.ts";
import { page, plainText, screen } from "../scripts/terminal.ts";
import { installed } from "./support/programs.ts";

/** Rates and times differ from run to run, and with them what the spaces around them are. */
const withoutTimes = (text: string): string =>
  text.replaceAll(/[\d,.]+ samples\/s/g, "samples/s").replaceAll(/\s+([\d.]+ m?s|\d+:\d\d)\b/g, " time");

describe("docs/digits.png", () => {
  test.skipIf(!process.env["CI"] && installed("script") === undefined)("shows what the command prints today", () => {
    const text = textOf(readFileSync(PICTURE));
    expect(text, "the picture has no text; make it by `npm run picture`").toBeDefined();
    const today = withoutTimes(plainText(printed()));
    expect(today).toContain("Fingerprint");
    expect(withoutTimes(text!), "the picture is old; make it again by `npm run picture`").toBe(today);
  });

  test("is small enough to be looked at over a slow line", () => {
    expect(readFileSync(PICTURE).length).toBeLessThan(150_000);
  });
});

describe("a terminal", () => {
  test("lines that are written over are gone, styles go where they were meant", () => {
    const lines = screen(
      "\r\x1b[2Kepoch 1 of 2\r\x1b[2Kdone\r\n\x1b[1mbold\x1b[22m \x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀▀\x1b[0m!\r\n",
    );
    expect(plainText(lines)).toBe("done\nbold ▀▀!");
    expect(lines[1]!.map(({ style }) => Boolean(style.bold))).toEqual([true, true, true, true, false, false, false, false]); // prettier-ignore
    expect(lines[1]![5]!.style).toMatchObject({ colour: "rgb(1 2 3)", background: "rgb(4 5 6)" });
    expect(lines[1]![7]!.style).toEqual({});
  });

  test("what it can't show is an error", () => {
    expect(() => screen("a\x1b[5Ab")).toThrow("terminal: can't show");
    expect(() => screen("a\tb")).toThrow('terminal: can\'t show "\\t"');
    expect(() => screen("\x1b[7mreversed")).toThrow("terminal: can't show the style 7");
  });

  test("the page has every run of characters at its column", () => {
    const html = page("title", screen("a <b>\r\n  \x1b[32mgreen\x1b[39m\r\n"), 20);
    expect(html).toContain('left:0px;top:0px;width:40px">a &lt;b></span>');
    expect(html).toMatch(/left:16px;top:16px;width:40px;color:#\w{6}">green</);
  });
});

test("PNG files: what is written is read, and holds the text", () => {
  const file = encode({ width: 3, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i * 10) }, "a ▀ text");
  expect(textOf(file)).toBe("a ▀ text");
  expect(file.readUInt32BE(16)).toBe(3);
  // a screenshot has other pixels: four bytes each
  expect(() => decode(file)).toThrow("png: can't read the kind 8,3,0,0,0");
});
