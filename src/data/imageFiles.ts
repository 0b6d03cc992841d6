// Reads pictures by class from a folder. What decodes PNG and JPEG are packages of the user's.
import type * as modules from "node:module";
import type * as paths from "node:path";
import type * as promises from "node:fs/promises";
import { checkKind, checkWhole, isObject, kindOf, valueText } from "../util/check.ts";
import { nodeModule } from "../util/node.ts";
import { shapeText } from "../util/shape.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { permutation, type Random } from "./random.ts";
import { type checkPixelOptions, MOST_PIXELS, type PixelArray, type PixelOptions, writePixels } from "./resize.ts";
import { type Samples, samples } from "./samples.ts";
import type { Row } from "./sources.ts";

/** How `imageFolder` reads. */
export interface ImageFolderOptions extends PixelOptions {
  /**
   * Gives the pixels of a file, which may be of any kind: then all files count but those whose names begin with a full stop. Default: the
   * packages `pngjs` and `jpeg-js`, for files that end with .png, .jpg and .jpeg.
   */
  readonly decode?: ((bytes: Uint8Array, file: string) => PixelArray | Promise<PixelArray>) | undefined;
}

/** Pictures by class, as `imageFolder` found them. */
export interface ImageFolder {
  /** The names of the folders: label 0 is the first. */
  readonly classes: readonly string[];
  /** The files, class by class. */
  readonly files: readonly string[];
  /** The label of each file. */
  readonly labels: Uint16Array;
  /** [height, width, channels] of a row. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /**
   * Reads all of them: a byte for each number. They are mixed, by a seed, so that `validationSplit` has some of every class.
   *
   * @param options.seed of the order; default 0
   */
  read(options?: { readonly seed?: number }): Promise<Dataset<Samples, Uint16Array>>;
  /**
   * Reads one after another, in a new order in every epoch: for `rows`, which takes the function itself. `fit` then holds one batch in
   * memory, and asks for the next before it computes.
   */
  readonly rows: (epoch: number, random: Random) => AsyncGenerator<Row, void, undefined>;
}

/** How files are recognised, and read. */
const KINDS = [
  { kind: "PNG", begin: [0x89, 0x50, 0x4e, 0x47], from: "pngjs", decode: (its: PngJs) => its.PNG.sync.read },
  { kind: "JPEG", begin: [0xff, 0xd8, 0xff], from: "jpeg-js", decode: (its: JpegJs) => its.decode },
] as const;

/** What is used of pngjs. */
interface PngJs {
  readonly PNG: { readonly sync: { read(bytes: Uint8Array): PixelArray } };
}

/** What is used of jpeg-js. */
interface JpegJs {
  decode(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): PixelArray;
}

type Form = ReturnType<typeof checkPixelOptions> & Pick<ImageFolderOptions, "decode">;

/** What `imageFolder` does. */
export async function readImageFolder(
  directory: string,
  { channels, size, below, decode }: Form,
): Promise<ImageFolder> {
  const fs = nodeModule<typeof promises>("node:fs/promises");
  const path = nodeModule<typeof paths>("node:path");
  if (!fs || !path) {
    throw new Error(
      "imageFolder: there is no file system here; in a page fromPixels makes rows of images and canvases",
    );
  }
  const classes: string[] = [];
  const files: string[] = [];
  const of: number[] = [];
  const isPicture = (name: string): boolean => (decode ? true : /\.(?:png|jpe?g)$/i.test(name));
  for (const name of await entries(fs, directory)) {
    const folder = path.join(directory, name);
    if (!(await fs.stat(folder)).isDirectory()) continue;
    const before = files.length;
    await collect(folder);
    if (files.length > before) of.push(...Array<number>(files.length - before).fill(classes.push(name) - 1));
  }
  async function collect(folder: string): Promise<void> {
    for (const name of await entries(fs!, folder)) {
      const file = path!.join(folder, name);
      if ((await fs!.stat(file)).isDirectory()) await collect(file);
      else if (isPicture(name)) files.push(file);
    }
  }
  if (files.length === 0) {
    const what = decode ? "files" : "PNG or JPEG files";
    throw new Error(
      `imageFolder: ${valueText(directory)} has no folders with ${what} in them; each is a class of its own`,
    );
  }
  if (classes.length > 65_536) {
    throw new RangeError(
      `imageFolder: ${valueText(directory)} has ${classes.length} folders; 65,536 classes are the most`,
    );
  }
  const decodeFile = decode ?? decoder();
  const pixelsOf = async (file: string): Promise<PixelArray> => {
    const bytes = await fs.readFile(file);
    const pixels: unknown = await decodeFile(bytes, file);
    checkDecoded(pixels, file);
    return pixels;
  };
  const first = size ?? sizeOf(await pixelsOf(files[0]!));
  const shape = [first[0], first[1], channels] as const;
  const length = shape[0] * shape[1] * channels;
  /** Writes a file's row. */
  const write = async (index: number, to: Uint8Array): Promise<void> => {
    const pixels = await pixelsOf(files[index]!);
    if (!size && (pixels.height !== first[0] || pixels.width !== first[1])) {
      throw new RangeError(
        `imageFolder: all pictures must have one size, but ${files[0]} is ${first.join(" x ")} (height x width) and ` +
          `${files[index]} ${pixels.height} x ${pixels.width}; give a size: [height, width]`,
      );
    }
    writePixels(pixels, channels, first, below, to);
  };
  const labels = Uint16Array.from(of);
  const scale = 1 / 255;
  return Object.freeze<ImageFolder>({
    classes,
    files,
    labels,
    shape,
    async read({ seed = 0 } = {}) {
      checkWhole("imageFolder.read", "seed", seed, 0);
      const order = permutation(files.length, seed, 0);
      let data: Uint8Array;
      try {
        data = new Uint8Array(files.length * length);
      } catch (cause) {
        throw new RangeError(
          `imageFolder.read: there is no memory for ${files.length} x ${shapeText(shape)} bytes; give a smaller size, or train with ` +
            "rows(folder.rows), which holds a batch",
          { cause },
        );
      }
      for (const [row, index] of order.entries()) await write(index, data.subarray(row * length, (row + 1) * length));
      return dataset({ x: samples(data, shape, { scale }), y: labels.map((_, row) => labels[order[row]!]!) });
    },
    async *rows(_epoch, random) {
      const order = Uint32Array.from(files, (_, i) => i);
      for (let left = order.length; left > 0; left--) {
        const at = random.integer(left);
        const index = order[at]!;
        order[at] = order[left - 1]!;
        const row = new Uint8Array(length);
        await write(index, row);
        yield { x: samples(row, shape, { scale }), y: labels[index]! };
      }
    },
  });
}

