// Batches of tables that may be larger than memory.
import { checkKeys, checkKind, checkWhole, isObject, isRecord } from "../../util/check.ts";
import type { Random } from "../random.ts";
import type { Rows } from "../rows.ts";
import { type Batch, batches, type Source } from "../sources.ts";
import type { PipelineBatchesOptions } from "../tableTypes.ts";
import { samples } from "../samples.ts";
import { checkColumns, ofArrays } from "./input.ts";
import { type Machine, transformGiven } from "./machine.ts";

/** What rows are taken from. */
type From = AsyncIterable<Rows> | ((epoch: number) => AsyncIterable<Rows>);

/** Batches of what a pipeline makes of rows, as they are read. */
export function pipelineBatches(machine: Machine, source: From, options: PipelineBatchesOptions): Source {
  const where = "pipeline.batches";
  checkKind(
    typeof source === "function" || (isObject(source) && Symbol.asyncIterator in source),
    where,
    "the source",
    'what readCsv("rows.csv") gives, or a function that gives it',
    source,
    isObject(source) && "rows" in source ? "; of a table that is in memory, transform gives x and y" : undefined,
  );
  checkKeys(where, options, ["batchSize", "shuffleBuffer"]);
  const { batchSize = 32, shuffleBuffer = 8192 } = options;
  checkWhole(where, "batchSize", batchSize);
  checkWhole(where, "shuffleBuffer", shuffleBuffer, 0, 2 ** 24);
  const { series, target } = machine.fitted;
  if (series) {
    throw new TypeError(`${where}: a series needs all of its rows in the order of time; transform the whole table`);
  }
  if (!target) throw new TypeError(`${where}: the pipeline has no target; fit it with one`);
  return batches((epoch, random) =>
    batchesOf(machine, typeof source === "function" ? source(epoch) : source, batchSize, shuffleBuffer, random),
  );
}

async function* batchesOf(
  machine: Machine,
  source: AsyncIterable<Rows>,
  batchSize: number,
  shuffleBuffer: number,
  random: Random,
): AsyncGenerator<Batch> {
  const { width } = machine;
  const buffer = rowBuffer(width, Math.max(batchSize, shuffleBuffer), shuffleBuffer > 0 ? random : undefined);
  for await (const part of source) {
    for (const { x, y } of transformed(machine, part)) {
      let from = 0;
      while (from < y.length) {
        from += buffer.add(x, y, from);
        if (buffer.full()) yield* buffer.take(batchSize, batchSize);
      }
    }
  }
  yield* buffer.take(batchSize, 1);
}

/** Rows that are numbers at a time: what comes in one piece may be much. */
const PIECE = 16384;

function* transformed(machine: Machine, part: Rows): Generator<{ x: Float32Array; y: Float32Array }> {
  const where = "pipeline.batches";
  const holds = isRecord(part) && Array.isArray(part.columns) && Array.isArray(part.rows);
  checkKind(holds, where, "each part of the source", "{ columns, rows, first }", part);
  const needed = [...machine.needed, { ...machine.target!, optional: false }];
  for (let from = 0; from < part.rows.length; from += PIECE) {
    const rows = part.rows.length <= PIECE ? part.rows : part.rows.slice(from, from + PIECE);
    const given = ofArrays(where, part.columns, rows, part.first + from, needed);
    checkColumns(where, given, needed);
    const { x, y } = transformGiven(where, machine, given, true);
    if (y) yield { x, y };
  }
}

/** Rows that wait for a batch; with random numbers they leave in any order. */
function rowBuffer(width: number, size: number, random: Random | undefined) {
  const x = new Float32Array(size * width);
  const y = new Float32Array(size);
  let [begin, end] = [0, 0];
  return {
    full: () => end === size,
    /** Takes rows from one on, as many as there is room for; returns how many. */
    add(fromX: Float32Array, fromY: Float32Array, from: number): number {
      const count = Math.min(size - end, fromY.length - from);
      x.set(fromX.subarray(from * width, (from + count) * width), end * width);
      y.set(fromY.subarray(from, from + count), end);
      end += count;
      return count;
    },
    /** Batches of all rows, as long as there are `least`. */
    *take(batchSize: number, least: number): Generator<Batch> {
      if (random) shuffle(x, y, end, width, random);
      for (begin = 0; end - begin >= least;) {
        const to = Math.min(begin + batchSize, end);
        yield { x: samples(x.slice(begin * width, to * width), [width]), y: y.slice(begin, to) };
        begin = to;
      }
      x.copyWithin(0, begin * width, end * width);
      y.copyWithin(0, begin, end);
      end -= begin;
    },
  };
}

/** Puts rows into any order (Fisher and Yates). */
function shuffle(x: Float32Array, y: Float32Array, count: number, width: number, random: Random): void {
  const row = new Float32Array(width);
  for (let i = count - 1; i > 0; i--) {
    const other = random.integer(i + 1);
    if (other === i) continue;
    row.set(x.subarray(i * width, (i + 1) * width));
    x.copyWithin(i * width, other * width, (other + 1) * width);
    x.set(row, other * width);
    [y[i], y[other]] = [y[other]!, y[i]!];
  }
}
