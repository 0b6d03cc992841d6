// What a user sees who prints the library's objects, in Node, Deno and Bun: a table or a few lines, no kernels and no memory.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { runtimePath } from "../support/runtimes.ts";

const PROGRAM = `
import { accuracy, adam, dataset, dense, relu, sequential, softmaxCrossEntropy, trace, Trainer } from "wasmgrad";
const model = await sequential({ input: 4, seed: 1 }, dense(8), relu(), dense(3));
const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
const data = { x: new Float32Array(40), y: new Int32Array(10) };
await trainer.fit(data, { progress: false });
const show = (name, value) => { console.log("# " + name); console.log(value); };
show("model", model);
show("String(model)", String(model));
show("model in an object", { model });
show("summary", model.summary());
show("trainer", trainer);
show("trace", trace(trainer, data.x, data.y));
show("data set", dataset({ x: [[1, 2], [3, 4]], y: [0, 1] }));
show("layers", model.layers);
show("loss and optimizer", [trainer.loss, trainer.optimizer, ...trainer.metrics]);
show("JSON of model", JSON.stringify(model));
show("JSON of trainer", JSON.stringify(trainer));
show("copies", [Object.keys(model).includes("toString"), Object.getOwnPropertySymbols({ ...model }).length]);
`;

const TABLE = `layer   type   output  parameters  bytes  flops/row    extra
────────────────────────────────────────────────────────────
input          4
dense1  dense  8               40  160 B         64  4.61 kB
relu1   relu   8                0    0 B          8      0 B
dense2  dense  3               27  108 B         48  4.61 kB
────────────────────────────────────────────────────────────
total                          67  268 B        120  9.22 kB
`;

let folder: string;
beforeAll(() => {
  folder = project("printed");
  writeFileSync(join(folder, "main.js"), PROGRAM);
}, 300_000); // it installs

const runtimes: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ["Node", process.execPath, []],
  ["Deno", runtimePath("deno"), ["run", "-A"]],
  ["Bun", runtimePath("bun"), []],
];

describe.each(runtimes)("%s", (name, program, args) => {
  const shown = new Map<string, string>();
  beforeAll(() => {
    if (program === undefined) return;
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
    const text = execFileSync(program, [...args, "main.js"], { cwd: folder, env, encoding: "utf8" });
    for (const part of text.split(/^# /m).slice(1)) {
      const end = part.indexOf("\n");
      shown.set(part.slice(0, end), part.slice(end + 1));
    }
  }, 300_000);

  test.skipIf(program === undefined)("a model is its summary's table", () => {
    expect(shown.get("model")).toBe(TABLE);
    expect(shown.get("String(model)")).toBe(TABLE);
    expect(shown.get("summary")).toBe(TABLE);
    expect(shown.get("model in an object")).toContain("dense1  dense  8               40  160 B");
  });

  test.skipIf(program === undefined)("a trainer is its parts and the table, a trace a line a tensor", () => {
    expect(shown.get("trainer")).toBe(`Trainer: softmaxCrossEntropy, adam, accuracy\n${TABLE}`);
    expect(shown.get("trace")).toMatch(/^Z1 10x8\na1 10x8\nZ2 10x3\nloss \(\)\n/);
  });

  test.skipIf(program === undefined)("none shows kernels or memory", () => {
    expect(shown.size).toBe(12);
    for (const [what, text] of shown) {
      expect(text, what).not.toMatch(/Forward\b|Memory|arena|workspace|places/);
      expect(text.split("\n").length, what).toBeLessThan(80);
    }
  });

  test.skipIf(program === undefined)("JSON has no memory either", () => {
    const model = JSON.parse(shown.get("JSON of model")!) as Record<string, unknown>;
    expect(Object.keys(model)).toEqual(["input", "layers", "parameters", "bytes", "flops", "extra", "fingerprint"]);
    expect(model).toMatchObject({ input: [4], parameters: 67, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const trainer = JSON.parse(shown.get("JSON of trainer")!) as Record<string, unknown>;
    expect(Object.keys(trainer)).toEqual(["model", "loss", "optimizer", "metrics"]);
    expect(trainer["model"]).toEqual(model);
    expect(shown.get("copies"), name).toMatch(/false, 0/);
  });
});
