// The loader makes a TextDecoder while it is imported, and jsdom's window has none (jest's environment of that name). It only tries
// it on long strings, and has a loop for those that it can't decode: so anything that can be made will do, until the import is over.
// package.json doesn't list this file in "sideEffects": bundlers leave it out, as pages have a TextDecoder.
const scope = globalThis as { TextDecoder?: unknown };
if (scope.TextDecoder === undefined) {
  scope.TextDecoder = class {};
  void Promise.resolve().then(() => delete scope.TextDecoder); // whoever looks for one must not find this
}
