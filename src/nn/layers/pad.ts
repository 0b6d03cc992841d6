import { loadConvolution } from "../../../build/binaries.js";
import { checkFinite, checkKeys, checkKind, checkNumber, checkOneOf } from "../../util/check.ts";
import { f32, type KernelArgs } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** In the order of assembly/nn/layers/pad.ts. */
const MODES = ["constant", "reflect", "edge", "wrap"] as const;

/** As many float32 as the core's memory can hold. */
const MOST_CELLS = 1_073_741_824;

/** Options of `pad`. */
export interface PadOptions extends Named {
  /** Cells before the first one of each axis, for as many axes as are listed; a number is for the first axis alone. Default 0. */
  readonly before?: number | readonly number[];
  /** Cells after the last one; default 0. */
  readonly after?: number | readonly number[];
  /** What is in the border; default "constant". */
  readonly mode?: (typeof MODES)[number];
  /** For the mode "constant"; default 0. */
  readonly value?: number;
}

/**
 * Puts cells around a row with any number of axes: along each of them [n] to [before + n + after]. Axes that the lists don't reach stay
 * as they are, so that `before: 2` is for the steps of a sequence, and `before: [1, 1]` for height and width of an image and not its
 * channels. Negative numbers cut cells off.
 *
 * The border has a value, or numbers of the row: with mode "reflect" of [a, b, c] and 2 on both sides c b a b c b a, with "edge"
 * a a a b c c c, with "wrap" b c a b c a b. The gradient of a number is the sum of those of the cells that show it.
 *
 * @param options.before cells before the first one, by axis; default 0
 * @param options.after cells after the last one, by axis; default 0
 * @param options.mode "constant", "reflect", "edge" or "wrap"; default "constant"
 * @param options.value what is in the border with mode "constant"; default 0
 * @throws {TypeError | RangeError} if an option can't be used, there are more numbers than axes, nothing would be left of an axis, or it is
 *   too short: "reflect" has n - 1 numbers for each side, "wrap" n
 * @example sequential({ input: [10, 3] }, pad({ before: 2, mode: "edge" }), conv1d(4, { kernelSize: 3 })) // 12 steps, then 10
 */
export function pad(options: PadOptions = {}): Layer {
  checkKeys("pad", options, ["before", "after", "mode", "value", "name"], {
    padding: "before and after, by axis: pad({ before: [1, 1], after: [1, 1] })",
    pads: "before and after, by axis: pad({ before: [1, 1], after: [1, 1] })",
  });
  const { before = 0, after = 0, mode = "constant", value = 0, name } = options;
  const sides = [cellsOf("before", before), cellsOf("after", after)] as const;
  checkOneOf("pad", "mode", mode, MODES);
  checkFinite("pad", "value", value);
  if (mode !== "constant" && options.value !== undefined) {
    throw new RangeError(`pad: value belongs to mode "constant", got value ${value} and mode "${mode}"; leave it out`);
  }
  return Object.freeze<LibraryLayer>({
    type: "pad",
    name,
    options: { before: sides[0], after: sides[1], mode, ...(mode === "constant" && { value }) },
    kernel: "pad",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      sides.forEach((cells, i) => {
        if (cells.length > input.length) {
          throw new RangeError(
            `${where}: ${i === 0 ? "before" : "after"} must have at most a number for each axis, ` +
              `got ${cells.length} of them and the input ${shapeText(input)}`,
          );
        }
      });
      return input.map((n, axis) => paddedSize(n, sides[0][axis] ?? 0, sides[1][axis] ?? 0, mode, axis, where));
    },
    args: (_context, input, output) => padArgs(sides[0], input, output, MODES.indexOf(mode), value),
  });
}

function cellsOf(name: string, value: number | readonly number[]): readonly number[] {
  checkKind(typeof value === "number" || Array.isArray(value), "pad", name, "a number, or one for each axis", value);
  const cells = typeof value === "number" ? [value] : [...value];
  cells.forEach((n, i) => {
    const whole = Number.isInteger(n) && Math.abs(n) <= MOST_CELLS;
    const rule = `a whole number of cells, at most ${MOST_CELLS}, negative to cut them off`;
    checkNumber(whole, "pad", typeof value === "number" ? name : `${name}[${i}]`, rule, n);
  });
  return cells;
}

/** How long an axis becomes. */
function paddedSize(n: number, before: number, after: number, mode: string, axis: number, where: string): number {
  const got = `axis ${axis} has ${n}, before is ${before}, after ${after}`;
  const out = before + n + after;
  if (before <= -n || after <= -n || out < 1)
    throw new RangeError(`${where}: something must be left of each axis, but ${got}`);
  const most = mode === "reflect" ? n - 1 : mode === "wrap" ? n : Infinity;
  if (Math.max(before, after) > most) {
    throw new RangeError(
      `${where}: mode "${mode}" has at most ${most} ${most === 1 ? "number" : "numbers"} for each side, but ${got}; ` +
        `mode "edge" takes any`,
    );
  }
  return out;
}

/** The slots of assembly/nn/layers/pad.ts. */
export function padArgs(
  before: readonly number[],
  input: Shape,
  output: Shape,
  mode: number,
  value: number,
): KernelArgs {
  const changes = (axis: number): boolean => (before[axis] ?? 0) !== 0 || input[axis] !== output[axis];
  // axes behind the last one that changes are one cell of it; neighbours that don't change are one axis
  const last = input.reduce((found, _, axis) => (changes(axis) ? axis : found), 0);
  const cell = 4 * sizeOf(input.slice(last + 1));
  const axes: { before: number; size: number; out: number; changes: boolean }[] = [];
  for (let axis = 0; axis <= last; axis++) {
    const here = { before: before[axis] ?? 0, size: input[axis]!, out: output[axis]!, changes: changes(axis) };
    const front = axes.at(-1);
    if (!front || front.changes || here.changes) axes.push(here);
    else axes[axes.length - 1] = { ...here, size: front.size * here.size, out: front.out * here.out };
  }
  const slots = axes.flatMap((axis, i): [string, number][] => {
    const behind = axes.slice(i + 1);
    return [
      [`before${i}`, axis.before >>> 0],
      [`size${i}`, axis.size],
      [`out${i}`, axis.out],
      [`step${i}`, cell * sizeOf(behind.map(({ size }) => size))],
      [`wide${i}`, cell * sizeOf(behind.map(({ out }) => out))],
    ];
  });
  return { mode, value: f32(value), axes: axes.length, ...Object.fromEntries(slots) };
}
