// UTF-8 by the engine's own means, and without them: the same bytes, texts and refusals.
import { afterEach, describe, expect, test, vi } from "vitest";
import { utf8Bytes, utf8Text } from "../../src/formats/utf8.ts";

afterEach(() => void vi.unstubAllGlobals());

const without = (): void => {
  vi.stubGlobal("TextEncoder", undefined);
  vi.stubGlobal("TextDecoder", undefined);
};

const TEXTS = ["", "{}", '{"层":"dense"}', "a\n\t\0é€😀", "100% %41", "\ufeffbom", "lone \ud800 and \udc00\ud800"];

describe.each([
  ["with TextEncoder and TextDecoder", () => {}],
  ["without", without],
] as const)("%s", (_, prepare) => {
  test.each(TEXTS)("%j", (text) => {
    const [bytes, back] = [new TextEncoder().encode(text), new TextDecoder().decode(new TextEncoder().encode(text))];
    prepare();
    expect(utf8Bytes(text)).toEqual(bytes);
    expect(utf8Text(bytes)).toBe(back);
  });

  test.each([
    ["a byte that begins nothing", [0x80]],
    ["cut short", [0xe2, 0x82]],
    ["longer than needed", [0xc0, 0xaf]],
    ["half a pair", [0xed, 0xa0, 0x80]],
    ["beyond the last character", [0xf4, 0x90, 0x80, 0x80]],
  ])("refuses %s", (_name, bytes) => {
    prepare();
    expect(() => utf8Text(Uint8Array.from(bytes))).toThrow(Error);
  });

  test("reads bytes of shared memory, and a part of a buffer", () => {
    prepare();
    const bytes = new Uint8Array(new SharedArrayBuffer(6), 1, 4);
    bytes.set([0x61, 0xc3, 0xa9, 0x62]);
    expect(utf8Text(bytes)).toBe("aéb");
  });
});
