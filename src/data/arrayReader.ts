// Reads arrays of numbers from npy, npz and IDX.
import { fileError } from "../formats/fileError.ts";
import { idxHeader } from "../formats/idx.ts";
import { arrayOfNpy, type NpyArray, type NpyInput, npyOfArray, npySize } from "../formats/npy.ts";
import { NUMBER_TYPES, numbersOf } from "../formats/npyTypes.ts";
import { checkBoolean, checkKeys, checkKind, isRecord, kindOf, valueText } from "../util/check.ts";
import { openSource, type Source } from "./byteSource.ts";
import { type Gathered, gathered } from "./gathered.ts";
import { otherKind } from "./otherKinds.ts";
import type { TableSource } from "./tableSource.ts";

/** Refuses what is known to be something else, in other words than a reader has. */
function refuseOther({ bytes, name }: Gathered, what: string): void {
  const other = otherKind(bytes);
  if (other !== undefined) throw fileError(`${name} `, 0, `is no ${what}, but looks like ${other}`);
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** What `readNpy` does. */
export const npyOf = async (source: TableSource): Promise<NpyArray> =>
  npyOfSource("readNpy", await openSource("readNpy", source));

/** The array of an npy file of which nothing has been taken. */
export async function npyOfSource(where: string, source: Source): Promise<NpyArray> {
  const file = await gathered(where, source, npySize);
  if (file.bytes[0] !== 0x93) refuseOther(file, "npy file");
  return arrayOfNpy(file.bytes, file.name, true);
}

/** What `readNpz` does. */
export const npzOf = async (source: TableSource): Promise<ReadonlyMap<string, NpyArray>> =>
  npzOfSource("readNpz", await openSource("readNpz", source));

/** The arrays of an npz file of which nothing has been taken. */
export async function npzOfSource(where: string, source: Source): Promise<ReadonlyMap<string, NpyArray>> {
  // what doesn't begin as a zip file isn't read further
  const file = await gathered(where, source, (start) => (isZip(start) ? undefined : 0));
  const { bytes, name } = file;
  if (!/npz/.test(otherKind(bytes) ?? "")) refuseOther(file, "npz file");
  if (!isZip(bytes)) throw fileError(`${name} `, 0, `is no npz file; these are zip files, which begin with PK`);
  const { readZip } = await import("../formats/zip.ts");
  const entries = readZip(bytes, name);
  const arrays = new Map<string, NpyArray>();
  for (const [entry, { bytes: read }] of entries) {
    const key = entry.replace(/\.npy$/, "");
    if (key === entry)
      throw fileError(`${name} `, 0, `holds ${valueText(entry)}, which is no npy file; an npz file holds these alone`);
    // what was inflated is nobody else's
    arrays.set(key, arrayOfNpy(read(), `${name}, in it ${valueText(key)},`, true));
  }
  if (arrays.size === 0) throw fileError(`${name} `, 0, "holds no arrays");
  return arrays;
}

/** What a file calls each type. */
const IDX_TYPES: Readonly<Record<number, string>> = {
  0x08: "uint8",
  0x09: "int8",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

/** What `readIdxFile` does. */
export async function idxOf(source: TableSource): Promise<NpyArray> {
  const types = Object.keys(IDX_TYPES).map(Number);
  const sizeOf = (start: Uint8Array): number => {
    try {
      return idxHeader(start, "", types, false).to;
    } catch {
      return 0;
    }
  };
  const file = await gathered("readIdxFile", await openSource("readIdxFile", source), sizeOf);
  const { bytes, name } = file;
  if (bytes[0] !== 0) refuseOther(file, "IDX file");
  const header = idxHeader(bytes, name, types, true);
  const type = NUMBER_TYPES.find((one) => one.name === IDX_TYPES[header.type])!;
  return { shape: header.shape, data: numbersOf(bytes.subarray(header.from), type, true, true), dtype: type.name };
}

/** What `writeNpy` does. */
export const npyFile = (array: NpyInput): Uint8Array<ArrayBuffer> => npyOfArray(array, "writeNpy", "the array");

/** What `writeNpz` does. */
export async function npzFile(
  arrays: Readonly<Record<string, NpyInput>> | ReadonlyMap<string, NpyInput>,
  options: { readonly compress?: boolean | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  const where = "writeNpz";
  const isMap = kindOf(arrays) === "Map";
  checkKind(isMap || isRecord(arrays), where, "the arrays", "an object or a Map of arrays by their names", arrays);
  checkKeys(where, options, ["compress"], { compressed: "compress" });
  const { compress = false } = options;
  checkBoolean(where, "compress", compress);
  const entries = isMap ? [...(arrays as ReadonlyMap<string, NpyInput>)] : Object.entries(arrays);
  if (entries.length === 0) throw new RangeError(`${where}: there are no arrays; give at least one`);
  const files = entries.map(([name, array]): [string, Uint8Array] => {
    checkKind(typeof name === "string" && name !== "", where, "each name", "a text", name);
    return [`${name}.npy`, npyOfArray(array, where, valueText(name))];
  });
  const { writeZip } = await import("../formats/zip.ts");
  return writeZip(files, compress, where);
}
