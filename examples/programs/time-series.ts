// Time series: how much electricity will be needed in half an hour?
//
//   npx tsx examples/programs/time-series.ts         about ten seconds
//   npx tsx examples/programs/time-series.ts 0.1     a tenth of the training
//
// The data are the load of England and Wales in 4,032 half-hours of the summer of 2000 (`taylor` of Debian's package r-cran-forecast,
// 1.5 MB, GPL-3), kept as R keeps data. The network sees the changes of the last hours, and those around the same time of yesterday and of
// a week ago, and says the next change. The last two weeks are kept to be tested with. Beside it stand three simpler guesses, one of which
// is the same network without its hidden layer: it is nearly as good.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "node:zlib";
import { adam, add, cosineDecay, dense, gelu, type Layer, meanSquaredError, sequential, Trainer } from "wasmgrad";
import { debianPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);

/** A value of R: what it holds, and its attributes by name. */
interface Value {
  readonly items: readonly unknown[];
  readonly attributes: ReadonlyMap<unknown, Value>;
}

/** Reads what R's `serialize` wrote: lists, texts, numbers, and their attributes. */
function unserialize(bytes: Buffer): Value {
  let at = 2; // after the format
  const int = (): number => bytes.readInt32BE((at += 4) - 4);
  const symbols: unknown[] = [];
  function read(): unknown {
    const flags = int();
    const many = <T>(item: () => T): T[] => Array.from({ length: int() }, item);
    const value = (items: unknown[]): Value => ({ items, attributes: new Map(flags & 512 ? (read() as [unknown, Value][]) : []) }); // prettier-ignore
    switch (flags & 255) {
      case 254: // nothing
        return [];
      case 255: // a symbol that was there before
        return symbols[(flags >> 8) - 1];
      case 1: // a symbol
        return symbols[symbols.push(read()) - 1];
      case 2: // a pair of a named value and the rest of such a list
        return [[read(), read()], ...(read() as unknown[])];
      case 9: {
        const length = int();
        return bytes.toString("utf8", at, (at += length));
      }
      case 10: // yes or no
      case 13:
        return value(many(int));
      case 14:
        return value(many(() => bytes.readDoubleBE((at += 8) - 8)));
      case 16:
      case 19:
        return value(many(read));
      default:
        throw new Error(`R's type ${flags & 255} isn't read here`);
    }
  }
  const [version] = [int(), int(), int()];
  if (version === 3) at += 4 + bytes.readInt32BE(at); // the name of an encoding
  return read() as Value;
}

// an index says where in the other file each object lies, which is compressed, after its length
const base = join(debianPackage("r-cran-forecast"), "usr/lib/R/site-library/forecast/data/Rdata");
const [variables] = unserialize(unzipSync(readFileSync(`${base}.rdx`))).items as Value[];
const position = variables!.items[variables!.attributes.get("names")!.items.indexOf("taylor")] as Value;
const [start, length] = position.items as [number, number];
const load = unserialize(unzipSync(readFileSync(`${base}.rdb`).subarray(start + 4, start + length))).items as number[];

const DAY = 48;
const WEEK = 7 * DAY;
const TEST = 2 * WEEK;
const SCALE = 1000; // megawatts
const changes = load.map((value, t) => (value - (load[t - 1] ?? value)) / SCALE);
const times = Array.from({ length: load.length - WEEK - 3 }, (_, i) => i + WEEK + 3);
/** What is known before time t. */
const x = times.map((t) => [
  ...changes.slice(t - 6, t),
  ...changes.slice(t - DAY - 2, t - DAY + 3),
  ...changes.slice(t - WEEK - 2, t - WEEK + 3),
  (load[t - 1]! - load[t - 1 - DAY]!) / SCALE,
  (load[t - 1]! - load[t - 1 - WEEK]!) / SCALE,
]);
const y = times.map((t) => changes[t]!);
const learned = times.length - TEST;

/** The mean absolute error in percent, of guesses for the last two weeks. */
function errorOf(guess: (t: number, i: number) => number): string {
  const errors = times.slice(learned).map((t, i) => Math.abs(guess(t, i) - load[t]!) / load[t]!);
  return `${((100 * errors.reduce((sum, error) => sum + error)) / TEST).toFixed(2)} %`;
}

async function learn(...layers: Layer[]) {
  const model = await sequential({ input: x[0]!.length, seed: 1 }, ...layers);
  const epochs = Math.ceil(100 * share);
  const schedule = cosineDecay({ period: epochs * Math.ceil(learned / 32) });
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate: 3e-3 }), schedule });
  await trainer.fit({ x: x.slice(0, learned), y: y.slice(0, learned) }, { epochs, batchSize: 32 });
  const said = model.predict(x.slice(learned));
  return { model, error: errorOf((t, i) => load[t - 1]! + SCALE * said[i]!) };
}
const line = await learn(dense(1));
const network = await learn(add([dense(1), [dense(16), gelu(), dense(1)]]));
console.log(
  `load in half an hour, mean error: as now ${errorOf((t) => load[t - 1]!)}, as a week ago ${errorOf((t) => load[t - WEEK]!)}, a linear model ${line.error}, the network ${network.error}`,
);
console.log(`fingerprint ${network.model.fingerprint()}`);
