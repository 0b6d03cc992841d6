// readTorch: sources, and what is refused in which words; test/formats/torchFile.test.ts has what files may have in them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { type TableSource, writeNpy, writeNpz } from "../../../src/data.ts";
import { readTorch } from "../../../src/torch.ts";
import { refuses } from "../../support/refusals.ts";
import { archive, dict, pickle, tensor, whole } from "../../support/torchFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-torch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = archive(pickle(dict(["weight", tensor({ shape: [2, 2] })], ["epoch", whole(3)])));
const path = join(folder, "model.pt");
writeFileSync(path, saved);

describe("sources", () => {
  const sources: Readonly<Record<string, () => TableSource>> = {
    "a path": () => path,
    "a file: URL": () => pathToFileURL(path),
    bytes: () => saved,
    "a Buffer": () => Buffer.from(saved),
    "gzipped bytes": () => new Uint8Array(gzipSync(saved)),
    "a Blob": () => new Blob([saved]),
    "a Response": () => new Response(saved),
    "an iterable": () => Array.from(saved, (byte) => Uint8Array.of(byte)),
  };
  test.each(Object.entries(sources))("%s", async (_, make) => {
    const { tensors, values } = await readTorch(make());
    const weight = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4), dtype: "float32" };
    expect([...tensors]).toEqual([["weight", weight]]);
    expect([...values]).toEqual([["epoch", 3]]);
  });

  test("the given bytes stay as they are, whatever becomes of the numbers", async () => {
    const given = Uint8Array.from(saved);
    const { tensors } = await readTorch(given);
    (tensors.get("weight")!.data as Float32Array).fill(7);
    expect(given).toEqual(saved);
  });
});

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "latin1"));

describe("refuses", () => {
  refuses([
    [() => readTorch(3 as unknown as TableSource), TypeError, /^readTorch: the source must be a path, bytes, a File, a Response/],
    [() => readTorch(join(folder, "modle.pt")), Error, /^readTorch: ".*modle\.pt" isn't there \(ENOENT\); did you mean "model\.pt"\?$/],
    [() => readTorch(new Uint8Array(0)), Error, "readTorch: the source is empty"],
    [() => readTorch({ text: "weights" }), Error, "readTorch: the text gives texts; give bytes"],
    [() => readTorch(bytes("weights")), Error, "readTorch: the source is no file of torch.save; it must begin with 50 4b 03 04, but begins with 77 65 69 67"],
    [() => readTorch(bytes("\x89HDF\r\n")), Error, "readTorch: the source is no file of torch.save, but looks like an HDF5 file; write it as CSV"],
    [async () => readTorch(await writeNpy({ shape: [], data: new Uint8Array(1) })), Error, /^readTorch: the source is no file of torch.save, but looks like a NumPy array \(\.npy\)/],
    [async () => readTorch(await writeNpz({ x: { shape: [], data: new Uint8Array(1) } })), Error, /but looks like NumPy arrays in one file \(\.npz\)/],
    [() => readTorch(bytes("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")), Error, /^readTorch: the source is a pickle, as torch\.save wrote before PyTorch 1\.6 .*; read it with PyTorch, and save it again$/],
    [() => readTorch(saved.subarray(0, 300)), Error, "readTorch: the source is cut short: the list of its files, which is at the end, isn't there"],
    [() => readTorch(archive(pickle("cos\nsystem\n"))), Error, /^readTorch: the source has a data\.pkl that, at byte 2, asks for os\.system, which isn't known; nothing of a file is called/],
  ]); // prettier-ignore
});
