// zip: what Python and Node wrote, what is written and read again, and what is refused in which words.
import { createHash } from "node:crypto";
import { crc32 as nodeCrc32, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/formats/crc32.ts";
import { readZip, writeZip } from "../../src/formats/zip.ts";
import { NPZ } from "../support/numpyFiles.ts";
import { expectRefusal } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (given: Uint8Array): string => new TextDecoder().decode(given);

/** A file of a zip file that is put together by hand. */
interface Part {
  readonly name: string;
  readonly content: Uint8Array;
  /** What is written of it, if it isn't the content or what that deflates to. */
  readonly packed?: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly crc?: number;
  /** The place that the list says. */
  readonly at?: number;
  /** Its sizes are in 64 bits. */
  readonly wide?: boolean;
}

function zipped(parts: readonly Part[], count = parts.length): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const list: Uint8Array[] = [];
  let length = 0;
  const put = (to: Uint8Array[], ...fields: (readonly [size: 2 | 4 | 8, value: number] | Uint8Array)[]): void => {
    for (const field of fields) {
      if (field instanceof Uint8Array) to.push(field);
      else {
        const view = new DataView(new ArrayBuffer(8));
        view.setBigUint64(0, BigInt(field[1]), true);
        to.push(new Uint8Array(view.buffer).slice(0, field[0]));
      }
    }
  };
  for (const { name, content, packed: given, method = 0, flags = 0, size, crc, at, wide = false } of parts) {
    const packed = given ?? (method === 8 ? new Uint8Array(deflateRawSync(content, { level: 9 })) : content);
    const begin = length;
    const encoded = bytes(name);
    put(chunks, [4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0x210000], [4, crc ?? nodeCrc32(content)]);
    put(chunks, [4, packed.length], [4, size ?? content.length], [2, encoded.length], [2, 0], encoded, packed);
    length += 30 + encoded.length + packed.length;
    const full = 0xffffffff;
    put(
      list,
      [4, 0x02014b50],
      [2, 20],
      [2, 20],
      [2, flags],
      [2, method],
      [4, 0x210000],
      [4, crc ?? nodeCrc32(content)],
    );
    put(list, [4, wide ? full : packed.length], [4, wide ? full : (size ?? content.length)], [2, encoded.length]);
    put(list, [2, wide ? 28 : 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, wide ? full : (at ?? begin)], encoded);
    if (wide) put(list, [2, 1], [2, 24], [8, size ?? content.length], [8, packed.length], [8, at ?? begin]);
  }
  const listLength = list.reduce((sum, part) => sum + part.length, 0);
  put(list, [4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, listLength], [4, length], [2, 0]);
  return Uint8Array.from(Buffer.concat([...chunks, ...list]));
}

const read = (file: Uint8Array): Record<string, string> =>
  Object.fromEntries(Array.from(readZip(file, "a file"), ([name, entry]) => [name, text(entry.bytes())]));

describe("reads", () => {
  test.each([0, 8])("stored and deflated files (%i)", (method) => {
    const file = zipped([
      { name: "a.txt", content: bytes("alpha"), method },
      { name: "folder/", content: bytes("") },
      { name: "folder/ä.txt", content: bytes("x".repeat(100_000)), method },
      { name: "empty", content: bytes(""), method },
    ]);
    expect(read(file)).toEqual({ "a.txt": "alpha", "folder/ä.txt": "x".repeat(100_000), empty: "" });
    expect(readZip(file, "a file").get("folder/ä.txt")!.size).toBe(100_000);
  });

  test("with a comment, and with sizes in 64 bits", () => {
    const file = zipped([{ name: "a", content: bytes("alpha"), wide: true }]);
    expect(read(file)).toEqual({ a: "alpha" });
    const commented = Uint8Array.from([...file, ...bytes("PK\x05\x06 a comment")]);
    commented[file.length - 2] = commented.length - file.length;
    expect(read(commented)).toEqual({ a: "alpha" });
  });

  test("what np.savez wrote", () => {
    for (const file of Object.values(NPZ)) {
      const entries = readZip(file, "a file");
      expect([...entries.keys()]).toEqual(["x.npy", "y.npy"]);
      for (const entry of entries.values()) expect(entry.bytes().length).toBe(entry.size);
    }
  });

  test("nothing in it", () => {
    expect(read(zipped([]))).toEqual({});
  });

  test("what Python wrote into a stream: the sizes are behind the bytes", () => {
    // z = zipfile.ZipFile(stream, "w"), where stream has only write(); z.open(ZipInfo("a"), "w") wrote b"alpha", z.open(ZipInfo("ä"), "w",
    // force_zip64=True) b"beta"
    const file = Buffer.from(
      "UEsDBBQACAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYWFscGhhUEsHCGo54NAFAAAABQAAAFBLAwQUAAgIAAAAACEAAAAAAAAAAAAAAAAAAgAUAMOkAQAQAAAAAAAAAAAAAAAAAAAAAABiZXRhUEsHCGMEkY8EAAAAAAAAAAQAAAAAAAAAUEsBAhQDFAAIAAAAAAAhAGo54NAFAAAABQAAAAEAAAAAAAAAAAAAAIABAAAAAGFQSwECFAMUAAgIAAAAACEAYwSRjwQAAAAEAAAAAgAAAAAAAAAAAAAAgAE0AAAAw6RQSwUGAAAAAAIAAgBfAAAAhAAAAAAA",
      "base64",
    );
    expect(read(file)).toEqual({ a: "alpha", ä: "beta" });
  });
});

