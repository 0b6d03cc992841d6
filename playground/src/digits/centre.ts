// A drawing as MNIST has its digits: its longer side 20 pixels, its centre of mass in the middle of 28 x 28. Without that a network that
// learned from MNIST reads drawings badly. see: http://yann.lecun.com/exdb/mnist ("the images were centered by computing the center of mass")
import { fromPixels } from "wasmgrad/web";

const SIDE = 28;
const BOX = 20;

/** The ink of a drawing is white on black, or on nothing. Undefined: there is none. */
export function centred(drawn: ImageData): Uint8Array | undefined {
  const { data, width, height } = drawn;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[4 * (y * width + x)]! * data[4 * (y * width + x) + 3]! > 255 * 32) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
  if (right < left) return undefined;
  const [w, h] = [right - left + 1, bottom - top + 1];
  const part = new Uint8ClampedArray(4 * w * h);
  for (let y = 0; y < h; y++) {
    const from = 4 * ((top + y) * width + left);
    part.set(data.subarray(from, from + 4 * w), 4 * w * y);
  }
  const scale = BOX / Math.max(w, h);
  const [columns, rows] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
  const small = fromPixels({ data: part, width: w, height: h }, { channels: 1, size: [rows, columns] }).data;
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < small.length; i++) {
    mass += small[i]!;
    x += small[i]! * (i % columns);
    y += small[i]! * Math.floor(i / columns);
  }
  // a pixel's middle is half a pixel from its edge
  const clamp = (at: number, size: number): number => Math.max(0, Math.min(SIDE - size, at));
  const [dx, dy] = [clamp(Math.round(13.5 - x / mass), columns), clamp(Math.round(13.5 - y / mass), rows)];
  const result = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < small.length; i++) result[(dy + Math.floor(i / columns)) * SIDE + dx + (i % columns)] = small[i]!;
  return result;
}
