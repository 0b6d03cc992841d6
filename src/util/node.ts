// Node's own modules. An `import("node:fs")` would be seen by pages' bundlers, which have nothing to put there.

/** A built-in module of Node, which Deno and Bun have too; undefined elsewhere. */
export function nodeModule<Module>(name: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Module | undefined };
  };
  return process?.getBuiltinModule?.(name);
}
