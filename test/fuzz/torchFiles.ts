// Fuzzes `readTorch`: files as torch.save writes them, with pickles that are changed byte by byte, of opcodes at random, and damaged archives.
import { readTorch, type TorchFile } from "../../src/torch.ts";
import { STORAGES } from "../../src/formats/torchTensor.ts";
import { archive, call, dict, global, joined, list, ordered, type Part, pickle, storage, tensor, text, tuple, type Viewed, whole } from "../support/torchFiles.ts"; // prettier-ignore
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, untyped } from "./engine.ts";
import { changedBytes, changedOften } from "./mutate.ts";

const TYPES = [...STORAGES];

/** A storage of a file. */
interface Stored {
  readonly key: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly size: number;
}

const anyStorages = (draw: Draw): Stored[] =>
  draw.list(draw.from(1, 3), (i) => {
    const [name, { size: each }] = draw.pick(TYPES);
    const size = draw.int(9);
    return { key: String(i), type: `torch.${name}`, bytes: draw.bytes(size * each), size };
  });

/** A view of a storage: mostly one that is within it. */
function anyView(draw: Draw, { key, type, size }: Stored): Viewed {
  const shape = draw.list(draw.pick([0, 1, 1, 2, 3]), () => draw.pick([0, 1, 1, 2, 2, 3, size]));
  const strides = draw.chance(0.5)
    ? undefined
    : shape.map(() => draw.pick([0, 1, 1, 2, 3, draw.chance(0.1) ? 2 ** 40 : 1]));
  return { key, type, size, offset: draw.pick([0, 0, 0, 1, size]), shape, ...(strides && { strides }) };
}

const anyScalar = (draw: Draw): Part =>
  draw.call<Part>([
    () => "N",
    () => draw.pick(["\x88", "\x89"]),
    () => whole(draw.pick([0, 7, 255, 256, 2 ** 31, 2 ** 53])),
    () => text(draw.text()),
    () => joined("G", draw.bytes(8)),
    () => joined("\x8a\x09", draw.bytes(9)),
  ]);

function anyValue(draw: Draw, storages: readonly Stored[], depth = 0): Part {
  const inner = (): Part => anyValue(draw, storages, depth + 1);
  const pairs = (): (readonly [string, Part])[] =>
    draw.list(draw.int(4), (i) => [draw.chance(0.1) ? draw.text() : `layer${i}.weight`, inner()] as const);
  if (depth > 3 || draw.chance(0.5))
    return draw.chance(0.7) ? tensor(anyView(draw, draw.pick(storages))) : anyScalar(draw);
  return draw.call<Part>([
    () => ordered(...pairs()),
    () => dict(...pairs()),
    () => list(...draw.list(draw.int(4), inner)),
    () => tuple(...draw.list(draw.int(4), () => anyScalar(draw))),
    () => joined(inner(), "q", Uint8Array.of(draw.int(4))),
    () => call("torch._utils._rebuild_parameter", inner(), "\x88", dict()),
  ]);
}

/** Opcodes in any order, that often have what they need. */
const anyOpcodes = (draw: Draw, storages: readonly Stored[]): Part =>
  joined(
    ...draw.list(draw.from(1, 30), () =>
      draw.call<Part>([
        () => draw.pick([..."()]}NtuaesqRQb\x85\x86\x87\x88\x93\x94"]),
        () => joined(draw.pick(["q", "h", "h"]), Uint8Array.of(draw.int(3))),
        () => anyScalar(draw),
        () => storage(draw.pick(storages)),
        () => tensor(anyView(draw, draw.pick(storages))),
        () => global(draw.pick(["collections.OrderedDict", "torch.Size", "torch.FloatStorage", "os.system"])),
      ]),
    ),
  );

/** A changed pickle, which mostly begins as one. */
const changedPickle = (draw: Draw, data: Uint8Array): Uint8Array<ArrayBuffer> => {
  const kept = draw.chance(0.95) ? 2 : 0;
  return joined(data.subarray(0, kept), changedOften(draw, data.subarray(kept), changedBytes));
};

const PICKLE = "archive/data.pkl";

/** What is wrong with what was read: numbers that aren't as many as the shape says, or more memory than the file may take. */
function faultIn({ tensors }: TorchFile, bytes: number): string | undefined {
  let all = 0;
  for (const [name, { shape, data }] of tensors) {
    const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
    if (count !== data.length) return `${name} is ${shape.join(" x ")} with ${data.length} numbers`;
    all += data.byteLength;
  }
  return all > 8 * bytes + 2 ** 16 ? `${all} bytes of numbers from ${bytes}` : undefined;
}

export const torchFiles: Fuzzer = {
  name: "torch-files",
  what: "readTorch, of tensors, views and values, of changed pickles, opcodes at random, and damaged archives",
  inTests: 4000,
  prepare: () => async (draw) => {
    const stored = anyStorages(draw);
    const storages = Object.fromEntries(stored.map(({ key, bytes }) => [key, bytes]));
    const data = pickle(draw.chance(0.15) ? anyOpcodes(draw, stored) : anyValue(draw, stored));
    const changed = draw.chance(0.5) ? data : changedPickle(draw, data);
    const files = draw.chance(0.1)
      ? { [draw.pick(["archive/version", "archive/byteorder", "archive/data/0", PICKLE, "x/data.pkl"])]: draw.text() }
      : {};
    const file = archive(changed, { storages, files, compress: draw.chance(0.2) });
    const given = draw.chance(0.85) ? file : changedOften(draw, file, changedBytes);
    const end = await endedReading(given.length, ["readTorch"], () => readTorch(given));
    const fault = end.fault ?? untyped(end.error) ?? (end.value && faultIn(end.value, given.length));
    return { fault, refused: end.error !== undefined, input: () => bytesText(given) };
  },
};
