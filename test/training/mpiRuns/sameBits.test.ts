// Trainings that mpirun starts give the same bits, history and figures for any number of ranks, of either MPI, in mixed versions of Node,
// with threads, on two hosts, and without any of that.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localGroups } from "wasmgrad/mpi";
import { type Hosts, twoHosts } from "../../support/hosts.ts";
import { type Job, linesByRank, type Mpi, mpirun, plainVariables } from "../../support/mpirun.ts";
import { nodePath } from "../../support/nodes.ts";
import { bundle } from "./programs/bundle.ts";
import { type Kind, KINDS, type Outcome, train } from "./programs/digits.ts";
import type { Line } from "./programs/train.ts";

const FINGERPRINTS: Readonly<Record<Kind, string>> = {
  mlp: "4b0ff4f3b4cc5685",
  cnn: "31635a1935a71f91",
  lstm: "d9320662171b2e20",
};

let program: string;
/** Those of a process that is alone. */
let outcomes: Line["outcomes"];

/** What each rank has said of a job that ended well. */
function linesOf({ code, stdout, stderr, left }: Job, ranks: number): Line[] {
  expect({ code, stderr, left }).toEqual({ code: 0, stderr: "", left: 0 });
  const lines = linesByRank<Line>({ stdout });
  expect(lines.map(({ rank, size }) => [rank, size])).toEqual(Array.from({ length: ranks }, (_, r) => [r, ranks]));
  return lines;
}

/** Every rank has the outcomes of a process that is alone, with so many threads. */
function expectTheSame(lines: readonly Line[], threads = 1): void {
  for (const line of lines) {
    for (const kind of KINDS) {
      expect(line.outcomes[kind], `${kind} on rank ${line.rank}`).toEqual({ ...outcomes[kind], threads });
    }
  }
}

beforeAll(async () => {
  program = await bundle("train");
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, "../../..", program)], {
    encoding: "utf8",
    env: plainVariables(),
  });
  const [line] = linesOf({ code: status ?? undefined, stdout, stderr, left: 0 }, 1);
  ({ outcomes } = line!);
}, 300_000);

test.each(KINDS)("a process that is alone gives the fingerprint of %s", (kind) => {
  const { fingerprint, updates, history, measured } = outcomes[kind];
  expect({ fingerprint, updates }).toEqual({ fingerprint: FINGERPRINTS[kind], updates: 6 });
  expect(Object.keys(history)).toEqual(["loss", "accuracy", "validationLoss", "validationAccuracy"]);
  expect(history["loss"]![1]).toBeLessThan(history["loss"]![0]!);
  expect(Object.keys(measured)).toEqual(["loss", "accuracy"]);
});

test.each(KINDS)("three members in one process give those of %s", async (kind) => {
  const all: Outcome[] = await Promise.all(localGroups(3).map((group) => train(kind, group)));
  expect(all).toEqual([outcomes[kind], outcomes[kind], outcomes[kind]]);
});

test.each([
  ["openmpi", 1],
  ["openmpi", 2],
  ["openmpi", 3],
  ["openmpi", 4],
  ["mpich", 2],
  ["mpich", 3],
] as const)("%s, %i ranks", async (kind: Mpi, ranks) => {
  expectTheSame(linesOf(await mpirun(kind, ranks, program), ranks));
});

test("Node 20 and Node 24 in one job", async () => {
  const others = ["-np", "1", nodePath(20), program, ":"];
  const lines = linesOf(await mpirun("openmpi", 1, program, [], { launcher: others, node: nodePath(24) }), 2);
  expect(lines.map(({ node }) => node)).toEqual([20, 24]);
  expectTheSame(lines);
});

test("two threads in each of two ranks", async () => {
  expectTheSame(linesOf(await mpirun("openmpi", 2, program, ["2"]), 2), 2);
});

describe("two hosts that only a network joins", () => {
  let hosts: Hosts;
  beforeAll(() => void (hosts = twoHosts()));
  afterAll(() => hosts?.remove());

  test.each([1, 2])("with %i ranks each", async (each) => {
    const { addresses, network, agent, onFirst } = hosts;
    const words = [
      `--host ${addresses.map((address) => `${address}:${each}`).join(",")} --map-by node`,
      `--mca plm_rsh_agent ${agent} --mca btl tcp,self`,
      `--mca btl_tcp_if_include ${network} --mca oob_tcp_if_include ${network}`,
      // what the second host's processes need of the environment
      "-x OMPI_ALLOW_RUN_AS_ROOT -x OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
    ];
    const launcher = words.join(" ").split(" ");
    const lines = linesOf(await mpirun("openmpi", 2 * each, program, [], { launcher, through: onFirst }), 2 * each);
    expect(lines.map(({ host }) => host)).toEqual(["host-1", "host-2", "host-1", "host-2"].slice(0, 2 * each));
    expectTheSame(lines);
  });
});
