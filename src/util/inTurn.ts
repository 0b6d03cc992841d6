// Calls that use the same memory: one after another.

const last = new WeakMap<object, Promise<unknown>>();

/** Does something once earlier calls of the same owner have ended. */
export function inTurn<T>(owner: object, make: () => Promise<T>): Promise<T> {
  const result = (last.get(owner) ?? Promise.resolve()).then(make);
  last.set(
    owner,
    result.catch(() => {}), // the caller gets the error
  );
  return result;
}