describe("writes", () => {
  const next = generator(3);
  const files = new Map([
    ["b/a.bin", Uint8Array.from({ length: 50_000 }, () => Math.floor(next() * 8))],
    ["10", bytes("ten")],
    ["漢字", bytes("")],
  ]);

  test.each([true, false])("and reads the same again: compressed %s", (compress) => {
    const file = writeZip(files, compress, "writeNpz");
    const entries = readZip(file, "a file");
    expect(entries.size).toBe(3);
    for (const [name, content] of files) expect(entries.get(name)!.bytes()).toEqual(content);
    expect(file.length < 30_000).toBe(compress);
    expect(writeZip(files, compress, "writeNpz")).toEqual(file);
  });

  test("the same bytes as ever", () => {
    const file = writeZip([["a", bytes("alpha")]], false, "writeNpz");
    expect(createHash("sha256").update(file).digest("hex").slice(0, 16)).toBe("9730f853c424ad4b");
  });

  test("refuses names", async () => {
    const refused = (entries: [string, Uint8Array][], message: string) =>
      expectRefusal(() => writeZip(entries, false, "writeNpz"), RangeError, `writeNpz: ${message}`);
    for (const name of ["/a", "../a", "a/../../b", "C:a", "a\\b", "", "__proto__"]) {
      await refused([[name, bytes("")]], `${JSON.stringify(name)} can't be the name of a file in a zip file`);
    }
    await refused([["a", bytes("")], ["a", bytes("")]], 'the name "a" is there twice'); // prettier-ignore
    const many = Array.from({ length: 65_536 }, (_, i): [string, Uint8Array] => [`${i}`, bytes("")]);
    await refused(many, "65536 files of 5613876 bytes are more than a zip file can have (65535, 4 GB); write several");
  });
});

