// What to do where a page's Content-Security-Policy, or a platform as Cloudflare's, refuses WebAssembly.

/**
 * The error to throw in place of the engine's: where a page's policy or the platform is the reason, one with a cure, since engines
 * advise `unsafe-eval`, which allows far more, or nothing.
 *
 * @param where the function that compiles, or the binary that is compiled
 * @param otherwise what to do where the policy can't be changed
 */
export function explainPolicy(where: string, cause: unknown, otherwise: string): unknown {
  if (!/CSP|unsafe-eval|by embedder/.test(String(cause))) return cause;
  return new Error(
    `${where}: the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; ` +
      `its script-src must allow 'wasm-unsafe-eval'${otherwise}`,
    { cause },
  );
}

/** The same for a binary of the library. */
export function explainBinary(name: string, cause: unknown): unknown {
  return explainPolicy(`${name}.wasm`, cause, "; where that can't be, hand over binaries compiled elsewhere: useCore");
}
