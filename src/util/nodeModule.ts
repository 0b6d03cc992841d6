/**
 * A built-in module of Node, which Deno and Bun have too; undefined elsewhere. Not an import: bundlers of pages refuse those that
 * begin with `node:`, even where they never run.
 */
export function nodeModule<Module>(name: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Module | undefined };
  };
  return process?.getBuiltinModule?.(name);
}