describe("refuses", () => {
  const a = { name: "a", content: bytes("alpha") };
  const whole = zipped([a]);
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const copy = Uint8Array.from(whole);
    change(new DataView(copy.buffer));
    return copy;
  };
  const END = whole.length - 22;

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "is cut short: the list of its files, which is at the end, isn't there"],
    ["a cut file", whole.slice(0, -1), "is cut short: the list of its files, which is at the end, isn't there"],
    ["a missing beginning", whole.slice(3), "is damaged or cut short: the list of its files is said to be at bytes 36 to 83, but ends at 80"],
    ["several parts", changed((view) => view.setUint16(END + 4, 1, true)), "is one of several parts of a zip file; join them first"],
    ["a count", zipped([a], 2), "is damaged: the list of its files isn't one of 2 files"],
    ["a count of fewer", zipped([a, { ...a, name: "b" }], 1), "is damaged: the list of its files isn't one of 1 files"],
    ["two of one name", zipped([a, a]), 'has two files of the name "a"'],
    ["encryption", zipped([{ ...a, flags: 1 }]), 'has an encrypted file, "a"; write it without a password'],
    ["AES", zipped([{ ...a, method: 99 }]), 'has an encrypted file, "a"; write it without a password'],
    ["bzip2", zipped([{ ...a, method: 12 }]), 'has "a" compressed by bzip2; stored and deflated files are read'],
    ["an unknown method", zipped([{ ...a, method: 77 }]), 'has "a" compressed by method 77; stored and deflated files are read'],
    ["two sizes", zipped([{ ...a, size: 6 }]), 'is damaged: "a" is stored, but has two sizes, 6 and 5'],
    ["a checksum", zipped([{ ...a, crc: 1 }]), 'is damaged: the checksum of "a" isn\'t that of its bytes'],
    ["a deflated file's checksum", zipped([{ ...a, method: 8, crc: 1 }]), 'is damaged: the checksum of "a" isn\'t that of its bytes'],
    ["a place beyond the end", zipped([{ ...a, at: 1e9 }]), 'is damaged or cut short: "a" isn\'t where the list of its files says'],
    ["a place of 2^60", zipped([{ ...a, at: 2 ** 60, wide: true }]), 'is damaged or cut short: "a" isn\'t where the list of its files says'],
    ["a place of another", zipped([a, { ...a, name: "b", at: 0 }]), 'is damaged: "b" shares bytes with the file before it'],
    ["an absolute name", zipped([{ ...a, name: "/etc/a" }]), 'has a file of the name "/etc/a"; names must be of files in it, without "..", "\\" or a drive'],
    ["a name that leads out", zipped([{ ...a, name: "b/../../a" }]), 'has a file of the name "b/../../a"; names must be of files in it, without "..", "\\" or a drive'],
    ["a drive", zipped([{ ...a, name: "C:\\a" }]), 'has a file of the name "C:\\\\a"; names must be of files in it, without "..", "\\" or a drive'],
    ["no name", zipped([{ ...a, name: "" }]), 'has a file of the name ""; names must be of files in it, without "..", "\\" or a drive'],
    ["more than can be inflated", zipped([{ ...a, method: 8, size: 1e9 }]), 'is damaged: "a" can\'t have the 1000000000 bytes that are said of it, since it takes 7 compressed'],
    ["more than is said", zipped([{ ...a, content: new Uint8Array(1e5), method: 8, size: 99_999 }]), 'is damaged: "a" can\'t be inflated'],
    ["less than is said", zipped([{ ...a, content: new Uint8Array(1e5), method: 8, size: 100_001 }]), 'is damaged: "a" can\'t be inflated'],
  ])("%s", async (_, file, message) => {
    await expectRefusal(() => read(file), Error, `a file ${message}`);
  }); // prettier-ignore

  test("a name that isn't UTF-8", async () => {
    const file = Uint8Array.from(whole);
    file[END - 1] = 0xff;
    await expectRefusal(() => read(file), Error, "a file has a file whose name isn't UTF-8; pack it again");
  });

  test("what can't be inflated", async () => {
    const file = zipped([{ name: "a", content: bytes("alpha beta alpha beta"), method: 8 }]);
    file[31] = 0xff; // a kind of block that there isn't
    await expectRefusal(() => read(file), Error, 'a file is damaged: "a" can\'t be inflated');
  });

  test("a bomb, before anything is inflated", async () => {
    const content = new Uint8Array(2 ** 26);
    const packed = new Uint8Array(deflateRawSync(content));
    const crc = nodeCrc32(content);
    const parts = Array.from({ length: 17 }, (_, i) => ({ name: `${i}`, content, packed, crc, method: 8 }));
    const file = zipped(parts);
    expect(file.length).toBeLessThan(1_300_000);
    const message =
      "a file inflates to 1140850688 bytes; at most 1073741824 are inflated. Store what is larger without compression, as np.savez does";
    const before = process.memoryUsage().rss;
    await expectRefusal(() => readZip(file, "a file"), Error, message);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
  }, 300_000);

  test("a bomb that says less than it is, within what it says", async () => {
    const file = zipped([{ name: "a", content: new Uint8Array(2 ** 28), method: 8, size: 10 }]);
    const before = process.memoryUsage().rss;
    await expectRefusal(() => read(file), Error, 'a file is damaged: "a" can\'t be inflated');
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
  }, 300_000);
});

test("the checksum is zlib's, at every length and place", () => {
  const next = generator(5);
  const given = Uint8Array.from({ length: 300 }, () => Math.floor(next() * 256));
  for (let from = 0; from < 9; from++) {
    for (let to = from; to < 300; to += 1 + (to % 7)) {
      expect(crc32(given.subarray(from, to))).toBe(nodeCrc32(given.subarray(from, to)));
    }
  }
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
});
