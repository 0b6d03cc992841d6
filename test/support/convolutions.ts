// How the kernels of convolutions are tested: batches against float64 loops, with guards after everything they write.
import { loadConvolution } from "../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { type Shape, shapeText, sizeOf } from "../../src/util/shape.ts";
import { expectClose } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

const bench = await Workbench.create();
await loadConvolution(bench.core);

/** What a layer computes for one image: products y[o] += x[i] w[k], and a bias. */
export interface Linear {
  /** Calls `product` for every product of the layer. */
  products(product: (o: number, i: number, k: number) => void): void;
  /** The bias that each number of the output starts with. */
  channel(o: number): number;
}

/** A layer, the shape of its input, and its float64 reference. */
export interface ConvolutionCase {
  readonly layer: Layer;
  readonly input: Shape;
  readonly reference: Linear;
}

/** Tests layers with a parameter `kernel` and perhaps one `bias`. */
export function convolutionTests(name: string, cases: readonly ConvolutionCase[]): void {
  describe(name, () => {
    beforeEach(() => bench.clear());
    for (const one of cases) {
      test(`${shapeText(one.input)}, ${JSON.stringify(one.layer.options)}`, () => {
        for (const rows of [1, 3]) runCase(one, rows);
      });
    }
  });
}

/** Puts the record of a layer in memory, with random parameters and random numbers in its gradients. */
export function place(layer: Layer, input: Shape, rows: number, capacity = rows) {
  const output = layer.outputShape(input, "test");
  const [n, m] = [sizeOf(input), sizeOf(output)];
  const [x, dy] = [normal(capacity * n, { seed: 1 }), normal(capacity * m, { seed: 2 })];
  const specs = layer.parameters!(input);
  const draw = (seed: number) =>
    Object.fromEntries(specs.map((p, i) => [p.name, normal(sizeOf(p.shape), { seed: seed + i })]));
  const [values, before] = [draw(3), draw(8)];
  const addresses = (all: Readonly<Record<string, Float32Array>>) =>
    Object.fromEntries(Object.entries(all).map(([p, v]) => [p, bench.floats(v)]));
  const [parameters, gradients] = [addresses(values), addresses(before)];
  const at = {
    x: bench.floats(x),
    y: bench.room(capacity * m),
    dx: bench.room(capacity * n),
    dy: bench.floats(dy),
  };
  let scratch = { address: 0, words: 0 };
  const context = {
    ...bench.context(capacity, { parameters, gradients }),
    scratch(bytes: number) {
      const words = Math.ceil(bytes / 4);
      scratch = { address: bench.room(words), words };
      return scratch.address;
    },
  };
  const args = { ...at, ...layer.args!(context, input, output) };
  const run = (changes: object = {}): void => {
    for (const role of ["Forward", "Backward"])
      bench.run(`${layer.kernel!}${role}` as KernelName, { perRow: m, rows }, { ...args, ...changes });
  };
  return { run, at, n, m, x, dy, values, before, gradients, scratch: () => scratch };
}

export function runCase({ layer, input, reference }: ConvolutionCase, rows: number): void {
  const { run, at, n, m, x, dy, values, before, gradients, scratch } = place(layer, input, rows, rows + 1);
  run();
  const y = new Float64Array(rows * m);
  const dx = new Float64Array(rows * n);
  const sums = Object.fromEntries(Object.entries(before).map(([p, v]) => [p, Float64Array.from(v)]));
  const sizes = new Float64Array(sums["kernel"]!.length); // of what is summed, without signs
  const { kernel, bias } = values as Record<string, Float32Array>;
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < m; o++) {
      if (bias === undefined) break;
      y[r * m + o]! += bias[reference.channel(o)]!;
      sums["bias"]![reference.channel(o)]! += dy[r * m + o]!;
    }
    reference.products((o, i, k) => {
      y[r * m + o]! += x[r * n + i]! * kernel![k]!;
      dx[r * n + i]! += dy[r * m + o]! * kernel![k]!;
      sums["kernel"]![k]! += dy[r * m + o]! * x[r * n + i]!;
      sizes[k]! += Math.abs(dy[r * m + o]! * x[r * n + i]!);
    });
  }
  const tolerance = { rtol: 1e-5, atol: 3e-5 };
  expectClose("y", bench.read(at.y, rows * m), y, tolerance);
  expectClose("dx", bench.read(at.dx, rows * n), dx, tolerance);
  // sums of more than 500 or so: half a unit in the last place of all that is added
  const long = { ...tolerance, atol: Math.max(tolerance.atol, 2 ** -24 * sizes.reduce((a, b) => Math.max(a, b), 0)) };
  for (const [p, sum] of Object.entries(sums)) {
    expectClose(`d${p}`, bench.read(gradients[p]!, sum.length), sum, p === "kernel" ? long : tolerance);
    bench.expectGuard(gradients[p]!, sum.length, `d${p}`);
  }
  bench.expectGuard(at.y, rows * m, "y");
  bench.expectGuard(at.dx, rows * n, "dx");
  bench.expectGuard(scratch().address, scratch().words, "scratch");
  expect(bench.read(at.x, x.length)).toEqual(x);
  expect(bench.read(at.dy, dy.length)).toEqual(dy);
}

export { bench };

export interface Sums {
  readonly input: Shape;
  readonly output: Shape;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "valid" | "same";
  readonly dilation: readonly [number, number];
}

/** The cells under each window: a cell of the output, one of the input, and one of the window. */
export function underWindows(
  { input, output, size, strides, padding, dilation }: Sums,
  visit: (outCell: number, cell: number, tap: number) => void,
): void {
  const before = (axis: 0 | 1): number => {
    const span = (size[axis] - 1) * dilation[axis] + 1;
    if (padding === "valid") return 0;
    return Math.floor(Math.max((output[axis]! - 1) * strides[axis] + span - input[axis]!, 0) / 2);
  };
  const [top, left] = [before(0), before(1)];
  for (let i = 0; i < output[0]!; i++) {
    for (let j = 0; j < output[1]!; j++) {
      for (let a = 0; a < size[0]; a++) {
        for (let b = 0; b < size[1]; b++) {
          const row = i * strides[0] + a * dilation[0] - top;
          const column = j * strides[1] + b * dilation[1] - left;
          if (row < 0 || row >= input[0]! || column < 0 || column >= input[1]!) continue;
          visit(i * output[1]! + j, row * input[1]! + column, a * size[1] + b);
        }
      }
    }
  }
}

/** The products of a convolution with groups. */
export function convolution(sums: Sums, groups: number): Linear {
  const [channels, filters] = [sums.input[2]!, sums.output[2]!];
  const depth = channels / groups;
  return {
    channel: (o) => o % filters,
    products(product) {
      underWindows(sums, (outCell, cell, tap) => {
        for (let f = 0; f < filters; f++) {
          const first = Math.floor((f * groups) / filters) * depth;
          for (let c = 0; c < depth; c++)
            product(outCell * filters + f, cell * channels + first + c, (tap * depth + c) * filters + f);
        }
      });
    },
  };
}
