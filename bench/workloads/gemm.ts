// W6: the three products on matrices in the core's memory; some results of each are checked against float64.
import { createCore } from "../../src/runtime/core.ts";
import { factors } from "../data.ts";
import { productRate, type Result, result, sizeOfAll } from "../measure.ts";
import { type Orientation, productName, PRODUCTS } from "../tasks.ts";

type Sizes = (typeof PRODUCTS)[number];

/** Of each product the three orientations, and the slowest of them. */
export async function gemm(): Promise<Result[]> {
  const results: Result[] = [];
  for (const sizes of PRODUCTS) {
    const each = await orientations(sizes);
    // which one is the slowest may change, so that its sum is not to be compared
    const { check: _, ...least } = each.reduce((a, b) => (a.median < b.median ? a : b));
    results.push({ ...least, workload: productName(sizes) }, ...each);
  }
  return results;
}

async function orientations(sizes: Sizes): Promise<Result[]> {
  const [m, k, n] = sizes;
  const { exports, arena } = await createCore("bench");
  const allocate = (floats: number): number => arena.allocate(floats * 4, "bench", "a matrix").address;
  const [a, b, c, zero] = [allocate(m * k), allocate(k * n), allocate(m * n), allocate(Math.max(m, n))];
  const scratch = arena.allocate(exports.gemmScratch(m, n, k), "bench", "scratch").address;
  const values = factors(sizes);
  arena.f32.set(values.a, a / 4);
  arena.f32.set(values.b, b / 4);
  const runs: Readonly<Record<Orientation, () => void>> = {
    "A*B": () => exports.gemm(false, false, m, n, k, a, k * 4, b, n * 4, c, n * 4, zero, 0, scratch),
    "A*BT": () => exports.gemm(false, true, m, n, k, a, k * 4, b, k * 4, c, n * 4, zero, 0, scratch),
    "AT*B": () => exports.gemm(true, false, m, n, k, a, m * 4, b, n * 4, c, n * 4, zero, 0, scratch),
  };
  const results: Result[] = [];
  for (const [name, run] of Object.entries(runs) as [Orientation, () => void][]) {
    run();
    const product = arena.f32.slice(c / 4, c / 4 + m * n);
    checkPlaces(name, sizes, values, product);
    const rates = await productRate(sizes, run);
    results.push(result(productName(sizes, name), "GFLOP/s", rates, { check: sizeOfAll(product) }));
  }
  return results;
}

function checkPlaces(
  name: Orientation,
  [m, k, n]: Sizes,
  { a, b }: ReturnType<typeof factors>,
  product: Float32Array,
): void {
  for (const [i, j] of [
    [0, 0],
    [m - 1, n - 1],
    [m >> 1, 3],
    [5, n >> 1],
  ] as const) {
    // prettier-ignore
    let sum = 0;
    let size = 0;
    for (let h = 0; h < k; h++) {
      const x = a[name === "AT*B" ? h * m + i : i * k + h]!;
      const y = b[name === "A*BT" ? j * k + h : h * n + j]!;
      sum += x * y;
      size += Math.abs(x * y);
    }
    const error = Math.abs(product[i * n + j]! - sum);
    if (error > 1e-6 * size) throw new Error(`W6 ${name} [${i}, ${j}]: off by ${error}`);
  }
}
