// Batch normalisation, against the speed of memory.
import { Workspace } from "../../src/runtime/arena.ts";
import { batchNorm } from "../../src/index.ts";
import { createCore } from "../../src/runtime/core.ts";
import { Program, RecordList } from "../../src/runtime/program.ts";
import { numbers } from "../data.ts";
import { BURST, middle, repeat, type Result, result, turnsFor } from "../measure.ts";

/** Batch normalisation of 32 images of 28 x 28 x 64 while training: bytes moved, against a copy in the same memory. */
export async function batchNormalisation(): Promise<Result[]> {
  const [rows, shape, n] = [32, [28, 28, 64], 64];
  const size = 28 * 28 * n;
  const count = rows * size;
  const core = await createCore("bench");
  const layer = batchNorm();
  await layer.load!(core);
  const workspace = new Workspace(core.arena, "bench");
  const program = new Program(core, workspace, 0);
  const room = (floats: number): number => workspace.allocate(floats * 4 + 64, "a tensor");
  const ones = (): number => {
    const address = room(n);
    core.arena.f32.fill(1, address / 4, address / 4 + n);
    return address;
  };
  const at = { x: room(count), y: room(count), dx: room(count), dy: room(count) };
  const values = numbers(count);
  core.arena.f32.set(values, at.x / 4);
  core.arena.f32.set(values.toReversed(), at.dy / 4);
  const args = layer.args!(
    {
      core,
      capacity: rows,
      training: true,
      program: program.address,
      index: 0,
      trained: true,
      inputs: {},
      parameter: ones,
      gradient: ones,
      input: () => 0,
      inputGradient: () => 0,
      saved: (_name, bytesPerRow) => room((rows * bytesPerRow) / 4),
      scratch: (bytes) => room(bytes / 4),
      common: (bytes) => room(bytes / 4),
      zeros: room,
    },
    shape,
    shape,
  );
  const records = new RecordList();
  for (const kernel of ["batchNormForward", "batchNormBackward"] as const)
    records.add(kernel, size, { ...at, ...args });
  const [forward, backward] = records.place(core, workspace).map(
    ({ address, end }) =>
      () =>
        void program.run({ first: address, last: end }, rows),
  );
  forward!();
  // channel 5: mean, and its first number
  const channel = values.filter((_value, i) => i % n === 5);
  const mean = channel.reduce((sum, v) => sum + v, 0) / channel.length;
  const variance = channel.reduce((sum, v) => sum + (v - mean) ** 2, 0) / channel.length;
  const expected = (values[5]! - mean) / Math.sqrt(variance + 1e-5) + 1;
  const y = core.arena.f32[at.y / 4 + 5]!;
  if (!(Math.abs(y - expected) <= 1e-4 * Math.abs(expected))) throw new Error(`batch norm: ${y}, expected ${expected}`);

  // x is read twice and y written; x and dy are read twice and dx written. All three in turn: other work on the machine slows all.
  const bytes = count * 4;
  const { u8 } = core.arena;
  const runs = [
    ["copy", 2, () => void u8.copyWithin(at.dx, at.x, at.x + bytes)],
    ["forward", 3, forward!],
    ["backward", 5, backward!],
  ] as const;
  const rates: Record<string, number[]> = { copy: [], forward: [], backward: [] };
  const turns = await turnsFor(BURST, forward!);
  for (let i = 0; i < 9; i++) {
    for (const [name, tensors, run] of runs) {
      const [ms] = await repeat(1, () => {
        for (let turn = 0; turn < turns; turn++) run();
      });
      rates[name]!.push((tensors * bytes * turns) / ms! / 1e6);
    }
  }
  return runs.map(([name]) => {
    const share = middle(rates[name]!.map((rate, i) => rate / rates["copy"]![i]!));
    return result(
      `batch norm ${name}`,
      "GB/s",
      rates[name]!,
      name === "copy" ? {} : { share: Number(share.toFixed(3)) },
    );
  });
}
