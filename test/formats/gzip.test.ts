// Gzipped files, as Node's own zlib makes them: real ones, damaged ones, and bombs.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { gunzip } from "../../src/formats/gzip.ts";
import { expectRefusal } from "../support/refusals.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 5);
const exactly = (size: number) => () => size;

test("gives the bytes that were packed", async () => {
  for (const length of [0, 1, 5000, bytes.length]) {
    const part = bytes.subarray(0, length);
    expect(await gunzip(gzipSync(part), "a.gz", exactly(length || 1))).toEqual(part);
  }
});

describe("what is refused", () => {
  test("cut short, damaged, or with something after the end", async () => {
    const packed = gzipSync(bytes);
    const damaged = Uint8Array.from(packed);
    damaged[packed.length - 6]! ^= 1; // its checksum
    for (const bad of [packed.subarray(0, -10), damaged]) {
      await expectRefusal(
        () => gunzip(bad, "a.gz", exactly(bytes.length)),
        Error,
        /^a\.gz: the gzip file is damaged or cut short$/,
      );
    }
  });

  test("a bomb: no more is taken than the header says", async () => {
    const bomb = gzipSync(new Uint8Array(200_000_000), { level: 9 }); // 200 kB
    const before = process.memoryUsage().arrayBuffers;
    await expectRefusal(
      () => gunzip(bomb, "bomb.gz", exactly(1000)),
      Error,
      "bomb.gz: it inflates to more than the 1000 bytes that its header says",
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  test("a header that says too much", () =>
    expectRefusal(
      () => gunzip(gzipSync(bytes), "a.gz", exactly(2 ** 31)),
      Error,
      "a.gz: its header says 2147483648 bytes; at most 1073741824 are inflated",
    ));

  test("another kind of file is given back as far as it was read, for its reader to refuse", async () => {
    const start = await gunzip(gzipSync(bytes), "a.gz", exactly(0));
    expect(start).toEqual(bytes.subarray(0, start.length));
  });
});
