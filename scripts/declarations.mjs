// Makes the declarations that our compiler has written into ones that older compilers read: `node scripts/declarations.mjs`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Since TypeScript 5.7 a typed array's type says which kind of memory it is on. Compilers before it take no argument there: what
 * `of` gives is the same type in the new ones, and the plain one in the old.
 */
const withoutArguments = (text) =>
  text
    .replaceAll(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<typeof $1.of>")
    .replaceAll(/\b(\w+Array|ArrayBufferView)<ArrayBuffer(?:Like)?>/g, "$1");

for (const file of readdirSync("src", { recursive: true })) {
  if (!file.endsWith(".ts")) continue;
  const path = join("build", file.replace(/\.ts$/, ".d.ts"));
  const text = readFileSync(path, "utf8");
  const plain = withoutArguments(text);
  if (plain !== text) writeFileSync(path, plain);
}
