// Bad files of tensors, by what is wrong with them: each is refused by a typed error, with its place and reason, and in the memory of what is there.
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readNpy, readNpz, writeNpy, writeNpz } from "../../src/data.ts";
import { modelFromBytes, modelToBytes, openSafetensors, readSafetensors, writeSafetensors } from "../../src/files.ts";
import { crc32 } from "../../src/formats/crc32.ts";
import { writeZip } from "../../src/formats/zip.ts";
import { dense, sequential } from "../../src/index.ts";
import { loadStateDict, readTorch, stateDict } from "../../src/torch.ts";
import { archive, call, global, pickle, tensor, text, tuple } from "../support/torchFiles.ts";
import { expectRefusal } from "../support/refusals.ts";

/** The typed error that a reading ends with. */
async function refusalOf(read: () => unknown): Promise<{ readonly offset: number; readonly reason: string }> {
  let error: unknown;
  try {
    await read();
  } catch (thrown) {
    error = thrown;
  }
  const { name, message, offset, reason } = error as Error & { readonly offset: number; readonly reason: string };
  expect(name).toBe("FileError");
  expect(message.endsWith(reason)).toBe(true);
  expect(Number.isSafeInteger(offset) && offset >= 0).toBe(true);
  return { offset, reason };
}

/** Bytes of memory that a call takes beyond what it gives back. */
async function memoryOf(read: () => Promise<unknown>): Promise<number> {
  const taken = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const before = taken();
  await read();
  return taken() - before;
}

const latin = (value: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(value, "latin1"));

