// Fuzzes `readIdx`, and `mnist` with files in memory, gzipped or not.
import { gzipSync } from "node:zlib";
import { mnist, type MnistFiles, readIdx } from "../../src/datasets.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer } from "./engine.ts";
import { changedBytes, changedOften } from "./mutate.ts";

/** A valid file, or one whose header says something else than its bytes. */
export function idxFile(draw: Draw, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, n) => product * n, 1);
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + Math.max(0, Math.min(count, 5000) + draw.pick([0, 0, 0, 1, -1])));
  bytes.set([0, 0, draw.chance(0.9) ? 8 : draw.pick([9, 0xb, 0xc, 0xd, 0xe, 0]), shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((n, i) => view.setUint32(4 + 4 * i, n));
  bytes.set(draw.bytes(Math.min(20, bytes.length - header)), header);
  return bytes;
}

const anyShape = (draw: Draw): number[] =>
  draw.list(draw.pick([0, 1, 1, 2, 3, 3, 4, 255]), () =>
    draw.pick([0, 1, 2, 3, 5, draw.chance(0.2) ? 2 ** 32 - 1 : 4]),
  );

export const idx: Fuzzer = {
  name: "idx",
  what: "readIdx, of files with changed headers and lengths",
  inTests: 10_000,
  prepare: () => async (draw) => {
    const file = idxFile(draw, anyShape(draw));
    const bytes = draw.chance(0.3) ? file : changedOften(draw, file, changedBytes);
    const end = await endedReading(bytes.length, ["labels"], () => readIdx(bytes, "labels"));
    let { fault } = end;
    if (end.value) {
      const { shape, data } = end.value;
      const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
      if (count !== data.length) fault ??= `${shape.join(" x ")} with ${data.length} bytes`;
    }
    return { fault, refused: end.error !== undefined, input: () => bytesText(bytes) };
  },
};

const NAMES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/** Gzipped now and then, and then changed again. */
function packed(draw: Draw, file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (draw.chance(0.3)) return draw.chance(0.7) ? file : changedBytes(draw, file);
  // few bytes that inflate to very many
  const given = draw.chance(0.05) ? new Uint8Array(2 ** 20) : draw.chance(0.7) ? file : changedBytes(draw, file);
  const zipped = Uint8Array.from(gzipSync(given, { level: draw.pick([0, 1, 9]) }));
  if (draw.chance(0.5)) return zipped;
  return draw.chance(0.1) ? Uint8Array.from([...zipped, ...zipped]) : changedBytes(draw, zipped);
}

export const gzip: Fuzzer = {
  name: "gzip",
  what: "mnist, of files in memory that are gzipped, damaged, or of sizes that don't fit",
  inTests: 1500,
  prepare: () => async (draw) => {
    const rows = draw.from(0, 3);
    const side = draw.from(1, 3);
    const damaged = draw.int(6);
    const files = Object.fromEntries(
      NAMES.map((name, i) => {
        const file = idxFile(draw, i % 2 === 0 ? [rows, side, side] : [draw.chance(0.9) ? rows : 4]);
        return [name, i === damaged ? packed(draw, file) : draw.chance(0.3) ? Uint8Array.from(gzipSync(file)) : file];
      }),
    );
    const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
    const end = await endedReading(bytes, ["mnist", "samples", ...NAMES], () => mnist({ from: files as MnistFiles }));
    let { fault } = end;
    if (end.value) {
      const { train } = end.value;
      if (train.x.rows !== train.y.length) fault ??= `${train.x.rows} images and ${train.y.length} labels`;
      fault ??= (await ended(["samples"], () => train.x.data.length)).fault;
    }
    const input = (): string =>
      Object.entries(files)
        .map(([name, file]) => `${name}: ${bytesText(file)}`)
        .join("\n");
    return { fault, refused: end.error !== undefined, input };
  },
};