/** The names in a folder, in one order on all systems. */
async function entries(fs: typeof promises, folder: string): Promise<string[]> {
  try {
    return (await fs.readdir(folder)).filter((name) => !name.startsWith(".")).toSorted((a, b) => (a < b ? -1 : 1));
  } catch (cause) {
    throw new Error(`imageFolder: ${valueText(folder)} could not be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

const sizeOf = ({ height, width }: PixelArray): readonly [number, number] => [height, width];

/** The two packages' functions, each looked for at its first file. */
function decoder() {
  const known = new Map<string, (bytes: Uint8Array, options: Readonly<Record<string, unknown>>) => PixelArray>();
  return (bytes: Uint8Array, file: string): PixelArray => {
    const found = KINDS.find(({ begin }) => begin.every((byte, i) => bytes[i] === byte));
    if (!found) throw new Error(`imageFolder: ${file} is neither a PNG nor a JPEG file; take it out, or give decode`);
    let decode = known.get(found.from);
    if (!decode) known.set(found.from, (decode = found.decode(installed(found.from, found.kind, file) as never)));
    try {
      // of JPEG: a file that is cut off is refused
      return decode(bytes, {
        useTArray: true,
        tolerantDecoding: false,
        maxMemoryUsageInMB: 4096,
        maxResolutionInMP: 135,
      });
    } catch (cause) {
      throw new Error(
        `imageFolder: ${file} can't be read as ${found.kind}: ${String((cause as Error)?.message ?? cause)}`,
        {
          cause,
        },
      );
    }
  };
}

/** A package of the user's project, or of the folder of this one. */
function installed(name: string, kind: string, file: string): unknown {
  const { createRequire } = nodeModule<typeof modules>("node:module")!;
  const path = nodeModule<typeof paths>("node:path")!;
  for (const base of [path.resolve("package.json"), import.meta.url]) {
    try {
      return createRequire(base)(name);
    } catch (cause) {
      // in one file for all there is no address
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      if (!/MODULE_NOT_FOUND|ERR_INVALID_ARG/.test(code)) throw cause;
    }
  }
  throw new Error(
    `imageFolder: ${file} is a ${kind} file, which the package ${name} reads; npm install ${name}, or give decode`,
  );
}

/** Refuses what a decoder of the user's gives, if it isn't pixels. */
function checkDecoded(pixels: unknown, file: string): asserts pixels is PixelArray {
  const holds =
    isObject(pixels) &&
    /^(?:Uint8(?:Clamped)?Array|Buffer)$/.test(kindOf((pixels as unknown as PixelArray).data)) &&
    ["width", "height"].every((key) => Number.isSafeInteger((pixels as unknown as Record<string, unknown>)[key]));
  checkKind(holds, "imageFolder", `what decode gives for ${file}`, "{ data: bytes, width, height }", pixels);
  const { data, width, height } = pixels as unknown as PixelArray;
  if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
    throw new RangeError(
      `imageFolder: ${file} has ${width} x ${height} pixels; 1 to ${MOST_PIXELS} (2^27) can be read`,
    );
  }
  if (data.length !== 4 * width * height) {
    throw new RangeError(
      `imageFolder: the data of ${file} must have 4 bytes per pixel, ${4 * width * height} for ${width} x ${height}, got ${data.length}`,
    );
  }
}
