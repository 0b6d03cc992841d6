import type { Arena } from "../../runtime/arena.ts";
import {
  checkBoolean,
  checkFraction,
  checkKeys,
  checkKind,
  checkOptions,
  checkPositive,
  checkShape,
  checkWhole,
  isRecord,
} from "../../util/check.ts";
import type { Fans, Initializer, ParameterSpec, Regularizer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, whereText, type LibraryLayer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";
import { type Call, callUser, floats, isWord, numberOf, placeKernels } from "./calls.ts";

/** A value, or how it follows from the shape of a row of the input. */
export type ByInput<T> = T | ((input: Shape) => T);

/** A parameter of a custom layer. */
export interface CustomParameter {
  /** Sizes of its axes, or one number for a single axis. */
  readonly shape: ByInput<number | Shape>;
  /** Initial values, such as `heNormal()`. */
  readonly initializer: Initializer;
  /**
   * Inputs and outputs of one unit, from which `glorotUniform()` and the like make the variance; default: the last two axes, each
   * times those before them, as of a dense layer or a convolution.
   */
  readonly fans?: ByInput<Fans>;
  /** A penalty, such as `l2(0.01)`; default none. */
  readonly regularizer?: Regularizer;
  /** False for state that is saved but not trained; `forward` may write it while `training`. Default true. */
  readonly trained?: boolean;
  /**
   * Of state: the share, from 0 to below 1, by which each training pass moves it towards a value that the pass finds: new = (1 - follows) old +
   * follows value, as running statistics; 0: it stays. A `group` needs it: by it, it puts together what passes of several ranks have made of the
   * state. Default: unknown.
   */
  readonly follows?: number;
}

/** What `forward` gets. The arrays are views of the core's memory, row by row, which are valid during the call only. */
export interface CustomForward<P extends string = string, S extends string = string> {
  /** The input, rows times its size; not to be written. */
  readonly x: Float32Array;
  /** Where the output goes, rows times its size. Holds zeros. */
  readonly y: Float32Array;
  /** Rows of this batch: fewer than before where a last batch isn't full. */
  readonly rows: number;
  /** Shape of a row of the input. */
  readonly input: Shape;
  /** Shape of a row of the output. */
  readonly output: Shape;
  /** The values of the parameters, by name. */
  readonly parameters: Readonly<Record<P, Float32Array>>;
  /** What `forward` writes for `backward`. Its contents are undefined before. */
  readonly saved: Readonly<Record<S, Float32Array>>;
  /** False in `predict` and `evaluate`. */
  readonly training: boolean;
}

/** What `backward` gets. */
export interface CustomBackward<P extends string = string, S extends string = string> extends CustomForward<P, S> {
  /** The gradient of the output; not to be written. */
  readonly dy: Float32Array;
  /** Where the gradient of the input goes; undefined if it is not requested. Holds zeros. */
  readonly dx: Float32Array | undefined;
  /** To be added to: they may hold the gradients of another batch. Undefined for parameters that aren't trained. */
  readonly gradients: Readonly<Record<P, Float32Array | undefined>>;
}

/** What a custom layer is made of. */
export interface CustomLayerOptions<P extends string, S extends string> extends Named {
  /** What the layer is called: a word, from which the names of its parameters are made. */
  readonly type: string;
  /** False: the parameters stay as they are. Default true. */
  readonly trainable?: boolean;
  /** Shape of a row of the output; throws if the input can't be used. Default: that of the input. */
  readonly outputShape?: ByInput<number | Shape>;
  /** What the layer learns, or keeps as state, by name; default none. */
  readonly parameters?: Readonly<Record<P, CustomParameter>>;
  /** How many numbers per row are kept from `forward` to `backward`, by name; default none. */
  readonly saved?: Readonly<Record<S, ByInput<number>>>;
  /** Writes y. */
  forward(pass: CustomForward<P, S>): void;
  /** Writes dx, and adds to the gradients. */
  backward(pass: CustomBackward<P, S>): void;
}

/** The layer on inputs of one shape. */
interface Use {
  readonly output: Shape;
  readonly parameters: readonly ParameterSpec[];
  readonly saved: readonly (readonly [name: string, elements: number])[];
  readonly forward: Call;
  readonly backward: Call;
}

// the arguments: x, y, dx, dy, the numbers of the two functions, and
const INDEX = 6;
const TRAINING = 7;
/** Each parameter and its gradient, then the saved values. */
const OWN = 8;

/**
 * A layer of your own, in TypeScript: `forward` and `backward` work on arrays that are views of the core's memory, for an
 * entire batch at once. It trains, saves memory, is traced and checked as any other; `gradCheck` tells whether `backward`
 * is right.
 *
 * `forward` writes y. `backward` gets dy, writes dx and adds to the gradients; what is undefined is not requested. Both get
 * x, y, the parameters and `saved`. The same bits in every engine are up to you: `Math.exp`, `Math.sin`, `**` and the like
 * differ between engines, + - * / and `Math.sqrt` don't. A file can't hold functions, so models with custom layers can't be
 * read from one: make the model again and give it its weights: `copyWeights(readSafetensors(bytes), model)`.
 *
 * What a function throws comes out of `fit`, `step` or `predict` with the layer's name in front and the error as `cause`. The
 * weights are then those of the step before, and training can go on. A page's content security policy must allow
 * `'wasm-unsafe-eval'`.
 *
 * A layer that takes options is a function around this one: `const power = (exponent: number) => customLayer({ ... })`.
 *
 * @param options.type what it is called: a word
 * @param options.outputShape shape of a row, or a function of the input's; default the input's
 * @param options.parameters by name, with shape (or a function of the input's) and initializer; default none
 * @param options.saved numbers per row (or a function of the input's shape) kept for `backward`, by name; default none
 * @throws {TypeError | RangeError} if an option can't be used
 * @throws {Error} from `sequential`, if a function of the input's shape throws
 * @example
 * const scale = customLayer({
 *   type: "scale", // y = factor x, with a factor for each number of a row
 *   parameters: { factor: { shape: (input) => input, initializer: ones() } },
 *   forward({ x, y, parameters: { factor } }) {
 *     for (let i = 0; i < x.length; i++) y[i] = x[i]! * factor[i % factor.length]!;
 *   },
 *   backward({ x, dy, dx, parameters: { factor }, gradients }) {
 *     const n = factor.length;
 *     if (dx) for (let i = 0; i < x.length; i++) dx[i] = dy[i]! * factor[i % n]!;
 *     const d = gradients.factor;
 *     if (d) for (let i = 0; i < x.length; i++) d[i % n]! += dy[i]! * x[i]!;
 *   },
 * });
 * const mine = await sequential({ input: 4 }, dense(8), scale, relu(), dense(3));
 * const checked = gradCheck(new Trainer(mine, { loss: softmaxCrossEntropy(), optimizer: adam() }), x, y);
 * console.log(checked.ok); // true
 */
export function customLayer<P extends string = never, S extends string = never>(
  options: CustomLayerOptions<P, S>,
): Layer {
  checkLayerOptions(options);
  const { type, name, trainable } = options;
  const uses = new Map<string, Use>();
  const useOf = (input: Shape, where: string): Use => {
    const key = input.join();
    let use = uses.get(key);
    if (!use) uses.set(key, (use = makeUse(layer, options, input, where)));
    return use;
  };
  const layer = Object.freeze<LibraryLayer>({
    type,
    name,
    trainable,
    // says in a file that this is not the library's own layer of this name
    options: { custom: true },
    kernel: "custom",
    load: async (core) => placeKernels(core),
    outputShape: (input, where) => useOf(input, where).output,
    parameters: (input) => useOf(input, type).parameters,
    args(context, input) {
      const use = useOf(input, type);
      return {
        forward: numberOf(use.forward, context.core),
        backward: numberOf(use.backward, context.core),
        index: context.index,
        training: context.training ? 1 : 0,
        ...Object.fromEntries(
          use.parameters.flatMap((p) => [
            [`parameter ${p.name}`, context.parameter(p.name)],
            [`gradient ${p.name}`, context.gradient(p.name)],
          ]),
        ),
        ...Object.fromEntries(use.saved.map(([key, n]) => [`saved ${key}`, context.saved(key, n * 4)])),
      };
    },
  });
  return layer;
}

/** The options without the functions of the input's shape, which `makeUse` calls. */
function checkLayerOptions(options: CustomLayerOptions<string, string>): void {
  checkKeys("customLayer", options, [
    "type",
    "name",
    "trainable",
    "outputShape",
    "parameters",
    "saved",
    "forward",
    "backward",
  ]);
  const { type, trainable = true, parameters = {}, saved = {} } = options;
  checkKind(isWord(type), "customLayer", "type", 'a word such as "scale"', type);
  checkBoolean(type, "trainable", trainable);
  for (const name of ["forward", "backward"] as const) {
    checkKind(typeof options[name] === "function", type, name, "a function", options[name]);
  }
  for (const [key, value] of Object.entries({ parameters, saved })) {
    checkKind(isRecord(value), type, key, "an object, by names", value);
    for (const name of Object.keys(value)) checkKind(isWord(name), type, `a name in ${key}`, "a word", name);
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    const where = `${type}: parameter ${name}`;
    checkOptions(where, parameter);
    checkKeys(where, parameter, ["shape", "initializer", "fans", "regularizer", "trained", "follows"]);
    const { initializer } = parameter;
    checkKind(initializer !== undefined, where, "initializer", "an initializer such as heNormal()", initializer);
    checkParameterOptions(where, parameter);
    const { trained = true, follows = 0 } = parameter;
    checkBoolean(where, "trained", trained);
    checkFraction(where, "follows", follows);
    checkKind(!trained || parameter.follows === undefined, where, "follows", "left out, as it is trained", follows);
  }
}

/** A copy of two numbers above 0. Refuses anything else. */
function checkFans(where: string, what: string, value: Fans): Fans {
  checkKind(isRecord(value), where, what, "{ fanIn, fanOut }", value);
  checkKeys(`${where}: ${what}`, value, ["fanIn", "fanOut"]);
  const { fanIn, fanOut } = value;
  checkPositive(where, `fanIn in ${what}`, fanIn);
  checkPositive(where, `fanOut in ${what}`, fanOut);
  return { fanIn, fanOut };
}

/** Calls all functions of the input's shape, and validates what they return. */
function makeUse(layer: Layer, options: CustomLayerOptions<string, string>, input: Shape, where: string): Use {
  const asked = <T>(what: string, value: ByInput<T>): T =>
    typeof value === "function" ? callUser(where, what, () => (value as (input: Shape) => T)([...input])) : value;
  const shape = (what: string, value: ByInput<number | Shape>): Shape =>
    Object.freeze(checkShape(where, what, asked(what, value)));
  const output = shape("outputShape", options.outputShape ?? input);
  const fans = (what: string, value: ByInput<Fans> | undefined): Fans | undefined =>
    value === undefined ? undefined : checkFans(where, what, asked(what, value));
  const parameters = Object.entries(options.parameters ?? {}).map(([name, parameter]) => ({
    ...parameter,
    name,
    shape: shape(`the shape of ${name}`, parameter.shape),
    fans: fans(`the fans of ${name}`, parameter.fans),
  }));
  const saved = Object.entries(options.saved ?? {}).map(([name, value]) => {
    const what = `saved.${name}`;
    const elements = asked(what, value);
    checkWhole(where, what, elements);
    return [name, elements] as const;
  });
  const inputs = sizeOf(input);
  const outputs = sizeOf(output);

  const viewsOf = (arena: Arena, args: number, rows: number): CustomForward => {
    const { u32 } = arena;
    const values: Record<string, Float32Array> = {};
    const kept: Record<string, Float32Array> = {};
    let slot = args + OWN;
    for (const p of parameters) {
      values[p.name] = floats(arena, u32[slot]!, sizeOf(p.shape));
      slot += 2;
    }
    for (const [name, n] of saved) kept[name] = floats(arena, u32[slot++]!, rows * n);
    return {
      x: floats(arena, u32[args]!, rows * inputs),
      y: floats(arena, u32[args + 1]!, rows * outputs),
      rows,
      input,
      output,
      parameters: values,
      saved: kept,
      training: u32[args + TRAINING] === 1,
    };
  };
  const layerText = (arena: Arena, args: number): string => whereText(layer, arena.u32[args + INDEX]!);
  return {
    output,
    parameters,
    saved,
    forward(arena, args, rows) {
      const views = viewsOf(arena, args, rows);
      views.y.fill(0);
      callUser(layerText(arena, args), "forward", () => options.forward(views), arena);
    },
    backward(arena, args, rows) {
      const { u32 } = arena;
      const wanted = (slot: number, count: number): Float32Array | undefined =>
        u32[slot] === 0 ? undefined : floats(arena, u32[slot]!, count);
      const dx = wanted(args + 2, rows * inputs)?.fill(0);
      const gradients = Object.fromEntries(
        parameters.map((p, i) => [p.name, wanted(args + OWN + 2 * i + 1, sizeOf(p.shape))]),
      );
      const dy = floats(arena, u32[args + 3]!, rows * outputs);
      const views = { ...viewsOf(arena, args, rows), dy, dx, gradients };
      callUser(layerText(arena, args), "backward", () => options.backward(views), arena);
    },
  };
}
