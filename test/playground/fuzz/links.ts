// Fuzzes what is after `#` in the URLs of pages: what is understood is written and read as the same; what isn't is said, and never
// breaks a page.
import { digitFrom, digitText } from "../../../playground/src/digits/digitText.ts";
import { imageOf, imageText } from "../../../playground/src/lessons/bars.ts";
import { setupOf, SETTINGS } from "../../../playground/src/play/settings.ts";
import { readPoints, readWeights, writePoints, writeWeights } from "../../../playground/src/shell/codec.ts";
import { type AnySetting, State } from "../../../playground/src/shell/state.ts";
import type { Draw } from "../../fuzz/draw.ts";
import type { Fuzzer } from "../../fuzz/engine.ts";
import { changedOften, changedText } from "../../fuzz/mutate.ts";

/** Settings of other pages, under names of their own. */
const MORE: Readonly<Record<string, AnySetting>> = {
  image: { initial: null, read: imageOf, write: (pixels: number[] | null) => (pixels ? imageText(pixels) : "") },
  digit: { initial: new Uint8Array(784), read: digitFrom, write: digitText },
};
const ALL: Readonly<Record<string, AnySetting>> = { ...SETTINGS, ...MORE };

/** Texts that settings understand. */
function rightText(draw: Draw, key: string): string {
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => draw.from(-4096, 4096) / 4096);
  return draw.call([
    () => String(draw.from(0, 12)),
    () => String(draw.number()),
    () =>
      draw.pick([
        "0",
        "1",
        "8t-8r",
        "4s",
        "12",
        "circles",
        "xor",
        "own",
        "mine:a",
        "adam",
        "opt-adam",
        "cosine-100",
        "loss-net",
      ]),
    () => {
      const n = draw.from(0, 5);
      return writePoints({ x: numbers(2 * n), y: Float32Array.from({ length: n }, () => draw.int(3)) });
    },
    () => writeWeights(numbers(draw.from(1, 9))),
    () => digitText(Uint8Array.from({ length: 784 }, () => (draw.chance(0.1) ? draw.int(256) : 0))),
    () => (ALL[key]!.write as (value: unknown) => string)(ALL[key]!.initial),
  ]);
}

/** The URL's part after `#`, of any keys. */
function anyHash(draw: Draw): string {
  const pairs = draw.list(draw.from(1, 6), () => {
    const key = draw.chance(0.9) ? draw.pick(Object.keys(ALL)) : draw.text();
    const text = draw.chance(0.5)
      ? rightText(draw, Object.hasOwn(ALL, key) ? key : "n")
      : changedOften(draw, rightText(draw, "n"), changedText);
    return `${key}=${draw.chance(0.9) ? encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, "")) : text}`;
  });
  const hash = pairs.join("&");
  return draw.chance(0.2) ? changedText(draw, hash) : hash;
}

/** A page's address, as far as a `State` asks for it. */
const page = { hash: "", href: "https://example.org/play/" };

/** Reads what is after `#`, as a page does. */
function open(hash: string): State<typeof SETTINGS & typeof MORE> {
  page.hash = `#${hash}`;
  page.href = `https://example.org/play/#${hash}`;
  return new State({ ...SETTINGS, ...MORE });
}

export const links: Fuzzer = {
  name: "links",
  what: "the settings in the URLs of the playground's pages",
  inTests: 3000,
  prepare() {
    // what is left out leaves the address later: the fuzzer doesn't wait for it
    const history = { replaceState: () => {}, pushState: () => {} };
    Object.assign(globalThis, { location: page, history, addEventListener: () => {} });
    return (draw) => {
      const given = anyHash(draw);
      let fault: string | undefined;
      try {
        const state = open(given);
        const hash = state.hash();
        const again = open(hash);
        if (again.hash() !== hash) fault = `is written as ${hash}, which is written as ${again.hash()}`;
        else if (again.misread.length > 0)
          fault = `is written as ${hash}, of which ${JSON.stringify(again.misread)} is not understood`;
        const setup = JSON.stringify(setupOf(state as never));
        if (setup !== JSON.stringify(setupOf(again as never))) fault ??= "is another setup when it was written";
        void readWeights(given.slice(-8), 2);
        void readPoints(given.slice(0, 9));
      } catch (error) {
        fault = `threw ${String((error as Error).stack)}`;
      }
      return { fault, refused: open(given).misread.length > 0, input: () => JSON.stringify(given) };
    };
  },
};
