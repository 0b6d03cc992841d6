// The names of kernels as types, from the declarations that the build writes of each binary's exports.
import type { CoreExports, OtherExports } from "../../build/binaries.js";
import type { BinaryLoader } from "./binaries.ts";

export type { CoreExports };

/**
 * Names of kernels that you have compiled yourself, so that your layers may use them:
 * `declare module "wasmgrad" { interface OwnKernels { bellForward: true; bellBackward: true } }`
 */
// eslint-disable-next-line typescript/no-empty-object-type -- to be added to
export interface OwnKernels {}

// what runs programs and what draws random numbers is exported too, but no record calls it
type Kernels<Names> = Exclude<Names & string, `run${string}` | `random${string}`>;
type CoreName = Kernels<keyof CoreExports>;
type Name = Kernels<keyof CoreExports | keyof OtherExports | keyof OwnKernels>;

/** What stands before the role in the names that end with it. */
type StemOf<Role extends string, Names = Name> = Names extends `${infer Stem}${Role}` ? Stem : never;

/** The stem of kernels that call functions of the user's: see custom/calls.ts. */
type Custom = "custom";

/** Stems with a forward and a backward kernel; a forward without its backward is a type error where a layer names it. */
export type LayerStem = (StemOf<"Forward"> & StemOf<"Backward">) | Custom;
export type LossStem = StemOf<"Loss"> | Custom;
export type UpdateStem = StemOf<"Update"> | Custom;
export type MetricStem = StemOf<"Metric"> | Custom;
export type PenaltyStem = StemOf<"Penalty">;
export type ConstraintStem = StemOf<"Constraint">;

/** Loads the binary that has a kernel, without waiting. */
type LoadAtOnce = (to: Pick<BinaryLoader, "link">) => void;

/**
 * A kernel by its stem, in the field `Key`, with what loads its binary if that isn't the core: without, it is a type error.
 */
export type Loaded<Key extends string, Role extends "Loss" | "Update" | "Metric"> =
  | ({ readonly [key in Key]: StemOf<Role, CoreName> } & { readonly load?: LoadAtOnce })
  | ({ readonly [key in Key]: StemOf<Role> } & { readonly load: LoadAtOnce });

/** The same for the two kernels of a layer, and what loads their binary while its model is made. */
export type LoadedLayer<Load> =
  | { readonly kernel?: StemOf<"Forward", CoreName> & StemOf<"Backward", CoreName>; readonly load?: Load }
  | { readonly kernel: LayerStem; readonly load: Load };

/** A function that a record can call. */
export type KernelName =
  | `${LayerStem}${"Forward" | "Backward"}`
  | `${LossStem}Loss`
  | `${UpdateStem}Update`
  | `${MetricStem}Metric`
  | `${PenaltyStem}Penalty`
  | `${ConstraintStem}Constraint`
  | (Name &
      (
        | `batchGather${string}`
        | "batchCheckLoss"
        | `kept${string}`
        | `gradient${string}`
        | `${string}Mask`
        | `${string}Places`
      ));
