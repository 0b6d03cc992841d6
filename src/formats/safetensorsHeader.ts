// The header of safetensors files: a JSON object of each tensor's type, shape and place, and of texts.
import { describe, isObject, isRecord, valueText, writtenOut } from "../util/check.ts";
import { axesText, type Shape, sizeOf } from "../util/shape.ts";
import { fileError } from "./fileError.ts";
import { NAMES, sizeOfType } from "./safetensorsTypes.ts";
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** The longest header that readers take. */
export const HEADER_LIMIT = 100_000_000;
export const METADATA = "__metadata__";

/** A tensor's line of the header. */
export interface Entry {
  readonly key: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where it is in the file. */
  readonly from: number;
  readonly to: number;
}

/** What a header says. */
export interface Header {
  readonly entries: readonly Entry[];
  readonly texts: Readonly<Record<string, string>>;
}

type Refuse = (at: number, why: string, cause?: unknown) => never;

export const isMetadata = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((text) => typeof text === "string");

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const isShape = (value: unknown): value is Shape => Array.isArray(value) && value.every(isCount);

/** What throws the errors of a file. */
export const refuserOf =
  (name: string): Refuse =>
  (at, why, cause) => {
    throw fileError(`${name}: `, at, why, cause);
  };

/**
 * Where the header ends and the numbers begin.
 *
 * @param start of the file, 8 bytes or more
 * @param size of the file
 */
export function headerEnd(start: Uint8Array, size: number, refuse: Refuse): number {
  if (size < 8) refuse(0, `not a safetensors file; it has ${size} bytes, and the header's length alone takes 8`);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuse(0, `not a safetensors file; its header would have ${length} bytes`);
  if (8 + length > size) refuse(size, `cut short; the header needs ${8 + length} bytes, but there are ${size}`);
  return 8 + length;
}

/**
 * Reads a header.
 *
 * @param bytes of the header, from byte 8 on
 * @param size of the file
 * @param anyType takes tensors of types that aren't known, too: whether their bytes are as many as they need isn't, either
 */
export function readHeader(bytes: Uint8Array, size: number, refuse: Refuse, anyType = false): Header {
  let text: string;
  let header: unknown;
  try {
    text = utf8Text(bytes);
    header = JSON.parse(text);
  } catch (error) {
    return refuse(8, "not a safetensors file; its header is not a JSON object", error);
  }
  if (!isRecord(header)) return refuse(8, "not a safetensors file; its header is not a JSON object");
  const keys = Object.keys(header);
  if (countKeys(text) !== keys.length) refuse(8, "the header has the same name twice");
  const texts = header[METADATA] ?? (keys.includes(METADATA) ? undefined : {});
  if (!isMetadata(texts)) return refuse(8, "the metadata of the header must be an object of strings");
  const start = 8 + bytes.length;
  const entries = keys
    .filter((key) => key !== METADATA)
    .map((key) => {
      // where the name is, if it is written as is usual
      const at = (): number => 8 + utf8Bytes(text.slice(0, Math.max(0, text.indexOf(JSON.stringify(key))))).length;
      return entryOf(key, (header as Record<string, unknown>)[key], start, anyType, (why) => refuse(at(), why));
    });
  checkPlaces(entries, start, size, refuse);
  return { entries, texts };
}

/** How many keys the outermost object of a JSON text has, those that come twice counted twice. */
function countKeys(text: string): number {
  let keys = 0;
  let depth = 0;
  let before = ""; // the last bracket, comma or colon
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '"') {
      if (depth === 1 && before !== ":") keys++;
      for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
    } else if (letter === "{" || letter === "[") {
      depth++;
      before = letter;
    } else if (letter === "}" || letter === "]") depth--;
    else if (letter === "," || letter === ":") before = letter;
  }
  return keys;
}

function entryOf(key: string, value: unknown, start: number, anyType: boolean, refuse: (why: string) => never): Entry {
  const tensor = `tensor ${valueText(key)}`;
  if (!isRecord(value)) return refuse(`${tensor} has no type, shape and place`);
  const { dtype, shape, data_offsets: offsets } = value;
  const each = sizeOfType(dtype);
  if (each === undefined && !(anyType && typeof dtype === "string")) return refuse(`${tensor} ${unreadText(dtype)}`);
  if (!isShape(shape)) {
    return refuse(`${tensor} has no shape of whole numbers of 0 or more`);
  }
  const [from, to] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isCount(from) || !isCount(to) || from > to) {
    return refuse(`${tensor} has no place; data_offsets must be where it begins and ends`);
  }
  const bytes = each && (shape.includes(0) ? 0 : sizeOf(shape) * each);
  if (bytes !== undefined && to - from !== bytes) {
    return refuse(`${tensor} (${axesText(shape)}) needs ${bytes} bytes, but has ${to - from}`);
  }
  return { key, dtype: dtype as string, shape, from: start + from, to: start + to };
}

/** Why a type isn't read. */
export function unreadText(dtype: unknown): string {
  // other objects than arrays of texts may have no text
  const hasText = !isObject(dtype) || (Array.isArray(dtype) && dtype.every((each) => typeof each === "string"));
  const type = hasText ? writtenOut(String(dtype).slice(0, 80)) : describe(dtype);
  return `has type ${type}; ${NAMES.join(", ")} are read`;
}

/** Refuses tensors that are not consecutive or don't fill the data, as the format demands. */
function checkPlaces(entries: readonly Entry[], start: number, size: number, refuse: Refuse): void {
  let at = start;
  for (const { key, from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const tensor = `tensor ${valueText(key)}`;
    if (to > size)
      refuse(size, `cut short; ${tensor} ends at byte ${to - start} of the data, but there are ${size - start}`);
    if (from !== at) {
      const fault = from < at ? "overlaps another tensor" : "leaves a gap in front of it";
      refuse(from, `${tensor} begins at byte ${from - start} of the data, but must at ${at - start}; it ${fault}`);
    }
    at = to;
  }
  if (at < size) refuse(at, `the data has ${size - start} bytes, but the tensors end at byte ${at - start}`);
}
