// All fuzzers: one for each reader, and those of the whole API.
import type { Fuzzer } from "./engine.ts";
import { anyTable, idxSources, npy, npz } from "./arrays.ts";
import { calls } from "./calls.ts";
import { checkpoints } from "./checkpoints.ts";
import { command } from "./command.ts";
import { gzip, idx } from "./idx.ts";
import { layersModels } from "./layersModels.ts";
import { models } from "./models.ts";
import { onnxFile } from "./onnxFile.ts";
import { onnxModels } from "./onnxModels.ts";
import { pipelines } from "./pipelines.ts";
import { programs } from "./programs.ts";
import { safetensors } from "./safetensors.ts";
import { state } from "./state.ts";
import { tableModels } from "./tableModels.ts";
import { csv, jsonLines } from "./tables.ts";
import { torchFiles } from "./torchFiles.ts";

export const FUZZERS: readonly Fuzzer[] = [
  safetensors,
  models,
  checkpoints,
  idx,
  gzip,
  csv,
  jsonLines,
  npy,
  npz,
  idxSources,
  torchFiles,
  anyTable,
  onnxFile,
  onnxModels,
  layersModels,
  tableModels,
  pipelines,
  state,
  calls,
  command,
  programs,
];

/** With those of the playground, whose modules have types of their own. */
export async function allFuzzers(): Promise<readonly Fuzzer[]> {
  const playground = new URL("../playground/fuzz/fuzzers.ts", import.meta.url);
  const { FUZZERS: more } = (await import(playground.href)) as { readonly FUZZERS: readonly Fuzzer[] };
  return [...FUZZERS, ...more];
}
