import { loadSequence } from "../../../build/binaries.js";
import { checkBoolean, checkKeys, checkKind, checkWhole } from "../../util/check.ts";
import { glorotUniform } from "../initializers/uniform.ts";
import { zeros } from "../initializers/constant.ts";
import type { Initializer, ParameterSpec, Regularizer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { gemmScratchBytes } from "../../runtime/coreFunctions.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { divisorsOf, type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import { composite } from "../composites/composite.ts";
import { sequenceOf } from "./sequence.ts";
import type { Named } from "../named.ts";

/** Options of `selfAttention`. */
export interface SelfAttentionOptions extends Named {
  /** Number of heads, a divisor of the widths: each has keyWidth / heads columns of queries and keys, valueWidth / heads of values. */
  readonly heads: number;
  /** Columns of queries and keys, of all heads together; default the input's width. */
  readonly keyWidth?: number;
  /** Columns of values, of all heads together; default the input's width. */
  readonly valueWidth?: number;
  /** Position i attends to positions up to i alone; default false. */
  readonly causal?: boolean;
  /**
   * Name of another input, one number for each position that is attended to: 0 masks it. Where every position is masked the
   * attention gives 0.
   */
  readonly keyMask?: string;
  /**
   * Name of another input, one number for each query and each position that is attended to, [steps, positions], or of each
   * head, [heads, steps, positions]: 0 masks it. What `causal` or `keyMask` leave out stays out.
   */
  readonly mask?: string;
  /**
   * Name of another input, or of a layer before this one, of the same shapes: numbers that are added to the scores before the softmax.
   * A layer's have a gradient. -1e9 leaves a position out, but where every position shall be left out only a mask gives 0.
   */
  readonly scoreBias?: string;
  /** Add a bias to queries, keys, values and outputs; default true. */
  readonly useBias?: boolean;
  /** Initial weights; default `glorotUniform()`. */
  readonly kernelInitializer?: Initializer;
  /** Initial biases; default `zeros()`. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the four weights; default none. */
  readonly kernelRegularizer?: Regularizer;
  /** Penalty on the four biases; default none. */
  readonly biasRegularizer?: Regularizer;
  /** False: the parameters stay as they are; default true. */
  readonly trainable?: boolean;
}

/** Options of `attention`. */
export interface AttentionOptions extends SelfAttentionOptions {
  /** Name of what is attended to: another input of the model, or a layer before this one. [steps, width] */
  readonly memory: string;
}

/**
 * Each position of a sequence takes a weighted mean of all positions, with weights from the likeness of its query and their
 * keys, in several heads: q = x wq + bq, k = x wk + bk, v = x wv + bv; head h, with its d columns of each, gives
 * softmax(q kT / sqrt d + s) v, with s what `scoreBias` names; y = (the concatenated heads) wo + bo.
 * Shapes: x [steps, width], weights `weightQ weightK` [width, keyWidth], `weightV` [width, valueWidth], `weightO`
 * [valueWidth, width], biases `biasQ biasK` [keyWidth], `biasV` [valueWidth], `biasO` [width], y [steps, width].
 *
 * @param options.heads a divisor of the widths
 * @param options.mask name of another input, [steps, steps] or [heads, steps, steps]: 0 where a query (first) doesn't attend to a
 *   position (last). Where it attends to none the attention gives 0, and the output is `biasO`
 * @param options.scoreBias name of another input or a layer, of the same shapes, as for distances between positions
 * @throws {TypeError | RangeError} if an option can't be used, the input isn't a sequence whose width the heads divide, or a
 *   mask has another shape
 * @see Vaswani et al., "Attention is all you need", 2017
 * @example sequential({ input: [6, 8] }, selfAttention({ heads: 2, causal: true }), globalAvgPool1d(), dense(1))
 */
export function selfAttention(options: SelfAttentionOptions): Layer {
  return describe("selfAttention", settle("selfAttention", options));
}

/**
 * `selfAttention` with keys and values from another value of the model: q = x wq + bq, k = memory wk + bk,
 * v = memory wv + bv. With `causal`, position i attends to positions up to i of the memory.
 * Shapes: x [steps, width], memory [others, n], `weightQ` [width, keyWidth], `weightK` [n, keyWidth], `weightV` [n, valueWidth],
 * `weightO` [valueWidth, width], biases `biasQ biasK` [keyWidth], `biasV` [valueWidth], `biasO` [width], y [steps, width].
 *
 * @param options.memory an input's or an earlier layer's name
 * @param options.mask name of another input, [steps, others] or [heads, steps, others]
 * @param options.scoreBias name of another input or a layer, of the same shapes
 * @throws {TypeError | RangeError} as `selfAttention`, and if nothing has the name or it isn't a sequence
 * @see Vaswani et al., "Attention is all you need", 2017
 * @example
 * const given = inputs({ question: [4, 8], text: [20, 6] });
 * sequential({ input: given }, attention({ memory: "text", heads: 2 }), globalAvgPool1d(), dense(1))
 */
export function attention(options: AttentionOptions): Layer {
  checkKeys("attention", options, ["memory", ...KEYS], ELSEWHERE);
  const { memory, ...others } = options;
  checkKind(typeof memory === "string", "attention", "memory", "the name of an input or of a layer", memory);
  const settled = settle("attention", others);
  // the weights' shapes depend on the memory's, which the graph knows; `shared` tells layers by their identity
  const known = new Map<string, Layer>();
  const { name } = settled;
  // its name is among the options, as a file has no other of composites
  const outer = composite("attention", [], { memory, ...settled }, (graph, x) => {
    const value = graph.find(memory, "attention");
    const shape = graph.shape(value);
    const key = shapeText(shape);
    if (!known.has(key)) known.set(key, describe("attention", settled, { name: memory, shape }));
    return graph.add(known.get(key)!, x, { memory: value });
  });
  return Object.freeze({ ...outer, name });
}

const KEYS = [
  "heads",
  "keyWidth",
  "valueWidth",
  "causal",
  "keyMask",
  "mask",
  "scoreBias",
  "useBias",
  "kernelInitializer",
  "biasInitializer",
  "kernelRegularizer",
  "biasRegularizer",
  "trainable",
  "name",
];

/** `keyDim` of Keras is of one head. */
const ELSEWHERE = {
  attnmask: "mask",
  keydim: "keyWidth is of all heads together: heads times keyDim",
  keypaddingmask: "keyMask has 1 for what is attended to, 0 for padding",
  numheads: "heads",
  valuedim: "valueWidth is of all heads together: heads times valueDim",
};

/** Queries per block of the kernels: enough for the matrix products, few enough to skip most of what `causal` masks. */
const BLOCK = 64;

/** What is attended to, if not the input itself. */
interface Memory {
  /** Of an input or a layer. */
  readonly name: string;
  /** [steps, width] */
  readonly shape: Shape;
}

const lines = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** `1, 2, 3 or 6` */
function divisorsText(n: number): string {
  const divisors = divisorsOf(n);
  return divisors.length === 1 ? "1" : `${divisors.slice(0, -1).join(", ")} or ${divisors.at(-1)}`;
}

/** The options, checked, with the defaults of those that are missing. */
function settle(type: string, options: SelfAttentionOptions) {
  checkKeys(type, options, KEYS, ELSEWHERE);
  const {
    heads,
    keyWidth,
    valueWidth,
    causal = false,
    keyMask,
    mask,
    scoreBias,
    useBias = true,
    kernelInitializer = glorotUniform(),
    biasInitializer = zeros(),
    kernelRegularizer,
    biasRegularizer,
    trainable = true,
    name,
  } = options;
  checkWhole(type, "heads", heads);
  for (const [key, value] of Object.entries({ keyWidth, valueWidth })) {
    if (value === undefined) continue;
    checkWhole(type, key, value);
    if (value % heads !== 0)
      throw new RangeError(`${type}: heads must divide ${key}, ${value}, got ${heads}; use ${divisorsText(value)}`);
  }
  checkBoolean(type, "causal", causal);
  for (const [key, value] of Object.entries({ keyMask, mask, scoreBias })) {
    checkKind(value === undefined || typeof value === "string", type, key, "the name of an input or of a layer", value);
  }
  checkBoolean(type, "useBias", useBias);
  checkParameterOptions(type, options);
  const initial = { kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer };
  return { heads, keyWidth, valueWidth, causal, keyMask, mask, scoreBias, useBias, ...initial, trainable, name };
}

function describe(type: string, settled: ReturnType<typeof settle>, memory?: Memory): Layer {
  const { name, ...options } = settled;
  const { heads, causal, keyMask, mask, scoreBias, useBias, kernelInitializer, biasInitializer, trainable } = options;
  const { kernelRegularizer, biasRegularizer } = options;
  const named = Object.entries({ keyMask, mask, scoreBias }).filter(([, value]) => value !== undefined);
  const extras = Object.fromEntries(named) as Readonly<Record<string, string>>;
  const widths = (width: number) => ({
    keyWidth: options.keyWidth ?? width,
    valueWidth: options.valueWidth ?? width,
  });
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { ...(memory ? { memory: memory.name } : {}), ...options },
    kernel: "attention",
    backwardReads: "input",
    parallel: { forward: "rows", backward: "barrier" },
    load: loadSequence,
    trainable,
    ...(named.length === 0 ? {} : { extras, fixed: ["keyMask", "mask"] }),
    outputShape(input, where, shapes) {
      const [steps, width] = sequenceOf(input, where, "[steps, width]");
      const uneven = Object.entries(widths(width)).find(([, n]) => n % heads !== 0);
      if (uneven) {
        // the other width may be given, and have other divisors
        const alone = options.keyWidth === undefined && options.valueWidth === undefined;
        const cure = alone ? `use ${divisorsText(width)}` : `give ${uneven[0]}, too, a multiple of ${heads}`;
        throw new RangeError(`${where}: heads must divide the input's width, ${width}, got ${heads}; ${cure}`);
      }
      const attended = memory?.shape ?? input;
      if (memory) sequenceOf(attended, where, "[steps, width]", `the memory "${memory.name}"`);
      const keys = shapes?.["keyMask"];
      if (keys !== undefined && sizeOf(keys) !== attended[0]!)
        throw new RangeError(
          `${where}: the key mask "${keyMask}" must have one number for each of the ${attended[0]!} positions ` +
            `that are attended to, got ${shapeText(keys)}`,
        );
      for (const slot of ["mask", "scoreBias"]) {
        const shape = shapes?.[slot];
        if (shape) checkScores(where, `the ${slot} "${extras[slot]}"`, shape, [heads, steps, attended[0]!]);
      }
      return input;
    },
    parameters(input) {
      const width = input[1]!;
      const memoryWidth = (memory?.shape ?? input)[1]!;
      const { keyWidth, valueWidth } = widths(width);
      const sizes = {
        Q: [width, keyWidth],
        K: [memoryWidth, keyWidth],
        V: [memoryWidth, valueWidth],
        O: [valueWidth, width],
      } as const;
      return Object.entries(sizes).flatMap(([part, shape]): ParameterSpec[] => {
        return [
          {
            name: `weight${part}`,
            shape,
            initializer: kernelInitializer,
            regularizer: kernelRegularizer,
          },
          ...(useBias
            ? [{ name: `bias${part}`, shape: [shape[1]], initializer: biasInitializer, regularizer: biasRegularizer }]
            : []),
        ];
      });
    },
    args(context, input): KernelArgs {
      const [steps, width] = [input[0]!, input[1]!];
      const attended = memory?.shape ?? input;
      const [memorySteps, memoryWidth] = [attended[0]!, attended[1]!];
      const { keyWidth, valueWidth } = widths(width);
      const { capacity, training, core } = context;
      const rows = capacity * Math.max(steps, memorySteps);
      const widest = Math.max(width, memoryWidth, memorySteps, keyWidth, valueWidth);
      const product = gemmScratchBytes(core, [rows, widest, Math.max(rows, widest)]);
      // without a backward pass one head's probabilities at a time are enough; they are stored after everything else
      const used = lines(4 * (training ? Math.min(BLOCK, steps) : 1) * memorySteps) + product;
      const bytes = (each: number, columns: number): number => lines(4 * capacity * each * columns);
      // the gradients of queries are written over those of the heads' outputs, if they have as many columns
      const gradients =
        bytes(steps, valueWidth) +
        (keyWidth === valueWidth ? 0 : bytes(steps, keyWidth)) +
        bytes(memorySteps, keyWidth) +
        bytes(memorySteps, valueWidth);
      const scratch = context.scratch(used + (training ? 0 : 4 * steps * memorySteps));
      const head = 4 * steps * memorySteps;
      const parts = Object.fromEntries(
        ["Q", "K", "V", "O"].flatMap((part) =>
          ["weight", "bias"].flatMap((kind) => [
            [`${kind}${part}`, context.parameter(`${kind}${part}`)],
            [`d${kind === "weight" ? "Weight" : "Bias"}${part}`, context.gradient(`${kind}${part}`)],
          ]),
        ),
      ) as KernelArgs;
      return {
        memory: context.input("memory"),
        dMemory: context.inputGradient("memory"),
        keyMask: context.input("keyMask"),
        ...parts,
        width,
        steps,
        memoryWidth,
        memorySteps,
        heads,
        block: BLOCK,
        causal: Number(causal),
        q: context.saved("q", 4 * steps * keyWidth),
        k: context.saved("k", 4 * memorySteps * keyWidth),
        v: context.saved("v", 4 * memorySteps * valueWidth),
        probabilities: training ? context.saved("probabilities", heads * head) : scratch + used,
        probabilityBytes: training ? head : 0,
        found: context.saved("found", 4 * steps * valueWidth),
        zero: context.zeros(widest),
        scratch,
        gradients: training ? context.common(gradients) : 0,
        keyWidth,
        valueWidth,
        mask: context.input("mask"),
        maskPerHead: Number(context.inputs["mask"]?.length === 3),
        scoreBias: context.input("scoreBias"),
        dScoreBias: context.inputGradient("scoreBias"),
        scoreBiasPerHead: Number(context.inputs["scoreBias"]?.length === 3),
      };
    },
    flops(input) {
      const [steps, width] = [input[0]!, input[1]!];
      const attended = memory?.shape ?? input;
      const { keyWidth, valueWidth } = widths(width);
      return 2 * (keyWidth + valueWidth) * (steps * width + sizeOf(attended) + steps * attended[0]!);
    },
  });
}

/** Refuses numbers for scores that are of another shape; `scores`: [heads, steps, positions], of which heads may be missing. */
function checkScores(where: string, name: string, shape: Shape, scores: readonly [number, number, number]): void {
  const text = shapeText(shape);
  const [, ...shared] = scores;
  if (text === shapeText(scores) || text === shapeText(shared)) return;
  throw new RangeError(
    `${where}: ${name} must have the shape ${shapeText(shared)}, a number for each query and each position that is attended to, ` +
      `or ${shapeText(scores)}, of each head, got ${text}`,
  );
}
