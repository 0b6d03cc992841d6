// A rank that trains all kinds one after another, and says what came of them. Its argument: the threads of each model.
import { hostname } from "node:os";
import process from "node:process";
import { mpi } from "wasmgrad/mpi";
import { KINDS, type Kind, type Outcome, train } from "./digits.ts";

export interface Line {
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  /** The version of Node, such as 20. */
  readonly node: number;
  readonly outcomes: Readonly<Record<Kind, Outcome>>;
}

const group = await mpi({ timeout: 60 });
const { rank, size } = group;
const outcomes: Partial<Record<Kind, Outcome>> = {};
for (const kind of KINDS) outcomes[kind] = await train(kind, group, { threads: Number(process.argv[2] ?? 1) });
const line: Line = {
  rank,
  size,
  host: hostname(),
  node: Number(process.versions.node.split(".")[0]),
  outcomes: outcomes as Line["outcomes"],
};
console.log(JSON.stringify(line));
