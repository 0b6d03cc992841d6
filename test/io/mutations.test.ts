// Architectures in which anything stands in place of anything: the words of every refusal are the library's.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes, readSafetensors, writeSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

let deep: Json = 0;
for (let i = 0; i < 50; i++) deep = [deep];

/** What stands in place of a part of the architecture. */
const ODD: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  7,
  2 ** 31,
  1e300,
  "",
  "relu",
  "toString",
  "__proto__",
  "\u0000\u001b[2J\u202e",
  "long ".repeat(500),
  [],
  [[]],
  [1, 2, 3],
  ["a", null],
  deep,
  {},
  { toString: 1, valueOf: "x" },
  { constructor: null, length: -1 },
  { type: "dense", options: {} },
  { initializer: "orthogonal" },
  { initializer: { toString: null }, options: [] },
  { regularizer: "l2", options: { lambda: {} } },
  { constraint: "maxNorm", options: null },
  { shared: 0 },
  { type: "chain", options: {}, inner: [] },
];

/** What an engine says when code that doesn't expect a value meets it. */
const ENGINE =
  /Cannot|is not (?:a function|iterable|defined|an object|a constructor)|Invalid|Maximum call|internal:|\[object|out of bounds|empty array|undefined \(|reading '|NaN bytes|must be callable|circular/;

/** Numbers from 0 up to but not including 1, by a multiplicative generator. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

type Change = (holder: Record<string, Json>, key: string) => void;

/** Every place of a value: what holds it, and by which key. */
function placesIn(value: Json): [Record<string, Json>, string][] {
  if (value === null || typeof value !== "object") return [];
  const holder = value as Record<string, Json>;
  return Object.keys(holder).flatMap((key) => [[holder, key] as [typeof holder, string], ...placesIn(holder[key]!)]);
}

async function own(): Promise<Uint8Array> {
  const step = w.shared(w.dense(4, { kernelRegularizer: w.l2(0.01), kernelConstraint: w.maxNorm(2) }));
  const block = w.shared(w.chain(step, w.residual(w.dense(4), w.leakyRelu({ slope: 0.1 })), w.batchNorm()));
  const given = w.inputs({ words: [6, 4], lengths: 1, more: 4 });
  const ends = w.outputs({
    a: { shape: 2, loss: w.meanSquaredError() },
    b: { shape: 4, loss: w.huber() },
  });
  return modelToBytes(
    await w.sequential(
      { input: given, seed: 1 },
      w.timeDistributed(w.dense(4), w.gelu(), w.layerNorm()),
      w.bidirectional(w.gru(2, { returnSequences: true })),
      w.selfAttention({ heads: 2 }),
      w.lstm(4, { lengths: "lengths", recurrentInitializer: w.orthogonal({ gain: 0.5 }) }),
      w.concat([[step, w.dropout(0.1)], w.from("more", block), [block, w.groupNorm({ groups: 2 })]]),
      w.frozen(w.dense(4, { kernelInitializer: w.uniform({ low: -1, high: 1 }), name: "last" })),
      w.add([[], w.reshape([4])]),
      ends.layer({ a: w.dense(2), b: [] }),
    ),
  );
}

const old = (name: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, "../compatibility/0.1.0", `${name}.safetensors`));

describe.each([
  ["composites of all kinds", own],
  ["images of 0.1.0", () => old("images")],
  ["sequences of 0.1.0", () => old("sequences")],
  ["transfer of 0.1.0", () => old("transfer")],
] as const)("%s", (_, fileOf) => {
  test("1,500 changes", async () => {
    const { tensors, metadata } = readSafetensors(await fileOf());
    const text = metadata["model"]!;
    const next = random(text.length);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
    const changes: readonly Change[] = [
      ...Array.from({ length: 8 }, (): Change => (holder, key) => void (holder[key] = structuredClone(pick(ODD)))),
      (holder, key) => void (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
      (holder, key) => void (holder[key] = [holder[key]!, structuredClone(holder[key]!)]),
      (holder, key) => void (holder[pick(["name", "units", "inner", "type", "shared", "unknown"])] = holder[key]!),
    ];
    let { core } = await w.sequential({ input: 1 }, w.dense(1));
    const wrong: string[] = [];
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const architecture = JSON.parse(text) as Json;
      for (let count = next() < 0.8 ? 1 : 2; count > 0; count--) pick(changes)(...pick(placesIn(architecture)));
      const model = JSON.stringify(architecture);
      const bytes = writeSafetensors(tensors, { ...metadata, model });
      if (i % 100 === 0) ({ core } = await w.sequential({ input: 1 }, w.dense(1)));
      const error = await modelFromBytes(bytes, { name: "f", core }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) continue;
      refused++;
      for (let at = error as Error; at instanceof Error; at = at.cause as Error) {
        const { message } = at;
        const isNamed = at !== error || message.startsWith("f: ");
        // the names of JSON's own errors aren't ours
        if (isNamed && !ENGINE.test(message) && message.length < 3100) continue;
        wrong.push(
          `${message.slice(0, 300)} <- ${(error as Error).stack?.split("\n").slice(1, 4).join()} ${model.slice(0, 3000)}`,
        );
        break;
      }
    }
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(500);
  }, 300_000);
});
