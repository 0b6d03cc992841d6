// Measures the convolutions of known networks: each pass alone, in the core's memory, with some results checked against float64.
import { loadConvolution } from "../build/binaries.js";
import { Workspace } from "../src/runtime/arena.ts";
import type { KernelContext } from "../src/graph/layer.ts";
import { conv2d } from "../src/index.ts";
import { type Core, createCore } from "../src/runtime/core.ts";
import type { KernelName } from "../src/runtime/kernels.ts";
import { Program, RecordList } from "../src/runtime/program.ts";
import { BURST, BURSTS, repeat, type Result, result, turnsFor } from "./measure.ts";
import { roof } from "./roof.ts";

interface Shape {
  readonly name: string;
  readonly input: readonly [number, number, number];
  readonly size: number;
  readonly stride?: number;
  readonly padding: "same" | "valid";
  readonly filters: number;
  readonly rows: number;
}

const SHAPES: readonly Shape[] = [
  { name: "LeNet 1", input: [28, 28, 1], size: 5, padding: "same", filters: 6, rows: 64 },
  { name: "LeNet 2", input: [14, 14, 6], size: 5, padding: "valid", filters: 16, rows: 64 },
  { name: "AlexNet 1", input: [227, 227, 3], size: 11, stride: 4, padding: "valid", filters: 96, rows: 2 },
  { name: "AlexNet 2", input: [27, 27, 96], size: 5, padding: "same", filters: 256, rows: 2 },
  { name: "AlexNet 3", input: [13, 13, 256], size: 3, padding: "same", filters: 384, rows: 4 },
  { name: "block", input: [56, 56, 64], size: 3, padding: "same", filters: 64, rows: 4 },
];

/** Numbers from -0.5 to 0.5. */
function fill(values: Float32Array, seed: number): void {
  let state = seed;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 32 - 0.5;
  }
}

/** The roof, and what part of it each pass of each shape reaches. Products with padding aren't counted. */
export async function convolutions(): Promise<Result[]> {
  const core = await createCore("bench");
  await loadConvolution(core);
  const top = await roof();
  const results: Result[] = [];
  for (const shape of SHAPES) results.push(...(await passesOf(core, shape)));
  // the best of each, as of the roof: other work on the machine then counts less
  return [top, ...results.map((line) => ({ ...line, share: Number((line.max / top.max).toFixed(3)) }))];
}

async function passesOf(core: Core, { name, input, size, stride = 1, padding, filters, rows }: Shape) {
  const layer = conv2d(filters, { kernelSize: size, strides: stride, padding });
  const output = layer.outputShape(input, name);
  const workspace = new Workspace(core.arena, "bench");
  const program = new Program(core, workspace, 0);
  const tensor = (count: number, seed: number): number => {
    const address = workspace.allocate(count * 4, "numbers");
    if (seed > 0) fill(core.arena.f32.subarray(address / 4, address / 4 + count), seed);
    return address;
  };
  const weights = size * size * input[2] * filters;
  const parameters: Record<string, number> = { kernel: tensor(weights, 1), bias: tensor(filters, 2) };
  const gradients: Record<string, number> = { kernel: tensor(weights, 0), bias: tensor(filters, 0) };
  const at = {
    x: tensor(rows * sizeOf(input), 3),
    y: tensor(rows * sizeOf(output), 0),
    dx: tensor(rows * sizeOf(input), 0),
    dy: tensor(rows * sizeOf(output), 4),
  };
  const context: Pick<KernelContext, "parameter" | "gradient" | "scratch"> = {
    parameter: (parameter) => parameters[parameter]!,
    gradient: (parameter) => gradients[parameter]!,
    scratch: (bytes) => tensor(bytes / 4, 0),
  };
  const args = { ...at, ...layer.args!(context as KernelContext, input, output) };
  const records = new RecordList();
  const add = (role: "Forward" | "Backward", changes: object): void =>
    void records.add(`${layer.kernel as "conv2d"}${role}` satisfies KernelName, sizeOf(output), {
      ...args,
      ...changes,
    });
  add("Forward", {});
  add("Backward", { dw: 0, db: 0 });
  add("Backward", { dx: 0, db: 0 });
  const allocated = records.place(core, workspace);
  const passes = ["forward", "input gradient", "weight gradient"].map((pass, i) => {
    const record = allocated[i]!;
    return { pass, run: (): void => void program.run({ first: record.address, last: record.end }, rows) };
  });
  for (const { run } of passes) run();
  const flops = check(name, { input, output, size, stride, rows }, core.arena.f32, args as unknown as Addresses);

  const results: Result[] = [];
  for (const { pass, run } of passes) {
    const turns = await turnsFor(BURST, run);
    const times = await repeat(BURSTS, () => {
      for (let i = 0; i < turns; i++) run();
    });
    const label = `conv ${input.join("x")} ${size}x${size}${stride > 1 ? `/${stride}` : ""} ${filters} ${pass}`;
    results.push(result(label, "GFLOP/s", times.map((ms) => (flops * turns) / ms / 1e6), { layer: name })); // prettier-ignore
  }
  workspace.free();
  return results;
}

