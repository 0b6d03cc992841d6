// In place of ranks.ts and measureTogether.ts where everything is in one file.

function refuse(): never {
  throw new Error(
    "group: this bundle has no code for it; import from wasmgrad, not from wasmgrad/single or a script tag",
  );
}
export const fitTogether = refuse;
export const evaluateTogether = refuse;
