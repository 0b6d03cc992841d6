// Fetches and opens the page's gzipped files, and takes MNIST's images apart.
import { FIRST } from "./settings.ts";

/** Images as rows of 784 bytes, and what they show. */
export interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface Digits {
  readonly train: Images;
  readonly test: Images;
}

type Progress = (bytes: number, of: number | undefined) => void;

/** A file's bytes as they were before gzip. Some servers open such files on their way: the first bytes say. */
export async function fetchOpened(url: string, progress: Progress = () => {}): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`.trim());
  // servers of single-page apps answer so where there is no file
  if (/^text\/html\b/.test(response.headers.get("content-type") ?? ""))
    throw new Error(`${url}: it is a page, not a file`);
  const size = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length"));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    progress((bytes += value.length), size > 0 ? size : undefined);
  }
  const blob = new Blob(parts);
  const [a, b] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (a !== 0x1f || b !== 0x8b) return new Uint8Array(await blob.arrayBuffer());
  return new Uint8Array(await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

const SIZE = 784;

/** Fetches MNIST's first 12,000 + 2,000 images, or all: those that aren't there yet. */
export async function fetchDigits(folder: string, all: boolean, progress: Progress): Promise<Digits> {
  const first = await (known.get("digits-first.gz") ?? keep("digits-first.gz", folder, progress));
  if (!all) return first;
  const rest = await (known.get("digits-rest.gz") ?? keep("digits-rest.gz", folder, progress));
  whole ??= { train: joined(first.train, rest.train), test: joined(first.test, rest.test) };
  return whole;
}

const known = new Map<string, Digits>();
let whole: Digits | undefined;

async function keep(name: string, folder: string, progress: Progress): Promise<Digits> {
  const url = folder + name;
  const digits = digitsOf(await fetchOpened(url, progress), url);
  known.set(name, digits);
  return digits;
}

/** Takes a file of scripts/digitImages.mjs apart. */
function digitsOf(bytes: Uint8Array, url: string): Digits {
  const view = new DataView(bytes.buffer);
  const [train, test] = bytes.length < 8 ? [0, 0] : [view.getUint32(0, true), view.getUint32(4, true)];
  if (train === 0 || bytes.length !== 8 + (train + test) * (SIZE + 1)) {
    throw new Error(`${url}: ${bytes.length} bytes are not the images that this page expects`);
  }
  let at = 8;
  const take = (n: number): Uint8Array => bytes.subarray(at, (at += n));
  const [trainPixels, testPixels] = [take(train * SIZE), take(test * SIZE)];
  const [trainLabels, testLabels] = [take(train), take(test)];
  return { train: { pixels: trainPixels, labels: trainLabels }, test: { pixels: testPixels, labels: testLabels } };
}

function joined(a: Images, b: Images): Images {
  const join = (x: Uint8Array, y: Uint8Array): Uint8Array => {
    const both = new Uint8Array(x.length + y.length);
    both.set(x);
    both.set(y, x.length);
    return both;
  };
  return { pixels: join(a.pixels, b.pixels), labels: join(a.labels, b.labels) };
}

/** Is more than the first file needed? */
export const needsAll = (images: number): boolean => images > FIRST.train;
