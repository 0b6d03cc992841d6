// PNG files made smaller: a picture of text needs few colours, so each pixel becomes a byte that names one of them.
import { crc32, deflateSync, inflateSync } from "node:zlib";

/** Four bytes per pixel: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** Type and content of a file's chunks. */
function* chunksOf(file: Buffer): Generator<{ type: string; content: Buffer }> {
  for (let at = SIGNATURE.length; at < file.length;) {
    const length = file.readUInt32BE(at);
    yield { type: file.toString("latin1", at + 4, at + 8), content: file.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The pixels of a screenshot: 8 bits per channel, with opacity, not interlaced. see: https://www.w3.org/TR/png-3/#9Filters */
export function decode(file: Buffer): Pixels {
  const chunks = [...chunksOf(file)];
  const header = chunks.find(({ type }) => type === "IHDR")!.content;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const kind = [...header.subarray(8, 13)].join();
  if (kind !== "8,6,0,0,0") throw new Error(`png: can't read the kind ${kind}`);
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ content }) => content));
  const filtered = inflateSync(packed);
  const stride = 4 * width;
  const data = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (stride + 1)]!;
    for (let i = 0; i < stride; i++) {
      const at = row * stride + i;
      const left = i < 4 ? 0 : data[at - 4]!;
      const up = row === 0 ? 0 : data[at - stride]!;
      const corner = i < 4 || row === 0 ? 0 : data[at - stride - 4]!;
      const guess = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter]!;
      data[at] = filtered[row * (stride + 1) + 1 + i]! + guess;
    }
  }
  return { width, height, data };
}

/** Paeth's predictor. */
function nearest(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Keyword, "deflated", no language, no translated keyword. */
const TEXT_HEAD = Buffer.from("Description\0\u0001\0\0\0", "latin1");

/** What text needs for its smooth edges; twice as many make the file an eighth larger. */
const COLOURS = 128;

/** A file that has the most frequent colours, and a text that viewers pass over. */
export function encode({ width, height, data }: Pixels, text: string): Buffer {
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const counts = new Map<number, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const palette = [...counts.keys()].toSorted((a, b) => counts.get(b)! - counts.get(a)!).slice(0, COLOURS);
  const indexOf = new Map([...counts.keys()].map((word) => [word, closest(palette, word)]));
  const rows = Buffer.alloc((width + 1) * height); // each begins with a 0: no filter
  for (let i = 0; i < words.length; i++) rows[i + Math.floor(i / width) + 1] = indexOf.get(words[i]!)!;
  const channels = palette.map((word) => Buffer.from(Uint32Array.of(word).buffer));
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("iTXt", Buffer.concat([TEXT_HEAD, deflateSync(text, { level: 9 })])),
    chunk("PLTE", Buffer.concat(channels.map((colour) => colour.subarray(0, 3)))),
    chunk("tRNS", Buffer.concat(channels.map((colour) => colour.subarray(3)))),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The index of the colour in the palette that differs least. */
function closest(palette: readonly number[], word: number): number {
  const distances = palette.map((other) =>
    [0, 8, 16, 24].reduce((sum, shift) => sum + Math.abs(((word >>> shift) & 255) - ((other >>> shift) & 255)), 0),
  );
  return distances.indexOf(Math.min(...distances));
}

/** The text that `encode` put into the file. */
export function textOf(file: Buffer): string | undefined {
  const comment = [...chunksOf(file)].find(({ type }) => type === "iTXt");
  return comment && inflateSync(comment.content.subarray(TEXT_HEAD.length)).toString("utf8");
}
