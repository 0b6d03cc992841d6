// Refuses what isn't a file's bytes.
import { checkKind, kindOf } from "../util/check.ts";

/** Bytes of any realm, a Buffer and memory that threads share included; for other kinds the message says how to make them bytes. */
export function checkBytes(where: string, name: string, bytes: Uint8Array): void {
  const kind = kindOf(bytes);
  const make = kind.endsWith("ArrayBuffer")
    ? "new Uint8Array(buffer)"
    : /^(?:Blob|File|Response)$/.test(kind) && "new Uint8Array(await file.arrayBuffer())";
  const holds = ArrayBuffer.isView(bytes) && kind === "Uint8Array";
  checkKind(holds, where, name, "a Uint8Array", bytes, make ? `; ${make} makes one` : undefined);
}
