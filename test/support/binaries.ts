// The binaries that the build makes: assembly/binaries/list.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface BinaryEntry {
  readonly name: string;
  readonly for: string;
  /** Address where its constants begin. */
  readonly constants: number;
  readonly loaded: "always" | "at once" | "by layers" | "for threads";
}

const root = join(import.meta.dirname, "../..");

export const binaries = JSON.parse(
  readFileSync(join(root, "assembly/binaries/list.json"), "utf8"),
) as readonly BinaryEntry[];

/** Those of one thread. */
export const ofOneThread = binaries.filter(({ loaded }) => loaded !== "for threads");

/** A binary as it is built; `name.debug` with assertions. */
export const readBinary = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(root, `build/${name}.wasm`)));
