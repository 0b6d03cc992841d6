// The types that TypeScript reads from a module's comments.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportModule } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";

const root = join(import.meta.dirname, "../../..");

const PROGRAM = `
import { classify, inputs, inputShape, load, outputShape, predict, resetStates, weightErrors } from "./model.mjs";
const y: Float32Array = predict([[1, 2], [3, 4]]);
const more: Float32Array[] = [predict([1, 2]), predict(new Uint8Array(2)), predict([new Float64Array(2)]), predict([[[1, 2], [3]]])];
const labels: Int32Array = classify([1, 2]);
const sizes: number = inputShape[0]! + outputShape.length + inputs.word[0]!;
const loaded: Promise<void> = load();
const error: number = weightErrors["lstm1.weightIh"].largest;
resetStates();
// @ts-expect-error
predict("1, 2");
// @ts-expect-error
predict();
// @ts-expect-error
predict([["1", "2"]]);
// @ts-expect-error
inputs.words;
export { error, labels, loaded, more, sizes, y };
`;

test("a program that imports a module is checked, and declarations are written", async () => {
  const folder = join(root, `build/test/moduleTypes-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const model = await w.sequential(
      { input: w.inputs({ word: [3, 2] }) },
      w.lstm(4, { stateful: true, returnSequences: true }),
      w.dense(3),
    );
    writeFileSync(join(folder, "model.mjs"), exportModule(model, { weights: "int8" }));
    writeFileSync(join(folder, "program.mts"), PROGRAM);
    const options = ["--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--types", "", "--strict"];
    const js = [
      "--ignoreConfig",
      "--allowJs",
      "--declaration",
      "--emitDeclarationOnly",
      "--outDir",
      "types",
      "program.mts",
    ];
    const run = (): string =>
      execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, ...js], {
        cwd: folder,
        encoding: "utf8",
      });
    expect(run()).toBe("");
    const types = readFileSync(join(folder, "types/model.d.mts"), "utf8");
    expect(types).toMatch(/export (?:declare )?(?:const|function) predict(?:: )?\(x: Rows\)(?:: | => )Float32Array/);
    expect(types).toContain("inputShape: number[]");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