interface Sizes {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly size: number;
  readonly stride: number;
  readonly rows: number;
}

type Addresses = Readonly<Record<"x" | "y" | "dx" | "dy" | "w" | "dw" | "b" | "padTop", number>>;

/** Compares some numbers of each pass with float64, and returns the operations of one. */
function check(name: string, { input, output, size, stride, rows }: Sizes, f32: Float32Array, at: Addresses): number {
  const [height, width, channels] = input as [number, number, number];
  const [outHeight, outWidth, filters] = output as [number, number, number];
  const pad = at.padTop; // the same on the left: images and windows are square
  const x = (r: number, i: number, j: number, c: number): number => ((r * height + i) * width + j) * channels + c;
  const y = (r: number, i: number, j: number, o: number): number => ((r * outHeight + i) * outWidth + j) * filters + o;
  const w = (a: number, b: number, c: number, o: number): number => ((a * size + b) * channels + c) * filters + o;
  const read = (address: number, i: number): number => f32[address / 4 + i]!;
  const expect = (what: string, address: number, i: number, sum: number, terms: number): void => {
    const error = Math.abs(read(address, i) - sum);
    if (!(error <= 1e-6 * terms)) throw new Error(`${name} ${what}[${i}]: off by ${error}`);
  };
  const inside = (i: number, j: number): boolean => i >= 0 && j >= 0 && i < height && j < width;
  let products = 0;
  for (let i = 0; i < outHeight; i++)
    for (let j = 0; j < outWidth; j++)
      for (let a = 0; a < size; a++)
        for (let b = 0; b < size; b++) if (inside(i * stride + a - pad, j * stride + b - pad)) products++;

  for (const [r, i, j, o, c] of [
    [0, 0, 0, 0, 0],
    [rows - 1, outHeight - 1, outWidth - 1, filters - 1, channels - 1],
    [rows >> 1, outHeight >> 1, outWidth >> 2, filters >> 1, channels >> 1],
  ] as const) {
    let forward = read(at.b, o);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        if (!inside(i * stride + a - pad, j * stride + b - pad)) continue;
        for (let k = 0; k < channels; k++)
          forward += read(at.x, x(r, i * stride + a - pad, j * stride + b - pad, k)) * read(at.w, w(a, b, k, o));
      }
    }
    expect("y", at.y, y(r, i, j, o), forward, 4 + size);

    const [row, column] = [Math.min(i * stride, height - 1), Math.min(j * stride, width - 1)];
    let back = 0;
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const [p, q] = [(row + pad - a) / stride, (column + pad - b) / stride];
        if (!Number.isInteger(p) || !Number.isInteger(q) || p < 0 || q < 0 || p >= outHeight || q >= outWidth) continue;
        for (let f = 0; f < filters; f++) back += read(at.dy, y(r, p, q, f)) * read(at.w, w(a, b, c, f));
      }
    }
    expect("dx", at.dx, x(r, row, column, c), back, 4 + size);

    const [a, b] = [i % size, j % size];
    let sum = 0;
    for (let n = 0; n < rows; n++)
      for (let p = 0; p < outHeight; p++)
        for (let q = 0; q < outWidth; q++)
          if (inside(p * stride + a - pad, q * stride + b - pad))
            sum += read(at.x, x(n, p * stride + a - pad, q * stride + b - pad, c)) * read(at.dy, y(n, p, q, o));
    expect("dw", at.dw, w(a, b, c, o), sum, 200);
  }
  return 2 * rows * products * channels * filters;
}

/** Numbers of a row. */
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
