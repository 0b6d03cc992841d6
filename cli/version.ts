// The package's version.
import { readFileSync } from "node:fs";

// this file and the bundle are one folder below package.json, both
export const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
