import { loadSequence } from "../../../build/binaries.js";
import type { Arena } from "../../runtime/arena.ts";
import { checkKeys, checkKind, checkShape, isNumbers } from "../../util/check.ts";
import { type Layer, type LibraryLayer, whereText } from "../../graph/layer.ts";
import { type Branches, outputsOf } from "../composites/operator.ts";
import { branchesOf, composite } from "../composites/composite.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";
import { type Call, callUser, floats, numberOf, placeKernels } from "./calls.ts";

/** Options of `lambda`. */
export interface LambdaOptions extends Named {
  /** Branches whose outputs the function gets, two or more; each a layer, or an array of consecutive layers. Default: the input alone. */
  readonly values?: Branches;
  /** Shape of a row of what it gives, or a function of those of the values; default the first value's. */
  readonly outputShape?: number | Shape | ((...shapes: Shape[]) => number | Shape);
}

/** The function on values of some shapes. */
interface Use {
  readonly output: Shape;
  readonly forward: Call;
  readonly backward: Call;
}

// the arguments: x, y, dx, dy, the numbers of the two functions, and
const INDEX = 6;
/** Each value after the first and its gradient. */
const OTHERS = 7;

/**
 * A function and its gradient as a layer: `customLayer` in one line. Both get a row of each value, and give a row; the rows are views of
 * the core's memory, which are valid during the call and not to be written. `gradCheck` tells whether the gradient is right.
 *
 * It runs on the calling thread, row by row, and isn't kept in files: see `customLayer`, which also has parameters, and works on
 * a batch at once.
 *
 * @param forward of a row of each value: the numbers of the output's row
 * @param backward of the gradient of the output's row, and a row of each value: the gradient of the value's row; of several values an
 *   array of these, in their order
 * @param options.values branches whose outputs the function gets; default: the layer's input alone
 * @param options.outputShape shape of a row of the output, or a function of those of the values; default the first value's
 * @throws {TypeError | RangeError} if an argument can't be used
 * @throws {TypeError} when it runs, if a function doesn't give as many numbers as it has to
 * @example
 * const square = lambda(
 *   (x) => x.map((v) => v * v),
 *   (dy, x) => x.map((v, i) => 2 * v * dy[i]!),
 * );
 * const ratio = lambda(
 *   (a, b) => [a[0]! / b[0]!],
 *   ([d], [a], [b]) => [[d! / b!], [(-d! * a!) / (b! * b!)]],
 *   { values: [dense(1), [dense(1), softplus()]] },
 * );
 * sequential({ input: 4 }, dense(8), square, ratio)
 */
export function lambda(
  forward: (...rows: Float32Array[]) => ArrayLike<number>,
  backward: (dy: Float32Array, ...rows: Float32Array[]) => ArrayLike<number> | readonly ArrayLike<number>[],
  options: LambdaOptions = {},
): Layer {
  checkKind(typeof forward === "function", "lambda", "the first argument", "a function of rows", forward);
  checkKind(typeof backward === "function", "lambda", "the second argument", "a function of dy and rows", backward);
  checkKeys("lambda", options, ["values", "outputShape", "name"]);
  const { values, outputShape, name } = options;
  if (outputShape !== undefined && typeof outputShape !== "function") checkShape("lambda", "outputShape", outputShape);
  const inner = values === undefined ? undefined : branchesOf("lambda", values);

  const makeUse = (shapes: readonly Shape[], where: string): Use => {
    const asked =
      typeof outputShape === "function"
        ? callUser(where, "outputShape", () => outputShape(...shapes.map((shape) => [...shape])))
        : (outputShape ?? shapes[0]!);
    const output = Object.freeze(checkShape(where, "outputShape", asked));
    const sizes = shapes.map(sizeOf);
    const size = sizeOf(output);
    /** Calls the functions with row r of each value, and what comes before them. */
    const rowsOf = (arena: Arena, args: number, rows: number): ((r: number) => Float32Array[]) => {
      const all = sizes.map((n, i) =>
        floats(arena, arena.u32[i === 0 ? args : args + OTHERS + 2 * (i - 1)]!, rows * n),
      );
      return (r) => all.map((numbers, i) => numbers.subarray(r * sizes[i]!, (r + 1) * sizes[i]!));
    };
    const whereOf = (arena: Arena, args: number): string => whereText(layer, arena.u32[args + INDEX]!);
    return {
      output,
      forward(arena, args, rows) {
        const caller = whereOf(arena, args);
        const y = floats(arena, arena.u32[args + 1]!, rows * size);
        const rowAt = rowsOf(arena, args, rows);
        for (let r = 0; r < rows; r++) {
          const row = callUser(caller, "forward", () => forward(...rowAt(r)), arena);
          y.set(checked(row, size, caller, "what forward gives"), r * size);
        }
      },
      backward(arena, args, rows) {
        const caller = whereOf(arena, args);
        const { u32 } = arena;
        const dy = floats(arena, u32[args + 3]!, rows * size);
        const rowAt = rowsOf(arena, args, rows);
        const places = sizes.map((_, i) => u32[i === 0 ? args + 2 : args + OTHERS + 2 * i - 1]!);
        for (let r = 0; r < rows; r++) {
          const slope = dy.subarray(r * size, (r + 1) * size);
          const given = callUser(caller, "backward", () => backward(slope, ...rowAt(r)), arena);
          const all = (sizes.length === 1 ? [given] : given) as readonly ArrayLike<number>[];
          const kind = `an array of ${sizes.length} arrays, the gradient of each value`;
          checkKind(Array.isArray(all) && all.length === sizes.length, caller, "what backward gives", kind, given);
          all.forEach((gradient, i) => {
            const n = sizes[i]!;
            const what = sizes.length === 1 ? "what backward gives" : `what backward gives of value ${i + 1}`;
            checked(gradient, n, caller, what);
            if (places[i] !== 0) floats(arena, places[i]!, rows * n).set(gradient, r * n);
          });
        }
      },
    };
  };
  const uses = new Map<string, Use>();
  const useOf = (shapes: readonly Shape[], where: string): Use => {
    const key = shapes.join(" ");
    let use = uses.get(key);
    if (!use) uses.set(key, (use = makeUse(shapes, where)));
    return use;
  };
  const layer = Object.freeze<LibraryLayer>({
    type: "lambda",
    name,
    options: { custom: true },
    kernel: "custom",
    async load(core) {
      placeKernels(core);
      if (inner) await loadSequence(core); // sums the gradients of a value that is read twice
    },
    outputShape: (input, where, others = {}) => useOf([input, ...Object.values(others)], where).output,
    args(context, input) {
      const use = useOf([input, ...Object.values(context.inputs)], "lambda");
      return {
        forward: numberOf(use.forward, context.core),
        backward: numberOf(use.backward, context.core),
        index: context.index,
        ...Object.fromEntries(
          Object.keys(context.inputs).flatMap((slot) => [
            [`value ${slot}`, context.input(slot)],
            [`gradient ${slot}`, context.inputGradient(slot)],
          ]),
        ),
      };
    },
  });
  if (!inner) return layer;
  return composite("lambda", inner, { custom: true }, (graph, x, layers) => {
    const [first, ...others] = outputsOf(graph, x, layers);
    return graph.add(layer, first!, Object.fromEntries(others.map((value, i) => [String(i + 2), value])));
  });
}

/** A row of as many numbers as there must be. */
function checked(row: ArrayLike<number>, count: number, where: string, name: string): ArrayLike<number> {
  checkKind(isNumbers(row) && row.length === count, where, name, `an array of ${count} numbers`, row);
  return row;
}
