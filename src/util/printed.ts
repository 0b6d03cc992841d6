// What consoles show of an object of ours. Pages' need nothing, and their bundlers take printed.browser.ts in place of this file:
// package.json says so in "browser".

/**
 * Lets the consoles of Node, Deno and Bun show an object's text: its parts, such as the table of kernels, say nothing to a user.
 * It doesn't become a part itself: copies and comparisons don't see it.
 */
export function showText(object: object): void {
  Object.defineProperty(object, Symbol.for("nodejs.util.inspect.custom"), { value: () => String(object) });
}