/** A zip file of one deflated file that is said to have `size` bytes. */
function zipOf(name: string, packed: Uint8Array, size: number, crc: number): Uint8Array<ArrayBuffer> {
  const fields = (...more: number[]): Buffer => {
    const out = Buffer.alloc(26);
    [20, 0, 8, 0, 0x21].forEach((value, i) => out.writeUInt16LE(value, 2 * i));
    out.writeUInt32LE(crc >>> 0, 10);
    out.writeUInt32LE(packed.length, 14);
    out.writeUInt32LE(size, 18);
    out.writeUInt16LE(name.length, 22);
    return Buffer.concat([out, Buffer.from(more)]);
  };
  const local = Buffer.concat([latin("PK\x03\x04"), fields(), latin(name), packed]);
  const listed = Buffer.concat([latin("PK\x01\x02\x14\0"), fields(), Buffer.alloc(14), latin(name)]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Uint8Array.from(Buffer.concat([local, listed, end]));
}

describe("a zip bomb", () => {
  const zeros = new Uint8Array(2 ** 26);
  const packed = deflateRawSync(zeros);

  test("that says how much it is, in an npz file", async () => {
    // what is true is inflated, up to 1 GiB in all, and then no array
    const honest = zipOf("x.npy", packed, zeros.length, crc32(zeros));
    expect(honest.length).toBeLessThan(70_000);
    expect((await refusalOf(() => readNpz(honest))).reason).toMatch(/^is no npy file; it must begin with/);
    const lies = zipOf("x.npy", packed, 2 ** 31, 0);
    const { reason } = await refusalOf(() => readNpz(lies));
    expect(reason).toMatch(/^is damaged: "x.npy" can't have the 2147483648 bytes that are said of it, since it takes \d+ compressed$/); // prettier-ignore
    expect(await memoryOf(() => readNpz(lies).catch(() => undefined))).toBeLessThan(1e6);
  });

  test("that says less than it is: no more is inflated than it says", async () => {
    const lies = zipOf("x.npy", packed, 1000, 0);
    expect((await refusalOf(() => readNpz(lies))).reason).toBe('is damaged: "x.npy" can\'t be inflated');
  });

  test("in a file of PyTorch", async () => {
    const bomb = archive(pickle(tensor({ size: 2 ** 22, shape: [2 ** 22] })), {
      storages: { 0: new Uint8Array(2 ** 24) },
      compress: true,
    });
    expect(bomb.length).toBeLessThan(20_000);
    const { reason } = await refusalOf(() => readTorch(bomb));
    expect(reason).toMatch(
      /^inflates to 16777\d{3} bytes, more than 8 times its \d+; PyTorch stores without compression$/,
    );
  });
});

describe("a tensor that lies about its size", () => {
  const huge = [2 ** 40, 2 ** 40];

  test("in safetensors, at once and on demand", async () => {
    const good = writeSafetensors([["w", { shape: [2], data: new Float32Array(2) }]]);
    const changed = latin(Buffer.from(good).toString("latin1").replace('"shape":[2],', '"shape":[9],'));
    for (const read of [() => readSafetensors(changed), () => openSafetensors(changed)]) {
      const { offset, reason } = await refusalOf(read);
      expect(reason).toBe('tensor "w" (9) needs 36 bytes, but has 8');
      expect(
        Buffer.from(changed)
          .subarray(offset, offset + 3)
          .toString(),
      ).toBe('"w"');
    }
  });

  test("in npy and npz", async () => {
    const good = await writeNpy({ shape: [2], data: Float32Array.of(1, 2) });
    const lies = latin(Buffer.from(good).toString("latin1").replace("(2,), }     ", "(999999,), }"));
    const { offset, reason } = await refusalOf(() => readNpy(lies));
    expect(reason).toMatch(
      /^is cut short: 999999 of float32 needs 3999996 bytes behind the header, but there are \d+$/,
    );
    expect(offset).toBe(lies.length);
    const zip = writeZip([["x.npy", lies]], false, "test");
    expect((await refusalOf(() => readNpz(zip))).reason).toBe(reason);
  });

  test("in a file of PyTorch", async () => {
    for (const [view, message] of [
      [{ shape: huge }, /ends at number 1\.2\d*e\+24 of a storage of 4$/],
      [{ shape: huge, strides: [0, 0] }, /bytes; with those before it that is more than 8 times the file's/],
      [{ size: 2 ** 40 }, /4398046511104 bytes, but data\/0 has 16$/],
    ] as const) {
      expect((await refusalOf(() => readTorch(archive(pickle(tensor(view)))))).reason).toMatch(message);
    }
  });
});

test("a pickle that calls a function is refused by the function's name", async () => {
  for (const name of [
    "os.system",
    "builtins.eval",
    "builtins.getattr",
    "torch.load",
    "numpy.load",
    "subprocess.Popen",
  ]) {
    const { offset, reason } = await refusalOf(() => readTorch(archive(pickle(call(name, text("touch was-run"))))));
    expect(reason).toContain(`asks for ${name}, which `);
    expect(offset).toBe(2);
  }
  // what is known is called with nothing else than what torch.save writes
  const { reason } = await refusalOf(() =>
    readTorch(archive(pickle(global("collections.OrderedDict"), tuple(text("x")), "R"))),
  );
  expect(reason).toMatch(/calls collections\.OrderedDict with other arguments than torch\.save writes$/);
});

test("a path that leads elsewhere: nothing outside of an archive is read", async () => {
  const crc = crc32(new Uint8Array());
  for (const name of ["../x.npy", "/x.npy", "a/../../x.npy", "C:x.npy", "a\\x.npy"]) {
    const { reason } = await refusalOf(() => readNpz(zipOf(name, deflateRawSync(new Uint8Array()), 0, crc)));
    expect(reason).toMatch(
      /^has a file of the name ".*"; names must be of files in it, without "..", "\\" or a drive$/,
    );
  }
  for (const key of ["../version", "/etc/passwd", "0/../0"]) {
    const { reason } = await refusalOf(() => readTorch(archive(pickle(tensor({ key })))));
    expect(reason).toContain(`has numbers in the file "data/${key}", which isn't in the archive`);
  }
});

test("NaN weights are read as they are, and refused by what makes a model of them", async () => {
  const model = await sequential({ input: 2, seed: 1 }, dense(2));
  const { tensors, metadata } = readSafetensors(modelToBytes(model));
  const data = Float32Array.of(1, 2, NaN, 4);
  const all = new Map(tensors).set("dense1.weight", { shape: [2, 2], data });
  for (const dtype of ["F32", "F16", "BF16"] as const) {
    const file = writeSafetensors(all, metadata, { dtype });
    expect(readSafetensors(file).tensors.get("dense1.weight")!.data).toEqual(data);
    expect((await (await openSafetensors(file)).read("dense1.weight")).data).toEqual(data);
    await expectRefusal(() => modelFromBytes(file), Error, "modelFromBytes: dense1.weight: value 2 must be a finite number, got NaN"); // prettier-ignore
  }
  const before = model.fingerprint();
  const named = new Map(stateDict(model)).set("dense1.weight", { shape: [2, 2], data });
  await expectRefusal(() => loadStateDict(model, { tensors: named }), RangeError, 'loadStateDict: value 2 of "dense1.weight" is NaN, no finite float32'); // prettier-ignore
  const npz = await readNpz(await writeNpz({ "dense1.weight": { shape: [2, 2], data }, "dense1.bias": { shape: [2], data: new Float32Array(2) } })); // prettier-ignore
  await expectRefusal(() => loadStateDict(model, { tensors: npz }), RangeError, 'loadStateDict: value 2 of "dense1.weight" is NaN, no finite float32'); // prettier-ignore
  expect(model.fingerprint()).toBe(before);
});
