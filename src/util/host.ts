// What pages don't need of the runtime that runs the library. Their bundlers take host.browser.ts in place of this file: package.json says
// so in "browser".

/**
 * Lets the consoles of Node, Deno and Bun show an object's text: its parts, such as the table of kernels, say nothing to a user.
 * It doesn't become a part itself: copies and comparisons don't see it.
 */
export function showText(object: object): void {
  Object.defineProperty(object, Symbol.for("nodejs.util.inspect.custom"), { value: () => String(object) });
}

/**
 * Does the engine make one vector operation of 256 bits of two? Known by Node's option, not timed: V8 does so in optimised code only, and
 * at the start there is none.
 */
export function pairsVectors(): boolean {
  const { process } = globalThis as { process?: { execArgv?: readonly string[] } };
  return /--experimental.wasm.revec/.test(String(process?.execArgv));
}
