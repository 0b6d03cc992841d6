// One rank of the benchmark of ranks: mpirun starts it, bench/ranks/run.ts says with what. In turns: all ranks train
// together; rank 0 trains alone, as a group of one; it trains with `accumulate` and no group; all ranks sum arrays as
// long as the gradients by MPI_Allreduce. Rank 0 prints what it saw.
import koffi from "koffi";
import { middle } from "../measure.ts";
import {
  accuracy,
  adam,
  dense,
  type Layer,
  relu,
  samples,
  sequential,
  softmaxCrossEntropy,
  Trainer,
} from "../../build/index.js";
import { mnist } from "../../build/datasets.js";
import { type Group, localGroups, mpi } from "../../build/mpi.js";

/** What one turn took; milliseconds of an update. */
export interface Turn {
  readonly together: number;
  /** The exchange of gradients, with its sums. */
  readonly exchange: number;
  readonly alone: number;
  readonly plain: number;
  /** The same sums by MPI's own function. */
  readonly allreduce: number;
}

const [name = "W2", turns = "10", updates = "8"] = process.argv.slice(2);
const PASS = 128;
const PASSES = 8;
const NETWORKS: Readonly<Record<string, () => Layer[]>> = {
  W2: () => [dense(128), relu(), dense(10)],
  W3: () => [dense(1024), relu(), dense(1024), relu(), dense(10)],
};

const group = (await mpi()) as Group & { readonly library?: string };
const { train } = await mnist();
const rows = Number(updates) * PASS * PASSES;
const data = {
  x: samples(train.x.data.subarray(0, rows * 784), [784], { scale: train.x.scale }),
  y: train.y.subarray(0, rows),
};

/** Milliseconds of exchanges with their sums, and of MPI's own function, one of them in each update. */
const seen = { exchange: [] as number[], allreduce: [] as number[] };
let update = 0;
let began = 0;
/** A group that is looked at. Of 8 passes each rank has one node, so that an update has one exchange and one collect. */
const watched: Group = {
  rank: group.rank,
  size: group.size,
  ...(group.inPlace && { inPlace: true }),
  gather: (...given) => group.gather(...given),
  async exchange(...given) {
    const start = performance.now();
    if (update++ % 2 === 1) {
      allreduce(given[0]);
      seen.allreduce.push(performance.now() - start);
      began = NaN;
    } else began = start;
    await group.exchange(...given);
  },
  async collect(...given) {
    await group.collect(...given);
    if (began > 0) seen.exchange.push(performance.now() - began);
  },
};

/** A learner, and what its `fit` takes: milliseconds of an update. */
async function learner(its: Group | undefined): Promise<() => Promise<number>> {
  const model = await sequential({ input: 784, seed: 1 }, ...NETWORKS[name]!());
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  const options = { batchSize: PASS, accumulate: PASSES, progress: false, warnings: false, group: its };
  return async () => {
    const start = performance.now();
    await trainer.fit(data, options);
    return (performance.now() - start) / Number(updates);
  };
}

/** All ranks come to this point. */
async function barrier(): Promise<void> {
  await group.gather(new Uint8Array(1), new Uint8Array(group.size));
}

/** Makes what sums arrays of all ranks by MPI's own function. */
function allreduceOf(length: number): (from: Float32Array) => void {
  const open = group.library?.startsWith("Open MPI") ?? false;
  const library = koffi.load(open ? "libmpi.so.40" : "libmpich.so.12", { global: true });
  const handle = open ? "void *" : "int ";
  const known = (symbol: string, constant: number): unknown => (open ? library.symbol(symbol) : constant);
  const [world, float, sum] = [
    known("ompi_mpi_comm_world", 0x44000000),
    known("ompi_mpi_float", 0x4c00040a),
    known("ompi_mpi_op_sum", 0x58000003),
  ];
  const call = library.func(
    `int MPI_Allreduce(void *from, void *to, int count, ${handle}type, ${handle}operation, ${handle}group)`,
  );
  const to = new Float32Array(length);
  return (from) => void call(from, to, from.length, float, sum, world);
}

const model = await sequential({ input: 784, seed: 1 }, ...NETWORKS[name]!());
const allreduce = group.size > 1 ? allreduceOf(model.parameterCount + 4096) : () => {};
const together = await learner(group);
const watching = await learner(watched);
const alone = await learner(localGroups(1)[0]);
const plain = await learner(undefined);
await together();
await watching();
if (group.rank === 0) for (const its of [alone, plain]) await its();
const turnsSeen: Turn[] = [];
for (let turn = 0; turn < Number(turns); turn++) {
  await barrier();
  const first = await together();
  await barrier();
  Object.assign(seen, { exchange: [], allreduce: [] });
  await watching();
  const [exchange, allreduced] = [middle(seen.exchange), middle(seen.allreduce)];
  await barrier();
  // one of them first, then the other
  const [one, other] = turn % 2 === 0 ? [alone, plain] : [plain, alone];
  const [before, after] = group.rank === 0 ? [await one(), await other()] : [0, 0];
  await barrier();
  const [its, without] = turn % 2 === 0 ? [before, after] : [after, before];
  turnsSeen.push({ together: first, exchange, alone: its, plain: without, allreduce: allreduced });
}
if (group.rank === 0) console.log(JSON.stringify({ library: group.library ?? "none", seen: turnsSeen }));
