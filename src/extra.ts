// The binary with the kernels of rarer losses, optimizers, metrics and penalties, and of normal numbers.
import { binary } from "../build/extra.binary.js";
import type { instantiate } from "../build/extra.exports.js";
import { type Core } from "./runtime/core.ts";
import { type KernelName } from "./runtime/kernels.ts";
import { provide } from "./runtime/binaries.ts";

type ExtraExports = Awaited<ReturnType<typeof instantiate>>;

/** To be called by what makes something that needs the binary. */
export function provideExtra(): void {
  provide("extra", binary);
}

/** A function of the binary that isn't called by records. */
export function extraFunction<Name extends "mathCos" | "mathLog" | "randomNormal">(
  core: Core,
  name: Name,
): ExtraExports[Name] {
  provideExtra();
  return core.exports.table.get(core.kernel(name as KernelName)) as ExtraExports[Name];
}
