// Apart from core.ts, which all pages need: this brings the binary "extra" along.
import type { ExtraExports } from "../../build/binaries.js";
import { loadExtra } from "../../build/loadExtra.js";
import type { Core } from "./core.ts";

/** A function of the binary "extra" that no record calls. */
export function extraFunction<
  Name extends "addFloats" | "mathCos" | "mathLog" | "randomOrthogonal" | "randomOrthogonalScratch" | "randomNormal",
>(core: Core, name: Name): ExtraExports[Name] {
  loadExtra(core);
  return core.exports.table.get(core.places.get(name)!) as ExtraExports[Name];
}
