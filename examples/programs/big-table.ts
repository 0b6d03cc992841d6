// A table that is larger than memory: how long will a delivery take?
//
//   npx tsx examples/programs/big-table.ts          200 MB, some seconds
//   npx tsx examples/programs/big-table.ts 0.1      20 MB
//   npx tsx examples/programs/big-table.ts 25       5 GB, some minutes, below half a gigabyte of memory
//   npx tsx examples/programs/big-table.ts 1 deliveries.csv     a file of such rows that is there already
//
// The rows are made up (deliveries.ts), as many as are wished, in a file of the folder for temporary files. What becomes of the
// columns is decided by the first 200,000 rows, of which a tenth is kept to measure by; all that follow are read, made numbers of and trained
// on as they come, some thousand at a time.
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline as through } from "node:stream/promises";
import { adam, dense, meanSquaredError, relu, sequential, Trainer } from "wasmgrad";
import { evaluateRegression, readCsv, type Rows, split, table } from "wasmgrad/data";
import { deliveries } from "./deliveries.ts";

const share = Number(process.argv[2] ?? 1);
/** Of a share of 1, and of a row. */
const [BYTES, BYTES_A_ROW] = [200e6, 119.6];
const FIRST = 200_000;
const TARGET = "minutes";

/** The rows of a source up to one of them, or from it on; a piece may be divided. */
async function* slice(source: AsyncIterable<Rows>, from: number, to: number): AsyncGenerator<Rows> {
  for await (const { columns, rows, first } of source) {
    if (first >= to) return;
    const some = rows.slice(Math.max(0, from - first), to - first);
    if (some.length > 0) yield { columns, rows: some, first: Math.max(from, first) };
  }
}

const folder = process.argv[3] === undefined ? mkdtempSync(join(tmpdir(), "wasmgrad-")) : undefined;
const path = process.argv[3] ?? join(folder!, "deliveries.csv");
try {
  if (folder)
    await through(Readable.from(deliveries(Math.round((share * BYTES) / BYTES_A_ROW))), createWriteStream(path));
  const bytes = statSync(path).size;

  // the first rows say what the columns are, and some of them are never trained on
  const start = (await table(slice(readCsv(path), 0, FIRST))).infer();
  const { train, test } = split(start, { test: 0.1, seed: 1 });
  const pipeline = train.fit({ target: TARGET, columns: { delivery: "drop" } });
  const model = await sequential({ input: pipeline.features.length, seed: 1 }, dense(32), relu(), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.002 }) });

  const begun = performance.now();
  const head = pipeline.transform(train);
  await trainer.fit({ x: head.x, y: head.y! }, { epochs: 1, batchSize: 256 });
  let rows = train.rows;
  async function* rest(): AsyncGenerator<Rows> {
    for await (const piece of slice(readCsv(path), FIRST, Infinity)) {
      rows += piece.rows.length;
      yield piece;
    }
  }
  // a small table ends with its first rows
  if (start.rows === FIRST) await trainer.fit(pipeline.batches(rest, { batchSize: 256 }), { epochs: 1 });
  const seconds = (performance.now() - begun) / 1000;

  const held = pipeline.transform(test!);
  const predicted = pipeline.decode(model.predict(held.x));
  const { r2, mae } = evaluateRegression({ predicted, actual: test!.column(TARGET).values! }).metrics;
  console.log(`R2 ${r2!.toFixed(4)}, ${mae!.toFixed(2)} minutes from the truth on average, on ${test!.rows} rows that weren't trained on`); // prettier-ignore
  console.log(`${rows} rows of ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} rows and ${(bytes / 1e6 / seconds).toFixed(1)} MB a second`); // prettier-ignore
  console.log(`at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB of memory`);
  console.log(`fingerprint ${model.fingerprint()}`);
} finally {
  if (folder) rmSync(folder, { recursive: true });
}
