// A digit as a text of the URL: its 784 bytes, runs of zeros as a zero and their length, in base64url.

const SIZE = 784;

export function digitText(pixels: Uint8Array): string {
  const bytes: number[] = [];
  for (let i = 0; i < SIZE; i++) {
    if (pixels[i] !== 0) {
      bytes.push(pixels[i]!);
      continue;
    }
    let run = 1;
    while (run < 255 && i + run < SIZE && pixels[i + run] === 0) run++;
    bytes.push(0, run);
    i += run - 1;
  }
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Undefined: the text was cut, or is no digit. */
export function digitFrom(text: string): Uint8Array | undefined {
  let bytes: string;
  try {
    bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
  const pixels: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    if (byte !== 0) pixels.push(byte);
    else for (let run = bytes.charCodeAt(++i); run > 0; run--) pixels.push(0);
  }
  return pixels.length === SIZE ? Uint8Array.from(pixels) : undefined;
}
