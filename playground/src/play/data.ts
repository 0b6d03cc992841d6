// The points of a setup, from the library's data sets: the same numbers in every engine.
import { above, circles, gate, gaussians, moons, type Points, spirals, xor } from "wasmgrad/datasets";
import type { Box, MadeData } from "./protocol.ts";
import type { Setup } from "./setup.ts";

/** A number for each place of the square from -1 to 1. */
const SURFACES = {
  slope: (x1: number, x2: number): number => (x1 + x2) / 2,
  // two hills and two hollows
  hill: (x1: number, x2: number): number => 6.75 * x1 * (1 - x1 * x1) * x2 * (1 - x2 * x2),
} as const;

/** Where `above` and the surfaces have their places: all over the square. */
const everywhere = (): number => 0;

/** The library's data set for a setup that has one. */
function madePoints(setup: Setup): Points | undefined {
  const { data, classes, noise, dataSeed: seed, rows } = setup;
  const test = Math.max(10, rows >> 1);
  const options = { rows: rows + test, noise, seed, test };
  switch (data) {
    case "and":
    case "or":
    case "xor":
      return gate(data);
    case "circles":
      return circles(options);
    case "moons":
      return moons(options);
    case "spirals":
      return spirals({ ...options, classes });
    case "gaussians":
      return gaussians({ ...options, classes });
    case "clusters":
      return xor(options);
    case "sine":
    case "cubic":
    case "abs":
      return above(data, options);
    case "slope":
    case "hill":
      return above(everywhere, { ...options, noise: 0 });
    default:
      return undefined;
  }
}

/** Every fifth of the own points is held back for the test, from so many on. */
const HELD_BACK_FROM = 20;

/** The points of a setup, and the square in which they are shown. */
export function dataOf(setup: Setup): MadeData {
  const { data } = setup;
  const none = new Float32Array(0);
  if (data === "mine") {
    const { x, y } = setup.points;
    const held = (i: number): boolean => y.length >= HELD_BACK_FROM && i % 5 === 4;
    const part = (which: boolean) => ({
      x: x.filter((_, i) => held(i >> 1) === which),
      y: y.filter((_, i) => held(i) === which),
    });
    const [train, test] = [part(false), part(true)];
    return { ...train, testX: test.x, testY: test.y, box: boxOf(x) };
  }
  if (data === "not") {
    // of x1 alone: x2 is there, and doesn't matter
    const x = gate("and").x;
    const y = Float32Array.from({ length: 4 }, (_, i) => 1 - x[2 * i]!);
    return { x, y, testX: none, testY: none, box: CORNERS };
  }
  const { x, y, test } = madePoints(setup)!;
  if (data === "slope" || data === "hill") {
    const values = (at: Float32Array, seed: number): Float32Array => {
      // normal numbers of the library's: the points of one class about its centre, which is taken off again
      const noise = gaussians({ rows: at.length, noise: setup.noise, seed });
      const centre = gaussians({ rows: at.length, noise: 0, seed });
      return Float32Array.from(
        { length: at.length / 2 },
        (_, i) => SURFACES[data](at[2 * i]!, at[2 * i + 1]!) + noise.x[2 * i]! - centre.x[2 * i]!,
      );
    };
    const { dataSeed } = setup;
    return { x, y: values(x, dataSeed), testX: test!.x, testY: values(test!.x, dataSeed + 1), box: PLANE };
  }
  // corners are all that there is: nothing is left to test with
  return { x, y, testX: test?.x ?? none, testY: test?.y ?? none, box: test ? PLANE : CORNERS };
}

const PLANE: Box = { left: -1.15, bottom: -1.15, size: 2.3 };
const CORNERS: Box = { left: -0.5, bottom: -0.5, size: 2 };

/** The plane, or as much as there are points. */
function boxOf(x: Float32Array): Box {
  const far = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const half = far <= 1.15 ? 1.15 : 1.1 * far;
  return { left: -half, bottom: -half, size: 2 * half };
}

/** What is subtracted from, and multiplied with, x1 and x2: 0 and 1 unless the setup normalises. */
export function scalingOf(setup: Setup, x: Float32Array): readonly { readonly mean: number; readonly scale: number }[] {
  return [0, 1].map((axis) => {
    if (!setup.normalise || x.length === 0) return { mean: 0, scale: 1 };
    const values = x.filter((_, i) => i % 2 === axis);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    return { mean, scale: square > 0 ? 1 / Math.sqrt(square) : 1 };
  });
}

/** x as the network gets it. */
export const scaled = (x: Float32Array, scaling: ReturnType<typeof scalingOf>): Float32Array =>
  x.map((v, i) => (v - scaling[i % 2]!.mean) * scaling[i % 2]!.scale);
