// Where installed programs are.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of the names that PATH has, or undefined. */
export function installed(...names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

/** The file is there and may be run. */
export function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
