// Nothing to dispose: memory stays flat over many steps, and is freed when a model is out of reach.
import { describe, expect, test } from "vitest";
import {
  accuracy,
  adam,
  dense,
  dropout,
  type Model,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
  Trainer,
} from "../src/index.ts";
import { collect, heapBytes } from "./support/collect.ts";

const MEGABYTE = 1e6;

async function small(seed = 1, core?: Model["core"]): Promise<{ model: Model; trainer: Trainer }> {
  const model = await sequential(
    { input: 4, seed, ...(core ? { core } : {}) },
    dense(8),
    relu(),
    dropout(0.1),
    dense(3),
  );
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  return { model, trainer };
}

const x = Float32Array.from({ length: 32 * 4 }, (_, i) => ((i * 37) % 19) / 19);
const y = Uint8Array.from({ length: 32 }, (_, i) => i % 3);

describe("memory", () => {
  test("is flat over 100,000 steps", async () => {
    const { model, trainer } = await small();
    for (let i = 0; i < 2000; i++) trainer.step(x, y);
    await trainer.fit({ x, y }, { epochs: 100, batchSize: 8, progress: false });
    const { memory } = model.core.arena;
    const before = { pages: memory.buffer.byteLength, used: model.core.arena.used, heap: await heapBytes() };
    for (let i = 0; i < 50_000; i++) trainer.step(x, y);
    await trainer.fit({ x, y }, { epochs: 12_500, batchSize: 8, progress: false });
    expect(trainer.updates).toBeGreaterThan(100_000);
    expect(memory.buffer.byteLength).toBe(before.pages);
    expect(model.core.arena.used).toBe(before.used);
    // the history of 12,500 epochs is gone again; what the engine keeps for itself varies by less than this
    expect((await heapBytes()) - before.heap).toBeLessThan(2 * MEGABYTE);
  });

  test("500 models, made, trained and dropped, leave nothing behind", async () => {
    const dropped: WeakRef<Model>[] = [];
    const make = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { model, trainer } = await small(i);
        trainer.step(x, y);
        dropped.push(new WeakRef(model));
      }
    };
    await make(20);
    const before = await heapBytes();
    await make(500);
    const after = await heapBytes();
    const alive = dropped.filter((ref) => ref.deref() !== undefined).length;
    // the last one or two may still be on the stack
    expect(alive).toBeLessThan(5);
    expect(after - before).toBeLessThan(2 * MEGABYTE);
  });

  test("models that share a memory give their part back", async () => {
    const { model: first } = await small();
    const { arena } = first.core;
    const make = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { trainer } = await small(i, first.core);
        trainer.step(x, y);
      }
    };
    await make(10);
    await collect();
    const used = arena.used;
    await make(100);
    await collect();
    await collect();
    // one model takes about 80 kB, its log included; 100 of them would take 8 MB
    expect(arena.used - used).toBeLessThan(MEGABYTE);
  });

  test("500 models at once", async () => {
    const pairs = [];
    for (let i = 0; i < 500; i++) pairs.push(await small(3));
    for (const { trainer } of pairs) trainer.step(x, y);
    const prints = new Set(pairs.map(({ model }) => model.fingerprint()));
    expect(prints.size).toBe(1);
  });

  test("an arena above 2 GiB gives the same bits", async () => {
    const { model: low, trainer: lowTrainer } = await small(5);
    const { model: host } = await small(6);
    const block = host.core.arena.allocate(2 ** 31 + 4096, "test", "a block that is in the way");
    expect(block.address).toBeLessThan(2 ** 31);
    const { model: high, trainer: highTrainer } = await small(5, host.core);
    expect(high.run.address).toBeGreaterThan(2 ** 31);
    const data = { x, y };
    const options = { epochs: 20, batchSize: 8, progress: false };
    const histories = [await lowTrainer.fit(data, options), await highTrainer.fit(data, options)];
    expect(histories[1]).toEqual(histories[0]);
    expect(high.fingerprint()).toBe(low.fingerprint());
    expect(high.predict(x)).toEqual(low.predict(x));
    highTrainer.step(x, y);
    lowTrainer.step(x, y);
    const pairs = [low, high].map((model) => {
      model.zeroGradients();
      const output = model.forward(x);
      return { output, dx: model.backward(output), gradients: model.parameters().map((p) => p.gradient()) };
    });
    expect(pairs[1]).toEqual(pairs[0]);
  });

  test("a model that is too large for any memory says how much it would need", async () => {
    const { model, trainer } = await small();
    const before = model.fingerprint();
    await expect(sequential({ input: 40_000 }, dense(40_000))).rejects.toThrow(
      "sequential: no room for the model's parameters; 6.40 GB more make 6.40 GB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set",
    );
    expect(model.fingerprint()).toBe(before);
    trainer.step(x, y);
  });

  test("a trainer that is dropped gives its part back", async () => {
    const { model } = await small();
    const { arena } = model.core;
    const make = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
        new Trainer(model, { loss: softmaxCrossEntropy(), optimizer }).step(x, y);
      }
    };
    make(5);
    await collect();
    const used = arena.used;
    make(100);
    await collect();
    await collect();
    expect(arena.used - used).toBeLessThan(MEGABYTE);
  });
});
