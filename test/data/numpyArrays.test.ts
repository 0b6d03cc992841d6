// npy and npz both ways, by NumPy itself: every type, order, and kind of archive.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NpyArray, type NpyInput, readNpy, readNpz, writeNpy, writeNpz } from "../../src/data.ts";
import { needsTorch, PYTHON, skipsTorch } from "../support/torch.ts";

/** Type, shape, and numbers as Python writes them. */
type Said = readonly [dtype: string, shape: readonly number[], numbers: readonly string[]];

/** A number as Python's repr has it, to compare with: the same double. */
const isSame = (value: number | bigint, text: string): boolean =>
  typeof value === "bigint"
    ? String(value) === text
    : Object.is(value, { inf: Infinity, "-inf": -Infinity, nan: NaN }[text] ?? Number(text));

function expectSame({ dtype, shape, data }: NpyArray, [type, axes, numbers]: Said, name: string): void {
  expect([dtype, shape, data.length], name).toEqual([type, axes, numbers.length]);
  const off = numbers.findIndex((text, i) => !isSame(data[i]!, text));
  expect(off, `${name}: ${data[off]} is ${numbers[off]}`).toBe(-1);
}

describe.skipIf(skipsTorch)(`NumPy${needsTorch}`, () => {
  let folder: string;
  let said: Readonly<Record<string, Said>>;
  const fileOf = (name: string): string => join(folder, name);
  const python = (todo: string): string =>
    execFileSync(PYTHON, [join(import.meta.dirname, "numpyArrays.py"), todo, folder], { encoding: "utf8" });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wasmgrad-numpy-"));
    python("write");
    said = JSON.parse(readFileSync(fileOf("said.json"), "utf8")) as typeof said;
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["savez", "compressed", "streamed", "stored"])("writes what is read: %s", async (name) => {
    const arrays = await readNpz(fileOf(`${name}.npz`));
    expect([...arrays.keys()]).toEqual(Object.keys(said));
    for (const [key, array] of arrays) expectSame(array, said[key]!, key);
  });

  test("reads what is written: the same types, shapes and numbers", async () => {
    const arrays = await readNpz(fileOf("savez.npz"));
    const inputs: ReadonlyMap<string, NpyInput> = arrays;
    writeFileSync(fileOf("ours.npz"), await writeNpz(inputs));
    writeFileSync(fileOf("compressed.npz"), await writeNpz(inputs, { compress: true }));
    writeFileSync(fileOf("alone.npy"), await writeNpy(arrays.get("f16")!));
    const loaded = JSON.parse(python("read")) as Readonly<Record<string, unknown>>;
    expect(loaded).toEqual({ ours: said, compressed: said, alone: said["f16"] });
  }, 60_000);

  test("a pickle that calls a function isn't read, and would be run by NumPy", async () => {
    const refusal = {
      name: "FileError",
      reason: expect.stringMatching(/^holds Python objects: these are a pickle, which is a program, and never read/),
    };
    await expect(readNpy(fileOf("pickle.npy"))).rejects.toMatchObject(refusal);
    await expect(readNpz(fileOf("pickle.npz"))).rejects.toMatchObject(refusal);
    expect(existsSync(fileOf("was-run"))).toBe(false);
    execFileSync(PYTHON, ["-c", "import sys, numpy; numpy.load(sys.argv[1], allow_pickle=True)", fileOf("pickle.npy")]);
    expect(existsSync(fileOf("was-run"))).toBe(true);
  }, 60_000);
});
