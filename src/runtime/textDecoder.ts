// The loader makes a TextDecoder while it is imported, and jsdom's window has none (jest's environment of that name). It only tries
// it on long strings, and has a loop for those that it can't decode, so anything that can be made will do. Whoever looks for a
// TextDecoder later must not find this one: it is gone once the loader has taken it, or the import is over.
// package.json doesn't list this file in "sideEffects": bundlers leave it out, as pages have a TextDecoder.
if (typeof TextDecoder === "undefined") {
  const remove = (): boolean => Reflect.deleteProperty(globalThis, "TextDecoder");
  Object.defineProperty(globalThis, "TextDecoder", {
    configurable: true,
    get() {
      remove();
      return Object;
    },
  });
  void Promise.resolve().then(remove);
}
