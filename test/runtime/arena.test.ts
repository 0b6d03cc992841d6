// The arena: what it allocates, frees and merges, and what its errors say.
import { describe, expect, test } from "vitest";
import { Arena, bytesText, withWorkspace, Workspace } from "../../src/runtime/arena.ts";
import { expectRefusal } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";

const PAGE = 65536;
const arena = (pages = 1, base = 1000, maximum = 65536): Arena =>
  new Arena(new WebAssembly.Memory({ initial: pages, maximum }), base);
const take = (from: Arena, bytes: number) => from.allocate(bytes, "test", "a part");

describe("allocate", () => {
  test("begins behind the base, 64-byte aligned, and rounds up to 64 bytes", () => {
    const a = arena();
    const empty = a.used;
    const parts = [1, 64, 65, 200].map((bytes) => take(a, bytes));
    expect(parts.map((p) => p.bytes)).toEqual([64, 64, 128, 256]);
    expect(parts.map((p) => p.address)).toEqual([1024, 1088, 1152, 1280]);
    expect(a.used - empty).toBe(64 + 64 + 128 + 256);
    expect(take(a, 0).bytes).toBe(64);
  });

  test("gives zeros, also where others have written", () => {
    const a = arena();
    const first = take(a, 256);
    a.u8.fill(0xab, first.address, first.address + 256);
    a.free(first);
    const again = take(a, 192);
    expect(again.address).toBe(first.address);
    expect(a.u8.subarray(again.address, again.address + 192).every((byte) => byte === 0)).toBe(true);
  });

  test("takes the first part that is large enough", () => {
    const a = arena();
    const [x, , y] = [take(a, 128), take(a, 64), take(a, 256), take(a, 64)];
    a.free(x!);
    a.free(y!);
    expect(take(a, 192).address).toBe(y!.address);
    expect(take(a, 128).address).toBe(x!.address);
    expect(take(a, 64).address).toBe(y!.address + 192);
  });
});

describe("free", () => {
  test("joins neighbours, in any order", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const a = arena();
      const empty = a.used;
      const parts = [take(a, 64), take(a, 64), take(a, 64)];
      const guard = take(a, 64);
      for (const i of order) a.free(parts[i]!);
      // only a merged region is large enough for all three
      expect(take(a, 192).address).toBe(parts[0]!.address);
      expect(guard.address).toBe(parts[0]!.address + 192);
      expect(a.used - empty).toBe(256);
    }
  });

  test("parts never overlap, and all of them come back", () => {
    const random = generator(1);
    const a = arena();
    const empty = a.used;
    const live = new Map<number, { address: number; bytes: number }>();
    for (let i = 0; i < 2000; i++) {
      if (random() < 0.55 || live.size === 0) {
        const part = take(a, 1 + Math.floor(3000 * random()));
        live.set(i, part);
        a.u32.fill(i, part.address / 4, (part.address + part.bytes) / 4);
      } else {
        const [key, part] = [...live][Math.floor(random() * live.size)]!;
        // what was written there is still there
        expect(a.u32.subarray(part.address / 4, (part.address + part.bytes) / 4).every((v) => v === key)).toBe(true);
        a.free(part);
        live.delete(key);
      }
    }
    const inUse = [...live.values()].reduce((sum, part) => sum + part.bytes, 0);
    const grown = a.memory.buffer.byteLength;
    expect(a.used - empty).toBe(inUse);
    for (const part of live.values()) a.free(part);
    expect(a.used).toBe(empty);
    expect(take(a, grown - empty).address).toBe(1024); // one region again
    expect(a.memory.buffer.byteLength).toBe(grown);
  });
});

