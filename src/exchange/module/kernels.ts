// The binary of a program that predicts: the kernels that it runs, of whichever binaries, and what calls them.
import { readWasm, type WasmBinary } from "../../formats/wasmBinary.ts";
import { WasmLinker } from "../../formats/wasmLinker.ts";
import { whereText } from "../../graph/layer.ts";
import type { Model } from "../../model/model.ts";
import { bytesOfBinary } from "../../runtime/binaries.ts";
import type { AllocatedRecord } from "../../runtime/program.ts";
import type { Image } from "./image.ts";

/**
 * Links the kernels of a program. The binary exports `memory`, `forward(rows)` and, where the output has probabilities, `after(rows)`.
 *
 * @throws {Error} if a binary was given compiled, so that there are no bytes to take it from
 */
export function linkKernels(where: string, model: Model, image: Image): Uint8Array<ArrayBuffer> {
  const read = new Map<string, WasmBinary>();
  const linker = new WasmLinker();
  const take = (kernel: string): number => {
    const place = model.core.places.get(kernel);
    // those of a binary follow one another in the table
    const { name, module } = model.core.linked.findLast(({ first }) => first <= place!)!;
    const bytes = bytesOfBinary(module);
    if (!bytes) {
      throw new Error(
        `${where}: the binary "${name}" was given compiled, so its kernels can't be taken from it; give its bytes instead`,
      );
    }
    const label = `${where}: "${name}"`;
    const binary = read.get(name) ?? readWasm(bytes, label);
    read.set(name, binary);
    return linker.take(binary, binary.exports.get(kernel)!, label);
  };
  const program = (records: readonly AllocatedRecord[]): number =>
    linker.addProgram(records.map(({ kernel, address }) => [address, take(kernel)]));
  const exports: Record<string, number> = { forward: program(image.forward) };
  if (image.after.length > 0) exports["after"] = program(image.after);
  return linker.write({ exports, table: image.table.map(take), pages: image.pages, data: image.data });
}

/** Refuses layers that call functions of the user's. */
export function refuseFunctions(where: string, { nodes }: Model): void {
  for (const { layer, index } of nodes) {
    if ((layer.original ?? layer).kernel !== "custom") continue;
    throw new RangeError(
      `${where}: ${whereText(layer, index)} is a function of JavaScript, which can't be written out; use layers of the library, ` +
        "or export the parts before and after it, which cut() makes models of",
    );
  }
}
