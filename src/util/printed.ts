// What consoles show of an object of ours.

/**
 * Lets the consoles of Node, Deno and Bun show an object's text: its parts, such as the table of kernels, say nothing to a user. Pages'
 * consoles show parts that are unfolded one by one, and need none. It doesn't become a part itself: copies and comparisons don't see it.
 */
export function showText(object: object): void {
  Object.defineProperty(object, Symbol.for("nodejs.util.inspect.custom"), { value: () => String(object) });
}
