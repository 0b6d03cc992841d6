// Which file imports which: static imports and exports, of types too, and import().
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Files by their paths from the root, with the paths that each imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The relative paths that a source imports; comments aside. */
export function specifiersOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g);
  return [...new Set([...found].map(([, specifier]) => specifier!))];
}

/** The imports between files, given their texts. AssemblyScript leaves out the file's ending. */
export function importsBetween(files: ReadonlyMap<string, string>): Imports {
  return new Map(
    [...files].map(([path, source]) => {
      const targets = specifiersOf(source).map((specifier) => posix.join(posix.dirname(path), specifier));
      return [path, targets.map((target) => (files.has(`${target}.ts`) ? `${target}.ts` : target))];
    }),
  );
}

/** The TypeScript files below folders. */
export function sourcesBelow(root: string, folders: readonly string[]): Map<string, string> {
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .map((file) => posix.join(folder, file.replaceAll("\\", "/")))
        .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.includes("node_modules"))
        .toSorted()
        .map((path) => [path, readFileSync(join(root, path), "utf8")] as const),
    ),
  );
}

/** The folder below the top one that a file is in: `src/nn`; of an entry `src`. */
export const roomOf = (path: string): string => path.split("/").slice(0, -1).slice(0, 2).join("/");

/** Imports from a folder to one that isn't below it: `a -> b`. Floors from the top down; the folders of one floor are apart. */
export function upwardImports(imports: Imports, floors: readonly (readonly string[])[]): string[] {
  const floorOf = (path: string): number => floors.findIndex((rooms) => rooms.includes(roomOf(path)));
  return [...imports].flatMap(([path, targets]) =>
    targets
      .filter((target) => imports.has(target) && roomOf(path) !== roomOf(target) && floorOf(path) >= floorOf(target))
      .map((target) => `${path} -> ${target}`),
  );
}

/** Files that import themselves by way of others: each circle once, as its files. */
export function circles(imports: Imports): string[][] {
  const reached = new Map<string, Set<string>>();
  for (const start of imports.keys()) {
    const seen = new Set<string>();
    const queue = [...(imports.get(start) ?? [])];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      queue.push(...(imports.get(path) ?? []));
    }
    reached.set(start, seen);
  }
  const inCircle = [...imports.keys()].filter((path) => reached.get(path)!.has(path));
  const groups = inCircle.map((path) =>
    inCircle.filter((other) => reached.get(path)!.has(other) && reached.get(other)!.has(path)),
  );
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}
