// Writes the reference, or reports what is wrong with it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultsOf } from "./faults.ts";
import { brokenLinks } from "./markdown.ts";
import { openSources } from "./sources.ts";
import { writeReference } from "./write.ts";

const FOLDER = "docs/api";

/** Writes the pages, and removes those that no longer exist. */
export function makeReference(root: string): void {
  const pages = writeReference(openSources(root));
  const folder = join(root, FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name), { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
}

/** A line for each fault: of the doc comments, the pages as they stand on the disk, and the links of all Markdown. */
export function checkReference(root: string): string[] {
  const sources = openSources(root);
  return [...faultsOf(sources), ...outdated(root, writeReference(sources)), ...brokenLinks(root)];
}

function outdated(root: string, pages: ReadonlyMap<string, string>): string[] {
  const folder = join(root, FOLDER);
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const names = [...new Set([...found, ...pages.keys()])].toSorted();
  return names.flatMap((name) => {
    const [before, after] = [
      found.includes(name) ? readFileSync(join(folder, name), "utf8") : undefined,
      pages.get(name),
    ];
    if (before === after) return [];
    const why =
      before === undefined
        ? "is missing"
        : after === undefined
          ? "is no page any more"
          : "is not what the doc comments say";
    return [`${FOLDER}/${name} ${why}; run \`npm run docs\``];
  });
}
