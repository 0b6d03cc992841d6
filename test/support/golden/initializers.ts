// Golden cases of initial values: their deviation, and the values that are really drawn.
import { expect } from "vitest";
import * as w from "../../../src/index.ts";
import { createCore } from "../../../src/runtime/core.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import type { Golden } from "../golden.ts";

/** With the scale and the fan that its formula has. */
const INITIALIZERS: Readonly<Record<string, readonly [() => w.Initializer, scale: number, mode: string]>> = {
  glorot_uniform: [w.glorotUniform, 1, "fan_avg"],
  glorot_normal: [w.glorotNormal, 1, "fan_avg"],
  he_uniform: [w.heUniform, 2, "fan_in"],
  he_normal: [w.heNormal, 2, "fan_in"],
  lecun_uniform: [w.lecunUniform, 1, "fan_in"],
  lecun_normal: [w.lecunNormal, 1, "fan_in"],
};

/** Values for a shape. */
async function initialValues(initializer: w.Initializer, shape: readonly number[]): Promise<Float32Array> {
  const core = await createCore("test");
  const address = core.arena.allocate(Math.ceil(sizeOf(shape) / 16) * 64, "test", "values").address;
  initializer.fill({ core, shape, address, seed: 7, index: 0 });
  return core.arena.read(address, sizeOf(shape));
}

export async function runInit(golden: Golden): Promise<void> {
  const { config } = golden;
  const { op } = golden.case;
  const shapes = config.shapes("shapes");
  if (op === "orthogonal") return runOrthogonal(golden, shapes);
  if (!Object.hasOwn(INITIALIZERS, op)) throw new Error(`${config.where}: nothing here knows the initializer "${op}"`);
  const [make, scale, mode] = INITIALIZERS[op]!;
  config.expect("distribution", op.split("_")[1]);
  config.expect("scale", scale);
  config.expect("mode", mode);
  config.expect("mean", 0);
  const initializer = make();
  const deviations = shapes.map((shape) => initializer.deviation!(shape));
  golden.compare("std", deviations);
  const limits = deviations.map((deviation) => Math.sqrt(3) * deviation);
  if (golden.has("limit")) golden.compare("limit", limits);
  // and the values that are really drawn have that deviation, as far as their number can tell (5 sigma)
  for (const [i, shape] of shapes.entries()) {
    const values = await initialValues(initializer, shape);
    const n = values.length;
    if (golden.has("limit"))
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(golden.get("limit")[i]! * (1 + 1e-6));
    if (n < 100) continue;
    const square = values.reduce((sum, v) => sum + v * v, 0) / n;
    expect(Math.abs(square / deviations[i]! ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  }
  golden.finish();
}

/** The smaller of the two products of the matrix and its transpose. */
async function runOrthogonal(golden: Golden, shapes: readonly number[][]): Promise<void> {
  const gain = golden.config.number("gain", 1);
  golden.config.describes("property");
  for (const [i, shape] of shapes.entries()) {
    const values = await initialValues(w.orthogonal({ gain }), shape);
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const n = Math.min(rows, columns);
    const at = (r: number, c: number): number => values[r * columns + c]!;
    const gram = Array.from({ length: n * n }, (_, k) => {
      const [a, b] = [Math.floor(k / n), k % n];
      let sum = 0;
      for (let j = 0; j < Math.max(rows, columns); j++)
        sum += rows >= columns ? at(j, a) * at(j, b) : at(a, j) * at(b, j);
      return sum;
    });
    golden.compare(`gram_${i}`, gram);
  }
  golden.finish();
}