describe("growth", () => {
  test("keeps the numbers, the addresses and what is used", () => {
    const a = arena();
    const part = take(a, 1024);
    const old = a.f32;
    old.fill(1.5, part.address / 4, part.address / 4 + 256);
    const used = a.used;
    const large = take(a, 10 * PAGE);
    expect(a.memory.buffer.byteLength).toBeGreaterThan(10 * PAGE);
    expect(a.used - used).toBe(10 * PAGE);
    expect(a.read(part.address, 256)).toEqual(new Float32Array(256).fill(1.5));
    expect(a.read(large.address, (10 * PAGE) / 4).every((v) => v === 0)).toBe(true);
    expect(old.length).toBe(0); // older views are empty: new ones are needed
    expect(a.f32.length).toBe(a.memory.buffer.byteLength / 4);
  });

  test("adds only the pages that are missing behind the last part", () => {
    const a = arena();
    take(a, PAGE / 2);
    take(a, PAGE / 2);
    expect(a.memory.buffer.byteLength).toBe(2 * PAGE);
    take(a, PAGE / 2);
    expect(a.memory.buffer.byteLength).toBe(2 * PAGE);
  });

  test("leaves room behind the last part for vectors that reach over it", () => {
    const a = arena();
    for (let i = 0; i < 200; i++) {
      const { address, bytes } = take(a, 1000);
      expect(address + bytes + 64).toBeLessThanOrEqual(a.memory.buffer.byteLength);
    }
  });

  test("a memory that someone else has grown is used as it is", () => {
    const a = arena();
    const part = take(a, 64);
    a.f32[part.address / 4] = 7;
    a.memory.grow(3);
    expect(a.f32.length).toBe((4 * PAGE) / 4);
    expect(a.read(part.address, 1)).toEqual(Float32Array.of(7));
    const more = take(a, 6 * PAGE);
    expect(more.address + more.bytes + 64).toBeLessThanOrEqual(a.memory.buffer.byteLength);
  });

  test("more than can be addressed, or more than the engine gives", async () => {
    const a = arena(1, 1000, 4);
    const used = a.used;
    await expectRefusal(
      () => a.allocate(5e9, "fit", "the data's x"),
      RangeError,
      "fit: no room for the data's x; 5.00 GB more make 5.00 GB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set",
    );
    await expectRefusal(
      () => a.allocate(500_000, "predict", "the activations"),
      RangeError,
      "predict: no room for the activations; 500.0 kB more make 524.3 kB of WebAssembly memory, but the engine gives no more. Use a smaller model, batch or data set",
    );
    expect(a.used).toBe(used);
    expect(take(a, PAGE).address).toBe(1024);
  });
});

describe("the views", () => {
  test("show one memory", () => {
    const a = arena();
    const { address } = take(a, 64);
    a.f64[address / 8] = -2;
    expect(a.u32[address / 4 + 1]).toBe(0xc0000000);
    expect(a.f32[address / 4 + 1]).toBe(-2);
    expect(a.u8[address + 7]).toBe(0xc0);
  });

  test("read gives a copy", () => {
    const a = arena();
    const { address } = take(a, 64);
    const copy = a.read(address, 2);
    copy[0] = 5;
    expect(a.f32[address / 4]).toBe(0);
  });
});

describe("workspaces", () => {
  test("free all that was taken through them", () => {
    const a = arena();
    const empty = a.used;
    const workspace = new Workspace(a, "test");
    const [x, y] = [workspace.allocate(100, "x"), workspace.allocate(1, "y")];
    expect(y! - x!).toBe(128);
    expect(a.used - empty).toBe(192);
    workspace.free();
    expect(a.used).toBe(empty);
    workspace.free(); // nothing is left to be freed
    expect(a.used).toBe(empty);
  });

  test("name their owner when there is no room", async () => {
    const workspace = new Workspace(arena(), "predict");
    await expectRefusal(
      () => workspace.allocate(1e12, "the batch"),
      RangeError,
      /^predict: no room for the batch; 1\.00 TB more/,
    );
  });

  test("are freed at once if what they are for can't be made", async () => {
    const a = arena();
    const used = a.used;
    const make = (workspace: Workspace): never => {
      workspace.allocate(100, "x");
      throw new RangeError("no");
    };
    await expectRefusal(() => withWorkspace(a, {}, "test", make), RangeError, "no");
    expect(a.used).toBe(used);
    const holder = {};
    expect(withWorkspace(a, holder, "test", (workspace) => workspace.allocate(100, "x"))).toBe(1024);
    expect(a.used).toBe(used + 128);
  });
});

describe("bytesText", () => {
  for (const [bytes, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [12_345, "12.3 kB"],
    [4_294_967_296, "4.29 GB"],
    [40e9, "40.0 GB"],
    [7.25e15, "7250.0 TB"],
  ] as const) {
    test(text, () => expect(bytesText(bytes)).toBe(text));
  }
});
