// Which failures are a policy's: engines and the library say so in their words, and other failures of WebAssembly have other cures.
import { expect, test } from "vitest";
import { isPolicy } from "../../playground/src/shell/policy.ts";

test.each([
  "core.wasm: the page's Content-Security-Policy (or the platform) does not let WebAssembly be compiled; its script-src must allow 'wasm-unsafe-eval'",
  "WebAssembly.Module(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script",
  "call to WebAssembly.instantiate() blocked by CSP",
])("a policy: %s", (message) => expect(isPolicy(message)).toBe(true));

test.each([
  "WebAssembly.Memory(): could not allocate memory",
  "WebAssembly.Module(): Compiling function #7 failed: invalid value type",
  "WebAssembly is not defined",
])("another failure: %s", (message) => expect(isPolicy(message)).toBe(false));
