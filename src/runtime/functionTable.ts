// Placing kernels in the function table.

/**
 * Adds a function of WebAssembly to the table; gives its place. In two steps, since WebKit's `grow` makes places that can't be called
 * of a function.
 *
 * @see https://bugs.webkit.org/show_bug.cgi?id=315856
 */
export function appendFunction(table: WebAssembly.Table, kernel: unknown): number {
  const place = table.grow(1);
  table.set(place, kernel);
  return place;
}
