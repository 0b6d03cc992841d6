// The kernels' names, from the types that the compiler writes of each binary's exports.
import type { instantiate as instantiateActivations } from "../../build/activations.exports.js";
import type { instantiate as instantiateConvolution } from "../../build/convolution.exports.js";
import type { instantiate as instantiateRaw } from "../../build/core.exports.js";
import type { instantiate as instantiateExtra } from "../../build/extra.exports.js";
import type { instantiate as instantiateSequence } from "../../build/sequence.exports.js";

/** What the core exports, as the compiler typed it. */
export type CoreExports = Awaited<ReturnType<typeof instantiateRaw>>;

export type OtherExports = Awaited<ReturnType<typeof instantiateActivations>> &
  Awaited<ReturnType<typeof instantiateConvolution>> &
  Awaited<ReturnType<typeof instantiateSequence>> &
  Awaited<ReturnType<typeof instantiateExtra>>;

/**
 * Names of kernels that you have compiled yourself, so that your layers may use them:
 * `declare module "wasmgrad" { interface OwnKernels { bellForward: true; bellBackward: true } }`
 */
// eslint-disable-next-line typescript/no-empty-object-type -- to be added to
export interface OwnKernels {}

// what runs programs, and the drawing of numbers, are named alike, but no record calls them
export type Name = Exclude<
  (keyof CoreExports | keyof OtherExports | keyof OwnKernels) & string,
  `run${string}` | `random${string}`
>;

export type StemOf<Role extends string> = Name extends infer N
  ? N extends `${infer Stem}${Role}`
    ? Stem
    : never
  : never;

/** The stem of kernels that call functions of the user's: see custom/calls.ts. */
export type Custom = "custom";

/** Stems with a forward and a backward kernel; a forward without its backward is a type error where a layer names it. */
export type LayerStem = (StemOf<"Forward"> & StemOf<"Backward">) | Custom;

export type LossStem = StemOf<"Loss"> | Custom;

export type UpdateStem = StemOf<"Update">;

export type MetricStem = StemOf<"Metric">;

export type PenaltyStem = StemOf<"Penalty">;

export type ConstraintStem = StemOf<"Constraint">;

/** A function that a record can call. */
export type KernelName =
  | `${LayerStem}${"Forward" | "Backward"}`
  | `${LossStem}Loss`
  | `${UpdateStem}Update`
  | `${MetricStem}Metric`
  | `${PenaltyStem}Penalty`
  | `${ConstraintStem}Constraint`
  | (Name & (`batchGather${string}` | "batchCheckLoss" | `gradient${string}` | `${string}Mask`));
